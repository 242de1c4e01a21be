//! `vestibule address …`: which addresses of their own people have, and what their pages say.

use anyhow::{anyhow, bail};
use clap::Subcommand;

use super::show;
use crate::config::Settings;
use crate::discovery::proof::Verdict;
use crate::oauth::grant::Owner;
use crate::oauth::profile::{ProfileUrl, Username};
use crate::startup::{Parts, Surroundings};

#[derive(Subcommand)]
pub(super) enum Address {
    /// List a person's addresses, each with how it stands.
    List {
        /// The person.
        name: String,
    },
    /// Look at an address as the server would for a person, and print what is found. Changes nothing.
    Check {
        /// The person.
        name: String,
        /// The address of the page.
        address: String,
    },
}

impl Address {
    pub(super) async fn run(self, settings: &Settings) -> anyhow::Result<()> {
        let surroundings = Surroundings::default();
        let parts = Parts::build(settings, &surroundings).await?;
        let flows = parts.flows(settings, &surroundings)?;
        let (Address::List { name } | Address::Check { name, .. }) = &self;
        let owner = owner(&parts, name).await?;
        match &self {
            Address::List { .. } => {
                show(flows.me(&owner).as_str())?;
                for address in flows.own_addresses(&owner).await? {
                    let standing = match (address.proved_by, address.proved_at) {
                        (Some(by), _) => format!("proved by {}", by.as_str()),
                        (None, Some(_)) => "lapsed".to_owned(),
                        (None, None) => "not proved".to_owned(),
                    };
                    show(&format!("{}  {standing}", address.url.as_str()))?;
                }
                Ok(())
            }
            Address::Check { address, .. } => {
                let Ok(address) = ProfileUrl::own(address, &settings.issuer) else {
                    bail!("{address} is no address that a person can have: https, no port, not on this server");
                };
                let (verdict, findings) = flows.inspect_address(&owner, &address).await?;
                for finding in findings {
                    show(&format!("found: {}", finding.as_str()))?;
                }
                show(match verdict {
                    Verdict::Proved(_) | Verdict::Kept => "proved",
                    Verdict::Absent => "not proved",
                    Verdict::Inconclusive => "no answer that says so",
                })
            }
        }
    }
}

async fn owner(parts: &Parts, name: &str) -> anyhow::Result<Owner> {
    let username = Username::typed(name).ok_or_else(|| anyhow!("{name} is no name that a person can have"))?;
    let found = parts.accounts.find_by_username(&username).await?;
    found.ok_or_else(|| anyhow!("nobody here is called {name}"))
}
