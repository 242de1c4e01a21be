//! `vestibule serve`: runs the server.

use clap::Args;

use super::show;
use crate::config::Settings;
use crate::startup::{Application, Surroundings};

/// Arguments of `serve`.
#[derive(Args, Default)]
pub(super) struct Serve {
    /// Take over a database that belongs to another issuer. People's addresses change with it.
    #[arg(long)]
    change_issuer: bool,
}

impl Serve {
    pub(super) async fn run(self, settings: &Settings) -> anyhow::Result<()> {
        let surroundings = Surroundings {
            change_issuer: self.change_issuer,
            ..Surroundings::default()
        };
        let application = Application::build(settings, surroundings).await?;
        let exposed = application
            .addresses()
            .iter()
            .any(|address| !address.ip().is_loopback());
        // Whoever reads standard output may have gone away; the server is not for them alone.
        let _ = show(&greeting(settings, application.setup_link(), exposed));
        Ok(application.run().await?)
    }
}

fn greeting(settings: &Settings, setup_link: Option<&str>, exposed: bool) -> String {
    let issuer = &settings.issuer;
    let mut lines = vec![String::new(), format!("  Vestibule is ready at {issuer}")];
    if issuer.is_development() {
        lines.push("  Development mode: plain http, and apps on this computer are let in.".to_owned());
        lines.push("  Set VESTIBULE_ISSUER to your https address to run it for real.".to_owned());
        if exposed {
            lines.push(
                "  Take care: it also listens for other computers, without encryption (VESTIBULE_LISTEN).".to_owned(),
            );
        }
    }
    if let Some(link) = setup_link {
        lines.push(String::new());
        lines.push(
            "  Nobody has an account yet. Choose your name and password here (works once, for a day):".to_owned(),
        );
        lines.push(format!("  {link}"));
    }
    lines.push(String::new());
    lines.join("\n")
}
