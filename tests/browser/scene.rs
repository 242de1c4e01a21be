//! What most tests begin with: a server, an app, a browser, and the steps between them.

use super::browser::Browser;
use super::programs::{App, Server};

/// Everybody's name and password.
pub(crate) const NAME: &str = "alice";
pub(crate) const PASSWORD: &str = "correct horse battery";

/// The button that says yes.
pub(crate) const ALLOW: &str = "button[value=approve]";
/// The button that says no.
pub(crate) const DENY: &str = "button[value=deny]";

/// One server, one app, one browser.
pub(crate) struct Scene {
    pub(crate) server: Server,
    pub(crate) app: App,
    pub(crate) browser: Browser,
}

impl Scene {
    /// A server on which nobody has an account yet.
    pub(crate) async fn start() -> Scene {
        Scene::with_flags(&[]).await
    }

    /// With more flags for the browser.
    pub(crate) async fn with_flags(flags: &[&str]) -> Scene {
        Scene {
            server: Server::start(),
            app: App::start(),
            browser: Browser::start(flags).await,
        }
    }

    /// The person's own address.
    pub(crate) fn me(&self) -> String {
        format!("{}/@{NAME}", self.server.base)
    }

    /// Makes the first account with the link from the server's greeting, which also signs in.
    pub(crate) async fn set_up(&self) {
        self.browser.open(&self.server.setup_link).await;
        self.browser.fill("#username", NAME).await;
        self.sign_in_with(PASSWORD).await;
        assert_eq!(self.browser.text(".address").await, self.me());
    }

    /// Types the password and sends the form.
    pub(crate) async fn sign_in_with(&self, password: &str) {
        self.browser.fill("#password", password).await;
        self.browser.follow("button.primary").await;
    }

    /// Signs out on the server's own page.
    pub(crate) async fn sign_out(&self) {
        self.browser.open(&self.server.base).await;
        self.browser.follow("form[action='/sign-out'] button").await;
        self.browser.find("a[href='/sign-in']").await;
    }

    /// Opens the app, types the own address without its scheme, and asks it to sign in with what it offers by itself.
    pub(crate) async fn sign_in_at_app(&self) {
        self.sign_in_at_app_with("").await;
    }

    /// The same, with one more scope.
    pub(crate) async fn sign_in_at_app_with(&self, scope: &str) {
        self.browser.open(&self.app.base).await;
        self.browser.fill("#me", self.me().trim_start_matches("http://")).await;
        if !scope.is_empty() {
            self.browser.click(&format!("input[value={scope}]")).await;
        }
        self.browser.follow("form[action='/sign-in'] button").await;
    }

    /// Presses one of the app's buttons and gives the status of the server's answer.
    pub(crate) async fn app_asks(&self, path: &str) -> String {
        self.browser.follow(&format!("form[action='{path}'] button")).await;
        self.browser.text("#answer-status").await
    }
}
