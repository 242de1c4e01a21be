//! What a browser says it is, kept short, and in plain words for its person.
//!
//! Browsers name one another in this text for reasons of history, so the order of the tables is what tells them apart.
//! What is in none of them is shown as it came: nobody decides anything by it.

use std::net::IpAddr;

use actix_web::HttpRequest;
use actix_web::http::header;

use super::address;
use crate::accounts::sessions::Browser;

/// Longest text that is kept.
const MAX_CHARS: usize = 256;

/// A part of the text, and the browser that alone says it; those that copy others come first.
const BROWSERS: [(&str, &str); 14] = [
    ("Edg/", "Edge"),
    ("EdgA/", "Edge"),
    ("EdgiOS/", "Edge"),
    ("OPR/", "Opera"),
    ("SamsungBrowser/", "Samsung Internet"),
    ("Vivaldi/", "Vivaldi"),
    ("YaBrowser/", "Yandex"),
    ("DuckDuckGo/", "DuckDuckGo"),
    ("FxiOS/", "Firefox"),
    ("Firefox/", "Firefox"),
    ("CriOS/", "Chrome"),
    ("Chromium/", "Chromium"),
    ("Chrome/", "Chrome"),
    ("Safari/", "Safari"),
];

/// The same for systems: Android says Linux as well, and an iPhone that it is like a Mac.
const SYSTEMS: [(&str, &str); 10] = [
    ("iPhone", "iPhone"),
    ("iPad", "iPad"),
    ("Android", "Android"),
    ("CrOS", "ChromeOS"),
    ("Windows", "Windows"),
    ("Macintosh", "macOS"),
    ("Linux", "Linux"),
    ("FreeBSD", "FreeBSD"),
    ("OpenBSD", "OpenBSD"),
    ("NetBSD", "NetBSD"),
];

/// What is kept of the browser behind a request.
pub(super) fn of(request: &HttpRequest, from: IpAddr) -> Browser {
    let said = request.headers().get(header::USER_AGENT);
    let said = said.and_then(|value| value.to_str().ok()).unwrap_or_default().trim();
    let called: Vec<&str> = [name(said), system(said)].into_iter().flatten().collect();
    Browser {
        called: Some(called.join(" · ")).filter(|text| !text.is_empty()),
        user_agent: Some(said.chars().take(MAX_CHARS).collect()).filter(|text: &String| !text.is_empty()),
        address_block: Some(address::block_name(from)),
    }
}

/// The browser that such a text names.
pub(super) fn name(user_agent: &str) -> Option<&'static str> {
    first_in(&BROWSERS, user_agent)
}

/// The system that such a text names.
pub(super) fn system(user_agent: &str) -> Option<&'static str> {
    first_in(&SYSTEMS, user_agent)
}

fn first_in(table: &[(&str, &'static str)], text: &str) -> Option<&'static str> {
    table
        .iter()
        .find(|(part, _)| text.contains(part))
        .map(|(_, name)| *name)
}

#[cfg(test)]
mod tests {
    use actix_web::test::TestRequest;

    use super::*;

    #[test]
    fn browsers_that_name_one_another_are_told_apart() {
        const CHROME: &str = "AppleWebKit/537.36 (KHTML, like Gecko) Chrome/142.0.0.0";
        for (text, browser, on) in [
            (
                "Mozilla/5.0 (X11; Linux x86_64; rv:145.0) Gecko/20100101 Firefox/145.0".to_owned(),
                "Firefox",
                "Linux",
            ),
            (
                format!("Mozilla/5.0 (Windows NT 10.0; Win64; x64) {CHROME} Safari/537.36"),
                "Chrome",
                "Windows",
            ),
            (
                format!("Mozilla/5.0 (Windows NT 10.0; Win64; x64) {CHROME} Safari/537.36 Edg/142.0.0.0"),
                "Edge",
                "Windows",
            ),
            (
                format!("Mozilla/5.0 (X11; CrOS x86_64 14541.0.0) {CHROME} Safari/537.36"),
                "Chrome",
                "ChromeOS",
            ),
            (
                format!("Mozilla/5.0 (Linux; Android 10; K) {CHROME} Mobile Safari/537.36"),
                "Chrome",
                "Android",
            ),
            (
                "Mozilla/5.0 (iPhone; CPU iPhone OS 18_6 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) \
                 Version/18.6 Mobile/15E148 Safari/604.1"
                    .to_owned(),
                "Safari",
                "iPhone",
            ),
            (
                "Mozilla/5.0 (iPad; CPU OS 18_6 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) CriOS/142.0 \
                 Mobile/15E148 Safari/604.1"
                    .to_owned(),
                "Chrome",
                "iPad",
            ),
            (
                "Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) AppleWebKit/605.1.15 (KHTML, like Gecko) \
                 Version/26.0 Safari/605.1.15"
                    .to_owned(),
                "Safari",
                "macOS",
            ),
        ] {
            assert_eq!((name(&text), system(&text)), (Some(browser), Some(on)), "{text}");
        }
        assert_eq!((name("curl/8.5.0"), system("curl/8.5.0")), (None, None));
    }

    #[test]
    fn what_is_kept_is_short_and_without_an_exact_address() {
        let long = "x".repeat(5000);
        let request = TestRequest::get()
            .insert_header((header::USER_AGENT, long))
            .to_http_request();
        let kept = of(&request, "203.0.113.9".parse().unwrap());
        assert_eq!(kept.user_agent.map(|text| text.len()), Some(MAX_CHARS));
        assert_eq!(kept.address_block.as_deref(), Some("203.0.113.0/24"));
        let silent = of(&TestRequest::get().to_http_request(), "203.0.113.9".parse().unwrap());
        assert_eq!(silent.user_agent, None);
    }
}
