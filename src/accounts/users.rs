//! Adding people and giving them another password.

use crate::flows::FlowError;
use crate::oauth::grant::UserId;
use crate::oauth::profile::Username;
use crate::oauth::secret::random_id;
use crate::password::{Password, PasswordRefused};
use crate::storage::users::{self, User};
use crate::storage::{grants, sessions};

use super::Accounts;

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
    /// Adds a person.
    ///
    /// # Errors
    /// As [`AccountError`] says.
    pub async fn add_user(&self, name: &str, password: &str) -> Result<Username, AccountError> {
        let user = self.new_user(name, password).await?;
        let added = users::insert(self.store.writer(), &user, self.now())
            .await
            .map_err(FlowError::from)?;
        if added {
            Ok(user.username)
        } else {
            Err(AccountError::NameTaken)
        }
    }

    /// Gives a person another password. Every browser of theirs is signed out, and apps that refresh lose their access
    /// (RFC 9700 §4.14.2): whoever had the old password may have let them in.
    ///
    /// # Errors
    /// As [`AccountError`] says.
    pub async fn set_password(&self, name: &str, password: &str) -> Result<Username, AccountError> {
        let password = Password::new(password).map_err(AccountError::Password)?;
        let username = Username::typed(name).ok_or(AccountError::Unknown)?;
        let hash = self.passwords.hash(password).await.map_err(FlowError::from)?;
        let now = self.now();
        let tx = self.store.begin().await.map_err(FlowError::from)?;
        let found = users::find_by_username(&*tx, &username)
            .await
            .map_err(FlowError::from)?;
        let user = found.ok_or(AccountError::Unknown)?;
        users::set_password(&*tx, &user.id, &hash)
            .await
            .map_err(FlowError::from)?;
        sessions::delete_all_of(&*tx, &user.id).await.map_err(FlowError::from)?;
        grants::revoke_refreshing(&*tx, &user.id, now)
            .await
            .map_err(FlowError::from)?;
        tx.commit().await.map_err(FlowError::from)?;
        Ok(user.username)
    }

    pub(super) async fn new_user(&self, name: &str, password: &str) -> Result<User, AccountError> {
        let username = Username::parse(name).ok_or(AccountError::NameInvalid)?;
        let password = Password::new(password).map_err(AccountError::Password)?;
        let password_hash = self.passwords.hash(password).await.map_err(FlowError::from)?;
        Ok(User {
            id: UserId(random_id(&mut rand::rng())),
            username,
            password_hash,
        })
    }
}
