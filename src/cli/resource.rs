//! `vestibule resource …`: lets a program ask the introspection endpoint.

use anyhow::bail;
use clap::Subcommand;
use serde_json::json;

use super::show;
use crate::config::Settings;
use crate::flows::introspect::add_resource_server;
use crate::startup::{Parts, Surroundings};

#[derive(Subcommand)]
pub(super) enum Resource {
    /// Add a resource server; prints its credentials as JSON, once.
    Add {
        /// What you call it.
        name: String,
    },
}

impl Resource {
    pub(super) async fn run(self, settings: &Settings) -> anyhow::Result<()> {
        let Resource::Add { name } = self;
        let surroundings = Surroundings::default();
        let parts = Parts::build(settings, &surroundings).await?;
        let Some((id, secret)) = add_resource_server(&parts.store, &name, surroundings.clock.now()).await? else {
            bail!("a resource server named {name:?} exists already");
        };
        let credentials = json!({
            "name": name,
            "client_id": id,
            "client_secret": secret.expose(),
            "introspection_endpoint":
                format!("{}{}", settings.issuer, crate::oauth::metadata::INTROSPECTION_ENDPOINT),
        });
        show(&serde_json::to_string_pretty(&credentials)?)
    }
}
