//! Every address that programs call: what all of its answers have, whatever is asked and however wrongly.

use std::fs;
use std::path::Path;

use reqwest::Method;

use crate::harness::actors::Answer;
use crate::harness::{Options, TestApp};

/// Who may read the answers, and who may keep them.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
enum Readers {
    /// Scripts of other sites as well.
    Everybody,
    /// Nobody but who asked.
    Caller,
}
use Readers::{Caller, Everybody};

/// Path, who may read it, and whether it may be kept for a while.
const PROGRAMS: [(&str, Readers, bool); 32] = [
    ("/.well-known/oauth-authorization-server", Everybody, true),
    ("/.well-known/openid-configuration", Everybody, true),
    ("/.well-known/nodeinfo", Everybody, true),
    ("/nodeinfo/2.0", Everybody, true),
    ("/api-doc.json", Everybody, true),
    ("/oauth/token", Everybody, false),
    ("/oauth/revoke", Everybody, false),
    ("/oauth/userinfo", Everybody, false),
    ("/oauth/register", Everybody, false),
    ("/oauth/register/unknown", Everybody, false),
    ("/oauth/introspect", Caller, false),
    ("/oauth/token/info", Caller, false),
    ("/oauth/unknown", Caller, false),
    ("/health", Caller, false),
    ("/api/v1/apps", Everybody, false),
    ("/api/v1/apps/verify_credentials", Everybody, false),
    ("/api/v1/unknown", Everybody, false),
    ("/api/v2/unknown", Everybody, false),
    ("/api/app/create", Everybody, false),
    ("/api/app/show", Everybody, false),
    ("/api/auth/session/generate", Everybody, false),
    ("/api/auth/session/show", Everybody, false),
    ("/api/auth/session/userkey", Everybody, false),
    ("/api/auth/session/oauth", Everybody, false),
    ("/api/auth/accept", Everybody, false),
    ("/api/auth/deny", Everybody, false),
    ("/api/miauth/a-session/check", Everybody, false),
    ("/api/client", Everybody, false),
    // Told to whoever is signed in, by their cookie.
    ("/api/client/unknown", Caller, false),
    ("/api/clients", Caller, false),
    ("/api/user", Everybody, false),
    ("/api/unknown", Everybody, false),
];

/// Gancio's say some things in plain text, as its plugin knows them.
const IN_TEXT: [&str; 3] = ["/api/client/unknown", "/api/clients", "/api/user"];

/// What people open: pages are for nobody's scripts.
const PAGES: [&str; 63] = [
    "/oauth/authorize",
    "/oauth/authorize/native",
    "/oauth/authorized_applications",
    "/oauth/applications",
    "/authorize",
    "/auth",
    "/auth/a-session",
    "/miauth/a-session",
    "/sign-in",
    "/sign-in/code",
    "/set-up",
    "/sign-up",
    "/invitation",
    "/consent/unknown",
    "/apps",
    "/apps/revoke-all",
    "/account",
    "/account/sessions",
    "/account/sessions/end",
    "/account/sessions/end-others",
    "/account/sessions/end-all",
    "/account/password",
    "/account/profile",
    "/account/profile/email",
    "/account/activity",
    "/account/confirm",
    "/account/second-step",
    "/account/second-step/set-up",
    "/account/second-step/passkeys",
    "/account/second-step/recovery-codes",
    "/account/second-step/turn-off",
    "/password-link",
    "/admin",
    "/admin/people",
    "/admin/people/nobody",
    "/admin/invitations",
    "/admin/invitations/withdraw",
    "/admin/clients",
    "/admin/clients/remove",
    "/admin/hosts",
    "/admin/tokens",
    "/admin/activity",
    "/admin/settings",
    "/sign-in/passkey/begin",
    "/sign-in/passkey/finish",
    "/sign-in/code/passkey/begin",
    "/sign-in/code/passkey/finish",
    "/account/confirm/passkey/begin",
    "/account/confirm/passkey/finish",
    "/account/passkeys",
    "/account/passkeys/begin",
    "/account/passkeys/finish",
    "/account/passkeys/rename",
    "/account/passkeys/remove",
    "/account/addresses",
    "/account/addresses/add",
    "/account/addresses/check",
    "/account/addresses/remove",
    "/api-doc",
    "/language",
    "/@nobody",
    "/",
    "/nowhere",
];

async fn app() -> TestApp {
    let settings = [
        ("VESTIBULE_REGISTRATION__DYNAMIC", "open"),
        ("VESTIBULE_NODEINFO__SOFTWARE", "mastodon"),
        ("VESTIBULE_NODEINFO__VERSION", "4.6.0"),
    ];
    let environment = settings.map(|(name, value)| (name, value.to_owned())).to_vec();
    let mut options = Options::default();
    options.environment.extend(environment);
    options.start().await
}

async fn send(app: &TestApp, method: &str, path: &str) -> Answer {
    let method = Method::from_bytes(method.as_bytes()).unwrap();
    let request = app
        .http
        .request(method, format!("{}{path}", app.base))
        .header("origin", "https://elsewhere.example")
        .header("access-control-request-method", "POST")
        .header("access-control-request-headers", "x-anything, authorization");
    Answer::to(request).await
}

#[tokio::test]
async fn whatever_is_asked_the_answer_is_json_and_read_by_whom_it_is_for() {
    let app = app().await;
    for (path, readers, kept) in PROGRAMS {
        for method in ["GET", "POST", "PUT", "DELETE", "PATCH"] {
            let answer = send(&app, method, path).await;
            let what = format!("{method} {path}: {answer:?}");
            assert!(answer.status.as_u16() < 500, "{what}");
            let media_type = answer.header("content-type");
            let json = media_type.starts_with("application/json") || answer.status == 204;
            assert!(
                json || (IN_TEXT.contains(&path) && media_type.starts_with("text/plain")),
                "{what}"
            );
            if answer.status != 200 || !kept {
                assert_eq!(answer.header("cache-control"), "no-store", "{what}");
            }
            let origin = answer.header("access-control-allow-origin");
            assert_eq!(origin, if readers == Everybody { "*" } else { "" }, "{what}");
            assert_eq!(answer.header("access-control-allow-credentials"), "", "{what}");
            assert_eq!(answer.header("x-content-type-options"), "nosniff", "{what}");
        }
    }
}

#[tokio::test]
async fn scripts_are_told_beforehand_what_they_may_send() {
    let app = app().await;
    for (path, readers, _) in PROGRAMS {
        let answer = send(&app, "OPTIONS", path).await;
        let what = format!("{path}: {answer:?}");
        if readers == Everybody {
            assert_eq!(answer.status, 204, "{what}");
            assert_eq!(answer.header("access-control-allow-origin"), "*", "{what}");
            assert_eq!(
                answer.header("access-control-allow-headers"),
                "x-anything, authorization",
                "{what}"
            );
            assert!(!answer.header("access-control-allow-methods").is_empty(), "{what}");
        } else {
            assert_eq!(answer.header("access-control-allow-origin"), "", "{what}");
        }
    }
}

#[tokio::test]
async fn pages_are_for_people_alone() {
    let app = app().await;
    for path in PAGES {
        for method in ["GET", "OPTIONS"] {
            let answer = send(&app, method, path).await;
            let what = format!("{method} {path}: {answer:?}");
            assert!(answer.status.as_u16() < 500, "{what}");
            assert_eq!(answer.header("access-control-allow-origin"), "", "{what}");
            assert_eq!(answer.header("x-frame-options"), "DENY", "{what}");
            assert_eq!(answer.header("cache-control"), "no-store", "{what}");
        }
    }
}

/// A resource that is added without a line above fails here.
#[test]
fn no_address_is_forgotten() {
    /// Besides those above: forms that only our own pages send, static files, logos and pictures of people.
    const OTHERS: usize = 5;
    /// Lines above that share a resource with another, in a list of paths or in a loop.
    const JOINED: usize = 11;
    let mut resources = 0;
    let mut folders = vec![Path::new(env!("CARGO_MANIFEST_DIR")).join("src/web")];
    while let Some(folder) = folders.pop() {
        for path in fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()) {
            if path.is_dir() {
                folders.push(path);
                continue;
            }
            let text = fs::read_to_string(&path).unwrap();
            let code = text.lines().map(|line| line.split("//").next().unwrap_or_default());
            resources += code.map(|line| line.matches("resource(").count()).sum::<usize>();
        }
    }
    // `/nowhere` has no resource of its own.
    assert_eq!(
        resources + JOINED,
        PROGRAMS.len() + PAGES.len() - 1 + OTHERS,
        "a line is missing above"
    );
}
