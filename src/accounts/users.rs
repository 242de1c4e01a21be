//! Adding people and giving them another password.

use crate::failure::FlowError;
use crate::oauth::grant::UserId;
use crate::oauth::profile::Username;
use crate::oauth::secret::random_id;
use crate::password::{Password, PasswordRefused};
use crate::storage::audit::{self, AuditEvent};
use crate::storage::users::{self, User};
use crate::storage::{
    Connection, StorageError, consents, grants, pending_sign_ins, server_identity as this_server, sessions,
};

use super::Accounts;
use super::confirm::Unproven;

/// Why an account cannot be made as asked, or does not exist.
#[derive(Debug, thiserror::Error)]
pub enum AccountError {
    /// The name is not 1 to 30 of `a-z`, `0-9` and `_`.
    #[error("a name is 1 to 30 of the characters a-z, 0-9 and _")]
    NameInvalid,
    /// Somebody has it.
    #[error("that name is taken")]
    NameTaken,
    /// The password is too short or too long.
    #[error("{}", match .0 {
        PasswordRefused::TooShort => "a password has at least 8 characters",
        PasswordRefused::TooLong => "a password has at most 128 characters",
    })]
    Password(PasswordRefused),
    /// Whoever asks has not proven that it is them.
    #[error(transparent)]
    Unproven(Unproven),
    /// Nobody has this name.
    #[error("nobody has that name")]
    Unknown,
    /// The link that should make the first account was used or has lapsed.
    #[error("the set-up link was used or has lapsed")]
    LinkSpent,
    /// The failure is ours.
    #[error(transparent)]
    Failed(#[from] FlowError),
}

impl Accounts {
    /// Adds a person. The operator may give any name that is free, also one that looks like another, which
    /// [`Accounts::look_alikes`] tells.
    ///
    /// # Errors
    /// As [`AccountError`] says.
    pub async fn add_user(&self, name: &str, password: &str) -> Result<Username, AccountError> {
        let username = Username::parse(name).ok_or(AccountError::NameInvalid)?;
        let user = self.new_user(username, password).await?;
        let tx = self.store.begin().await.map_err(FlowError::from)?;
        // Whoever signs up at this moment with a name that looks like it waits, and finds it.
        this_server::hold(&*tx).await.map_err(FlowError::from)?;
        let added = users::insert(&*tx, &user, self.now()).await.map_err(FlowError::from)?;
        if !added {
            return Err(AccountError::NameTaken);
        }
        tx.commit().await.map_err(FlowError::from)?;
        Ok(user.username)
    }

    /// The names of others that look like this one.
    ///
    /// # Errors
    /// Failures of ours only.
    pub async fn look_alikes(&self, name: &Username) -> Result<Vec<Username>, FlowError> {
        let alike = users::alike(self.store.reader(), name).await?;
        let others = alike.into_iter().map(|user| user.username);
        Ok(others.filter(|other| other != name).collect())
    }

    /// Gives a person another password, for somebody who lost theirs or fears that another has it. So everything that
    /// the old one could have let in ends: every browser is signed out, every app loses its access and is asked about
    /// again.
    ///
    /// # Errors
    /// As [`AccountError`] says.
    pub async fn set_password(&self, name: &str, password: &str) -> Result<Username, AccountError> {
        let password = Password::new(password).map_err(AccountError::Password)?;
        let username = Username::typed(name).ok_or(AccountError::Unknown)?;
        let hash = self.passwords.hash(password).await.map_err(FlowError::from)?;
        let replaced = self.replace_password(&username, &hash).await.map_err(FlowError::from)?;
        if replaced {
            Ok(username)
        } else {
            Err(AccountError::Unknown)
        }
    }

    async fn replace_password(&self, username: &Username, hash: &str) -> Result<bool, StorageError> {
        let tx = self.store.begin().await?;
        let Some(user) = users::find_by_username(&*tx, username).await? else {
            return Ok(false);
        };
        users::set_password(&*tx, &user.id, hash).await?;
        sessions::delete_all_of(&*tx, &user.id).await?;
        self.end_what_a_password_let_in(&*tx, &user.id).await?;
        audit::insert_own(&*tx, AuditEvent::PasswordSet, &user.id, self.now()).await?;
        tx.commit().await?;
        Ok(true)
    }

    /// Ends sign-ins that wait for their second step, and the access of every app, about which is asked again: somebody
    /// who knew the old password may have begun or let them in.
    pub(super) async fn end_what_a_password_let_in(
        &self,
        tx: &impl Connection,
        user_id: &UserId,
    ) -> Result<(), StorageError> {
        pending_sign_ins::delete_all_of(tx, user_id).await?;
        consents::forget_all(tx, user_id).await?;
        grants::revoke_all_of(tx, user_id, self.now()).await?;
        Ok(())
    }

    pub(super) async fn new_user(&self, username: Username, password: &str) -> Result<User, AccountError> {
        let password = Password::new(password).map_err(AccountError::Password)?;
        let password_hash = self.passwords.hash(password).await.map_err(FlowError::from)?;
        Ok(User {
            id: UserId(random_id(&mut rand::rng())),
            username,
            password_hash,
        })
    }
}
