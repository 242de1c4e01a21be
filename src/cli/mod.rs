//! The command line: one file per command. Commands call flows and accounts like the web does.

use std::path::PathBuf;

use clap::{Parser, Subcommand};

use crate::config::Settings;

mod activity;
mod address;
mod client;
mod health;
mod host;
mod invitation;
mod numbers;
mod resource;
mod serve;
mod settings;
mod user;

/// An authorization server that speaks IndieAuth and OAuth 2.0.
///
/// Settings come from VESTIBULE_ variables and one optional TOML file; with none, it serves http://localhost:8080 from
/// ./vestibule.db.
#[derive(Parser)]
#[command(version)]
struct Arguments {
    /// A TOML file with settings; variables override it.
    #[arg(long, global = true, env = "VESTIBULE_CONFIG_FILE", value_name = "FILE")]
    config: Option<PathBuf>,
    #[command(subcommand)]
    command: Option<Command>,
}

#[derive(Subcommand)]
enum Command {
    /// Run the server (what happens without a command).
    Serve(serve::Serve),
    /// People.
    #[command(subcommand)]
    User(user::User),
    /// Addresses of people's own.
    #[command(subcommand)]
    Address(address::Address),
    /// Links that make one account each, to give to people.
    #[command(subcommand)]
    Invitation(invitation::Invitation),
    /// Registered clients: programs that people sign in to.
    #[command(subcommand)]
    Client(client::Client),
    /// Hosts of apps: which you vouch for, which are asked about every time, which are blocked.
    #[command(subcommand)]
    Host(host::Host),
    /// How many people, sessions and apps there are.
    Overview,
    /// Tokens and answers in numbers.
    Tokens,
    /// What happened, newest first.
    Activity(activity::Activity),
    /// The settings that hold, without secrets.
    Settings,
    /// Resource servers: programs that may ask whether a token holds.
    #[command(subcommand)]
    Resource(resource::Resource),
    /// Ask the running server whether it can do its work; for health checks.
    Health,
}

/// Reads arguments and settings, and runs the command.
///
/// # Errors
/// What the command failed on, for the terminal.
pub async fn run() -> anyhow::Result<()> {
    let arguments = Arguments::parse();
    // The file's own variable is an argument, not a setting.
    let lossy = |text: std::ffi::OsString| text.to_string_lossy().into_owned();
    let environment = std::env::vars_os()
        .map(|(name, value)| (lossy(name), lossy(value)))
        .filter(|(name, _)| name != "VESTIBULE_CONFIG_FILE");
    let settings = Settings::load(arguments.config.as_deref(), environment)?;
    crate::telemetry::start(&settings.log.level, settings.log.json);
    match arguments.command.unwrap_or(Command::Serve(serve::Serve::default())) {
        Command::Serve(serve) => serve.run(&settings).await,
        Command::User(user) => user.run(&settings).await,
        Command::Address(address) => address.run(&settings).await,
        Command::Invitation(invitation) => invitation.run(&settings).await,
        Command::Client(client) => client.run(&settings).await,
        Command::Host(host) => host.run(&settings).await,
        Command::Overview => numbers::overview(&settings).await,
        Command::Tokens => numbers::tokens(&settings).await,
        Command::Activity(activity) => activity.run(&settings).await,
        Command::Settings => settings::run(&settings),
        Command::Resource(resource) => resource.run(&settings).await,
        Command::Health => health::run(&settings),
    }
}

/// Shows a result on standard output, where scripts read it.
fn show(text: &str) -> anyhow::Result<()> {
    use std::io::Write as _;
    let mut out = std::io::stdout().lock();
    writeln!(out, "{text}")?;
    Ok(out.flush()?)
}
