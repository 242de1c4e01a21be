//! Sessions that apps open for people they have not met yet. A row says what the session is for; whether it was answered,
//! and spent, its grant says.

use entity::app_sessions::{ActiveModel, Column, Entity, Model};
use sea_orm::{ActiveValue::Set, ColumnTrait, ConnectionTrait, EntityTrait, QueryFilter};
use time::OffsetDateTime;

use super::{Row, StorageError, seconds};
use crate::oauth::pkce::CodeChallenge;
use crate::oauth::redirect_uri::RedirectUri;
use crate::oauth::secret::{AuthorizationCode, Digest};

/// A session that an app opened.
#[derive(Debug, Clone)]
pub struct AppSession {
    /// The digest of its token, which becomes the code of the grant.
    pub digest: Digest<AuthorizationCode>,
    /// Which client opened it.
    pub client_id: String,
    /// Where the answer goes, when anywhere.
    pub redirect_uri: Option<RedirectUri>,
    /// What the verifier must hash to, where the token is redeemed as a code.
    pub code_challenge: Option<CodeChallenge>,
    /// When it lapses, if nobody answers.
    pub expires_at: OffsetDateTime,
}

impl TryFrom<Model> for AppSession {
    type Error = StorageError;

    fn try_from(model: Model) -> Result<AppSession, StorageError> {
        let row = Row {
            table: "app_sessions",
            id: &model.client_id,
        };
        let redirect_uri = model.redirect_uri.as_deref().map(RedirectUri::parse).transpose();
        let challenge = model.code_challenge.as_deref().map(CodeChallenge::parse).transpose();
        let digest = model.digest.as_slice().try_into().ok().map(Digest::from_bytes);
        Ok(AppSession {
            digest: row.value("digest", digest)?,
            redirect_uri: row.value("redirect_uri", redirect_uri.ok())?,
            code_challenge: row.value("code_challenge", challenge.ok())?,
            expires_at: row.time("expires_at", model.expires_at)?,
            client_id: model.client_id,
        })
    }
}

/// Adds a session.
///
/// # Errors
/// `Unavailable`.
pub async fn insert(db: &impl ConnectionTrait, session: &AppSession) -> Result<(), StorageError> {
    let text = |uri: &RedirectUri| uri.as_str().to_owned();
    let row = ActiveModel {
        digest: Set(session.digest.as_bytes().to_vec()),
        client_id: Set(session.client_id.clone()),
        redirect_uri: Set(session.redirect_uri.as_ref().map(text)),
        code_challenge: Set(session
            .code_challenge
            .as_ref()
            .map(|challenge| challenge.as_str().to_owned())),
        expires_at: Set(seconds(session.expires_at)),
    };
    Entity::insert(row).exec_without_returning(db).await?;
    Ok(())
}

/// The session with this digest, if it has not lapsed.
///
/// # Errors
/// `Unavailable`, `Inconsistent`.
pub async fn find(
    db: &impl ConnectionTrait,
    digest: &Digest<AuthorizationCode>,
    now: OffsetDateTime,
) -> Result<Option<AppSession>, StorageError> {
    let found = Entity::find_by_id(digest.as_bytes().to_vec())
        .filter(Column::ExpiresAt.gt(seconds(now)))
        .one(db)
        .await?;
    found.map(AppSession::try_from).transpose()
}
