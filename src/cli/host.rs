//! `vestibule host …`: what is decided about the apps of a host and of all names below it.

use clap::{Args, Subcommand};

use super::client::moment;
use super::show;
use crate::config::Settings;
use crate::oauth::host_rule::HostRule;
use crate::operators::By;
use crate::startup::{Parts, Surroundings};

#[derive(Subcommand)]
pub(super) enum Host {
    /// Vouch for it: people are told that you know it, instead of whether they have said yes to it before.
    Allow(Named),
    /// Have people asked every time; a yes is not remembered.
    Ask(Named),
    /// Let nobody use its apps. What they have ends at once.
    Block(Named),
    /// Take the decision back.
    Clear(Named),
    /// List the decisions.
    List,
}

#[derive(Args)]
pub(super) struct Named {
    /// Like example.com; it stands for app.example.com as well.
    host: String,
}

impl Host {
    pub(super) async fn run(self, settings: &Settings) -> anyhow::Result<()> {
        let parts = Parts::build(settings, &Surroundings::default()).await?;
        let (named, rule) = match self {
            Host::Allow(named) => (named, Some(HostRule::Allow)),
            Host::Ask(named) => (named, Some(HostRule::Ask)),
            Host::Block(named) => (named, Some(HostRule::Block)),
            Host::Clear(named) => (named, None),
            Host::List => return list(&parts).await,
        };
        let ruled = parts.operators.rule_host(&named.host, rule, By::CommandLine).await?;
        let ended = match ruled.ended {
            0 => String::new(),
            ended => format!(" Access that ended: {ended}."),
        };
        let host = ruled.host;
        show(&match rule {
            Some(rule) => format!("{host}: {}.{ended}", rule.as_str()),
            None if ruled.changed => format!("{host}: nothing is decided now.{ended}"),
            None => format!("{host}: nothing was decided; nothing was changed."),
        })
    }
}

async fn list(parts: &Parts) -> anyhow::Result<()> {
    let mut lines = Vec::new();
    for number in 0.. {
        let part = parts.operators.host_rules(number).await?;
        let line = |ruled: &crate::operators::hosts::RuledHost| {
            format!("{:<5}  {}  {}", ruled.rule.as_str(), moment(ruled.since), ruled.host)
        };
        lines.extend(part.lines.iter().map(line));
        if !part.has_more {
            break;
        }
    }
    match lines.is_empty() {
        true => show("There are none."),
        false => show(&lines.join("\n")),
    }
}
