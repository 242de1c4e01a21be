//! `vestibule settings`: what holds, without secrets.

use super::show;
use crate::config::Settings;

pub(super) fn run(settings: &Settings) -> anyhow::Result<()> {
    let lines: Vec<String> = settings
        .listed
        .iter()
        .map(|(name, value)| format!("{name}={value}"))
        .collect();
    show(&lines.join("\n"))
}
