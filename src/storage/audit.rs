//! What happened to an account that its owner may want to know.

use std::time::Duration;

use entity::audit_events::{ActiveModel, Column, Entity};
use entity::grants;
use sea_orm::sea_query::{Expr, ExprTrait as _, Query};
use sea_orm::{ActiveValue::Set, ColumnTrait, ConnectionTrait, EntityTrait, QueryFilter, QueryOrder, QuerySelect};
use time::OffsetDateTime;

use super::{Row, StorageError, seconds};
use crate::oauth::grant::{GrantId, UserId};
use crate::oauth::secret::random_id;

const HOUR: Duration = Duration::from_secs(60 * 60);

/// Every event.
pub const ALL: [AuditEvent; 35] = [
    AuditEvent::CodeReused,
    AuditEvent::RefreshTokenReused,
    AuditEvent::AccessRevoked,
    AuditEvent::SignedIn,
    AuditEvent::Approved,
    AuditEvent::Denied,
    AuditEvent::SessionsEnded,
    AuditEvent::PasswordChanged,
    AuditEvent::PasswordSet,
    AuditEvent::SecondFactorOn,
    AuditEvent::AuthenticatorAdded,
    AuditEvent::SecondFactorOff,
    AuditEvent::SecondFactorReset,
    AuditEvent::RecoveryCodeUsed,
    AuditEvent::RecoveryCodesReplaced,
    AuditEvent::SignedUp,
    AuditEvent::PasskeyAdded,
    AuditEvent::PasskeyRemoved,
    AuditEvent::SignInReset,
    AuditEvent::SecondFactorLocked,
    AuditEvent::AddressProved,
    AuditEvent::AddressLapsed,
    AuditEvent::AddressRemoved,
    AuditEvent::ProfileChanged,
    AuditEvent::EmailVerified,
    AuditEvent::Disabled,
    AuditEvent::Enabled,
    AuditEvent::Promoted,
    AuditEvent::Demoted,
    AuditEvent::Invited,
    AuditEvent::HostRuled,
    AuditEvent::InvitationWithdrawn,
    AuditEvent::PasswordLinkMade,
    AuditEvent::PasswordLinkUsed,
    AuditEvent::ClientRemoved,
];

/// Something that happened, as its person sees it.
#[derive(Debug, Clone)]
pub struct Happened {
    /// What.
    pub event: AuditEvent,
    /// Which client it concerns.
    pub client_id: Option<String>,
    /// What it concerns besides: an address, a host, a name.
    pub detail: Option<String>,
    /// When.
    pub at: OffsetDateTime,
}

/// An event to write down.
#[derive(Debug, Clone, Copy)]
pub struct NewEvent<'a> {
    /// What happened.
    pub event: AuditEvent,
    /// To whose account.
    pub user_id: &'a UserId,
    /// Which client it concerns.
    pub client_id: Option<&'a str>,
    /// Which operator did it; none: the person, or the command line.
    pub actor_id: Option<&'a UserId>,
    /// What it concerns besides: an address, a host, a name.
    pub detail: Option<&'a str>,
}

impl<'a> NewEvent<'a> {
    /// What a person did with their own account.
    pub fn own(event: AuditEvent, user_id: &'a UserId) -> NewEvent<'a> {
        NewEvent {
            event,
            user_id,
            client_id: None,
            actor_id: None,
            detail: None,
        }
    }
}

/// Which part of a list.
#[derive(Debug, Clone, Copy)]
pub struct Page {
    /// So many are left out.
    pub skip: u64,
    /// So many are given at most.
    pub take: u64,
}

/// What happened.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum AuditEvent {
    /// A code was redeemed twice, and what it gave was revoked.
    CodeReused,
    /// A refresh token was used twice, and its family was revoked.
    RefreshTokenReused,
    /// The person ended an app's access.
    AccessRevoked,
    /// Somebody signed in.
    SignedIn,
    /// The person was asked about an app and let it in.
    Approved,
    /// The person said no to an app.
    Denied,
    /// Sessions were ended from another one.
    SessionsEnded,
    /// The person changed the password.
    PasswordChanged,
    /// The operator set the password.
    PasswordSet,
    /// The second step was turned on.
    SecondFactorOn,
    /// An authenticator app was added to a second step that rested on passkeys.
    AuthenticatorAdded,
    /// The second step was turned off.
    SecondFactorOff,
    /// The operator turned it off.
    SecondFactorReset,
    /// A recovery code was used.
    RecoveryCodeUsed,
    /// There are other recovery codes.
    RecoveryCodesReplaced,
    /// The person made the account, with an invitation or without.
    SignedUp,
    /// A passkey was added.
    PasskeyAdded,
    /// A passkey was removed.
    PasskeyRemoved,
    /// The operator removed passkeys, second step and recovery codes.
    SignInReset,
    /// Too many wrong codes were tried by somebody who knew the password.
    SecondFactorLocked,
    /// An address was proved to be theirs.
    AddressProved,
    /// The proof of an address is not there any more.
    AddressLapsed,
    /// The person removed an address.
    AddressRemoved,
    /// The person changed what they tell of themselves.
    ProfileChanged,
    /// The operator found that the e-mail address is theirs.
    EmailVerified,
    /// The operator shut the person out.
    Disabled,
    /// The operator let the person in again.
    Enabled,
    /// The person became an operator.
    Promoted,
    /// The person is an operator no more.
    Demoted,
    /// The operator made an invitation.
    Invited,
    /// The operator took an invitation back.
    InvitationWithdrawn,
    /// The operator decided about the apps of a host.
    HostRuled,
    /// The operator made a link with which the person chooses another password.
    PasswordLinkMade,
    /// The person chose another password with that link.
    PasswordLinkUsed,
    /// The operator removed a registered client.
    ClientRemoved,
}

impl AuditEvent {
    /// The name in the row.
    pub fn as_str(self) -> &'static str {
        match self {
            AuditEvent::CodeReused => "code_reused",
            AuditEvent::RefreshTokenReused => "refresh_token_reused",
            AuditEvent::AccessRevoked => "access_revoked",
            AuditEvent::SignedIn => "signed_in",
            AuditEvent::Approved => "approved",
            AuditEvent::Denied => "denied",
            AuditEvent::SessionsEnded => "sessions_ended",
            AuditEvent::PasswordChanged => "password_changed",
            AuditEvent::PasswordSet => "password_set",
            AuditEvent::SecondFactorOn => "second_factor_on",
            AuditEvent::AuthenticatorAdded => "authenticator_added",
            AuditEvent::SecondFactorOff => "second_factor_off",
            AuditEvent::SecondFactorReset => "second_factor_reset",
            AuditEvent::RecoveryCodeUsed => "recovery_code_used",
            AuditEvent::RecoveryCodesReplaced => "recovery_codes_replaced",
            AuditEvent::SignedUp => "signed_up",
            AuditEvent::PasskeyAdded => "passkey_added",
            AuditEvent::PasskeyRemoved => "passkey_removed",
            AuditEvent::SignInReset => "sign_in_reset",
            AuditEvent::SecondFactorLocked => "second_factor_locked",
            AuditEvent::AddressProved => "address_proved",
            AuditEvent::AddressLapsed => "address_lapsed",
            AuditEvent::AddressRemoved => "address_removed",
            AuditEvent::ProfileChanged => "profile_changed",
            AuditEvent::EmailVerified => "email_verified",
            AuditEvent::Disabled => "disabled",
            AuditEvent::Enabled => "enabled",
            AuditEvent::Promoted => "promoted",
            AuditEvent::Demoted => "demoted",
            AuditEvent::Invited => "invited",
            AuditEvent::InvitationWithdrawn => "invitation_withdrawn",
            AuditEvent::HostRuled => "host_ruled",
            AuditEvent::PasswordLinkMade => "password_link_made",
            AuditEvent::PasswordLinkUsed => "password_link_used",
            AuditEvent::ClientRemoved => "client_removed",
        }
    }

    /// Reads the name in the row.
    pub fn parse(name: &str) -> Option<AuditEvent> {
        ALL.into_iter().find(|event| event.as_str() == name)
    }
}

/// Writes an event down.
///
/// # Errors
/// `Unavailable`.
pub async fn insert(
    db: &impl ConnectionTrait,
    event: AuditEvent,
    user_id: &UserId,
    client_id: &str,
    now: OffsetDateTime,
) -> Result<(), StorageError> {
    let client_id = Some(client_id);
    let own = NewEvent::own(event, user_id);
    write(db, &NewEvent { client_id, ..own }, now).await
}

/// Writes an event down that concerns no client.
///
/// # Errors
/// `Unavailable`.
pub async fn insert_own(
    db: &impl ConnectionTrait,
    event: AuditEvent,
    user_id: &UserId,
    now: OffsetDateTime,
) -> Result<(), StorageError> {
    write(db, &NewEvent::own(event, user_id), now).await
}

/// Writes an event down that says nothing new when it is repeated: not within an hour of the last of its kind.
///
/// # Errors
/// `Unavailable`.
pub async fn insert_own_hourly(
    db: &impl ConnectionTrait,
    event: AuditEvent,
    user_id: &UserId,
    now: OffsetDateTime,
) -> Result<(), StorageError> {
    let lately = Query::select()
        .expr(Expr::value(1))
        .from(Entity)
        .and_where(Column::UserId.eq(&*user_id.0))
        .and_where(Column::Kind.eq(event.as_str()))
        .and_where(Column::OccurredAt.gt(seconds(now - HOUR)))
        .to_owned();
    let new = Query::select()
        .expr(Expr::value(random_id(&mut rand::rng())))
        .expr(Expr::value(seconds(now)))
        .expr(Expr::value(&*user_id.0))
        .expr(Expr::value(event.as_str()))
        .and_where(Expr::exists(lately).not())
        .to_owned();
    let columns = [Column::Id, Column::OccurredAt, Column::UserId, Column::Kind];
    let mut insert = Query::insert().into_table(Entity).columns(columns).to_owned();
    insert
        .select_from(new)
        .map_err(|error| sea_orm::DbErr::Custom(error.to_string()))?;
    db.execute(&insert).await?;
    Ok(())
}

/// Writes an event down about the person and the client of a grant.
///
/// # Errors
/// `Unavailable`.
pub async fn insert_about_grant(
    db: &impl ConnectionTrait,
    event: AuditEvent,
    id: &GrantId,
    now: OffsetDateTime,
) -> Result<(), StorageError> {
    let of_grant = Query::select()
        .expr(Expr::value(random_id(&mut rand::rng())))
        .expr(Expr::value(seconds(now)))
        .column(grants::Column::UserId)
        .expr(Expr::value(event.as_str()))
        .column(grants::Column::ClientId)
        .from(grants::Entity)
        .and_where(grants::Column::Id.eq(&*id.0))
        .to_owned();
    let columns = [
        Column::Id,
        Column::OccurredAt,
        Column::UserId,
        Column::Kind,
        Column::ClientId,
    ];
    let mut insert = Query::insert().into_table(Entity).columns(columns).to_owned();
    insert
        .select_from(of_grant)
        .map_err(|error| sea_orm::DbErr::Custom(error.to_string()))?;
    db.execute(&insert).await?;
    Ok(())
}

/// A part of what happened to a person's account, newest first.
///
/// # Errors
/// `Unavailable`, `Inconsistent`.
pub async fn of_user(db: &impl ConnectionTrait, user_id: &UserId, page: Page) -> Result<Vec<Happened>, StorageError> {
    let found = Entity::find()
        .filter(Column::UserId.eq(&*user_id.0))
        .order_by_desc(Column::OccurredAt)
        .order_by_desc(Column::Id)
        .offset(page.skip)
        .limit(page.take)
        .all(db)
        .await?;
    let happened = |model: entity::audit_events::Model| {
        let row = Row {
            table: "audit_events",
            id: &model.id,
        };
        Ok(Happened {
            event: row.value("kind", AuditEvent::parse(&model.kind))?,
            at: row.time("occurred_at", model.occurred_at)?,
            client_id: model.client_id,
            detail: model.detail,
        })
    };
    found.into_iter().map(happened).collect()
}

/// Writes an event down with all that is known of it.
///
/// # Errors
/// `Unavailable`.
pub async fn write(db: &impl ConnectionTrait, new: &NewEvent<'_>, now: OffsetDateTime) -> Result<(), StorageError> {
    let row = ActiveModel {
        id: Set(random_id(&mut rand::rng())),
        occurred_at: Set(seconds(now)),
        user_id: Set(new.user_id.0.clone()),
        kind: Set(new.event.as_str().to_owned()),
        client_id: Set(new.client_id.map(str::to_owned)),
        actor_id: Set(new.actor_id.map(|actor| actor.0.clone())),
        detail: Set(new.detail.map(str::to_owned)),
    };
    Entity::insert(row).exec_without_returning(db).await?;
    Ok(())
}
