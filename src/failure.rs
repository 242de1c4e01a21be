//! Why something did not succeed, for everything above the storage: refused in the protocol's words, unavailable, or
//! broken. What may be told of it is decided where it is told.

use crate::oauth::error::ProtocolError;
use crate::password::HashingError;
use crate::storage::StorageError;

/// Why a flow did not succeed.
#[derive(Debug, thiserror::Error)]
pub enum FlowError {
    /// The request is refused, in the protocol's words.
    #[error(transparent)]
    Protocol(#[from] ProtocolError),
    /// Something this server needs is away or overloaded: worth another try.
    #[error("temporarily unavailable")]
    Unavailable(#[source] Box<dyn std::error::Error + Send + Sync>),
    /// A fault of ours.
    #[error("internal failure")]
    Internal(#[source] Box<dyn std::error::Error + Send + Sync>),
}

impl From<StorageError> for FlowError {
    fn from(error: StorageError) -> FlowError {
        match error {
            StorageError::Unavailable(_) => FlowError::Unavailable(Box::new(error)),
            StorageError::Inconsistent { .. } => FlowError::Internal(Box::new(error)),
        }
    }
}

impl From<HashingError> for FlowError {
    fn from(error: HashingError) -> FlowError {
        match error {
            HashingError::Busy => FlowError::Unavailable(Box::new(error)),
            HashingError::Failed(_) => FlowError::Internal(Box::new(error)),
        }
    }
}
