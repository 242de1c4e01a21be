//! What is done beside the requests, as long as the server runs.

use std::sync::Arc;
use std::time::Duration;

use actix_web::web::Data;

use crate::clock::Clock;
use crate::flows::Flows;
use crate::storage::{Store, purge};
use crate::web::Web;

/// How often idle limiter entries and expired rows are cleared away.
const PERIOD: Duration = Duration::from_secs(60);

/// Clears away what nobody needs any more.
pub(super) async fn clearing(web: Data<Web>, store: Store, clock: Arc<dyn Clock>) {
    loop {
        web.limits.forget_idle();
        if let Err(error) = purge::delete_expired(store.writer(), clock.now()).await {
            tracing::warn!(
                error = &error as &dyn std::error::Error,
                "expired rows were not removed"
            );
        }
        tokio::time::sleep(PERIOD).await;
    }
}

/// Apart from the other housework: other people's servers take their time.
pub(super) async fn looking_again(flows: Flows) {
    loop {
        tokio::time::sleep(PERIOD).await;
        if let Err(error) = flows.look_again().await {
            tracing::warn!(
                error = &error as &dyn std::error::Error,
                "people's own addresses were not looked at"
            );
        }
    }
}
