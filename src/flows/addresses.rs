//! Addresses of a person's own: added, looked at, proved, lapsed, removed.
//!
//! An address has one owner at a time. It is theirs while the proof is found: looked for when they ask, daily, and when an
//! app is about to get it. An answer without the proof ends it at once; only failures to look are borne for a while.

use std::collections::HashMap;
use std::net::IpAddr;
use std::time::Duration;

use time::OffsetDateTime;

use crate::discovery::RECORD_LABEL;
use crate::discovery::proof::{Claim, Finding, Look, ProvedBy, RECORD, Verdict};
use crate::oauth::grant::{Owner, UserId};
use crate::oauth::metadata::METADATA;
use crate::oauth::profile::{NotOwn, ProfileUrl};
use crate::storage::audit::{self, AuditEvent, NewEvent};
use crate::storage::profile_urls::{self, Checked, OwnAddress};
use crate::storage::{Connection, StorageError, grants, users};

use super::{FlowError, Flows};

mod again;

/// Most addresses of one person.
const MAX_ADDRESSES: u64 = 20;

/// Failures to look are borne this long.
const FAILING_BORNE: Duration = Duration::from_secs(7 * 24 * 60 * 60);

/// What came of adding an address.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Added {
    /// It waits to be proved, under this id.
    Yes(String),
    /// The person has it already.
    Already(String),
    /// The person has as many as one may have.
    TooMany,
    /// It cannot be anybody's own.
    Not(NotOwn),
}

/// What came of a look that somebody asked for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum LookedAt {
    /// It was done, and what it found is in the list.
    Yes,
    /// There is no such address any more.
    Gone,
    /// Too many were asked for.
    TooMany(Duration),
}

/// Whether an address is somebody's now.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Standing {
    /// It is proved.
    Proved,
    /// It was, or might be.
    Unproved,
    /// They never said that it is theirs.
    Unknown,
}

/// One of a person's own addresses, as they see it.
#[derive(Debug)]
pub struct Address {
    /// What its buttons send.
    pub id: String,
    /// The address.
    pub url: ProfileUrl,
    /// How it is proved, while it is.
    pub proved_by: Option<ProvedBy>,
    /// When it was last proved.
    pub proved_at: Option<OffsetDateTime>,
    /// When it was last looked at.
    pub checked_at: Option<OffsetDateTime>,
    /// Since when looking fails.
    pub failing_since: Option<OffsetDateTime>,
    /// What the last look found.
    pub findings: Vec<Finding>,
    /// So many apps know the person by it.
    pub apps: usize,
    /// Name and value of a DNS record that proves it, where there can be one.
    pub record: Option<(String, String)>,
}

/// The lines that prove an address.
#[derive(Debug, Clone)]
pub struct Lines {
    /// In the head of the page: leads apps to this server.
    pub metadata: String,
    /// Beside it: names the person.
    pub me: String,
    /// The same two as a header.
    pub header: String,
}

impl Flows {
    /// What to put on a page of `owner`'s own.
    pub fn lines(&self, owner: &Owner) -> Lines {
        let (metadata, me) = (format!("{}{METADATA}", self.policy.issuer), self.me(owner));
        let me = me.as_str();
        Lines {
            metadata: format!(r#"<link rel="indieauth-metadata" href="{metadata}">"#),
            me: format!(r#"<link rel="me" href="{me}">"#),
            header: format!(r#"Link: <{metadata}>; rel="indieauth-metadata", <{me}>; rel="me""#),
        }
    }

    /// The addresses of `owner`'s own.
    ///
    /// # Errors
    /// Failures of ours only.
    pub async fn own_addresses(&self, owner: &Owner) -> Result<Vec<Address>, FlowError> {
        let listed = profile_urls::list(self.store.reader(), &owner.user_id).await?;
        let mut apps: HashMap<Vec<u8>, usize> = HashMap::new();
        if !listed.is_empty() {
            for (digest, _) in profile_urls::clients_by_address(self.store.reader(), &owner.user_id).await? {
                *apps.entry(digest).or_default() += 1;
            }
        }
        let address = |row: OwnAddress| Address {
            apps: apps.get(row.url.digest().as_slice()).copied().unwrap_or_default(),
            record: self.record(&row.url, owner),
            proved_by: row
                .proved_by
                .as_deref()
                .and_then(ProvedBy::parse)
                .filter(|_| row.is_held),
            proved_at: row.proved_at,
            checked_at: row.checked_at,
            failing_since: row.failing_since,
            findings: Finding::parse_all(&row.finding),
            url: row.url,
            id: row.id,
        };
        Ok(listed.into_iter().map(address).collect())
    }

    /// A record of a host proves the address of the host itself. This machine has none.
    fn record(&self, address: &ProfileUrl, owner: &Owner) -> Option<(String, String)> {
        let url = address.url()?;
        let host = url.domain().filter(|host| host.contains('.'))?;
        let is_root = url.path() == "/" && url.query().is_none();
        is_root.then(|| {
            let value = format!("{RECORD}{}", self.me(owner).as_str());
            (format!("{RECORD_LABEL}.{host}"), value)
        })
    }

    /// Every address that `owner` may be to an app: the one of this server, and their own that are proved.
    ///
    /// # Errors
    /// Failures of ours only.
    pub async fn addresses(&self, owner: &Owner) -> Result<Vec<ProfileUrl>, FlowError> {
        let held = profile_urls::held(self.store.reader(), &owner.user_id).await?;
        let own = held.into_iter().map(|address| address.url);
        Ok(std::iter::once(self.me(owner)).chain(own).collect())
    }

    /// Adds an address, not proved yet.
    ///
    /// # Errors
    /// Failures of ours only.
    pub async fn add_address(&self, owner: &Owner, typed: &str) -> Result<Added, FlowError> {
        let url = match ProfileUrl::own(typed, &self.policy.issuer) {
            Ok(url) => url,
            Err(why) => return Ok(Added::Not(why)),
        };
        let tx = self.store.begin().await?;
        // Held, so that two at once are not one more than there may be.
        users::hold(&*tx, &owner.user_id).await?;
        if let Some(known) = profile_urls::find_url(&*tx, &owner.user_id, &url).await? {
            return Ok(Added::Already(known.id));
        }
        if profile_urls::count(&*tx, &owner.user_id).await? >= MAX_ADDRESSES {
            return Ok(Added::TooMany);
        }
        let id = profile_urls::insert(&*tx, &owner.user_id, &url, self.now()).await?;
        tx.commit().await?;
        Ok(Added::Yes(id.unwrap_or_default()))
    }

    /// Looks at an address now. `source` is where the person's browser is: looks are counted by it.
    ///
    /// # Errors
    /// Failures of ours only.
    pub async fn check_address(&self, owner: &Owner, id: &str, source: IpAddr) -> Result<LookedAt, FlowError> {
        let Some(address) = profile_urls::find(self.store.reader(), &owner.user_id, id).await? else {
            return Ok(LookedAt::Gone);
        };
        let began_at = self.now();
        match self.discovery.look(&address.url, Some(source)).await {
            Ok(look) => {
                self.conclude(&address, &look, began_at).await?;
                Ok(LookedAt::Yes)
            }
            Err(wait) => Ok(LookedAt::TooMany(wait)),
        }
    }

    /// Looks at an address for somebody, and changes nothing.
    ///
    /// # Errors
    /// Failures of ours only.
    pub async fn inspect_address(
        &self,
        owner: &Owner,
        address: &ProfileUrl,
    ) -> Result<(Verdict, Vec<Finding>), FlowError> {
        let Ok(look) = self.discovery.look(address, None).await else {
            return Ok((Verdict::Inconclusive, vec![Finding::Busy]));
        };
        let hosted = self.me(owner);
        let claim = self.claim(&hosted, None).await?;
        Ok((look.verdict(claim), look.findings(claim)))
    }

    /// Removes an address, and ends what apps got that know the person by it.
    ///
    /// # Errors
    /// Failures of ours only; then nothing happened.
    pub async fn remove_address(&self, owner: &Owner, id: &str) -> Result<(), FlowError> {
        let (now, user_id) = (self.now(), &owner.user_id);
        let tx = self.store.begin().await?;
        let Some(address) = profile_urls::find(&*tx, user_id, id).await? else {
            return Ok(());
        };
        if profile_urls::delete(&*tx, user_id, id).await? {
            grants::revoke_all_by(&*tx, user_id, &address.url, now).await?;
            write(&*tx, AuditEvent::AddressRemoved, user_id, &address.url, now).await?;
        }
        tx.commit().await?;
        Ok(())
    }

    async fn claim<'a>(&'a self, hosted: &'a ProfileUrl, held_by: Option<ProvedBy>) -> Result<Claim<'a>, StorageError> {
        Ok(Claim {
            issuer: &self.policy.issuer,
            hosted,
            is_only_person: profile_urls::is_only_person(self.store.reader()).await?,
            held_by,
        })
    }

    /// Draws the consequences of a look. Says whether the address is proved now.
    async fn conclude(
        &self,
        address: &OwnAddress,
        look: &Look,
        began_at: OffsetDateTime,
    ) -> Result<bool, StorageError> {
        let Some(user) = users::find(self.store.reader(), &address.user_id).await? else {
            return Ok(false);
        };
        let hosted = ProfileUrl::hosted(&self.policy.issuer, &user.username);
        let held_by = address.proved_by.as_deref().and_then(ProvedBy::parse);
        let claim = self.claim(&hosted, held_by.filter(|_| address.is_held)).await?;
        let verdict = look.verdict(claim);
        let finding = names(&look.findings(claim));
        let checked = Checked {
            finding: &finding,
            began_at,
            now: self.now(),
        };
        let is_borne = address
            .failing_since
            .is_none_or(|since| checked.now - since < FAILING_BORNE);
        match verdict {
            Verdict::Proved(by) => self.prove(address, by, look, checked).await,
            Verdict::Kept => {
                profile_urls::mark_checked(self.store.writer(), address, false, checked).await?;
                self.is_held_now(address).await
            }
            Verdict::Inconclusive if address.is_held && is_borne => {
                profile_urls::mark_checked(self.store.writer(), address, true, checked).await?;
                Ok(true)
            }
            Verdict::Absent | Verdict::Inconclusive if address.is_held => self.lapse(address, checked).await,
            Verdict::Absent | Verdict::Inconclusive => {
                profile_urls::mark_checked(self.store.writer(), address, false, checked).await?;
                Ok(false)
            }
        }
    }

    /// Writes a proof down, unless somebody else's holds. The same look says whether it still does: whoever has given an
    /// address up must not keep it from the next one.
    async fn prove(
        &self,
        address: &OwnAddress,
        by: ProvedBy,
        look: &Look,
        checked: Checked<'_>,
    ) -> Result<bool, StorageError> {
        let other = profile_urls::holder(self.store.reader(), &address.url).await?;
        if let Some(other) = other.filter(|other| other.id != address.id)
            && Box::pin(self.conclude(&other, look, checked.began_at)).await?
        {
            return self.refuse_held(address, checked).await;
        }
        let tx = self.store.begin().await?;
        let Some(is_new) = profile_urls::mark_proved(&*tx, address, by.as_str(), checked).await? else {
            drop(tx);
            return self.refuse_held(address, checked).await;
        };
        if is_new {
            write(
                &*tx,
                AuditEvent::AddressProved,
                &address.user_id,
                &address.url,
                checked.now,
            )
            .await?;
        }
        tx.commit().await?;
        Ok(true)
    }

    async fn refuse_held(&self, address: &OwnAddress, checked: Checked<'_>) -> Result<bool, StorageError> {
        let finding = Finding::Held.as_str();
        let checked = Checked { finding, ..checked };
        profile_urls::mark_checked(self.store.writer(), address, false, checked).await?;
        Ok(false)
    }

    async fn lapse(&self, address: &OwnAddress, checked: Checked<'_>) -> Result<bool, StorageError> {
        let tx = self.store.begin().await?;
        if profile_urls::mark_lapsed(&*tx, address, checked).await? {
            write(
                &*tx,
                AuditEvent::AddressLapsed,
                &address.user_id,
                &address.url,
                checked.now,
            )
            .await?;
            tx.commit().await?;
            return Ok(false);
        }
        // Somebody else has looked meanwhile.
        drop(tx);
        self.is_held_now(address).await
    }

    async fn is_held_now(&self, address: &OwnAddress) -> Result<bool, StorageError> {
        let now = profile_urls::find(self.store.reader(), &address.user_id, &address.id).await?;
        Ok(now.is_some_and(|now| now.is_held))
    }
}

async fn write(
    db: &impl Connection,
    event: AuditEvent,
    user_id: &UserId,
    address: &ProfileUrl,
    now: OffsetDateTime,
) -> Result<(), StorageError> {
    let detail = Some(address.as_str());
    let own = NewEvent::own(event, user_id);
    audit::write(db, &NewEvent { detail, ..own }, now).await
}

fn names(findings: &[Finding]) -> String {
    let names: Vec<&str> = findings.iter().map(|finding| finding.as_str()).collect();
    names.join(" ")
}
