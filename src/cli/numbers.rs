//! `vestibule overview` and `vestibule tokens`: the server in numbers.

use super::show;
use crate::config::Settings;
use crate::operators::tokens::{DAYS, Often};
use crate::startup::{Parts, Surroundings};

pub(super) async fn overview(settings: &Settings) -> anyhow::Result<()> {
    let parts = Parts::build(settings, &Surroundings::default()).await?;
    let numbers = parts.operators.numbers().await?;
    let tokens = parts.operators.live_tokens().await?;
    let lines = [
        ("people", numbers.people),
        ("shut out", numbers.disabled),
        ("sessions", numbers.sessions),
        ("live tokens", tokens),
        ("registered apps", numbers.registered),
        ("apps with their own address", numbers.seen),
    ];
    let lines: Vec<String> = lines
        .iter()
        .map(|(name, count)| format!("{name:<28}{count:>8}"))
        .collect();
    show(&lines.join("\n"))
}

pub(super) async fn tokens(settings: &Settings) -> anyhow::Result<()> {
    let parts = Parts::build(settings, &Surroundings::default()).await?;
    let numbers = parts.operators.token_numbers().await?;
    let mut lines = vec!["Live tokens by kind of app".to_owned()];
    for one in numbers.by_client {
        lines.push(format!("  {:<8}{:<20}{:>8}", one.kind, one.of, one.count));
    }
    lines.push("Live tokens by when they end, at the latest".to_owned());
    for one in numbers.by_end {
        lines.push(format!("  {:<8}{:<20}{:>8}", one.kind, one.of, one.count));
    }
    lines.push(format!(
        "{:<30}{:>8}{:>8}{:>8}",
        "In the last days", DAYS[0], DAYS[1], DAYS[2]
    ));
    lines.extend(numbers.answers.iter().map(often));
    lines.push("Access that was ended, by why".to_owned());
    lines.extend(numbers.ended.iter().map(often));
    show(&lines.join("\n"))
}

fn often(often: &Often) -> String {
    let [day, week, month] = often.counts;
    format!("  {:<28}{day:>8}{week:>8}{month:>8}", often.what)
}
