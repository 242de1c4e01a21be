//! A code that goes nowhere by itself: its person carries it to the app (Mastodon's out-of-band flow).

use crate::oauth::grant::{Owner, Stage};
use crate::oauth::redirect_uri::RedirectTarget;
use crate::oauth::secret::Digest;
use crate::storage::grants;

use super::Flows;
use super::consent::ConsentError;

impl Flows {
    /// Whether a code may be shown to `owner`: it is theirs, meant to be shown, and can still be redeemed. The page has its
    /// code from its own address, which anybody can put into a link.
    ///
    /// # Errors
    /// As [`ConsentError`] says.
    pub async fn show_code(&self, code: &str, owner: &Owner) -> Result<(), ConsentError> {
        let grant = grants::find_by_code(self.store.reader(), &Digest::of(code))
            .await?
            .filter(|grant| grant.session.is_none() && grant.redirect_uri.target() == RedirectTarget::OutOfBand)
            .ok_or(ConsentError::NotFound)?;
        if grant.user_id != owner.user_id {
            return Err(ConsentError::NotYours);
        }
        match &grant.stage {
            Stage::Approved(approval) if grant.revoked_at.is_none() && self.now() < approval.code_expires_at => Ok(()),
            _ => Err(ConsentError::Lapsed),
        }
    }
}
