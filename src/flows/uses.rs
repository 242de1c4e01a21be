//! When a token was last used, written down off the request path: a resource server that asks about a token never
//! waits for a disk.

use std::collections::HashMap;
use std::collections::hash_map::Entry;

use time::{Duration, OffsetDateTime};
use tokio::sync::{mpsc, oneshot};

use crate::oauth::grant::GrantId;
use crate::oauth::secret::{AccessToken, Digest};
use crate::storage::Store;
use crate::storage::tokens::{self, LiveAccessToken};

/// A use is written at most this often per token.
const RESOLUTION: Duration = Duration::MINUTE;

/// Uses that may wait to be written. Past it they are dropped: the next one will tell the same.
const MAX_WAITING: usize = 4096;

enum Message {
    Used {
        token: Digest<AccessToken>,
        grant_id: GrantId,
        at: OffsetDateTime,
    },
    Settle(oneshot::Sender<()>),
}

/// The near end of the queue.
#[derive(Clone)]
pub(super) struct UseRecorder(mpsc::Sender<Message>);

impl UseRecorder {
    /// Starts the task that writes. It ends when the last recorder is dropped.
    pub(super) fn start(store: Store) -> UseRecorder {
        let (sender, receiver) = mpsc::channel(MAX_WAITING);
        tokio::spawn(write(store, receiver));
        UseRecorder(sender)
    }

    /// Notes a use, unless one within the last minute is written down.
    pub(super) fn note(&self, live: &LiveAccessToken, at: OffsetDateTime) {
        if live.last_used_at.is_none_or(|last| at - last >= RESOLUTION) {
            let message = Message::Used {
                token: live.digest.clone(),
                grant_id: live.grant_id.clone(),
                at,
            };
            if self.0.try_send(message).is_err() {
                tracing::debug!("a use of a token was not written down");
            }
        }
    }

    /// Waits until everything noted so far is written.
    pub(super) async fn settle(&self) {
        let (done, settled) = oneshot::channel();
        if self.0.send(Message::Settle(done)).await.is_ok() {
            let _ = settled.await;
        }
    }
}

async fn write(store: Store, mut messages: mpsc::Receiver<Message>) {
    // Uses of one token that queued up before the first of them was written.
    let mut written: HashMap<[u8; 32], OffsetDateTime> = HashMap::new();
    while let Some(message) = messages.recv().await {
        match message {
            Message::Settle(done) => {
                let _ = done.send(());
            }
            Message::Used { token, grant_id, at } => {
                written.retain(|_, last| at - *last < RESOLUTION);
                // What is not written must not count as written, or a token in constant use would never be again.
                let Entry::Vacant(first) = written.entry(*token.as_bytes()) else {
                    continue;
                };
                match tokens::record_use(store.writer(), &token, &grant_id, at).await {
                    Ok(()) => {
                        first.insert(at);
                    }
                    Err(error) => tracing::warn!(
                        error = &error as &dyn std::error::Error,
                        "the use of a token was not written down"
                    ),
                }
            }
        }
    }
}
