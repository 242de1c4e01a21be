//! `vestibule user …`: adds people, gives them another password, turns their second step off, takes their passkeys away.

use std::io::{IsTerminal, Read};

use anyhow::{Context, bail};
use clap::{Args, Subcommand};

use super::show;
use crate::config::Settings;
use crate::oauth::profile::Username;
use crate::startup::{Parts, Surroundings};

#[derive(Subcommand)]
pub(super) enum User {
    /// Add a person.
    Add(NameAndPassword),
    /// Give a person another password. Signs them out everywhere, and ends the access of every app.
    Password(NameAndPassword),
    /// Turn off a person's second step, when their authenticator app and their recovery codes are lost.
    ResetSecondFactor {
        /// 1 to 30 of the characters a-z, 0-9 and _.
        name: String,
    },
    /// Leave a person nothing but their password to sign in with: removes passkeys, second step and recovery codes.
    ResetSignIn {
        /// 1 to 30 of the characters a-z, 0-9 and _.
        name: String,
    },
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
            User::ResetSignIn { name } => match parts.accounts.reset_sign_in(&name).await? {
                true => show(&format!(
                    "{name} signs in with the password alone now; passkeys, second step and recovery codes are gone."
                )),
                false => show(&format!("{name} has nothing but the password; nothing was changed.")),
            },
            User::ResetSecondFactor { name } => match parts.accounts.reset_second_factor(&name).await? {
                true => show(&format!("{name} signs in with the password alone now.")),
                false => show(&format!("{name} has no second step; nothing was changed.")),
            },
        }
    }
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
