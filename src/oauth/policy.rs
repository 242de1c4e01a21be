//! What this server allows, as values: who it is, how long things live, who must bring PKCE.

use std::collections::HashMap;
use std::fmt;
use std::time::Duration;

use serde::Serialize;
use time::Date;
use url::{Host, Url};

use super::client::{ClientId, HttpLoopback, is_loopback};
use super::instance::Instance;
use super::scope::ScopeCatalog;

/// The issuer identifier (RFC 9207 §2, RFC 8414 §2): a string without trailing slash at a host root, used byte for
/// byte everywhere. Clients compare it as a string, so it is never re-serialised from a URL type.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Issuer(String);

impl Issuer {
    /// Reads an issuer.
    ///
    /// # Errors
    /// A sentence for the operator that says what to change.
    pub fn parse(raw: &str) -> Result<Issuer, String> {
        let Ok(url) = Url::parse(raw) else {
            return Err("is not a URL; write it like https://id.example.com".to_owned());
        };
        let loopback = is_loopback(&url);
        if url.scheme() != "https" && !(url.scheme() == "http" && loopback) {
            return Err("must start with https:// (plain http is for localhost only)".to_owned());
        }
        if matches!(url.host(), Some(Host::Ipv4(_) | Host::Ipv6(_))) && !loopback {
            return Err("must name a host, not an IP address: people's addresses are made from it".to_owned());
        }
        let root = url.origin().ascii_serialization();
        if raw != root {
            return Err(format!(
                "must be exactly {root}: no path, no slash at the end, nothing else"
            ));
        }
        Ok(Issuer(root))
    }

    /// The issuer as published and compared.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// Development mode is what an issuer on a loopback host means (decision 3).
    pub fn is_development(&self) -> bool {
        Url::parse(&self.0).is_ok_and(|url| is_loopback(&url))
    }

    /// Whether browsers reach this server over TLS.
    pub fn is_https(&self) -> bool {
        self.0.starts_with("https://")
    }
}

impl fmt::Display for Issuer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// How long things live (decisions 6 and 7).
#[derive(Debug, Clone)]
pub struct Lifetimes {
    /// A consent page waits this long for its answer.
    pub pending: Duration,
    /// An authorization code.
    pub code: Duration,
    /// A code that a person copies from a page of ours, by hand.
    pub shown_code: Duration,
    /// A session of an app that waits for its person, before and after the yes.
    pub app_session: Duration,
    /// The access token of a client that refreshes.
    pub refreshed_access: Duration,
    /// A refresh token that is not used.
    pub refresh_idle: Duration,
    /// All tokens of one approval of a client that refreshes, however often it refreshes.
    pub refresh_absolute: Duration,
    /// A lost answer may be asked for again this long after a rotation.
    pub refresh_grace: Duration,
    /// A challenge whose code was redeemed is refused for the same client this long.
    pub challenge_memory: Duration,
    /// A sign-in that nobody uses.
    pub session_idle: Duration,
    /// A sign-in, however much it is used.
    pub session_absolute: Duration,
    /// A sign-in whose password was right, until its second step.
    pub pending_sign_in: Duration,
    /// A question to a passkey.
    pub ceremony: Duration,
    /// After the password was typed, how a person signs in may be changed this long.
    pub fresh_sign_in: Duration,
    /// The link that creates the first account.
    pub setup_link: Duration,
}

const HOUR: Duration = Duration::from_secs(60 * 60);
const DAY: Duration = Duration::from_secs(24 * 60 * 60);

impl Default for Lifetimes {
    fn default() -> Lifetimes {
        Lifetimes {
            pending: Duration::from_secs(10 * 60),
            code: Duration::from_secs(5 * 60),
            shown_code: Duration::from_secs(10 * 60),
            app_session: Duration::from_secs(30 * 60),
            refreshed_access: HOUR,
            refresh_idle: DAY * 90,
            refresh_absolute: DAY * 365,
            refresh_grace: Duration::from_secs(60),
            challenge_memory: DAY,
            session_idle: DAY * 14,
            session_absolute: DAY * 90,
            pending_sign_in: Duration::from_secs(10 * 60),
            ceremony: Duration::from_secs(5 * 60),
            fresh_sign_in: Duration::from_secs(5 * 60),
            setup_link: DAY,
        }
    }
}

/// How long a person lets an app keep its one access token (decision 6).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum TokenLifetime {
    /// 24 hours.
    Day,
    /// 30 days.
    #[serde(rename = "30_days")]
    ThirtyDays,
    /// 90 days.
    #[default]
    #[serde(rename = "90_days")]
    NinetyDays,
    /// Until the person ends it.
    UntilRevoked,
}

impl TokenLifetime {
    /// Every choice, shortest first.
    pub const ALL: [TokenLifetime; 4] = [
        TokenLifetime::Day,
        TokenLifetime::ThirtyDays,
        TokenLifetime::NinetyDays,
        TokenLifetime::UntilRevoked,
    ];

    /// The choices that end within the operator's cap.
    pub fn within(cap: Option<Duration>) -> Vec<TokenLifetime> {
        let fits = |choice: &TokenLifetime| cap.is_none_or(|cap| choice.duration().is_some_and(|life| life <= cap));
        TokenLifetime::ALL.into_iter().filter(fits).collect()
    }

    /// The one that is chosen at first: the default, or the longest there is below it.
    pub fn preselected(choices: &[TokenLifetime]) -> TokenLifetime {
        let mut at_most_default = choices.iter().filter(|choice| **choice != TokenLifetime::UntilRevoked);
        at_most_default.next_back().copied().unwrap_or_default()
    }

    /// The value of the choice in the consent form and in rows.
    pub fn as_str(self) -> &'static str {
        match self {
            TokenLifetime::Day => "day",
            TokenLifetime::ThirtyDays => "30_days",
            TokenLifetime::NinetyDays => "90_days",
            TokenLifetime::UntilRevoked => "until_revoked",
        }
    }

    /// Reads the value of the form; `None` when it is no choice of ours.
    pub fn parse(raw: &str) -> Option<TokenLifetime> {
        TokenLifetime::ALL.into_iter().find(|choice| choice.as_str() == raw)
    }

    /// The time it stands for; `None` until revoked.
    pub fn duration(self) -> Option<Duration> {
        match self {
            TokenLifetime::Day => Some(DAY),
            TokenLifetime::ThirtyDays => Some(DAY * 30),
            TokenLifetime::NinetyDays => Some(DAY * 90),
            TokenLifetime::UntilRevoked => None,
        }
    }
}

/// Who may make an account.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum SignUp {
    /// Nobody but the operator, on the command line.
    Closed,
    /// Whoever has a link that an operator made.
    #[default]
    Invitation,
    /// Anybody.
    Open,
}

impl SignUp {
    /// Every choice.
    pub const ALL: [SignUp; 3] = [SignUp::Closed, SignUp::Invitation, SignUp::Open];

    /// The choice's name in the settings.
    pub fn as_str(self) -> &'static str {
        match self {
            SignUp::Closed => "closed",
            SignUp::Invitation => "invitation",
            SignUp::Open => "open",
        }
    }

    /// Reads the name of a choice; `None` when there is no such choice.
    pub fn parse(raw: &str) -> Option<SignUp> {
        SignUp::ALL.into_iter().find(|choice| choice.as_str() == raw)
    }
}

/// Everything the rules need to know about this server.
#[derive(Debug, Clone)]
pub struct Policy {
    /// Who this server is.
    pub issuer: Issuer,
    /// How long things live.
    pub lifetimes: Lifetimes,
    /// The scopes it knows.
    pub scopes: ScopeCatalog,
    /// Whether programs on this machine may be URL clients over `http`.
    pub http_loopback: HttpLoopback,
    /// Clients that may come without PKCE, each until a day (decision 8). Empty by default.
    pub without_pkce: HashMap<String, Date>,
    /// What it stands in for.
    pub instance: Instance,
    /// Who may make an account.
    pub sign_up: SignUp,
}

impl Policy {
    /// Whether this client may leave PKCE out on `today`.
    pub fn permits_without_pkce(&self, client: &ClientId, today: Date) -> bool {
        self.without_pkce
            .get(client.as_str())
            .is_some_and(|until| today <= *until)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_issuer_is_a_host_root_without_a_slash() {
        for good in [
            "https://id.example",
            "http://localhost:8080",
            "http://127.0.0.1:1",
            "https://id.example:8443",
        ] {
            assert_eq!(Issuer::parse(good).unwrap().as_str(), good);
        }
        for bad in [
            "https://id.example/",
            "https://id.example/auth",
            "https://ID.example",
            "https://id.example:443",
            "https://user@id.example",
            "https://id.example?x",
            "http://id.example",
            "https://192.0.2.1",
            "id.example",
            "",
        ] {
            assert!(Issuer::parse(bad).is_err(), "{bad}");
        }
    }

    #[test]
    fn development_is_an_issuer_on_loopback() {
        assert!(Issuer::parse("http://localhost:8080").unwrap().is_development());
        assert!(Issuer::parse("http://[::1]:8080").unwrap().is_development());
        assert!(!Issuer::parse("https://id.example").unwrap().is_development());
    }

    #[test]
    fn a_lifetime_survives_the_form() {
        for choice in TokenLifetime::ALL {
            assert_eq!(TokenLifetime::parse(choice.as_str()), Some(choice));
            assert_eq!(
                serde_json::to_value(choice).unwrap(),
                choice.as_str(),
                "what the form shows"
            );
        }
        assert_eq!(TokenLifetime::parse("forever"), None);
    }
}
