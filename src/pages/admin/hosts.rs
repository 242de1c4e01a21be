//! `GET|POST /admin/hosts`: what is decided about the apps of hosts.

use serde::Serialize;

use super::{Paging, link_to};
use crate::pages::View;

/// The decisions, and the form for another one. Posts `csrf`, `host` and `rule` (`allow`, `ask`, `block` or `clear`) to
/// `/admin/hosts`.
#[derive(Debug, Clone, Serialize)]
pub struct HostsView {
    /// The decisions.
    pub rules: Vec<RuleEntry>,
    /// The host in the form.
    pub host: String,
    /// Why what was typed is not taken.
    pub problem: Option<HostProblem>,
    /// What was just decided.
    pub done: Option<RuleDone>,
    /// Whether the operator typed the password a short time ago; without that there is no form.
    pub fresh: bool,
    /// The way to the other parts.
    pub paging: Paging,
}

/// Why a host is not taken.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum HostProblem {
    /// It is none.
    NoHost,
    /// Below this name anybody gets one of their own.
    Everybodys,
}

/// A decision.
#[derive(Debug, Clone, Serialize)]
pub struct RuleEntry {
    /// The host.
    pub host: String,
    /// `allow`, `ask` or `block`.
    pub rule: String,
    /// When, in Unix seconds.
    pub since: i64,
    /// This page, with the host in the form.
    pub link: String,
}

/// This page, with a host in the form.
pub fn link_to_host(host: &str) -> String {
    link_to("/admin/hosts", "host", host)
}

/// What was just decided.
#[derive(Debug, Clone, Serialize)]
pub struct RuleDone {
    /// The host.
    pub host: String,
    /// `allow`, `ask`, `block` or `clear`.
    pub rule: String,
}

impl View for HostsView {
    const TEMPLATE: &'static str = "admin_hosts.html";

    fn samples() -> Vec<Self> {
        let entry = |host: &str, rule: &str| RuleEntry {
            host: host.to_owned(),
            rule: rule.to_owned(),
            since: 1_795_305_600,
            link: link_to_host(host),
        };
        let rules = vec![
            entry("photos.example", "allow"),
            entry("odd.example", "ask"),
            entry("bad.example", "block"),
        ];
        let some = HostsView {
            rules,
            host: String::new(),
            problem: None,
            done: None,
            fresh: true,
            paging: Paging::default(),
        };
        let done = |rule: &str| HostsView {
            done: Some(RuleDone {
                host: "photos.example".to_owned(),
                rule: rule.to_owned(),
            }),
            ..some.clone()
        };
        vec![
            some.clone(),
            HostsView {
                host: "not a host".to_owned(),
                problem: Some(HostProblem::NoHost),
                ..some.clone()
            },
            HostsView {
                host: "github.io".to_owned(),
                problem: Some(HostProblem::Everybodys),
                ..some.clone()
            },
            done("allow"),
            done("ask"),
            done("block"),
            done("clear"),
            HostsView {
                rules: Vec::new(),
                fresh: false,
                ..some.clone()
            },
        ]
    }
}
