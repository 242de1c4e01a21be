//! A person's passkeys: made, named, removed. The password stays whatever becomes of them, so the last one may go as well,
//! unless the second step rests on it.

use time::OffsetDateTime;

use crate::failure::FlowError;
use crate::oauth::client::display_name;
use crate::oauth::grant::Owner;
use crate::oauth::secret::{CeremonyKey, Digest, Secret, SessionKey, random_id};
use crate::storage::audit::{self, AuditEvent, NewEvent};
use crate::storage::passkeys::{self, StoredPasskey};
use crate::storage::{Connection, StorageError, second_factors, sessions, users};

use super::Accounts;
use super::ceremonies::{Question, credential_digest, json};

/// How many a person can have.
pub const MAX_PASSKEYS: usize = 20;

/// A passkey as its person sees it.
#[derive(Debug, Clone)]
pub struct OwnPasskey {
    /// What it is removed by.
    pub id: String,
    /// What its person calls it.
    pub name: String,
    /// When it was added.
    pub added_at: OffsetDateTime,
    /// When it was last used.
    pub last_used_at: Option<OffsetDateTime>,
}

/// What came of asking for a new passkey.
#[derive(Debug)]
pub enum NewPasskey {
    /// This is to be asked.
    Asked(Question),
    /// The person has as many as there can be.
    Full,
    /// There are none at this issuer.
    NotOffered,
}

/// What came of a new passkey.
#[derive(Debug)]
pub enum Added {
    /// It is theirs, and the session has another key.
    Yes(Secret<SessionKey>),
    /// The answer is none to this question, or the passkey is known already.
    Refused,
    /// The person has as many as there can be.
    Full,
    /// The session ended meanwhile.
    SignedOut,
}

/// What came of another name.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Renamed {
    /// It is called that now.
    Yes,
    /// Nothing was left of the name.
    Nameless,
    /// The person has no such passkey.
    Gone,
}

/// What came of removing one.
#[derive(Debug)]
pub enum Removed {
    /// It is gone, and the session has another key.
    Yes(Secret<SessionKey>),
    /// It was gone already, or the session ended.
    Gone,
    /// It is the last one, and the second step rests on it.
    Needed,
}

impl Accounts {
    /// A person's passkeys, oldest first.
    ///
    /// # Errors
    /// Failures of ours only.
    pub async fn passkeys(&self, owner: &Owner) -> Result<Vec<OwnPasskey>, FlowError> {
        let stored = passkeys::all_of(self.store.reader(), &owner.user_id).await?;
        let own = |passkey: StoredPasskey| OwnPasskey {
            id: passkey.id,
            name: passkey.name,
            added_at: passkey.created_at,
            last_used_at: passkey.last_used_at,
        };
        Ok(stored.into_iter().map(own).collect())
    }

    /// Asks for a new one. `before` is the question that this browser was asked last.
    ///
    /// # Errors
    /// Failures of ours only.
    pub async fn ask_for_new_passkey(
        &self,
        owner: &Owner,
        before: Option<&Digest<CeremonyKey>>,
    ) -> Result<NewPasskey, FlowError> {
        let known = passkeys::all_of(self.store.reader(), &owner.user_id).await?;
        if known.len() >= MAX_PASSKEYS {
            return Ok(NewPasskey::Full);
        }
        let question = self.ask_for_new(owner, &known, before).await?;
        Ok(question.map_or(NewPasskey::NotOffered, NewPasskey::Asked))
    }

    /// Adds a passkey that answered. Sessions that are open stay so; this one gets another key.
    ///
    /// # Errors
    /// Failures of ours only; then it is as it was.
    pub async fn add_passkey(
        &self,
        owner: &Owner,
        session: &Digest<SessionKey>,
        ceremony: &Digest<CeremonyKey>,
        answer: &str,
        name: &str,
    ) -> Result<Added, FlowError> {
        let Some(passkey) = self.new_passkey(ceremony, &owner.user_id, answer).await? else {
            return Ok(Added::Refused);
        };
        let stored = StoredPasskey {
            id: random_id(&mut rand::rng()),
            user_id: owner.user_id.clone(),
            credential: json(&passkey)?,
            name: display_name(name).unwrap_or_else(|| "Passkey".to_owned()),
            created_at: self.now(),
            last_used_at: None,
        };
        let digest = credential_digest(passkey.cred_id());
        let key = Secret::generate(&mut rand::rng());
        let tx = self.store.begin().await?;
        // Two at once must not be one too many.
        users::hold(&*tx, &owner.user_id).await?;
        if passkeys::all_of(&*tx, &owner.user_id).await?.len() >= MAX_PASSKEYS {
            return Ok(Added::Full);
        }
        if !sessions::renew(&*tx, session, &key.digest()).await? {
            return Ok(Added::SignedOut);
        }
        if !passkeys::insert(&*tx, &stored, digest).await? {
            return Ok(Added::Refused);
        }
        self.note(&*tx, AuditEvent::PasskeyAdded, &stored).await?;
        tx.commit().await?;
        Ok(Added::Yes(key))
    }

    async fn note(&self, tx: &impl Connection, event: AuditEvent, passkey: &StoredPasskey) -> Result<(), StorageError> {
        let detail = Some(passkey.name.as_str());
        let own = NewEvent::own(event, &passkey.user_id);
        audit::write(tx, &NewEvent { detail, ..own }, self.now()).await
    }

    /// Gives one of a person's passkeys another name.
    ///
    /// # Errors
    /// Failures of ours only.
    pub async fn rename_passkey(&self, owner: &Owner, id: &str, name: &str) -> Result<Renamed, FlowError> {
        let Some(name) = display_name(name) else {
            return Ok(Renamed::Nameless);
        };
        let renamed = passkeys::rename(self.store.writer(), &owner.user_id, id, &name).await?;
        Ok(match renamed {
            true => Renamed::Yes,
            false => Renamed::Gone,
        })
    }

    /// Removes one of a person's passkeys, for the person in this session, which gets another key. The last one stays while
    /// the second step rests on it: recovery codes would be all that is left.
    ///
    /// # Errors
    /// Failures of ours only; then it is as it was.
    pub async fn remove_passkey(
        &self,
        owner: &Owner,
        session: &Digest<SessionKey>,
        id: &str,
    ) -> Result<Removed, FlowError> {
        let key = Secret::generate(&mut rand::rng());
        let tx = self.store.begin().await?;
        // Two at once must not both find another one left.
        users::hold(&*tx, &owner.user_id).await?;
        let known = passkeys::all_of(&*tx, &owner.user_id).await?;
        let Some(passkey) = known.iter().find(|passkey| passkey.id == id) else {
            return Ok(Removed::Gone);
        };
        let factor = second_factors::find(&*tx, &owner.user_id).await?;
        if known.len() == 1 && factor.is_some_and(|factor| factor.rests_on_passkeys()) {
            return Ok(Removed::Needed);
        }
        if !sessions::renew(&*tx, session, &key.digest()).await? || !passkeys::delete(&*tx, &owner.user_id, id).await? {
            return Ok(Removed::Gone);
        }
        self.note(&*tx, AuditEvent::PasskeyRemoved, passkey).await?;
        tx.commit().await?;
        Ok(Removed::Yes(key))
    }
}
