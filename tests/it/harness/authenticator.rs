//! An authenticator app: it was given a secret, and shows codes.

use std::time::Duration;

use totp_rs::{Builder, Secret, Totp};

use super::actors::{Answer, Form, Visitor};
use super::app::{PASSWORD, TestApp};

/// The page that gives the secret.
pub const SET_UP: &str = "/account/second-step/set-up";
/// The second page of a sign-in.
pub const CODE: &str = "/sign-in/code";
/// How long a code is shown.
pub const STEP: Duration = Duration::from_secs(30);

/// An authenticator app.
pub struct Authenticator(Totp);

impl Authenticator {
    /// Takes a secret, as a person types it.
    pub fn with(secret: &str) -> Authenticator {
        let secret = Secret::try_from_base32(secret.replace(' ', "")).expect("a secret in base32");
        Authenticator(
            Builder::new()
                .with_secret(secret)
                .build()
                .expect("a secret that is long enough"),
        )
    }

    /// What it shows at the moment of this server.
    pub fn code(&self, app: &TestApp) -> String {
        self.code_at(u64::try_from(app.now().unix_timestamp()).expect("after 1970"))
    }

    /// What it shows at a second since 1970.
    pub fn code_at(&self, seconds: u64) -> String {
        self.0.generate(seconds).to_string()
    }

    /// A code that it shows at no time near.
    pub fn wrong_code(&self, app: &TestApp) -> String {
        let now = u64::try_from(app.now().unix_timestamp()).expect("after 1970");
        let near: Vec<String> = (0..=6).map(|step| self.code_at(now - 90 + step * 30)).collect();
        let mut all = (0..10).map(|digit| digit.to_string().repeat(6));
        all.find(|code| !near.contains(code)).expect("more codes than steps")
    }
}

impl TestApp {
    /// A person's browser, signed in, with the second step on; and their authenticator app. The code that turned it on
    /// is a step old.
    pub async fn owner_with_authenticator(&self, name: &str) -> (Visitor, Authenticator) {
        let visitor = self.owner(name).await;
        let form = visitor.get(SET_UP).await.form(SET_UP);
        let authenticator = Authenticator::with(form.get("secret"));
        let answer = visitor.submit(&form.set("code", &authenticator.code(self))).await;
        assert!(
            answer.status.is_success() || answer.status.is_redirection(),
            "{answer:?}"
        );
        self.clock.advance(STEP);
        (visitor, authenticator)
    }
}

impl Visitor {
    /// Types name and password into the page at `path`.
    pub async fn type_password(&self, path: &str, name: &str) -> Answer {
        let form = self.get(path).await.form("/sign-in").set("username", name);
        self.submit(&form.set("password", PASSWORD)).await
    }

    /// Types name and password, and gives the form for the code.
    pub async fn form_for_code(&self, name: &str) -> Form {
        let answer = self.type_password("/sign-in", name).await;
        assert_eq!(answer.location(), CODE);
        self.get(CODE).await.form(CODE)
    }
}
