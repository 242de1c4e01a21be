//! Making one's own account: with an invitation, or because everybody may.

use crate::failure::FlowError;
use crate::oauth::grant::{Owner, UserId};
use crate::oauth::policy::SignUp;
use crate::oauth::profile::Username;
use crate::oauth::secret::{Digest, InvitationToken, Secret, SessionKey, random_id};
use crate::password::{Password, PasswordRefused};
use crate::storage::audit::{self, AuditEvent};
use crate::storage::users::{self, Inserted, User};
use crate::storage::{Connection, invitations, server_identity as this_server};

use super::Accounts;
use super::invitations::InvitationState;
use super::names::is_kept;
use super::sessions::Browser;

/// By which door somebody comes in.
#[derive(Debug, Clone)]
pub enum Door {
    /// The one for everybody.
    Everybody,
    /// The one behind an invitation.
    Invitation(Digest<InvitationToken>),
}

/// Why nobody gets an account by a door.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum DoorShut {
    /// The operator lets nobody make an account.
    Closed,
    /// It takes an invitation.
    InvitationOnly,
    /// Nobody has an account yet: the first one is made with the set-up link.
    NotSetUp,
    /// There is no such invitation.
    UnknownInvitation,
    /// The invitation made an account already.
    InvitationUsed,
    /// The invitation was taken back.
    InvitationWithdrawn,
    /// The invitation is too old.
    InvitationLapsed,
}

/// Why somebody cannot have a name.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum NameRefused {
    /// It is not 1 to 30 of `a-z`, `0-9` and `_`.
    Invalid,
    /// Somebody has it.
    Taken,
    /// Somebody has one that looks like it.
    Alike,
    /// It is kept for those who run the server.
    Kept,
}

/// Why somebody did not get an account.
#[derive(Debug, thiserror::Error)]
pub enum SignUpError {
    /// The door is shut.
    #[error("nobody can sign up here in this way")]
    Door(DoorShut),
    /// It is the name.
    #[error("the name cannot be had")]
    Name(NameRefused),
    /// The password is too short or too long.
    #[error("the password breaks the rule")]
    Password(PasswordRefused),
    /// The failure is ours.
    #[error(transparent)]
    Failed(#[from] FlowError),
}

/// Name and password that may be used for a new account, as far as could be seen beforehand.
pub struct Applicant {
    username: Username,
    password: Password,
}

impl Accounts {
    /// Whether somebody can come in by this door, before anything is typed.
    ///
    /// # Errors
    /// Failures of ours only.
    pub async fn door(&self, door: &Door) -> Result<Option<DoorShut>, FlowError> {
        Ok(match (self.policy.sign_up, door) {
            (SignUp::Closed, _) => Some(DoorShut::Closed),
            (_, Door::Invitation(token)) => match self.invitation(token).await? {
                None => Some(DoorShut::UnknownInvitation),
                Some(invitation) => shut_by(&invitation.state),
            },
            // Who came first would be taken for the operator.
            (_, Door::Everybody) if self.is_empty().await? => Some(DoorShut::NotSetUp),
            (SignUp::Invitation, Door::Everybody) => Some(DoorShut::InvitationOnly),
            (SignUp::Open, Door::Everybody) => None,
        })
    }

    /// Looks at everything that costs little, so that only what may well succeed costs a processor.
    ///
    /// # Errors
    /// As [`SignUpError`] says.
    pub async fn apply(&self, door: &Door, name: &str, password: &str) -> Result<Applicant, SignUpError> {
        if let Some(shut) = self.door(door).await? {
            return Err(SignUpError::Door(shut));
        }
        let username = Username::typed(name).ok_or(SignUpError::Name(NameRefused::Invalid))?;
        if is_kept(&username) {
            return Err(SignUpError::Name(NameRefused::Kept));
        }
        let alike = users::alike(self.store.reader(), &username)
            .await
            .map_err(FlowError::from)?;
        if alike.iter().any(|user| user.username == username) {
            return Err(SignUpError::Name(NameRefused::Taken));
        }
        if !alike.is_empty() {
            return Err(SignUpError::Name(NameRefused::Alike));
        }
        let password = Password::new(password).map_err(SignUpError::Password)?;
        Ok(Applicant { username, password })
    }

    /// Makes an account and begins its first session; an invitation is used by it. All of it or nothing: one invitation
    /// used by two at once makes one account (attack case LG-12), and of two names that look alike one is made.
    ///
    /// # Errors
    /// As [`SignUpError`] says.
    pub async fn sign_up(
        &self,
        door: &Door,
        applicant: Applicant,
        browser: &Browser,
    ) -> Result<Secret<SessionKey>, SignUpError> {
        let hash = self.passwords.hash(applicant.password).await.map_err(FlowError::from)?;
        let user = User {
            id: UserId(random_id(&mut rand::rng())),
            username: applicant.username,
            password_hash: hash,
        };
        let tx = self.store.begin().await.map_err(FlowError::from)?;
        this_server::hold(&*tx).await.map_err(FlowError::from)?;
        if let Some(shut) = self.enter(&*tx, door, &user.id).await? {
            return Err(SignUpError::Door(shut));
        }
        let now = self.now();
        match users::insert_unlike(&*tx, &user, now).await.map_err(FlowError::from)? {
            Inserted::New => {}
            Inserted::Taken => return Err(SignUpError::Name(NameRefused::Taken)),
            Inserted::Alike => return Err(SignUpError::Name(NameRefused::Alike)),
        }
        audit::insert_own(&*tx, AuditEvent::SignedUp, &user.id, now)
            .await
            .map_err(FlowError::from)?;
        let owner = Owner {
            user_id: user.id,
            username: user.username,
        };
        let key = self.insert_session(&*tx, &owner, browser).await?;
        tx.commit().await.map_err(FlowError::from)?;
        Ok(key)
    }

    /// Uses the invitation, if it takes one. Says why not when it was used meanwhile.
    async fn enter(&self, tx: &impl Connection, door: &Door, user_id: &UserId) -> Result<Option<DoorShut>, FlowError> {
        let Door::Invitation(token) = door else {
            return Ok(None);
        };
        let now = self.now();
        if invitations::spend(tx, token, user_id, now).await? {
            return Ok(None);
        }
        let found = invitations::find(tx, token, now).await?;
        let shut = found.and_then(|invitation| shut_by(&invitation.state));
        Ok(Some(shut.unwrap_or(DoorShut::UnknownInvitation)))
    }
}

fn shut_by(state: &InvitationState) -> Option<DoorShut> {
    match state {
        InvitationState::Open => None,
        InvitationState::Used(_) => Some(DoorShut::InvitationUsed),
        InvitationState::Withdrawn => Some(DoorShut::InvitationWithdrawn),
        InvitationState::Lapsed => Some(DoorShut::InvitationLapsed),
    }
}
