//! The first account: made through a one-time link that the server prints when it starts without any.

use crate::failure::FlowError;
use crate::oauth::grant::Owner;
use crate::oauth::profile::Username;
use crate::oauth::secret::{Digest, Secret, SetupToken};
use crate::storage::{server_identity as this_server, setup_links, users};

use super::Accounts;
use super::users::AccountError;

impl Accounts {
    /// Whether nobody has an account.
    ///
    /// # Errors
    /// Failures of ours only.
    pub async fn is_empty(&self) -> Result<bool, FlowError> {
        Ok(!users::any(self.store.reader()).await?)
    }

    /// A fresh link's secret, if nobody has an account yet. Earlier links stay good until they lapse: another replica
    /// may have printed one.
    ///
    /// # Errors
    /// Failures of ours only.
    pub async fn open_setup(&self) -> Result<Option<Secret<SetupToken>>, FlowError> {
        if !self.is_empty().await? {
            return Ok(None);
        }
        let (now, token) = (self.now(), Secret::generate(&mut rand::rng()));
        let expires_at = now + self.policy.lifetimes.setup_link;
        setup_links::insert(self.store.writer(), &token.digest(), now, expires_at).await?;
        Ok(Some(token))
    }

    /// Whether a link can still be used: not when it was, lapsed, or the first account was made on the command line.
    ///
    /// # Errors
    /// Failures of ours only.
    pub async fn setup_is_open(&self, token: &Digest<SetupToken>) -> Result<bool, FlowError> {
        Ok(self.is_empty().await? && setup_links::is_open(self.store.reader(), token, self.now()).await?)
    }

    /// Makes the first account and spends the link, both or neither. It may have a name that is kept from those who sign
    /// up: whoever holds this link runs the server, and there is nobody else yet to be mistaken for.
    ///
    /// # Errors
    /// As [`AccountError`] says.
    pub async fn set_up(&self, token: &Digest<SetupToken>, name: &str, password: &str) -> Result<Owner, AccountError> {
        // Before the password is hashed: a link that is spent must not cost a processor.
        if !self.setup_is_open(token).await? {
            return Err(AccountError::LinkSpent);
        }
        let username = Username::typed(name).ok_or(AccountError::NameInvalid)?;
        let user = self.new_user(username, password).await?;
        let now = self.now();
        let tx = self.store.begin().await.map_err(FlowError::from)?;
        // Two links used at once make one account, whichever comes first.
        this_server::hold(&*tx).await.map_err(FlowError::from)?;
        let spent = setup_links::spend(&*tx, token, now).await.map_err(FlowError::from)?;
        if !spent || users::any(&*tx).await.map_err(FlowError::from)? {
            return Err(AccountError::LinkSpent);
        }
        if !users::insert(&*tx, &user, now).await.map_err(FlowError::from)? {
            return Err(AccountError::NameTaken);
        }
        tx.commit().await.map_err(FlowError::from)?;
        Ok(Owner {
            user_id: user.id,
            username: user.username,
        })
    }
}
