//! Which scope a request asks for, read as each kind of client reads it (RFC 6749 §3.3).

use super::{AbsentScope, Dialect, UnknownScope};
use crate::oauth::client::Client;
use crate::oauth::error::{ErrorCode, ProtocolError};
use crate::oauth::policy::Policy;
use crate::oauth::scope::{Scope, ScopeCatalog, ScopeToken};

impl Client {
    /// Which scope a request for `raw` asks for.
    ///
    /// # Errors
    /// `invalid_scope`.
    pub fn requested_scope(&self, raw: Option<&str>, policy: &Policy) -> Result<Scope, ProtocolError> {
        let catalog = &policy.scopes;
        // Ancestors do not count then, as upstream.
        let strict = self.dialect == Dialect::Mastodon && policy.instance.mastodon.strict_scopes;
        let rules = self.dialect.rules();
        let registered = self.known_scope(catalog);
        let Some(raw) = raw else {
            return self.default_scope(&registered);
        };
        let asked = Scope::parse(raw)?;
        let permitted = |token: &ScopeToken| match &self.scope {
            None => catalog.speaks(token.as_str(), rules.vocabulary),
            Some(_) if strict => registered.contains(token.as_str()),
            Some(_) => catalog.speaks(token.as_str(), rules.vocabulary) && catalog.covers(&registered, token.as_str()),
        };
        match rules.unknown_scope {
            UnknownScope::Ignored => Ok(registered),
            UnknownScope::Refused if asked.iter().all(permitted) => Ok(asked),
            UnknownScope::Refused => Err(NOT_PERMITTED),
            UnknownScope::Dropped => Ok(asked.narrowed(permitted).without_lone_email()),
            UnknownScope::DroppedUnlessAll => {
                let kept = asked.narrowed(permitted).without_lone_email();
                if kept.is_empty() && !asked.is_empty() {
                    Err(NOTHING_KNOWN)
                } else {
                    Ok(kept)
                }
            }
        }
    }

    /// The part of what the client is registered for that this server knows.
    fn known_scope(&self, catalog: &ScopeCatalog) -> Scope {
        let vocabulary = self.dialect.rules().vocabulary;
        let registered = self.scope.clone().unwrap_or_default();
        registered.narrowed(|token| catalog.speaks(token.as_str(), vocabulary))
    }

    fn default_scope(&self, registered: &Scope) -> Result<Scope, ProtocolError> {
        match self.dialect.rules().absent_scope {
            AbsentScope::Identity => Ok(Scope::default()),
            // Whoever named nothing when registering either does not get everything there is by saying nothing again.
            AbsentScope::Registered if self.scope.is_none() => Ok(Scope::parse("profile")?),
            AbsentScope::Registered => Ok(registered.clone().without_lone_email()),
            AbsentScope::Named(name) => {
                let scope = registered.narrowed(|token| token.as_str() == name);
                if scope.is_empty() {
                    Err(NOT_PERMITTED)
                } else {
                    Ok(scope)
                }
            }
        }
    }
}

const NOT_PERMITTED: ProtocolError = ProtocolError::new(
    ErrorCode::InvalidScope,
    "the scope names something that is unknown here, or that the client is not registered for",
);
const NOTHING_KNOWN: ProtocolError =
    ProtocolError::new(ErrorCode::InvalidScope, "none of the requested scopes is known here");
