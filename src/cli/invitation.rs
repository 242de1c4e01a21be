//! `vestibule invitation …`: links that make one account each.

use std::time::Duration;

use anyhow::bail;
use clap::{Args, Subcommand};
use serde_json::{Value, json};

use super::client::moment;
use super::show;
use crate::accounts::invitations::{self, DEFAULT_INVITATION_DAYS, InvitationState};
use crate::config::Settings;
use crate::oauth::policy::SignUp;
use crate::startup::{Parts, Surroundings};

const DAY: Duration = Duration::from_secs(24 * 60 * 60);

#[derive(Subcommand)]
pub(super) enum Invitation {
    /// Make a link that is good for one account, and print it. It is not kept, so it is never shown again.
    Create(Create),
    /// List the links: which are open, and whose accounts the others made.
    List {
        /// Print JSON.
        #[arg(long)]
        json: bool,
    },
    /// Take a link back that nobody has used.
    Withdraw {
        /// Its id, which `vestibule invitation list` shows.
        id: String,
    },
}

#[derive(Args)]
pub(super) struct Create {
    /// How many days it is good for, 30 at most.
    #[arg(long, default_value_t = DEFAULT_INVITATION_DAYS, value_parser = clap::value_parser!(u64).range(1..=30))]
    days: u64,
    /// For whom it is, in your own words; for you to recognise it by.
    #[arg(long, value_name = "TEXT")]
    note: Option<String>,
}

impl Invitation {
    pub(super) async fn run(self, settings: &Settings) -> anyhow::Result<()> {
        let parts = Parts::build(settings, &Surroundings::default()).await?;
        match self {
            Invitation::Create(create) => create.run(&parts).await,
            Invitation::List { json } => list(&parts, json).await,
            Invitation::Withdraw { id } => match parts.accounts.withdraw_invitation(&id).await? {
                true => show("Its link makes no account any more."),
                false => bail!("no open invitation has the id {id:?}; vestibule invitation list shows them"),
            },
        }
    }
}

impl Create {
    async fn run(&self, parts: &Parts) -> anyhow::Result<()> {
        if parts.policy.sign_up == SignUp::Closed {
            bail!("sign-up is closed (VESTIBULE_SIGN_UP), so nobody could use the link");
        }
        let life = DAY * u32::try_from(self.days)?;
        let token = parts.accounts.invite(None, self.note.as_deref(), life).await?;
        show(&parts.accounts.invitation_link(&token))
    }
}

async fn list(parts: &Parts, as_json: bool) -> anyhow::Result<()> {
    let found = parts.accounts.invitations().await?;
    if as_json {
        let listed: Vec<Value> = found.iter().map(described).collect();
        return show(&serde_json::to_string_pretty(&listed)?);
    }
    if found.is_empty() {
        return show("There are none.");
    }
    let mut lines = vec![format!("{:<26}  {:<20}  {:<24}  note", "id", "until", "state")];
    for one in &found {
        let (until, note) = (moment(one.expires_at), one.note.as_deref().unwrap_or_default());
        let line = format!("{:<26}  {until:<20}  {:<24}  {note}", one.id, state(&one.state));
        lines.push(line.trim_end().to_owned());
    }
    show(&lines.join("\n"))
}

fn state(state: &InvitationState) -> String {
    match state {
        InvitationState::Open => "open".to_owned(),
        InvitationState::Used(Some(by)) => format!("used by {}", by.as_str()),
        InvitationState::Used(None) => "used".to_owned(),
        InvitationState::Lapsed => "lapsed".to_owned(),
        InvitationState::Withdrawn => "withdrawn".to_owned(),
    }
}

fn described(one: &invitations::Invitation) -> Value {
    let used_by = match &one.state {
        InvitationState::Used(by) => by.as_ref().map(|name| name.as_str().to_owned()),
        _ => None,
    };
    let state = match &one.state {
        InvitationState::Used(_) => "used".to_owned(),
        other => state(other),
    };
    json!({
        "id": one.id,
        "note": one.note,
        "created_at": moment(one.created_at),
        "expires_at": moment(one.expires_at),
        "state": state,
        "used_by": used_by,
    })
}
