//! `vestibule client list --seen`: the clients that came with an address of their own.

use serde_json::{Value, json};

use super::{escaped, moment, object, show};
use crate::operators::clients::SeenLine;
use crate::startup::Parts;

/// Lists them, the last approved first.
pub(super) async fn list(parts: &Parts, as_json: bool) -> anyhow::Result<()> {
    let mut seen = Vec::new();
    for number in 0.. {
        let part = parts.operators.seen("", number).await?;
        seen.extend(part.lines);
        if !part.has_more {
            break;
        }
    }
    if as_json {
        let listed: Vec<Value> = seen.iter().map(described).collect();
        return show(&serde_json::to_string_pretty(&listed)?);
    }
    if seen.is_empty() {
        return show("There are none.");
    }
    let mut lines = vec![format!(
        "{:<20}  {:>6}  {:<5}  client_id",
        "last approved", "people", "host"
    )];
    for one in &seen {
        let (last, rule) = (moment(one.last_seen_at), one.rule.map_or("-", |rule| rule.as_str()));
        lines.push(format!(
            "{last:<20}  {:>6}  {rule:<5}  {}",
            one.people,
            escaped(&one.client_id)
        ));
    }
    show(&lines.join("\n"))
}

fn described(one: &SeenLine) -> Value {
    object(&[
        ("client_id", json!(one.client_id)),
        ("host_decision", json!(one.rule.map(|rule| rule.as_str()))),
        ("people", json!(one.people)),
        ("first_approved", json!(moment(one.first_seen_at))),
        ("last_approved", json!(moment(one.last_seen_at))),
    ])
}
