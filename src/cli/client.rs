//! `vestibule client …`: programs that the operator lets people sign in to, and everything that registered itself.

use anyhow::{anyhow, bail};
use clap::{Args, Subcommand};
use serde_json::{Value, json};
use time::OffsetDateTime;
use time::macros::format_description;

use super::show;
use crate::config::Settings;
use crate::flows::manage::{find_client, list_clients, remove_client, rotate_secret};
use crate::flows::register::{RegisteredClient, register};
use crate::oauth::client::{DisplayMetadata, display_name};
use crate::oauth::dialect::Dialect;
use crate::oauth::metadata::{AUTHORIZATION_ENDPOINT, METADATA, TOKEN_ENDPOINT, USERINFO_ENDPOINT};
use crate::oauth::policy::Policy;
use crate::oauth::redirect_uri::{RedirectTarget, RedirectUri};
use crate::oauth::registration::{Registration, web_address};
use crate::oauth::scope::Scope;
use crate::oauth::secret::{ClientSecret, Secret};
use crate::startup::{Parts, Surroundings};

mod seen;

#[derive(Subcommand)]
pub(super) enum Client {
    /// Add a program that people sign in to. Prints what to put into its settings; the secret is shown only then.
    Add(Add),
    /// List the clients that you added.
    List {
        /// Those that registered themselves as well.
        #[arg(long)]
        all: bool,
        /// Those that came with an address of their own instead, since somebody first said yes to them.
        #[arg(long, conflicts_with = "all")]
        seen: bool,
        /// Print JSON.
        #[arg(long)]
        json: bool,
    },
    /// Show a client; its secret is not kept, so it is never shown again.
    Show(Named),
    /// Give a client another secret. The old one ends; people stay signed in.
    RotateSecret(Named),
    /// Remove a client. Everything that people gave it ends.
    Remove(Named),
}

#[derive(Args)]
pub(super) struct Named {
    /// Its client_id.
    client_id: String,
    /// Print JSON.
    #[arg(long)]
    json: bool,
}

#[derive(Args)]
pub(super) struct Add {
    /// What people read when it asks them.
    name: String,
    /// Where answers may go, exactly as the program sends it. May be given several times.
    #[arg(long = "redirect-uri", value_name = "URI", required = true)]
    redirect_uris: Vec<String>,
    /// It cannot keep a secret: a program on a device, or a page of scripts. It must then use PKCE.
    #[arg(long)]
    public: bool,
    /// What it may ask for.
    #[arg(long, value_name = "NAMES", default_value = "profile email")]
    scope: String,
    /// It refreshes: its access tokens last an hour, and it gets refresh tokens.
    #[arg(long)]
    refresh: bool,
    /// Its home page.
    #[arg(long, value_name = "URL")]
    client_uri: Option<String>,
    /// Print JSON.
    #[arg(long)]
    json: bool,
}

impl Client {
    pub(super) async fn run(self, settings: &Settings) -> anyhow::Result<()> {
        let surroundings = Surroundings::default();
        let parts = Parts::build(settings, &surroundings).await?;
        let now = surroundings.clock.now();
        match self {
            Client::Add(add) => add.run(&parts, now).await,
            Client::List { seen: true, json, .. } => seen::list(&parts, json).await,
            Client::List { all, json, .. } => list(&parts, all, json).await,
            Client::Show(named) => {
                let found = named.find(&parts).await?;
                named.print(&described(&found))
            }
            Client::RotateSecret(named) => {
                let found = named.find(&parts).await?;
                let Some(secret) = rotate_secret(&parts.store, &named.client_id).await? else {
                    bail!("{} is a public client: it has no secret", called(&found));
                };
                named.print(&[
                    ("client_id", json!(named.client_id)),
                    ("client_secret", json!(secret.expose())),
                ])
            }
            Client::Remove(named) => {
                let found = named.find(&parts).await?;
                remove_client(&parts.store, &named.client_id, now).await?;
                if named.json {
                    return named.print(&[("client_id", json!(named.client_id)), ("removed", json!(true))]);
                }
                show(&format!("Removed {}. What people gave it has ended.", called(&found)))
            }
        }
    }
}

impl Named {
    async fn find(&self, parts: &Parts) -> anyhow::Result<RegisteredClient> {
        let found = find_client(&parts.store, &self.client_id).await?;
        found.ok_or_else(|| {
            anyhow!(
                "there is no client {:?}; vestibule client list --all shows them",
                self.client_id
            )
        })
    }

    fn print(&self, members: &[(&str, Value)]) -> anyhow::Result<()> {
        print(members, self.json)
    }
}

impl Add {
    async fn run(&self, parts: &Parts, now: OffsetDateTime) -> anyhow::Result<()> {
        let new = register(&parts.store, self.registration(&parts.policy)?, now).await?;
        let client = &new.registered.client;
        if !self.json {
            show(&format!(
                "Added {}. Put this into its settings:\n",
                called(&new.registered)
            ))?;
        }
        let at = |path: &str| json!(format!("{}{path}", parts.policy.issuer));
        let secret = new.secret.as_ref().map(Secret::<ClientSecret>::expose);
        let mut members = vec![
            ("client_id", json!(client.id.as_str())),
            ("client_secret", json!(secret)),
            ("redirect_uris", json!(client.listed_redirect_uris())),
            ("scope", json!(client.scope.as_ref().map(ToString::to_string))),
            ("issuer", at("")),
            ("authorization_endpoint", at(AUTHORIZATION_ENDPOINT)),
            ("token_endpoint", at(TOKEN_ENDPOINT)),
            ("userinfo_endpoint", at(USERINFO_ENDPOINT)),
            ("metadata", at(METADATA)),
        ];
        members.retain(|(_, value)| !value.is_null());
        print(&members, self.json)?;
        match (self.json, secret) {
            (true, _) => Ok(()),
            (false, Some(_)) => {
                show("\nThe secret is not shown again. At userinfo, preferred_username is the user name.")
            }
            (false, None) => show("\nIt has no secret, and must use PKCE with S256."),
        }
    }

    /// What is to be registered; every fault in a sentence.
    fn registration(&self, policy: &Policy) -> anyhow::Result<Registration> {
        let Some(name) = display_name(&self.name) else {
            bail!("the name has nothing that could be shown");
        };
        let mut redirect_uris = Vec::new();
        for raw in &self.redirect_uris {
            let uri = RedirectUri::parse(raw).map_err(|error| anyhow!("{raw}: {}", error.description))?;
            if uri.target() == RedirectTarget::OutOfBand {
                bail!("{raw}: a program that you add cannot have its codes shown on a page");
            }
            redirect_uris.push(uri);
        }
        let client_uri = match &self.client_uri {
            Some(raw) => Some(web_address(raw).ok_or_else(|| anyhow!("{raw} is not an http or https address"))?),
            None => None,
        };
        let scope = Scope::parse(&self.scope).map_err(|error| anyhow!("{}", error.description))?;
        if let Some(unknown) = scope.iter().find(|token| policy.scopes.find(token.as_str()).is_none()) {
            bail!(
                "this server knows no scope {}; its page /api-doc lists them",
                unknown.as_str()
            );
        }
        if scope.is_empty() {
            bail!("the scope is empty");
        }
        Ok(Registration {
            dialect: Dialect::Operator,
            display: DisplayMetadata {
                name: Some(name),
                client_uri,
                ..DisplayMetadata::default()
            },
            description: None,
            redirect_uris,
            scope,
            confidential: !self.public,
            refreshes: self.refresh,
        })
    }
}

async fn list(parts: &Parts, all: bool, as_json: bool) -> anyhow::Result<()> {
    let found = list_clients(&parts.store, all).await?;
    if as_json {
        let listed: Vec<Value> = found.iter().map(|one| object(&described(one))).collect();
        return show(&serde_json::to_string_pretty(&listed)?);
    }
    if found.is_empty() {
        return show("There are none.");
    }
    let mut lines = vec![format!(
        "{:<26}  {:<11}  {:<20}  name",
        "client_id", "kind", "last approved"
    )];
    for one in &found {
        let client = &one.client;
        let approved = one.approved_at.map_or("never".to_owned(), moment);
        let (id, kind) = (client.id.as_str(), client.dialect.as_str());
        lines.push(format!("{id:<26}  {kind:<11}  {approved:<20}  {}", escaped(name(one))));
    }
    show(&lines.join("\n"))
}

/// What may be shown of a client at any time.
fn described(one: &RegisteredClient) -> Vec<(&'static str, Value)> {
    let client = &one.client;
    let mut members = vec![
        ("client_id", json!(client.id.as_str())),
        ("kind", json!(client.dialect.as_str())),
        ("name", json!(client.display.name)),
        ("client_uri", json!(client.display.client_uri)),
        ("redirect_uris", json!(client.listed_redirect_uris())),
        ("scope", json!(client.scope.as_ref().map(ToString::to_string))),
        ("public", json!(!client.is_confidential())),
        ("refreshes", json!(client.refreshes)),
        ("registered", json!(moment(one.created_at))),
        ("last_approved", json!(one.approved_at.map(moment))),
    ];
    members.retain(|(name, value)| !value.is_null() || *name == "last_approved");
    members
}

/// Nothing that a client says of itself may move the cursor or turn the line around: it is shown as an escape.
pub(super) fn escaped(text: &str) -> String {
    let harmful = |c: char| {
        c.is_control()
            || matches!(c, '\u{61C}' | '\u{200B}'..='\u{200F}' | '\u{2028}'..='\u{202E}' | '\u{2060}'..='\u{206F}')
    };
    let shown = |c: char| {
        if harmful(c) {
            c.escape_unicode().to_string()
        } else {
            c.to_string()
        }
    };
    text.chars().map(shown).collect()
}

fn name(one: &RegisteredClient) -> &str {
    one.client.display.name.as_deref().unwrap_or("(no name)")
}

fn called(one: &RegisteredClient) -> String {
    format!("{} ({})", escaped(name(one)), one.client.id.as_str())
}

/// In UTC.
pub(super) fn moment(at: OffsetDateTime) -> String {
    let written = at.format(format_description!("[year]-[month]-[day]T[hour]:[minute]:[second]Z"));
    written.unwrap_or_default()
}

fn object(members: &[(&str, Value)]) -> Value {
    members
        .iter()
        .cloned()
        .map(|(name, value)| (name.to_owned(), value))
        .collect()
}

/// Prints members as JSON, or a line each for people to read.
fn print(members: &[(&str, Value)], as_json: bool) -> anyhow::Result<()> {
    if as_json {
        return show(&serde_json::to_string_pretty(&object(members))?);
    }
    let plain = |value: &Value| match value {
        Value::Null => "never".to_owned(),
        Value::Bool(true) => "yes".to_owned(),
        Value::Bool(false) => "no".to_owned(),
        Value::String(text) => escaped(text),
        Value::Array(list) => {
            let texts = list.iter().filter_map(Value::as_str).map(escaped).collect::<Vec<_>>();
            texts.join("\n                          ")
        }
        other => other.to_string(),
    };
    let lines: Vec<String> = members
        .iter()
        .map(|(name, value)| format!("  {:<22}  {}", name.replace('_', " "), plain(value)))
        .collect();
    show(&lines.join("\n"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_a_client_says_of_itself_cannot_act_on_the_terminal() {
        assert_eq!(
            escaped("https://app.example/\u{1b}[2J\u{202e}\n"),
            r"https://app.example/\u{1b}[2J\u{202e}\u{a}"
        );
        assert_eq!(escaped("アプリ ’s"), "アプリ ’s");
    }
}
