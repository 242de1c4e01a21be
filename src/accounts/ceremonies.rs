//! Questions to passkeys, and the check of their answers (WebAuthn Level 3 §7). A question is kept here and not in the
//! browser, is good for one answer, right or wrong, and lapses soon.
//!
//! Every question that is asked of a passkey which is there already is of one kind: the passkey verifies its person, and
//! the answer is looked up by its credential. Where the person is known, the question names theirs, and no other will do.

use serde::Serialize;
use serde_json::Value;
use sha2::{Digest as _, Sha256};
use url::Url;
use webauthn_rs::Webauthn;
use webauthn_rs::prelude::{
    DiscoverableAuthentication, Passkey, PasskeyRegistration, PublicKeyCredential, RegisterPublicKeyCredential, Uuid,
    WebauthnBuilder, WebauthnError,
};

use crate::failure::FlowError;
use crate::oauth::grant::{Owner, UserId};
use crate::oauth::policy::Issuer;
use crate::oauth::secret::{CeremonyKey, Digest, Secret};
use crate::storage::ceremonies::{self, Ceremony, CeremonyKind};
use crate::storage::passkeys::{self, StoredPasskey};

use super::Accounts;

/// A question to a passkey, on its way to a browser.
#[derive(Debug)]
pub struct Question {
    /// Goes into the browser's cookie.
    pub key: Secret<CeremonyKey>,
    /// What its script hands to the passkey: the `publicKey` member of the options.
    pub options: Value,
}

/// A passkey that answered as it should.
pub(super) struct Answered {
    /// As it was when it answered.
    pub(super) passkey: StoredPasskey,
    /// What has become of its credential, as JSON.
    credential: String,
}

/// What passkeys are made for: this issuer's host and origin, whole. `None` at a mere number, where there can be none.
pub(super) fn relying_party(issuer: &Issuer) -> Option<Webauthn> {
    let origin = Url::parse(issuer.as_str()).ok()?;
    let host = origin.domain()?;
    let builder = WebauthnBuilder::new(host, &origin).ok()?;
    builder.build().ok()
}

/// What a passkey keeps of its person. It says nothing to anybody else, and is the same for all of a person's.
fn user_handle(user_id: &UserId) -> Uuid {
    let digest = Sha256::digest(format!("passkey:{}", user_id.0).as_bytes());
    let mut bytes = [0; 16];
    bytes.copy_from_slice(&digest[..16]);
    Uuid::from_bytes(bytes)
}

/// What a credential is found by.
pub(super) fn credential_digest(id: &[u8]) -> [u8; 32] {
    Sha256::digest(id).into()
}

fn refused(reason: &dyn std::fmt::Display) {
    tracing::info!(%reason, "passkey refused");
}

/// The text of a value that only our own code makes.
pub(super) fn json(value: &impl Serialize) -> Result<String, FlowError> {
    serde_json::to_string(value).map_err(|error| FlowError::Internal(error.into()))
}

fn failed(error: WebauthnError) -> FlowError {
    FlowError::Internal(error.into())
}

/// Reads a credential back.
fn parsed(stored: &StoredPasskey) -> Result<Passkey, FlowError> {
    serde_json::from_str(&stored.credential).map_err(|error| FlowError::Internal(error.into()))
}

impl Accounts {
    /// Whether there can be passkeys at this issuer.
    pub fn offers_passkeys(&self) -> bool {
        self.relying_party.is_some()
    }

    /// Keeps a question. The one before, of the same browser, is withdrawn.
    async fn ask(
        &self,
        before: Option<&Digest<CeremonyKey>>,
        ceremony: &Ceremony,
        options: Value,
    ) -> Result<Question, FlowError> {
        let key = Secret::generate(&mut rand::rng());
        let expires_at = self.now() + self.policy.lifetimes.ceremony;
        let tx = self.store.begin().await?;
        if let Some(before) = before {
            ceremonies::delete(&*tx, before).await?;
        }
        ceremonies::insert(&*tx, &key.digest(), ceremony, expires_at).await?;
        tx.commit().await?;
        Ok(Question { key, options })
    }

    /// Asks for a new passkey, which none of `known` may be.
    pub(super) async fn ask_for_new(
        &self,
        owner: &Owner,
        known: &[StoredPasskey],
        before: Option<&Digest<CeremonyKey>>,
    ) -> Result<Option<Question>, FlowError> {
        let Some(relying_party) = &self.relying_party else {
            return Ok(None);
        };
        let known: Vec<Passkey> = known.iter().map(parsed).collect::<Result<_, _>>()?;
        let excluded = known.iter().map(|passkey| passkey.cred_id().clone()).collect();
        let name = owner.username.as_str();
        let handle = user_handle(&owner.user_id);
        let (challenge, state) = relying_party
            .start_passkey_registration(handle, name, name, Some(excluded))
            .map_err(failed)?;
        let ceremony = Ceremony {
            kind: CeremonyKind::Registration,
            user_id: Some(owner.user_id.clone()),
            state: json(&state)?,
        };
        let mut options = serde_json::to_value(&challenge.public_key).map_err(|e| FlowError::Internal(e.into()))?;
        // It must be found without a name. The crate leaves that to the passkey.
        options["authenticatorSelection"]["residentKey"] = "required".into();
        options["authenticatorSelection"]["requireResidentKey"] = true.into();
        self.ask(before, &ceremony, options).await.map(Some)
    }

    /// Asks for a passkey that is there: one of this person's, or anybody's.
    ///
    /// # Errors
    /// Failures of ours only.
    pub(super) async fn ask_for(
        &self,
        kind: CeremonyKind,
        of: Option<&UserId>,
        before: Option<&Digest<CeremonyKey>>,
    ) -> Result<Option<Question>, FlowError> {
        let Some(relying_party) = &self.relying_party else {
            return Ok(None);
        };
        let (mut challenge, state) = relying_party.start_discoverable_authentication().map_err(failed)?;
        if let Some(user_id) = of {
            let stored = passkeys::all_of(self.store.reader(), user_id).await?;
            let known: Vec<Passkey> = stored.iter().map(parsed).collect::<Result<_, _>>()?;
            if known.is_empty() {
                return Ok(None);
            }
            let (named, _) = relying_party.start_passkey_authentication(&known).map_err(failed)?;
            challenge.public_key.allow_credentials = named.public_key.allow_credentials;
        }
        let ceremony = Ceremony {
            kind,
            user_id: of.cloned(),
            state: json(&state)?,
        };
        let options = serde_json::to_value(&challenge.public_key).map_err(|e| FlowError::Internal(e.into()))?;
        self.ask(before, &ceremony, options).await.map(Some)
    }

    /// Takes the question that a browser was asked, which is spent whatever follows.
    async fn take_ceremony(
        &self,
        key: &Digest<CeremonyKey>,
        kind: CeremonyKind,
        of: Option<&UserId>,
    ) -> Result<Option<Ceremony>, FlowError> {
        let taken = ceremonies::take(self.store.writer(), key, self.now()).await?;
        let fits = |ceremony: &Ceremony| ceremony.kind == kind && ceremony.user_id.as_ref() == of;
        Ok(taken.filter(fits))
    }

    /// The new passkey in an answer.
    pub(super) async fn new_passkey(
        &self,
        key: &Digest<CeremonyKey>,
        user_id: &UserId,
        answer: &str,
    ) -> Result<Option<Passkey>, FlowError> {
        let taken = self
            .take_ceremony(key, CeremonyKind::Registration, Some(user_id))
            .await?;
        let (Some(ceremony), Some(relying_party)) = (taken, &self.relying_party) else {
            return Ok(None);
        };
        let state: PasskeyRegistration =
            serde_json::from_str(&ceremony.state).map_err(|error| FlowError::Internal(error.into()))?;
        let answer: RegisterPublicKeyCredential = match serde_json::from_str(answer) {
            Ok(answer) => answer,
            Err(error) => {
                refused(&error);
                return Ok(None);
            }
        };
        match relying_party.finish_passkey_registration(&answer, &state) {
            Ok(passkey) => Ok(Some(passkey)),
            Err(error) => {
                refused(&error);
                Ok(None)
            }
        }
    }

    /// The passkey that answered, after every check. Whatever is wrong, the answer is the same.
    pub(super) async fn answered(
        &self,
        key: &Digest<CeremonyKey>,
        kind: CeremonyKind,
        of: Option<&UserId>,
        answer: &str,
    ) -> Result<Option<Answered>, FlowError> {
        let Some(ceremony) = self.take_ceremony(key, kind, of).await? else {
            return Ok(None);
        };
        let answer: PublicKeyCredential = match serde_json::from_str(answer) {
            Ok(answer) => answer,
            Err(error) => {
                refused(&error);
                return Ok(None);
            }
        };
        let digest = credential_digest(answer.get_credential_id());
        let Some(passkey) = passkeys::find(self.store.reader(), digest).await? else {
            refused(&"nobody has it");
            return Ok(None);
        };
        if !names(&answer, &passkey.user_id, of) {
            refused(&"it is another person's");
            return Ok(None);
        }
        self.check_answer(&answer, &ceremony, passkey)
    }

    /// Challenge, origin, relying party, user verification, signature and counter. A counter that went back means that
    /// there may be a copy: such an answer is refused.
    fn check_answer(
        &self,
        answer: &PublicKeyCredential,
        ceremony: &Ceremony,
        passkey: StoredPasskey,
    ) -> Result<Option<Answered>, FlowError> {
        let Some(relying_party) = &self.relying_party else {
            return Ok(None);
        };
        let state: DiscoverableAuthentication =
            serde_json::from_str(&ceremony.state).map_err(|error| FlowError::Internal(error.into()))?;
        let mut known = parsed(&passkey)?;
        match relying_party.finish_discoverable_authentication_v2(answer, state, &known) {
            Ok(result) if result.user_verified() => {
                known.update_credential(&result);
                let credential = json(&known)?;
                Ok(Some(Answered { passkey, credential }))
            }
            Ok(_) => Ok(None),
            Err(error) => {
                refused(&error);
                Ok(None)
            }
        }
    }
}

/// Whether an answer is this person's (WebAuthn §7.2, step 6). A passkey that was asked for by name need not say whose
/// it is.
fn names(answer: &PublicKeyCredential, user_id: &UserId, of: Option<&UserId>) -> bool {
    let handle = user_handle(user_id);
    let said = answer.get_user_unique_id();
    match of {
        Some(asked) => asked == user_id && said.is_none_or(|said| said == handle.as_bytes()),
        None => said.is_some_and(|said| said == handle.as_bytes()),
    }
}

impl Answered {
    /// Writes down that it was used. `false` when it was removed meanwhile, or answered twice at once.
    pub(super) async fn mark_used(
        &self,
        db: &impl crate::storage::Connection,
        now: time::OffsetDateTime,
    ) -> Result<bool, FlowError> {
        Ok(passkeys::mark_used(db, &self.passkey, &self.credential, now).await?)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn passkeys_are_for_the_issuer_whole() {
        for (issuer, expected) in [
            ("https://id.example", Some("https://id.example/")),
            ("https://id.example:8443", Some("https://id.example:8443/")),
            ("http://localhost:8080", Some("http://localhost:8080/")),
            ("http://127.0.0.1:8080", None),
            ("http://[::1]:8080", None),
        ] {
            let built = relying_party(&Issuer::parse(issuer).unwrap());
            let origins: Option<Vec<String>> =
                built.map(|it| it.get_allowed_origins().iter().map(Url::to_string).collect());
            assert_eq!(origins, expected.map(|origin| vec![origin.to_owned()]), "{issuer}");
        }
    }

    #[test]
    fn a_handle_is_a_persons_own_and_does_not_show_their_id() {
        let (alice, bob) = (UserId("alice".to_owned()), UserId("bob".to_owned()));
        assert_eq!(user_handle(&alice), user_handle(&alice));
        assert_ne!(user_handle(&alice), user_handle(&bob));
        assert_eq!(user_handle(&alice).to_string(), "6e288321-15c7-c013-0547-93cf71451fdd");
    }
}
