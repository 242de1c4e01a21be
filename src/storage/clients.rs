//! Clients that were given their id here.

use entity::clients::{ActiveModel, Column, Entity, Model};
use sea_orm::sea_query::Expr;
use sea_orm::{
    ActiveValue::Set, ActiveValue::Unchanged, ColumnTrait, ConnectionTrait, EntityTrait, QueryFilter, QueryOrder,
};
use time::OffsetDateTime;

use super::{Row, StorageError, seconds};
use crate::oauth::client::{Client, DisplayMetadata, RedirectUris};
use crate::oauth::dialect::Dialect;
use crate::oauth::redirect_uri::RedirectUri;
use crate::oauth::registration::{ApplicationType, AuthMethod, Registration};
use crate::oauth::scope::Scope;
use crate::oauth::secret::{ClientSecret, Digest, RegistrationToken};

/// A client with what only its registration knows.
#[derive(Debug, Clone)]
pub struct RegisteredClient {
    /// The client.
    pub client: Client,
    /// What it says of itself in a sentence or two.
    pub description: Option<String>,
    /// How it proves itself, if its registration says so.
    pub auth_method: Option<AuthMethod>,
    /// What kind of program it is, if its registration says so.
    pub application_type: Option<ApplicationType>,
    /// What its registration is managed with.
    pub registration_token: Option<Digest<RegistrationToken>>,
    /// When it registered.
    pub created_at: OffsetDateTime,
    /// When a person last said yes to it.
    pub approved_at: Option<OffsetDateTime>,
}

impl TryFrom<Model> for RegisteredClient {
    type Error = StorageError;

    fn try_from(model: Model) -> Result<RegisteredClient, StorageError> {
        let row = Row {
            table: "clients",
            id: &model.id,
        };
        let uris: Result<Vec<RedirectUri>, _> = model.redirect_uris.lines().map(RedirectUri::parse).collect();
        let secret = digest(&row, "secret_digest", model.secret_digest.as_deref())?;
        let registration = Registration {
            dialect: row.value("dialect", Dialect::parse(&model.dialect))?,
            display: DisplayMetadata {
                name: model.name,
                logo_uri: model.logo_uri,
                client_uri: model.client_uri,
                foreign_client_uri: false,
            },
            description: model.description,
            redirect_uris: row.value("redirect_uris", uris.ok())?,
            scope: row.value("scope", Scope::parse(&model.scope).ok())?,
            confidential: secret.is_some(),
            refreshes: model.refreshes,
        };
        Ok(RegisteredClient {
            description: registration.description.clone(),
            auth_method: named(&row, "auth_method", model.auth_method.as_deref(), AuthMethod::parse)?,
            application_type: named(
                &row,
                "application_type",
                model.application_type.as_deref(),
                ApplicationType::parse,
            )?,
            registration_token: digest(&row, "registration_digest", model.registration_digest.as_deref())?,
            created_at: row.time("created_at", model.created_at)?,
            approved_at: row.time_or_none("approved_at", model.approved_at)?,
            client: registration.client(model.id.clone(), secret),
        })
    }
}

fn digest<K: crate::oauth::secret::Kind>(
    row: &Row<'_>,
    column: &'static str,
    bytes: Option<&[u8]>,
) -> Result<Option<Digest<K>>, StorageError> {
    bytes
        .map(|bytes| row.value(column, bytes.try_into().ok().map(Digest::from_bytes)))
        .transpose()
}

/// A column that holds one of a few names, or nothing.
fn named<T>(
    row: &Row<'_>,
    column: &'static str,
    name: Option<&str>,
    parse: fn(&str) -> Option<T>,
) -> Result<Option<T>, StorageError> {
    name.map(|name| row.value(column, parse(name))).transpose()
}

/// The client with this id.
///
/// # Errors
/// `Unavailable`, `Inconsistent`.
pub async fn find(db: &impl ConnectionTrait, id: &str) -> Result<Option<RegisteredClient>, StorageError> {
    // The id comes from a request; PostgreSQL fails on a NUL instead of finding nothing.
    if id.contains('\0') {
        return Ok(None);
    }
    let found = Entity::find_by_id(id).one(db).await?;
    found.map(RegisteredClient::try_from).transpose()
}

/// The client with this secret (Misskey's apps name themselves by it alone).
///
/// # Errors
/// `Unavailable`, `Inconsistent`.
pub async fn find_by_secret(
    db: &impl ConnectionTrait,
    secret: &Digest<ClientSecret>,
) -> Result<Option<RegisteredClient>, StorageError> {
    let found = Entity::find()
        .filter(Column::SecretDigest.eq(secret.as_bytes().to_vec()))
        .one(db)
        .await?;
    found.map(RegisteredClient::try_from).transpose()
}

/// Every client of these kinds, oldest first.
///
/// # Errors
/// `Unavailable`, `Inconsistent`.
pub async fn list(db: &impl ConnectionTrait, dialects: &[Dialect]) -> Result<Vec<RegisteredClient>, StorageError> {
    let found = Entity::find()
        .filter(Column::Dialect.is_in(dialects.iter().map(|dialect| dialect.as_str())))
        .order_by_asc(Column::CreatedAt)
        .order_by_asc(Column::Id)
        .all(db)
        .await?;
    found.into_iter().map(RegisteredClient::try_from).collect()
}

/// The list of redirect URIs as a row keeps it.
fn lines(uris: &RedirectUris) -> String {
    match uris {
        RedirectUris::Published(list) => list.iter().map(RedirectUri::as_str).collect::<Vec<_>>().join("\n"),
        RedirectUris::OwnOrigin => String::new(),
    }
}

/// Adds a client. `metadata` recognises the same registration when it comes again.
///
/// # Errors
/// `Unavailable`.
pub async fn insert(
    db: &impl ConnectionTrait,
    registered: &RegisteredClient,
    metadata: Option<[u8; 32]>,
) -> Result<(), StorageError> {
    Entity::insert(row(registered, metadata))
        .exec_without_returning(db)
        .await?;
    Ok(())
}

fn row(registered: &RegisteredClient, metadata: Option<[u8; 32]>) -> ActiveModel {
    let client = &registered.client;
    ActiveModel {
        id: Set(client.id.as_str().to_owned()),
        dialect: Set(client.dialect.as_str().to_owned()),
        name: Set(client.display.name.clone()),
        description: Set(registered.description.clone()),
        client_uri: Set(client.display.client_uri.clone()),
        logo_uri: Set(client.display.logo_uri.clone()),
        redirect_uris: Set(lines(&client.redirect_uris)),
        scope: Set(client.scope.as_ref().map(Scope::to_string).unwrap_or_default()),
        secret_digest: Set(client.secret.as_ref().map(|secret| secret.as_bytes().to_vec())),
        refreshes: Set(client.refreshes),
        auth_method: Set(registered.auth_method.map(|method| method.as_str().to_owned())),
        application_type: Set(registered.application_type.map(|kind| kind.as_str().to_owned())),
        registration_digest: Set(registered
            .registration_token
            .as_ref()
            .map(|token| token.as_bytes().to_vec())),
        metadata_digest: Set(metadata.map(|digest| digest.to_vec())),
        created_at: Set(seconds(registered.created_at)),
        approved_at: Set(registered.approved_at.map(seconds)),
    }
}

/// The public client that registered with this very metadata before, for somebody who does so again: from now on it is
/// theirs as much as the first one's. Nobody can tell the registrants apart, so none of them may manage what all of them
/// use, and its registration token ends. Unused, it is kept as long as a new one.
///
/// # Errors
/// `Unavailable`, `Inconsistent`.
pub async fn share(
    db: &impl ConnectionTrait,
    metadata: &[u8; 32],
    now: OffsetDateTime,
) -> Result<Option<RegisteredClient>, StorageError> {
    let found = Entity::find()
        .filter(Column::MetadataDigest.eq(metadata.to_vec()))
        .filter(Column::SecretDigest.is_null())
        .order_by_asc(Column::CreatedAt)
        .order_by_asc(Column::Id)
        .one(db)
        .await?;
    let Some(found) = found else { return Ok(None) };
    let shared = Entity::update_many()
        .col_expr(Column::RegistrationDigest, Expr::value(Option::<Vec<u8>>::None))
        .col_expr(Column::CreatedAt, Expr::value(seconds(now)))
        .filter(Column::Id.eq(&*found.id))
        .filter(Column::MetadataDigest.eq(metadata.to_vec()))
        .exec(db)
        .await?;
    // It may have been removed meanwhile, or say something else by now.
    if shared.rows_affected == 0 {
        return Ok(None);
    }
    Ok(Some(RegisteredClient {
        registration_token: None,
        created_at: now,
        ..RegisteredClient::try_from(found)?
    }))
}

/// Writes down what a client says of itself now. `false` when its registration is no longer managed with this token.
///
/// # Errors
/// `Unavailable`.
pub async fn replace(
    db: &impl ConnectionTrait,
    registered: &RegisteredClient,
    metadata: Option<[u8; 32]>,
    token: &Digest<RegistrationToken>,
) -> Result<bool, StorageError> {
    let id = registered.client.id.as_str();
    let changed = ActiveModel {
        id: Unchanged(id.to_owned()),
        created_at: Unchanged(seconds(registered.created_at)),
        // A person may say yes at this very moment.
        approved_at: Unchanged(registered.approved_at.map(seconds)),
        ..row(registered, metadata)
    };
    let done = Entity::update_many()
        .set(changed)
        .filter(Column::Id.eq(id))
        .filter(Column::RegistrationDigest.eq(token.as_bytes().to_vec()))
        .exec(db)
        .await?;
    Ok(done.rows_affected == 1)
}

/// Gives a confidential client another secret. `false` when there is no such client, or it is public.
///
/// # Errors
/// `Unavailable`.
pub async fn replace_secret(
    db: &impl ConnectionTrait,
    id: &str,
    secret: &Digest<ClientSecret>,
) -> Result<bool, StorageError> {
    let done = Entity::update_many()
        .col_expr(Column::SecretDigest, Expr::value(secret.as_bytes().to_vec()))
        .filter(Column::Id.eq(id))
        .filter(Column::SecretDigest.is_not_null())
        .exec(db)
        .await?;
    Ok(done.rows_affected == 1)
}

/// Removes a client, with the tokens of its own and the sessions it opened. `false` when there was none.
///
/// # Errors
/// `Unavailable`.
pub async fn delete(db: &impl ConnectionTrait, id: &str) -> Result<bool, StorageError> {
    let done = Entity::delete_by_id(id).exec(db).await?;
    Ok(done.rows_affected == 1)
}

/// Notes that a person said yes to a client: it is in use, and stays. `false` when it was removed meanwhile.
///
/// # Errors
/// `Unavailable`.
pub async fn mark_approved(db: &impl ConnectionTrait, id: &str, now: OffsetDateTime) -> Result<bool, StorageError> {
    let done = Entity::update_many()
        .col_expr(Column::ApprovedAt, Expr::value(seconds(now)))
        .filter(Column::Id.eq(id))
        .exec(db)
        .await?;
    Ok(done.rows_affected == 1)
}

/// Removes a client, as [`delete`], at the wish of whoever has this token. `false` when it is no longer the client's.
///
/// # Errors
/// `Unavailable`.
pub async fn delete_managed(
    db: &impl ConnectionTrait,
    id: &str,
    token: &Digest<RegistrationToken>,
) -> Result<bool, StorageError> {
    // The id comes from a request; PostgreSQL fails on a NUL instead of finding nothing.
    if id.contains('\0') {
        return Ok(false);
    }
    let done = Entity::delete_by_id(id)
        .filter(Column::RegistrationDigest.eq(token.as_bytes().to_vec()))
        .exec(db)
        .await?;
    Ok(done.rows_affected == 1)
}
