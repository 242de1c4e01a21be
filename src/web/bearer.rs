//! The access token of a protected route: in the `Authorization` header (RFC 6750 §2.1), and for the APIs of the fediverse
//! in the body. A token in an address would end in logs (RFC 9700 §4.3.2), so one found there is refused rather than
//! overlooked.

use actix_web::HttpRequest;
use actix_web::web::Payload;

use super::body;
use super::client_auth::authorization;
use super::error::BearerError;
use super::fields::Fields;
use crate::oauth::error::ProtocolError;
use crate::oauth::token::PresentedToken;

const IN_QUERY: ProtocolError = ProtocolError::invalid_request("the access token belongs in the Authorization header");

/// What the dialects call a token in a request.
const MEMBERS: [&str; 3] = ["access_token", "bearer_token", "i"];

/// Those of them that are the common endpoints'.
const IN_BODY: [&str; 2] = ["access_token", "bearer_token"];

/// The token of a request.
pub(super) fn access_token(request: &HttpRequest) -> Result<PresentedToken, BearerError> {
    if in_query(request, &IN_BODY) {
        return Err(BearerError::Refused(IN_QUERY.into()));
    }
    authorization(request, "bearer")
        .map(PresentedToken::of)
        .ok_or(BearerError::NoToken)
}

/// The token of a POST, which may have it in its body instead (RFC 6750 §2.2). The header wins.
pub(super) async fn access_token_of_post(
    request: &HttpRequest,
    payload: Payload,
) -> Result<PresentedToken, BearerError> {
    match access_token(request) {
        Err(BearerError::NoToken) => {}
        decided => {
            // Whatever it is, it does not count.
            let _ = body::ignore(payload).await;
            return decided;
        }
    }
    let fields = Fields::from_body(request, payload).await;
    let fields = fields.map_err(|error| BearerError::Refused(error.into()))?;
    let mut given = IN_BODY.iter().filter_map(|name| fields.text(name));
    let token = given.find(|token| !token.is_empty());
    token.map(PresentedToken::of).ok_or(BearerError::NoToken)
}

/// The token of a call to an API of the fediverse, as it was sent: Misskey's are compared in more than one way. The header
/// wins over this member of the body. Empty and `null` are no token: misskey-js sends `"i": null` when it has none.
pub(super) fn token_in_header_or_body<'a>(
    request: &'a HttpRequest,
    fields: &'a Fields,
    member: &str,
) -> Result<Option<&'a str>, ProtocolError> {
    if in_query(request, &MEMBERS) {
        return Err(IN_QUERY);
    }
    let in_header = authorization(request, "bearer").filter(|token| !token.is_empty());
    let in_body = || fields.text(member).filter(|token| !token.is_empty());
    Ok(in_header.or_else(in_body))
}

fn in_query(request: &HttpRequest, names: &[&str]) -> bool {
    url::form_urlencoded::parse(request.query_string().as_bytes()).any(|(name, _)| names.contains(&&*name))
}

#[cfg(test)]
mod tests {
    use actix_web::http::header;
    use actix_web::test::TestRequest;

    use super::*;
    use crate::web::body::tests::{JSON, post};

    async fn read(authorization: &str, body: &str) -> Option<String> {
        let (request, payload) = post("/api/i", JSON, body.to_owned()).await;
        let fields = Fields::from_body(&request, payload).await.unwrap();
        let request = TestRequest::post().insert_header((header::AUTHORIZATION, authorization));
        let request = request.to_http_request();
        let token = token_in_header_or_body(&request, &fields, "i").unwrap();
        token.map(str::to_owned)
    }

    #[tokio::test]
    async fn the_header_wins_over_the_member_that_the_dialect_names() {
        for (authorization, body, expected) in [
            ("Bearer x", r#"{"i":"y"}"#, Some("x")),
            ("bEARER x", "{}", Some("x")),
            ("", r#"{"i":"y"}"#, Some("y")),
            ("Bearer ", r#"{"i":"y"}"#, Some("y")),
            ("Basic YTpi", r#"{"i":"y"}"#, Some("y")),
            ("", r#"{"i":null}"#, None),
            ("", r#"{"i":""}"#, None),
            ("", r#"{"i":["y"]}"#, None),
            ("", r#"{"access_token":"y"}"#, None),
            ("", "", None),
        ] {
            assert_eq!(
                read(authorization, body).await.as_deref(),
                expected,
                "{authorization} {body}"
            );
        }
    }

    #[test]
    fn a_token_in_the_address_is_refused_even_beside_one_in_the_header() {
        for name in MEMBERS {
            let request = TestRequest::get()
                .uri(&format!("/api/i?{name}=x"))
                .insert_header((header::AUTHORIZATION, "Bearer x"));
            let token = token_in_header_or_body(&request.to_http_request(), &Fields::default(), "i").err();
            assert_eq!(token, Some(IN_QUERY), "{name}");
        }
    }
}
