//! `vestibule user …`: adds, lists and shows people, says who is an operator, shuts people out and lets them in again, and
//! gives them ways back in.

use std::io::{IsTerminal, Read};

use anyhow::{Context, bail};
use clap::{Args, Subcommand};
use time::OffsetDateTime;

use super::client::moment;
use super::show;
use crate::accounts::overview::Overview;
use crate::config::Settings;
use crate::oauth::profile::Username;
use crate::operators::By;
use crate::operators::people_list::Person;
use crate::operators::ways_in::Reset;
use crate::startup::{Parts, Surroundings};

#[derive(Subcommand)]
pub(super) enum User {
    /// Add a person.
    Add(NameAndPassword),
    /// Give a person another password. Signs them out everywhere, and ends the access of every app.
    Password(NameAndPassword),
    /// Make a link with which a person chooses another password, once, within a day. The second step stays as it is.
    Link(Named),
    /// Make a person an operator: they may use the pages below /admin.
    Promote(Named),
    /// Make an operator an ordinary person again.
    Demote(Named),
    /// Shut a person out: ends their sessions and the access of all their apps.
    Disable(Named),
    /// Let a person in again who was shut out.
    Enable(Named),
    /// List people.
    List {
        /// Only those whose name begins so.
        #[arg(default_value = "")]
        beginning: String,
    },
    /// Show a person: what they tell of themselves, how they stand, and how much is open in their name.
    Show {
        /// 1 to 30 of the characters a-z, 0-9 and _.
        name: String,
    },
    /// Note that a person's e-mail address is theirs, because you found so: this server sends no mail. Apps are told.
    VerifyEmail {
        /// 1 to 30 of the characters a-z, 0-9 and _.
        name: String,
    },
    /// Turn off a person's second step, when their authenticator app and their recovery codes are lost. Signs them out
    /// everywhere.
    ResetSecondFactor {
        /// 1 to 30 of the characters a-z, 0-9 and _.
        name: String,
    },
    /// Leave a person nothing but their password to sign in with: removes passkeys, second step and recovery codes.
    /// Signs them out everywhere.
    ResetSignIn {
        /// 1 to 30 of the characters a-z, 0-9 and _.
        name: String,
    },
}

#[derive(Args)]
pub(super) struct Named {
    /// 1 to 30 of the characters a-z, 0-9 and _.
    name: String,
}

#[derive(Args)]
pub(super) struct NameAndPassword {
    /// 1 to 30 of the characters a-z, 0-9 and _.
    name: String,
    /// Read the password from standard input instead of asking for it.
    #[arg(long)]
    password_stdin: bool,
}

impl User {
    pub(super) async fn run(self, settings: &Settings) -> anyhow::Result<()> {
        let parts = Parts::build(settings, &Surroundings::default()).await?;
        match self {
            User::Add(person) => {
                let username = parts.accounts.add_user(&person.name, &person.password()?).await?;
                show(&format!(
                    "Added {}: {}/@{}",
                    username.as_str(),
                    settings.issuer,
                    username.as_str()
                ))?;
                notice_look_alikes(&parts, &username).await
            }
            User::Password(person) => {
                let username = parts.accounts.set_password(&person.name, &person.password()?).await?;
                show(&format!(
                    "{} has another password and is signed out everywhere; the access of every app has ended.",
                    username.as_str()
                ))
            }
            User::Show { name } => show(&described(&parts, &name).await?),
            User::VerifyEmail { name } => show(&verified(&parts, &name).await?),
            User::ResetSignIn { name } => match parts.operators.reset_sign_in(&name, By::CommandLine).await? {
                true => show(&format!(
                    "{name} is signed out everywhere and signs in with the password alone now; passkeys, second step and recovery \
                     codes are gone."
                )),
                false => show(&format!(
                    "{name} has nothing but the password, and is signed out everywhere."
                )),
            },
            User::ResetSecondFactor { name } => match parts.accounts.reset_second_factor(&name).await? {
                true => show(&format!(
                    "{name} signs in with the password alone now, and is signed out everywhere."
                )),
                false => show(&format!("{name} has no second step. They are signed out everywhere.")),
            },
            User::Link(Named { name }) => {
                let link = parts
                    .operators
                    .password_link(&name, Reset::Nothing, By::CommandLine)
                    .await?;
                show(&format!(
                    "Give this to {name} and to nobody else. It works once, within a day:\n{}",
                    parts.operators.address_of(&link)
                ))
            }
            User::Promote(Named { name }) => {
                let changed = parts.operators.promote(&name).await?;
                told(changed, &format!("{name} is an operator now."), "an operator already")
            }
            User::Demote(Named { name }) => {
                let changed = parts.operators.demote(&name).await?;
                told(changed, &format!("{name} is no operator any more."), "no operator")
            }
            User::Disable(Named { name }) => {
                let changed = parts.operators.disable(&name, By::CommandLine).await?;
                let done = format!("{name} is shut out. Their sessions and the access of their apps have ended.");
                told(changed, &done, "shut out already")
            }
            User::Enable(Named { name }) => {
                let changed = parts.operators.enable(&name, By::CommandLine).await?;
                told(changed, &format!("{name} can sign in again."), "not shut out")
            }
            User::List { beginning } => list(&parts, &beginning).await,
        }
    }
}

fn told(changed: bool, done: &str, already: &str) -> anyhow::Result<()> {
    match changed {
        true => show(done),
        false => show(&format!("This person is {already}; nothing was changed.")),
    }
}

fn state(person: &Person) -> &'static str {
    match (person.disabled_at.is_some(), person.is_operator) {
        (true, _) => "shut out",
        (false, true) => "operator",
        (false, false) => "",
    }
}

async fn list(parts: &Parts, beginning: &str) -> anyhow::Result<()> {
    let mut lines = vec![format!(
        "{:<30}  {:<20}  {:<20}  state",
        "name", "since", "last signed in"
    )];
    for number in 0.. {
        let part = parts.operators.people(beginning, false, number).await?;
        lines.extend(part.lines.iter().map(|line| {
            let last = line.last_sign_in.map_or("-".to_owned(), moment);
            let (name, since) = (line.person.username.as_str(), moment(line.person.created_at));
            let state = state(&line.person);
            format!("{name:<30}  {since:<20}  {last:<20}  {state}")
                .trim_end()
                .to_owned()
        }));
        if !part.has_more {
            break;
        }
    }
    match lines.len() {
        1 => show("There are none."),
        _ => show(&lines.join("\n")),
    }
}

/// What there is to say of a person, a line each.
async fn described(parts: &Parts, name: &str) -> anyhow::Result<String> {
    let Overview {
        person,
        standing,
        sessions,
        apps,
        has_second_step,
    } = parts.accounts.overview(name).await?;
    let day = |at: OffsetDateTime| at.date().to_string();
    let or_none = |text: Option<String>| text.unwrap_or_else(|| "none".to_owned());
    let yes = |is: bool| if is { "yes" } else { "no" }.to_owned();
    let email = person.email.map(|email| match email.is_verified {
        true => format!("{} (verified)", email.address),
        false => format!("{} (not verified)", email.address),
    });
    let lines = [
        ("name", person.username.as_str().to_owned()),
        ("shown as", or_none(person.name)),
        ("website", or_none(person.website)),
        ("picture", yes(person.photo.is_some())),
        ("e-mail", or_none(email)),
        ("since", day(standing.since)),
        ("operator", yes(standing.is_operator)),
        (
            "disabled",
            standing
                .disabled_at
                .map_or_else(|| yes(false), |at| format!("since {}", day(at))),
        ),
        ("second step", yes(has_second_step)),
        ("sessions", sessions.to_string()),
        ("apps with access", apps.to_string()),
    ];
    let lines = lines.map(|(what, said)| format!("{what}: {said}"));
    Ok(lines.join("\n"))
}

async fn verified(parts: &Parts, name: &str) -> anyhow::Result<String> {
    let owner = parts.accounts.owner_named(name).await?;
    let person = parts.accounts.person(&owner.user_id).await?;
    let Some(email) = person.and_then(|person| person.email) else {
        bail!("{} has given no e-mail address", owner.username.as_str());
    };
    let address = &email.address;
    Ok(
        match parts.accounts.verify_email(&owner.user_id, address, None).await? {
            true => format!("{address} is noted to be {}'s.", owner.username.as_str()),
            false => format!("{address} was noted before; nothing was changed."),
        },
    )
}

/// Whoever signs up cannot have such a name; the operator may know both people.
async fn notice_look_alikes(parts: &Parts, username: &Username) -> anyhow::Result<()> {
    let alike = parts.accounts.look_alikes(username).await?;
    if alike.is_empty() {
        return Ok(());
    }
    let names: Vec<&str> = alike.iter().map(Username::as_str).collect();
    show(&format!(
        "Take care: people may take {} for {}.",
        username.as_str(),
        names.join(", ")
    ))
}

impl NameAndPassword {
    fn password(&self) -> anyhow::Result<String> {
        if self.password_stdin {
            let mut text = String::new();
            std::io::stdin()
                .take(1 << 16)
                .read_to_string(&mut text)
                .context("the password is not UTF-8 text")?;
            return Ok(text.trim_end_matches(['\r', '\n']).to_owned());
        }
        if !std::io::stdin().is_terminal() {
            bail!("this is no terminal: add --password-stdin and send the password there");
        }
        let password = rpassword::prompt_password("Password (8 to 128 characters): ")?;
        if rpassword::prompt_password("Once more: ")? != password {
            bail!("the two are not the same; nothing was changed");
        }
        Ok(password)
    }
}
