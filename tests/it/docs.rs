//! The pages under `docs/` do what they say: every page with a `sh` block is run against a server of its own.
//!
//! All `sh` blocks of a page run in order in one `bash -euo pipefail`. It has:
//!
//! - `ISSUER`: the server.
//! - `APP`: a web site of an app, whatever is asked of it. It answers with the first `html` block of the page, if there is
//!   one.
//! - `browser URL`: a person who opens the address in a browser, signs in when asked and says yes. It prints the address
//!   that the browser is sent to at the end.
//!
//! A `json` block directly after a `sh` block is what that block prints: the same members, the same values. In it `…` stands
//! for any text, alone or inside one, `0` for any number, `$ISSUER` and `$APP` for what they are.

use std::fs;
use std::path::Path;
use std::process::{Command, Output};

use reqwest::StatusCode;
use serde_json::Value;

use crate::harness::{ClientSite, Options, TestApp};

mod browser;
mod page;

use browser::Browser;
use page::{Page, Step};

/// Reads the pages that can be run.
fn pages() -> Vec<Page> {
    let docs = Path::new(env!("CARGO_MANIFEST_DIR")).join("docs");
    let mut paths: Vec<_> = fs::read_dir(docs).unwrap().map(|entry| entry.unwrap().path()).collect();
    paths.retain(|path| path.extension().is_some_and(|extension| extension == "md"));
    paths.sort();
    let read = |path: &std::path::PathBuf| {
        let name = path.file_name().unwrap().to_string_lossy().into_owned();
        Page::parse(name, &fs::read_to_string(path).unwrap())
    };
    let mut pages: Vec<Page> = paths.iter().map(read).collect();
    pages.retain(|page| !page.steps.is_empty());
    pages
}

/// A server where everything is open, and what a page needs around it.
struct Stage {
    app: TestApp,
    site: ClientSite,
    browser: Browser,
    folder: tempfile::TempDir,
}

impl Stage {
    async fn set() -> Stage {
        let options = Options::default().set("VESTIBULE_REGISTRATION__DYNAMIC", "open");
        let (app, site) = (options.start().await, ClientSite::start().await);
        let browser = Browser::of_somebody(&app).await;
        Stage {
            app,
            site,
            browser,
            folder: tempfile::tempdir().unwrap(),
        }
    }

    /// Runs every block of a page; gives what each printed.
    async fn run(&self, page: &Page) -> (Output, Vec<String>) {
        if let Some(html) = &page.html {
            self.site.page(html);
        }
        let script = self.folder.path().join("page.sh");
        fs::write(&script, self.script(page)).unwrap();
        let mut bash = Command::new("bash");
        bash.arg(&script)
            .current_dir(self.folder.path())
            .env("ISSUER", &self.app.issuer)
            .env("APP", self.site.url(""))
            .env("BROWSER", self.browser.address())
            .env("no_proxy", "*");
        let ran = tokio::task::spawn_blocking(move || bash.output());
        let output = ran.await.unwrap().expect("bash runs");
        let printed = (0..page.steps.len()).map(|at| {
            let printed = fs::read_to_string(self.folder.path().join(format!("{at}.out")));
            printed.unwrap_or_default()
        });
        (output, printed.collect())
    }

    /// The blocks in one session, each with its output in a file of its own.
    fn script(&self, page: &Page) -> String {
        let mut script = "set -euo pipefail\n\
             browser() {\n\
             local end\n\
             end=$(curl -sS --fail-with-body --data-urlencode \"url=$1\" \"$BROWSER\") || { echo \"$end\" >&2; return 1; }\n\
             echo \"$end\"\n\
             }\n"
            .to_owned();
        for (at, step) in page.steps.iter().enumerate() {
            script.push_str(&format!("{{\n{}\n}} > {at}.out\n", step.shell));
        }
        script
    }

    /// What is expected, with the places where it happened.
    fn here(&self, expected: &str) -> String {
        expected
            .replace("$ISSUER", &self.app.issuer)
            .replace("$APP", &self.site.url(""))
    }
}

/// What is wrong with what a block printed.
fn difference(step: &Step, printed: &str, stage: &Stage) -> Option<String> {
    let expected: Value = serde_json::from_str(&stage.here(step.prints.as_deref()?)).expect("JSON in the page");
    match serde_json::from_str(printed) {
        Ok(printed) => page::difference(&expected, &printed, "the answer"),
        Err(_) => Some(format!("this is no JSON: {printed}")),
    }
}

async fn check(page: &Page) -> Result<(), String> {
    let stage = Stage::set().await;
    let (output, printed) = stage.run(page).await;
    for (step, printed) in page.steps.iter().zip(&printed) {
        if let Some(difference) = difference(step, printed, &stage) {
            return Err(format!("docs/{}: {difference}\n{}\n{printed}", page.name, step.shell));
        }
    }
    if output.status.success() {
        return Ok(());
    }
    let said = String::from_utf8_lossy(&output.stderr);
    Err(format!("docs/{}: {said}\n{printed:#?}", page.name))
}

#[tokio::test]
async fn every_page_does_what_it_says() {
    let pages = pages();
    let names: Vec<&str> = pages.iter().map(|page| page.name.as_str()).collect();
    for known in ["mastodon.md", "indieauth.md"] {
        assert!(names.contains(&known), "{names:?}");
    }
    for page in &pages {
        if let Err(wrong) = check(page).await {
            panic!("{wrong}");
        }
    }
}

#[tokio::test]
async fn a_page_that_does_something_else_is_found_out() {
    for (page, wrong) in [
        ("```sh\nfalse\n```\n", "docs/page.md"),
        ("```sh\necho $UNKNOWN\n```\n", "UNKNOWN"),
        (
            "```sh\necho '{\"a\": 1}'\n```\n\n```json\n{\"a\": 2}\n```\n",
            "the answer.a",
        ),
        ("```sh\necho x\n```\n```json\n{}\n```\n", "no JSON"),
        ("```sh\nbrowser \"$ISSUER/nowhere\"\n```\n", "There is no such page"),
    ] {
        let told = check(&Page::parse("page.md".to_owned(), page)).await.unwrap_err();
        assert!(told.contains(wrong), "{told}");
    }
}

#[tokio::test]
async fn a_browser_says_where_it_ends_and_what_it_cannot_open() {
    let stage = Stage::set().await;
    let open = async |url: &str| {
        let form = [("url", url)];
        let body = crate::harness::actors::encode(&form);
        let request = stage.app.http.post(stage.browser.address()).body(body);
        let answer = crate::harness::actors::Answer::to(request).await;
        (answer.status, answer.body)
    };
    let (status, end) = open(&format!("{}/apps", stage.app.issuer)).await;
    assert_eq!((status, end), (StatusCode::OK, format!("{}/apps\n", stage.app.issuer)));
    let (status, page) = open(&format!("{}/oauth/authorize?client_id=unknown", stage.app.issuer)).await;
    assert_eq!(status, StatusCode::BAD_GATEWAY, "{page}");
}
