//! Logs: one line per event, on standard error, without secrets (see `web::span` for what a request shows).

use tracing_subscriber::EnvFilter;

/// Starts logging. `level` is that of our own lines.
pub fn start(level: &str, json: bool) {
    // PostgreSQL tells on every start that its migrations table is there already.
    // Whatever knocks on an open port is no event of ours.
    let quiet = "sqlx::postgres::notice=warn,sea_orm_migration=warn,actix_server=warn,actix_http=off";
    let filter =
        EnvFilter::try_new(format!("{level},{quiet}")).unwrap_or_else(|_| EnvFilter::new(format!("info,{quiet}")));
    let subscriber = tracing_subscriber::fmt()
        .with_env_filter(filter)
        .with_writer(std::io::stderr)
        .with_target(false);
    let started = if json {
        subscriber.json().try_init()
    } else {
        subscriber.try_init()
    };
    if started.is_err() {
        tracing::debug!("logging was started before");
    }
}
