//! Whether a form was sent by a page of ours (RFC 9700 §4.7.1; PKCE does not protect the consent form).
//!
//! The token in the form is a digest of the browser's own cookie, so nothing is stored and an anonymous visitor needs
//! no row. Another site can neither read the cookie nor, with its `__Host-` prefix, set it.

use actix_web::HttpRequest;
use base64::Engine as _;
use base64::prelude::BASE64_URL_SAFE_NO_PAD;
use sha2::{Digest as _, Sha256};
use subtle::ConstantTimeEq;

use crate::oauth::policy::Issuer;

/// The token that belongs to a browser's cookie.
pub(super) fn token_for(cookie: &str) -> String {
    BASE64_URL_SAFE_NO_PAD.encode(Sha256::digest(format!("form:{cookie}").as_bytes()))
}

/// Whether a form comes from a page of ours.
pub(super) fn is_ours(request: &HttpRequest, issuer: &Issuer, cookie: &str, token: &str) -> bool {
    let expected = token_for(cookie);
    let token_fits = expected.as_bytes().ct_eq(token.as_bytes()).into();
    !cookie.is_empty() && token_fits && came_from_here(request, issuer)
}

/// Whether a page was opened by a page of ours, as far as the browser tells: by no link of another site's, and by no address
/// that somebody sent.
pub(super) fn leads_from_here(request: &HttpRequest) -> bool {
    let site = request.headers().get("sec-fetch-site");
    site.is_none_or(|site| site == "same-origin")
}

/// What the browser itself says. `Sec-Fetch-Site` comes first: with `Referrer-Policy: no-referrer` a browser sends
/// `Origin: null` even from our own pages.
fn came_from_here(request: &HttpRequest, issuer: &Issuer) -> bool {
    let header = |name: &str| request.headers().get(name).and_then(|value| value.to_str().ok());
    match (header("sec-fetch-site"), header("origin")) {
        (Some(site), _) => matches!(site, "same-origin" | "none"),
        (None, Some("null") | None) => true,
        // In development the page may have been opened as 127.0.0.1 where the issuer says localhost.
        (None, Some(origin)) if issuer.is_development() => {
            header("host").is_some_and(|host| origin.split("://").nth(1) == Some(host))
        }
        (None, Some(origin)) => origin == issuer.as_str(),
    }
}

#[cfg(test)]
mod tests {
    use actix_web::test::TestRequest;

    use super::*;

    fn accepted(headers: &[(&str, &str)], cookie: &str, token: &str) -> bool {
        let request = headers
            .iter()
            .fold(TestRequest::post(), |request, header| request.insert_header(*header));
        is_ours(
            &request.to_http_request(),
            &Issuer::parse("https://id.example").unwrap(),
            cookie,
            token,
        )
    }

    #[test]
    fn the_token_must_belong_to_the_cookie() {
        assert!(accepted(&[], "cookie", &token_for("cookie")));
        assert!(!accepted(&[], "cookie", &token_for("other")));
        assert!(!accepted(&[], "cookie", ""));
        assert!(!accepted(&[], "", &token_for("")));
    }

    #[test]
    fn a_right_token_from_another_site_is_refused() {
        let token = token_for("cookie");
        for (headers, expected) in [
            (&[("sec-fetch-site", "same-origin"), ("origin", "null")][..], true),
            (&[("sec-fetch-site", "cross-site")], false),
            (&[("sec-fetch-site", "same-site")], false),
            (&[("origin", "https://id.example")], true),
            (&[("origin", "https://evil.example")], false),
            (&[("origin", "null")], true),
        ] {
            assert_eq!(accepted(headers, "cookie", &token), expected, "{headers:?}");
        }
    }
}
