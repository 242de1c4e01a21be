//! Proving again, in a session that is open, that its person sits there: a browser that was left open must not be enough
//! to change how somebody signs in, and neither is a password that somebody else has learnt.

use crate::failure::FlowError;
use crate::oauth::grant::Owner;
use crate::oauth::secret::{Digest, Secret, SessionKey};
use crate::storage::{Connection, StorageError, second_factors, sessions, users};

use super::Accounts;
use super::second_step::{Proof, ProofRefused};

/// What a person shows of themselves.
#[derive(Debug, Clone, Copy)]
pub struct Shown<'a> {
    /// The password.
    pub password: &'a str,
    /// What is looked at if a second step is on.
    pub proof: Proof<'a>,
}

/// Why it is not enough.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum Unproven {
    /// The password is not theirs.
    #[error("the password is wrong")]
    WrongPassword,
    /// The password is right, and a second step is on.
    #[error("the code is not taken")]
    Code(ProofRefused),
    /// The session ended meanwhile.
    #[error("the session has ended")]
    SignedOut,
}

impl Accounts {
    /// Gives the session another key, and for a while the right to change how its person signs in.
    ///
    /// # Errors
    /// `Unavailable` when too many passwords wait to be checked.
    pub async fn confirm(
        &self,
        owner: &Owner,
        session: &Digest<SessionKey>,
        shown: Shown<'_>,
    ) -> Result<Result<Secret<SessionKey>, Unproven>, FlowError> {
        let Some((_, verified)) = self.verified(owner.username.as_str(), shown.password).await? else {
            return Ok(Err(Unproven::WrongPassword));
        };
        let key = Secret::generate(&mut rand::rng());
        let tx = self.store.begin().await?;
        let mut proven = self.prove(&*tx, owner, session, &verified, shown.proof).await?;
        if proven.is_ok() && !sessions::renew_proven(&*tx, session, &key.digest(), self.now()).await? {
            proven = Err(Unproven::SignedOut);
        }
        tx.commit().await?;
        Ok(proven.map(|()| key))
    }

    /// Holds the person and the session, and looks at the code where one is asked for. Only whoever knows the password
    /// gets here, so nobody else can use up the tries. What was refused is counted when the transaction is committed.
    pub(super) async fn prove(
        &self,
        tx: &impl Connection,
        owner: &Owner,
        session: &Digest<SessionKey>,
        verified: &str,
        proof: Proof<'_>,
    ) -> Result<Result<(), Unproven>, StorageError> {
        // Either may have become another while the password waited to be checked.
        if !users::hold_password(tx, &owner.user_id, verified).await? {
            return Ok(Err(Unproven::WrongPassword));
        }
        if !sessions::hold(tx, session).await? {
            return Ok(Err(Unproven::SignedOut));
        }
        let Some(factor) = second_factors::find(tx, &owner.user_id).await? else {
            return Ok(Ok(()));
        };
        let fresh_since = self.now() - self.policy.lifetimes.fresh_sign_in;
        if matches!(proof, Proof::FreshSession)
            && factor.rests_on_passkeys()
            && sessions::is_proven_since(tx, session, fresh_since).await?
        {
            return Ok(Ok(()));
        }
        let taken = self.take(tx, &factor, proof).await?;
        Ok(taken.map_err(Unproven::Code))
    }
}
