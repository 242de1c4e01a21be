//! A browser of one test's own: Chromium without a window, driven by WebDriver on the loopback interface.

use std::path::Path;
use std::process::Command;
use std::time::Duration;

use fantoccini::actions::{InputSource, KeyAction, KeyActions};
use fantoccini::elements::Element;
use fantoccini::error::CmdError;
use fantoccini::key::Key;
use fantoccini::wd::WebDriverCompatibleCommand;
use fantoccini::{Client, ClientBuilder, Locator};
use hyper_util::client::legacy::connect::HttpConnector;
use serde_json::{Value, json};
use tempfile::TempDir;
use url::Url;

use super::programs::{Program, on_a_free_port};

/// How long an element may take to appear.
const DEADLINE: Duration = Duration::from_secs(30);
/// How often to look for it.
const PERIOD: Duration = Duration::from_millis(20);

/// How Chromium is started. It visits nothing but this machine, so it needs no sandbox, which root would be refused.
const FLAGS: [&str; 12] = [
    "--headless",
    "--no-sandbox",
    "--disable-dev-shm-usage",
    "--disable-gpu",
    "--disable-quic",
    "--disable-sync",
    "--disable-background-networking",
    "--disable-component-update",
    "--no-first-run",
    "--hide-scrollbars",
    "--force-device-scale-factor=1",
    "--accept-lang=en",
];

/// A running browser. It ends when it is dropped.
pub(crate) struct Browser {
    /// For what has no shorter way here.
    pub(crate) client: Client,
    _driver: Program,
    _folder: TempDir,
}

impl Browser {
    /// Starts one, with more flags.
    pub(crate) async fn start(flags: &[&str]) -> Browser {
        // The driver keeps the browser's profile in there.
        let folder = tempfile::tempdir().expect("a folder for the browser");
        // A port of its own choice is free for IPv6, and it gives up when IPv4 has another program there.
        let (driver, _, port) = on_a_free_port(|port| {
            let prepare = |command: &mut Command| {
                command.arg(format!("--port={port}")).env("TMPDIR", folder.path());
            };
            Program::start(Path::new("chromedriver"), prepare, "started successfully on port")
        });
        let arguments: Vec<&str> = FLAGS.iter().chain(flags).copied().collect();
        let capabilities = json!({
            "goog:chromeOptions": { "args": arguments },
            "goog:loggingPrefs": { "performance": "ALL", "browser": "ALL" },
        });
        let client = ClientBuilder::new(HttpConnector::new())
            .capabilities(capabilities.as_object().cloned().unwrap_or_default())
            .connect(&format!("http://127.0.0.1:{port}"))
            .await
            .unwrap_or_else(|error| panic!("no browser: {error}"));
        Browser {
            client,
            _driver: driver,
            _folder: folder,
        }
    }

    /// Goes to an address.
    pub(crate) async fn open(&self, url: &str) {
        self.client
            .goto(url)
            .await
            .unwrap_or_else(|error| panic!("{url}: {error}"));
    }

    /// The element, once it is there.
    pub(crate) async fn find(&self, css: &str) -> Element {
        let wait = self.client.wait().at_most(DEADLINE).every(PERIOD);
        match wait.for_element(Locator::Css(css)).await {
            Ok(element) => element,
            Err(error) => panic!("no {css}: {error}\n{}", self.what_is_shown().await),
        }
    }

    /// Whether the page of now has such an element.
    pub(crate) async fn has(&self, css: &str) -> bool {
        let found = self.client.find_all(Locator::Css(css)).await.expect("a page");
        !found.is_empty()
    }

    /// The text that a person sees in an element.
    pub(crate) async fn text(&self, css: &str) -> String {
        self.find(css).await.text().await.expect("a text")
    }

    /// Clicks.
    pub(crate) async fn click(&self, css: &str) {
        let clicked = self.find(css).await.click().await;
        clicked.unwrap_or_else(|error| panic!("{css}: {error}"));
    }

    /// Clicks on what leads to another page, and waits for that. Under load the driver is back before the browser has
    /// left, and the next step would be taken on the old page.
    pub(crate) async fn follow(&self, css: &str) {
        let mark = "document.documentElement.dataset.left = ''";
        self.client.execute(mark, Vec::new()).await.expect("a page");
        self.click(css).await;
        self.find("html:not([data-left])").await;
    }

    /// Types into a field, in place of what it held.
    pub(crate) async fn fill(&self, css: &str, text: &str) {
        let field = self.find(css).await;
        field.clear().await.expect("a field");
        field.send_keys(text).await.expect("a field");
    }

    /// Host and path of the page.
    pub(crate) async fn url(&self) -> Url {
        self.client.current_url().await.expect("an address")
    }

    /// Presses a key, wherever the focus is.
    pub(crate) async fn press(&self, key: Key) {
        self.keys([key.into()]).await;
    }

    /// Types a text, wherever the focus is.
    pub(crate) async fn type_text(&self, text: &str) {
        self.keys(text.chars()).await;
    }

    async fn keys(&self, keys: impl IntoIterator<Item = char>) {
        let keyboard = keys
            .into_iter()
            .fold(KeyActions::new("keyboard".to_owned()), |all, value| {
                all.then(KeyAction::Down { value }).then(KeyAction::Up { value })
            });
        self.client.perform_actions(keyboard).await.expect("a keyboard");
    }

    /// A command of the Chrome DevTools protocol.
    pub(crate) async fn devtools(&self, command: &str, params: Value) -> Value {
        let body = json!({ "cmd": command, "params": params });
        let answer = self
            .client
            .issue_cmd(Vendor {
                path: "goog/cdp/execute",
                body,
            })
            .await;
        answer.unwrap_or_else(|error| panic!("{command}: {error}"))
    }

    /// What was logged since the last call: `browser` is the console, `performance` the events of the network.
    pub(crate) async fn log(&self, kind: &str) -> Vec<Value> {
        let body = json!({ "type": kind });
        let answer = self.client.issue_cmd(Vendor { path: "se/log", body }).await;
        answer.expect("a log").as_array().cloned().unwrap_or_default()
    }

    async fn what_is_shown(&self) -> String {
        let body: Result<String, CmdError> = async { self.client.find(Locator::Css("body")).await?.text().await }.await;
        format!("{}\n{}", self.url().await, body.unwrap_or_default())
    }
}

/// A command of the Chromium driver's own.
#[derive(Debug)]
struct Vendor {
    path: &'static str,
    body: Value,
}

impl WebDriverCompatibleCommand for Vendor {
    fn endpoint(&self, base: &Url, session: Option<&str>) -> Result<Url, url::ParseError> {
        base.join(&format!("session/{}/{}", session.unwrap_or_default(), self.path))
    }

    fn method_and_body(&self, _: &Url) -> (http::Method, Option<String>) {
        (http::Method::POST, Some(self.body.to_string()))
    }
}
