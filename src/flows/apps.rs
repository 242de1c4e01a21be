//! Which apps a person let in, and the end of it.

use time::OffsetDateTime;

use crate::oauth::client::ClientId;
use crate::oauth::dialect::Dialect;
use crate::oauth::grant::{Owner, RevokedBecause, Stage, TokenPlan};
use crate::oauth::profile::ProfileUrl;
use crate::oauth::redirect_uri::RedirectUri;
use crate::oauth::scope::Scope;
use crate::storage::audit::{self, AuditEvent};
use crate::storage::consents::{self, Consent};
use crate::storage::grants;
use crate::storage::grants::used::{self, UsedGrant};
use crate::storage::purge::ENDED_KEPT;

use super::{FlowError, Flows};

/// One app that a person let in, or that was ended for their safety.
#[derive(Debug)]
pub struct App {
    /// Its identity.
    pub client_id: ClientId,
    /// Which kind of client it is.
    pub dialect: Dialect,
    /// What it calls itself.
    pub name: Option<String>,
    /// By which addresses it knows the person, the latest first; none of a yes that is only remembered.
    pub me: Vec<ProfileUrl>,
    /// What it may do. Empty: it only learned who the person is.
    pub scope: Scope,
    /// Where the last answer went, or what was opened after it.
    pub redirect_uri: RedirectUri,
    /// The answer itself went nowhere: the app asked for it.
    pub asked: bool,
    /// When the person last said yes.
    pub since: OffsetDateTime,
    /// When it last used a token, to the minute.
    pub last_used_at: Option<OffsetDateTime>,
    /// When its last token ends; `None` until revoked.
    pub expires_at: Option<OffsetDateTime>,
    /// It has no token now, but would get one for this scope without asking.
    pub remembered: bool,
    /// Why it was ended, and when.
    pub ended: Option<(RevokedBecause, OffsetDateTime)>,
}

impl Flows {
    /// The apps `owner` let in, latest first, each once; and those that were ended in the last weeks without the
    /// person or the app asking for it.
    ///
    /// # Errors
    /// Failures of ours only.
    pub async fn apps(&self, owner: &Owner) -> Result<Vec<App>, FlowError> {
        let now = self.now();
        let grants = used::used_by(self.store.reader(), &owner.user_id, now, now - ENDED_KEPT).await?;
        let consents = consents::list(self.store.reader(), &owner.user_id, now).await?;
        let mut apps: Vec<App> = Vec::new();
        for app in grants.into_iter().filter_map(|used| self.app_of(used)) {
            match apps.iter_mut().find(|known| known.is_same_as(&app)) {
                Some(known) => known.join(&app),
                None => apps.push(app),
            }
        }
        for consent in consents {
            if !apps
                .iter()
                .any(|known| known.client_id == consent.client_id && known.ended.is_none())
            {
                apps.push(remembered(consent));
            }
        }
        // What was ended without a fault of the app's is over once the person let it in again.
        let live = apps.iter().filter(|app| app.ended.is_none());
        let live: Vec<ClientId> = live.map(|app| app.client_id.clone()).collect();
        apps.retain(|app| !app.ended_calmly() || !live.contains(&app.client_id));
        apps.sort_by_key(|app| std::cmp::Reverse(app.since));
        Ok(apps)
    }

    /// Ends everything `owner` ever gave to this client: tokens, codes on their way, and the remembered answer.
    ///
    /// # Errors
    /// Failures of ours only; then nothing ended.
    pub async fn end_access(&self, owner: &Owner, client_id: &str) -> Result<(), FlowError> {
        let now = self.now();
        let tx = self.store.begin().await?;
        // First the remembered answer: who is just approving by it finishes, and is then seen below.
        consents::forget(&*tx, &owner.user_id, client_id).await?;
        let ended = grants::revoke_all_for(&*tx, &owner.user_id, client_id, now).await?;
        if ended > 0 {
            audit::insert(&*tx, AuditEvent::AccessRevoked, &owner.user_id, client_id, now).await?;
        }
        tx.commit().await?;
        Ok(())
    }

    /// Ends everything `owner` ever gave to any client.
    ///
    /// # Errors
    /// Failures of ours only; then nothing ended.
    pub async fn end_all_access(&self, owner: &Owner) -> Result<(), FlowError> {
        let (now, apps) = (self.now(), self.apps(owner).await?);
        let tx = self.store.begin().await?;
        consents::forget_all(&*tx, &owner.user_id).await?;
        for app in apps.iter().filter(|app| app.ended.is_none()) {
            let client_id = app.client_id.as_str();
            if grants::revoke_all_for(&*tx, &owner.user_id, client_id, now).await? > 0 {
                audit::insert(&*tx, AuditEvent::AccessRevoked, &owner.user_id, client_id, now).await?;
            }
        }
        // What is in no list yet: codes on their way.
        grants::revoke_all_of(&*tx, &owner.user_id, RevokedBecause::Owner, now).await?;
        tx.commit().await?;
        Ok(())
    }

    /// What a grant shows as; nothing when the person or the app ended it themselves.
    fn app_of(&self, used: UsedGrant) -> Option<App> {
        let Stage::Redeemed(approval, redeemed_at) = used.grant.stage.clone() else {
            return None;
        };
        let ended = match used.revoked_because.zip(used.grant.revoked_at) {
            Some((RevokedBecause::Owner | RevokedBecause::Client | RevokedBecause::ClientRemoved, _)) => return None,
            ended => ended,
        };
        let expires_at = match self.plan(&used.grant, &approval) {
            TokenPlan::Refreshing => used.tokens_until,
            TokenPlan::Single(life) | TokenPlan::Rotating(life) => life.map(|life| redeemed_at + life),
        };
        Some(App {
            client_id: used.grant.client.id,
            dialect: used.grant.client.dialect,
            name: used.grant.client.name,
            me: vec![used.grant.me],
            scope: approval.scope,
            redirect_uri: used.grant.redirect_uri,
            asked: used.grant.session.is_some(),
            since: approval.approved_at,
            last_used_at: used.last_used_at,
            expires_at,
            ended,
            remembered: false,
        })
    }
}

impl App {
    /// Several that were ended show as one, too, but nothing hides that somebody may have copied a key.
    fn is_same_as(&self, other: &App) -> bool {
        let stands = |app: &App| (app.ended.is_some(), app.ended_calmly());
        self.client_id == other.client_id && stands(self) == stands(other)
    }

    /// Whether it was ended, and nobody may have copied a key of it.
    fn ended_calmly(&self) -> bool {
        self.ended.is_some_and(|(because, _)| {
            matches!(
                because,
                RevokedBecause::HostBlocked | RevokedBecause::Disabled | RevokedBecause::PasswordChange
            )
        })
    }

    /// Several approvals of one app show as one: it may do what any of them lets it do, as long as any of them lasts.
    fn join(&mut self, earlier: &App) {
        self.scope = self.scope.iter().chain(earlier.scope.iter()).cloned().collect();
        let other = earlier.me.iter().filter(|me| !self.me.contains(me)).cloned();
        self.me = self.me.iter().cloned().chain(other).collect();
        self.last_used_at = self.last_used_at.max(earlier.last_used_at);
        self.expires_at = self.expires_at.zip(earlier.expires_at).map(|(a, b)| a.max(b));
    }
}

/// An app that has no token, but whose yes is remembered.
fn remembered(consent: Consent) -> App {
    App {
        client_id: consent.client_id,
        dialect: consent.dialect,
        name: consent.client_name,
        me: Vec::new(),
        scope: consent.scope,
        redirect_uri: consent.redirect_uri,
        asked: false,
        since: consent.approved_at,
        last_used_at: None,
        expires_at: Some(consent.expires_at),
        ended: None,
        remembered: true,
    }
}
