//! What the operator decided about the apps of a host, and which of several decisions counts.
//!
//! A rule governs its host and every name below it; the most specific one counts. An app may have two hosts, its own and
//! the one that its answers go to: the stricter decision counts then, and it is trusted only when both are.

use url::{Host, Url};

use super::client::{ClientId, ClientUrl, HttpLoopback};
use super::redirect_uri::RedirectUri;

/// A decision.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum HostRule {
    /// The operator vouches for the host.
    Allow,
    /// People are asked every time.
    Ask,
    /// Its apps get nothing.
    Block,
}

impl HostRule {
    /// Every one.
    pub const ALL: [HostRule; 3] = [HostRule::Allow, HostRule::Ask, HostRule::Block];

    /// The name in rows and forms.
    pub fn as_str(self) -> &'static str {
        match self {
            HostRule::Allow => "allow",
            HostRule::Ask => "ask",
            HostRule::Block => "block",
        }
    }

    /// Reads the name.
    pub fn parse(text: &str) -> Option<HostRule> {
        HostRule::ALL.into_iter().find(|rule| rule.as_str() == text)
    }
}

/// A host as somebody types it, in the form in which hosts are compared: A-labels, lower case, no dot at the end, no port.
/// An address of a page of it will do as well.
pub fn typed_host(text: &str) -> Option<String> {
    let text = text.trim();
    let host = match Url::parse(text) {
        Ok(url) if url.has_host() => url.host()?.to_owned(),
        _ => Host::parse(text).ok()?,
    };
    let name = host.to_string();
    let name = name.trim_end_matches('.');
    let plain = |b: u8| b.is_ascii_alphanumeric() || b"-_.:[]".contains(&b);
    (!name.is_empty() && name.len() <= 253 && name.bytes().all(plain)).then(|| name.to_owned())
}

/// Whether a host is a name below which anybody gets one of their own, like `com` and `github.io` (the public suffix list):
/// a rule for it would be one for strangers to each other.
pub fn is_everybodys(host: &str) -> bool {
    let suffix = psl::suffix(host.as_bytes()).filter(|suffix| suffix.is_known());
    suffix.is_some_and(|suffix| suffix.as_bytes() == host.as_bytes())
}

/// The hosts of an app: its own, when its id is its address, and the one that its answers go to, when that is a site.
pub fn hosts_of(id: &ClientId, redirect_uri: Option<&RedirectUri>) -> Vec<String> {
    let own = id.url().and_then(|id| host_of(id.url()));
    let answers = redirect_uri.and_then(|uri| host_of(&uri.http_url()?));
    let mut hosts: Vec<String> = own.into_iter().chain(answers).collect();
    hosts.dedup();
    hosts
}

/// The same of what rows keep.
pub fn stored_hosts(client_id: &str, redirect_uri: &str) -> Vec<String> {
    let id = ClientUrl::parse(client_id, HttpLoopback::Allowed).ok();
    let own = id.and_then(|id| host_of(id.url()));
    let answers = RedirectUri::parse(redirect_uri).ok();
    let answers = answers.and_then(|uri| host_of(&uri.http_url()?));
    own.into_iter().chain(answers).collect()
}

/// The host of an address, as rules name it.
pub fn host_of(url: &Url) -> Option<String> {
    Some(url.host()?.to_string().trim_end_matches('.').to_owned())
}

/// The hosts whose rules govern this one, the most specific first.
pub fn governing(host: &str) -> Vec<&str> {
    let is_name = matches!(Host::parse(host), Ok(Host::Domain(_)));
    let mut names = vec![host];
    let mut rest = host;
    while is_name && let Some((_, parent)) = rest.split_once('.') {
        names.push(parent);
        rest = parent;
    }
    names
}

/// What holds for an app with these hosts, where these rules are known.
pub fn decide(hosts: &[String], rules: &[(String, HostRule)]) -> Option<HostRule> {
    let of = |host: &String| {
        let known = |name: &str| rules.iter().find(|(ruled, _)| ruled == name);
        governing(host).into_iter().find_map(known).map(|(_, rule)| *rule)
    };
    let decisions: Vec<Option<HostRule>> = hosts.iter().map(of).collect();
    let strictest = decisions.iter().flatten().max().copied();
    strictest.filter(|rule| *rule != HostRule::Allow || decisions.iter().all(Option::is_some))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn decided(hosts: &[&str], rules: &[(&str, HostRule)]) -> Option<HostRule> {
        let hosts: Vec<String> = hosts.iter().map(|host| (*host).to_owned()).collect();
        let rules: Vec<_> = rules.iter().map(|(host, rule)| ((*host).to_owned(), *rule)).collect();
        decide(&hosts, &rules)
    }

    #[test]
    fn the_most_specific_rule_counts() {
        let rules = [
            ("example.com", HostRule::Block),
            ("app.example.com", HostRule::Allow),
            ("test", HostRule::Ask),
        ];
        for (host, expected) in [
            ("example.com", Some(HostRule::Block)),
            ("www.example.com", Some(HostRule::Block)),
            ("app.example.com", Some(HostRule::Allow)),
            ("eu.app.example.com", Some(HostRule::Allow)),
            ("badexample.com", None),
            ("example.com.evil", None),
            ("a.b.test", Some(HostRule::Ask)),
            ("com", None),
        ] {
            assert_eq!(decided(&[host], &rules), expected, "{host}");
        }
    }

    #[test]
    fn the_stricter_of_two_hosts_counts_and_trust_needs_both() {
        let rules = [
            ("good.example", HostRule::Allow),
            ("fine.example", HostRule::Allow),
            ("odd.example", HostRule::Ask),
            ("bad.example", HostRule::Block),
        ];
        for (hosts, expected) in [
            (&["good.example", "fine.example"][..], Some(HostRule::Allow)),
            (&["good.example", "unknown.example"], None),
            (&["good.example", "odd.example"], Some(HostRule::Ask)),
            (&["odd.example", "bad.example"], Some(HostRule::Block)),
            (&["unknown.example", "bad.example"], Some(HostRule::Block)),
            (&[], None),
        ] {
            assert_eq!(decided(hosts, &rules), expected, "{hosts:?}");
        }
    }

    #[test]
    fn an_address_in_numbers_has_no_parents() {
        assert_eq!(governing("127.0.0.1"), ["127.0.0.1"]);
        assert_eq!(governing("[::1]"), ["[::1]"]);
        assert_eq!(governing("a.b.c"), ["a.b.c", "b.c", "c"]);
    }

    #[test]
    fn a_name_below_which_anybody_gets_one_is_told_from_the_others() {
        for host in ["com", "github.io", "co.jp", "xn--p1ai"] {
            assert!(is_everybodys(host), "{host}");
        }
        for host in ["example.com", "a.github.io", "localhost", "test", "127.0.0.1", "[::1]"] {
            assert!(!is_everybodys(host), "{host}");
        }
    }

    #[test]
    fn a_host_is_read_however_it_is_typed() {
        for (typed, host) in [
            (" Example.COM. ", Some("example.com")),
            ("https://App.example.com:8443/path", Some("app.example.com")),
            ("bücher.example", Some("xn--bcher-kva.example")),
            ("127.0.0.1", Some("127.0.0.1")),
            ("[::1]", Some("[::1]")),
            ("", None),
            (".", None),
            ("a b", None),
            ("https://", None),
            ("*.example.com", None),
        ] {
            assert_eq!(typed_host(typed).as_deref(), host, "{typed}");
        }
    }
}
