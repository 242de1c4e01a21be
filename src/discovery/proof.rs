//! Whose an address is, by what its page and its DNS records say. Pure: the looking is in [`look`](super::look).
//!
//! IndieAuth "Discovery by Clients" (11 July 2024) and microformats' `rel=me`. A page that leads apps to this server says
//! which server answers for it, and not which person: on a server with several people anybody could claim it. So it is a
//! proof only where there is no other person; else the page, or a DNS record of its host, must name the person. Whoever has
//! proved an address that way keeps it when others come, while the page leads here and names none of them: an account that
//! somebody makes must not cost others what is theirs.

use url::Url;

use super::links::PageLinks;
use super::refusal::{Refusal, Step};
use crate::oauth::metadata::{METADATA, METADATA_ALIAS};
use crate::oauth::policy::Issuer;
use crate::oauth::profile::ProfileUrl;

/// How an address was proved.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ProvedBy {
    /// Its page leads apps to this server, on which there is one person.
    Server,
    /// Its page names the person's page here.
    Page,
    /// A DNS record of its host does.
    Dns,
}

impl ProvedBy {
    /// The name in the row.
    pub fn as_str(self) -> &'static str {
        match self {
            ProvedBy::Server => "server",
            ProvedBy::Page => "page",
            ProvedBy::Dns => "dns",
        }
    }

    /// Reads the name in the row.
    pub fn parse(text: &str) -> Option<ProvedBy> {
        let all = [ProvedBy::Server, ProvedBy::Page, ProvedBy::Dns];
        all.into_iter().find(|by| by.as_str() == text)
    }
}

/// One thing a look found. Its name is the end of a message that says what to do.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Finding {
    /// The page names the person, and leads apps to this server.
    Found,
    /// The page names the person, but leads apps nowhere.
    AppsLost,
    /// The page names the person, but leads apps to another server.
    AppsElsewhere,
    /// The page leads apps to this server, whose only person this is.
    OnlyServer,
    /// The page leads apps to this server, and the address was proved while this was its only person.
    Kept,
    /// The page leads apps to this server, but does not name the person.
    NotYou,
    /// The page names somebody else on this server.
    AnotherPerson,
    /// The page leads apps to another server.
    Elsewhere,
    /// The page has neither line.
    Nothing,
    /// The address answers with a redirect.
    Redirect,
    /// There is no page at the address.
    Missing,
    /// Its host answered with an error.
    Status,
    /// A bot check answered in place of the page.
    BotCheck,
    /// Its host is unknown, or one that this server does not fetch from.
    Unknown,
    /// It could not be reached.
    Unreachable,
    /// It did not answer in time.
    Slow,
    /// The page could not be read.
    Unreadable,
    /// This server had no time to look.
    Busy,
    /// A DNS record names the person.
    DnsFound,
    /// A DNS record names somebody else.
    DnsOther,
    /// There is no such DNS record.
    DnsNothing,
    /// The DNS did not answer.
    DnsSilent,
    /// It was proved, but somebody else here holds it.
    Held,
}

impl Finding {
    /// Every finding, for tables that must be complete.
    pub const ALL: [Finding; 23] = [
        Finding::Found,
        Finding::AppsLost,
        Finding::AppsElsewhere,
        Finding::OnlyServer,
        Finding::Kept,
        Finding::NotYou,
        Finding::AnotherPerson,
        Finding::Elsewhere,
        Finding::Nothing,
        Finding::Redirect,
        Finding::Missing,
        Finding::Status,
        Finding::BotCheck,
        Finding::Unknown,
        Finding::Unreachable,
        Finding::Slow,
        Finding::Unreadable,
        Finding::Busy,
        Finding::DnsFound,
        Finding::DnsOther,
        Finding::DnsNothing,
        Finding::DnsSilent,
        Finding::Held,
    ];

    /// The name in the row, and the end of the message's key.
    pub fn as_str(self) -> &'static str {
        match self {
            Finding::Found => "found",
            Finding::AppsLost => "apps_lost",
            Finding::AppsElsewhere => "apps_elsewhere",
            Finding::OnlyServer => "only_server",
            Finding::Kept => "kept",
            Finding::NotYou => "not_you",
            Finding::AnotherPerson => "another_person",
            Finding::Elsewhere => "elsewhere",
            Finding::Nothing => "nothing",
            Finding::Redirect => "redirect",
            Finding::Missing => "missing",
            Finding::Status => "status",
            Finding::BotCheck => "bot_check",
            Finding::Unknown => "unknown",
            Finding::Unreachable => "unreachable",
            Finding::Slow => "slow",
            Finding::Unreadable => "unreadable",
            Finding::Busy => "busy",
            Finding::DnsFound => "dns_found",
            Finding::DnsOther => "dns_other",
            Finding::DnsNothing => "dns_nothing",
            Finding::DnsSilent => "dns_silent",
            Finding::Held => "held",
        }
    }

    /// Reads the names in a row; what is no finding any more is left out.
    pub fn parse_all(text: &str) -> Vec<Finding> {
        let find = |name: &str| Finding::ALL.into_iter().find(|finding| finding.as_str() == name);
        text.split_whitespace().filter_map(find).collect()
    }

    /// What a refused fetch means to the person whose page it is.
    pub(crate) fn of(refusal: &Refusal) -> Finding {
        match refusal.step {
            Step::Url | Step::Port | Step::Resolve => Finding::Unknown,
            Step::Connect => Finding::Unreachable,
            Step::Timeout => Finding::Slow,
            Step::Redirect => Finding::Redirect,
            Step::BotCheck => Finding::BotCheck,
            Step::Status if matches!(refusal.status, Some(404 | 410)) => Finding::Missing,
            Step::Status => Finding::Status,
            Step::MediaType
            | Step::Size
            | Step::Encoding
            | Step::Document
            | Step::Page
            | Step::ClientIdMismatch
            | Step::SharedSecret
            | Step::RedirectUris => Finding::Unreadable,
        }
    }

    /// Whether it is an answer: what it does not have is not there. The others are failures to look.
    fn is_answer(self) -> bool {
        !matches!(
            self,
            Finding::Status
                | Finding::BotCheck
                | Finding::Unknown
                | Finding::Unreachable
                | Finding::Slow
                | Finding::Unreadable
                | Finding::Busy
                | Finding::DnsSilent
        )
    }
}

/// What the TXT records of a host said.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Records {
    /// They were not asked for: the address is not that of the host itself.
    NotAsked,
    /// Nobody answered.
    Silent,
    /// These.
    Found(Vec<String>),
}

/// What one look at an address brought. It is the same for whoever claims the address.
#[derive(Debug, Clone)]
pub struct Look {
    /// The links of the page, or why there is none.
    pub page: Result<PageLinks, Finding>,
    /// The TXT records.
    pub records: Records,
}

/// Who claims an address, and where.
#[derive(Debug, Clone, Copy)]
pub struct Claim<'a> {
    /// This server.
    pub issuer: &'a Issuer,
    /// The page that it keeps for the person.
    pub hosted: &'a ProfileUrl,
    /// Whether nobody else has an account here.
    pub is_only_person: bool,
    /// By what they hold the address now, if they do.
    pub held_by: Option<ProvedBy>,
}

/// What a look means for a claim.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Verdict {
    /// It is proved.
    Proved(ProvedBy),
    /// It would not be proved anew, but who holds it keeps it.
    Kept,
    /// There is an answer, and the proof is not in it.
    Absent,
    /// There is no answer that says so.
    Inconclusive,
}

/// Where a page leads apps.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Lead {
    Here,
    Elsewhere,
    Nowhere,
}

/// Before the address, in a TXT record.
pub const RECORD: &str = "vestibule-verification=";

impl Look {
    /// What it means for `claim`. A proof by which the address is held has lapsed when its place answers without it, whether or
    /// not the other answers.
    pub fn verdict(&self, claim: Claim<'_>) -> Verdict {
        let (page, dns) = (self.page_finding(claim), self.dns_finding(claim));
        if let Finding::Found | Finding::AppsLost | Finding::AppsElsewhere = page {
            return Verdict::Proved(ProvedBy::Page);
        }
        if dns == Some(Finding::DnsFound) {
            return Verdict::Proved(ProvedBy::Dns);
        }
        if page == Finding::OnlyServer {
            return Verdict::Proved(ProvedBy::Server);
        }
        if page == Finding::Kept {
            return Verdict::Kept;
        }
        let dns_answered = dns.is_none_or(Finding::is_answer);
        let answered = match claim.held_by {
            Some(ProvedBy::Server | ProvedBy::Page) => page.is_answer(),
            Some(ProvedBy::Dns) => dns_answered,
            None => page.is_answer() && dns_answered,
        };
        match answered {
            true => Verdict::Absent,
            false => Verdict::Inconclusive,
        }
    }

    /// What to tell the person about it.
    pub fn findings(&self, claim: Claim<'_>) -> Vec<Finding> {
        let page = self.page_finding(claim);
        let dns = self.dns_finding(claim);
        // Whoever has put a line on the page need not hear of records.
        let on_page = matches!(page, Finding::Found | Finding::AppsLost | Finding::AppsElsewhere);
        let worth_saying = |dns: &Finding| !on_page && *dns != Finding::DnsNothing;
        [Some(page), dns.filter(worth_saying)].into_iter().flatten().collect()
    }

    fn page_finding(&self, claim: Claim<'_>) -> Finding {
        let links = match &self.page {
            Ok(links) => links,
            Err(finding) => return *finding,
        };
        let names_you = links.me.iter().any(|url| is_page_of(url, claim.hosted));
        let names_another = links.me.iter().any(|url| is_persons_page(url, claim.issuer));
        match (names_you, lead(links, claim.issuer)) {
            (true, Lead::Here) => Finding::Found,
            (true, Lead::Nowhere) => Finding::AppsLost,
            (true, Lead::Elsewhere) => Finding::AppsElsewhere,
            (false, _) if names_another => Finding::AnotherPerson,
            (false, Lead::Here) if claim.is_only_person => Finding::OnlyServer,
            (false, Lead::Here) if claim.held_by == Some(ProvedBy::Server) && !self.records_name_another(claim) => {
                Finding::Kept
            }
            (false, Lead::Here) => Finding::NotYou,
            (false, Lead::Elsewhere) => Finding::Elsewhere,
            (false, Lead::Nowhere) => Finding::Nothing,
        }
    }

    fn records_name_another(&self, claim: Claim<'_>) -> bool {
        self.dns_finding(claim) == Some(Finding::DnsOther)
    }

    fn dns_finding(&self, claim: Claim<'_>) -> Option<Finding> {
        let records = match &self.records {
            Records::NotAsked => return None,
            Records::Silent => return Some(Finding::DnsSilent),
            Records::Found(records) => records,
        };
        let named = || records.iter().filter_map(|record| record.trim().strip_prefix(RECORD));
        let is_you = |address: &str| without_slash(address.trim()) == claim.hosted.as_str();
        let is_here = |address: &str| Url::parse(address.trim()).is_ok_and(|url| is_persons_page(&url, claim.issuer));
        Some(if named().any(is_you) {
            Finding::DnsFound
        } else if named().any(is_here) {
            Finding::DnsOther
        } else {
            Finding::DnsNothing
        })
    }
}

/// The first link counts, as it does for apps (IndieAuth "Discovery by Clients").
fn lead(links: &PageLinks, issuer: &Issuer) -> Lead {
    let documents = [METADATA, METADATA_ALIAS].map(|path| format!("{issuer}{path}"));
    match &links.metadata {
        None => Lead::Nowhere,
        Some(url) if documents.iter().any(|document| document == url.as_str()) => Lead::Here,
        Some(_) => Lead::Elsewhere,
    }
}

fn is_page_of(url: &Url, hosted: &ProfileUrl) -> bool {
    without_slash(url.as_str()) == hosted.as_str()
}

fn without_slash(address: &str) -> &str {
    address.strip_suffix('/').unwrap_or(address)
}

fn is_persons_page(url: &Url, issuer: &Issuer) -> bool {
    let is_here = Url::parse(issuer.as_str()).is_ok_and(|own| own.origin() == url.origin());
    is_here && url.path().starts_with("/@")
}

#[cfg(test)]
mod tests;
