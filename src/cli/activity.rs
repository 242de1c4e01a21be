//! `vestibule activity`: what happened, newest first.

use clap::Args;

use super::client::{escaped, moment};
use super::show;
use crate::config::Settings;
use crate::operators::activity::{Filter, Logged, kinds};
use crate::startup::{Parts, Surroundings};

#[derive(Args)]
pub(super) struct Activity {
    /// Only what happened to this person's account.
    #[arg(long, value_name = "NAME", default_value = "")]
    person: String,
    /// Only this kind, like signed_in.
    #[arg(long, value_parser = clap::builder::PossibleValuesParser::new(kinds()))]
    kind: Option<String>,
    /// Only what concerns this app, host or address, or a part of its name.
    #[arg(long, value_name = "TEXT", default_value = "")]
    about: String,
    /// At most so many.
    #[arg(long, default_value_t = 50)]
    limit: u32,
}

impl Activity {
    pub(super) async fn run(self, settings: &Settings) -> anyhow::Result<()> {
        let parts = Parts::build(settings, &Surroundings::default()).await?;
        let filter = Filter {
            kind: self.kind.as_deref().unwrap_or_default(),
            person: &self.person,
            about: &self.about,
        };
        let found = parts.operators.latest(filter, self.limit.into()).await?;
        if found.is_empty() {
            return show("Nothing happened that fits.");
        }
        let lines: Vec<String> = found.iter().map(line).collect();
        show(&lines.join("\n"))
    }
}

fn line(event: &Logged) -> String {
    let about = event.detail.as_ref().or(event.client_id.as_ref());
    let about = about.map_or_else(String::new, |about| format!("  {}", escaped(about)));
    let by = event
        .actor
        .as_ref()
        .map_or_else(String::new, |actor| format!("  by {actor}"));
    let person = event.person.as_deref().unwrap_or("-");
    format!(
        "{}  {person:<16}  {}{about}{by}",
        moment(event.at),
        event.event.as_str()
    )
}
