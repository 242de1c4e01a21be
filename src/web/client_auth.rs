//! How a caller authenticates: `Authorization: Basic`, the body, or not at all, and never two at once (RFC 6749 §2.3).

use actix_web::HttpRequest;
use actix_web::http::header;
use base64::Engine as _;
use base64::prelude::BASE64_STANDARD;

use crate::oauth::error::{ErrorCode, ProtocolError};
use crate::oauth::params::Params;

/// What a caller authenticates with. The secret does not show itself: there is no `Debug`.
pub(super) struct Credentials {
    pub(super) id: String,
    pub(super) secret: String,
}

const MALFORMED: ProtocolError = ProtocolError::new(
    ErrorCode::InvalidClient,
    "the Authorization header is not a readable Basic header",
);
const TWICE: ProtocolError =
    ProtocolError::invalid_request("the client authenticates both in the Authorization header and in the body");
const PUBLIC: ProtocolError = ProtocolError::new(
    ErrorCode::InvalidClient,
    "a client that is known by its address has no secret; send client_id without client_secret",
);

/// The credentials of a request, if it has any. An empty secret counts as none: libraries send it for public clients.
pub(super) fn credentials(request: &HttpRequest, params: &Params) -> Result<Option<Credentials>, ProtocolError> {
    let basic = basic_header(request)?.filter(|credentials| !credentials.secret.is_empty());
    let body = params.get("client_secret").map(|secret| Credentials {
        id: params.get("client_id").unwrap_or_default().to_owned(),
        secret: secret.to_owned(),
    });
    match (basic, body) {
        (Some(_), Some(_)) => Err(TWICE),
        (basic, body) => Ok(basic.or(body)),
    }
}

fn basic_header(request: &HttpRequest) -> Result<Option<Credentials>, ProtocolError> {
    authorization(request, "basic").map(basic).transpose()
}

/// The parameters of a public client, which may name itself in a Basic header with an empty secret instead of the body.
/// One with a secret is refused: URL clients have none, and that is a mistake worth telling.
pub(super) fn public_client(request: &HttpRequest, params: Params) -> Result<Params, ProtocolError> {
    if credentials(request, &params)?.is_some() {
        return Err(PUBLIC);
    }
    Ok(match basic_header(request)? {
        Some(named) => params.or("client_id", named.id),
        None => params,
    })
}

/// The value of an `Authorization` header of this scheme (RFC 9110 §11.1: schemes have no case).
pub(super) fn authorization<'a>(request: &'a HttpRequest, scheme: &str) -> Option<&'a str> {
    let value = request.headers().get(header::AUTHORIZATION)?.to_str().ok()?;
    let (given, rest) = value.split_once(' ')?;
    given.eq_ignore_ascii_case(scheme).then(|| rest.trim())
}

/// RFC 6749 §2.3.1: both halves are form-encoded before they are joined. Some libraries forget it, and the id of a URL
/// client has colons of its own; with an empty secret it is still clear what they mean.
fn basic(encoded: &str) -> Result<Credentials, ProtocolError> {
    let decoded = BASE64_STANDARD
        .decode(encoded)
        .ok()
        .and_then(|bytes| String::from_utf8(bytes).ok());
    let decoded = decoded.filter(|text| !text.contains('\0')).ok_or(MALFORMED)?;
    let (id, secret) = match decoded.strip_suffix(':') {
        Some(id) if id.contains("://") => {
            return Ok(Credentials {
                id: id.to_owned(),
                secret: String::new(),
            });
        }
        Some(id) => (id, ""),
        None => decoded.split_once(':').ok_or(MALFORMED)?,
    };
    let credentials = Credentials {
        id: form_decoded(id),
        secret: form_decoded(secret),
    };
    let nul = credentials.id.contains('\0') || credentials.secret.contains('\0');
    if nul { Err(MALFORMED) } else { Ok(credentials) }
}

fn form_decoded(half: &str) -> String {
    let pair = format!("x={}", half.replace('&', "%26"));
    let mut pairs = url::form_urlencoded::parse(pair.as_bytes());
    pairs.next().map(|(_, value)| value.into_owned()).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use actix_web::test::TestRequest;

    use super::*;

    fn read(header: Option<&str>, body: &str) -> Result<Option<(String, String)>, ErrorCode> {
        let mut request = TestRequest::post();
        if let Some(value) = header {
            request = request.insert_header((header::AUTHORIZATION, value));
        }
        credentials(&request.to_http_request(), &Params::parse(body.as_bytes()).unwrap())
            .map(|found| found.map(|credentials| (credentials.id, credentials.secret)))
            .map_err(|error| error.code)
    }

    fn basic_header(text: &str) -> String {
        format!("Basic {}", BASE64_STANDARD.encode(text))
    }

    #[test]
    fn one_method_is_read_and_two_are_refused() {
        let pair = |id: &str, secret: &str| Ok(Some((id.to_owned(), secret.to_owned())));
        assert_eq!(read(None, "client_id=a"), Ok(None));
        assert_eq!(read(None, "client_id=a&client_secret=b"), pair("a", "b"));
        assert_eq!(read(Some(&basic_header("a:b")), ""), pair("a", "b"));
        assert_eq!(read(Some(&basic_header("a%3Ab:c%26d+e")), ""), pair("a:b", "c&d e"));
        assert_eq!(
            read(Some(&basic_header("a:b")), "client_secret=b"),
            Err(ErrorCode::InvalidRequest)
        );
    }

    #[test]
    fn a_public_client_may_name_itself_in_the_header() {
        for header in ["https://app.example/:", "https%3A%2F%2Fapp.example%2F:"] {
            let request = TestRequest::post().insert_header((header::AUTHORIZATION, basic_header(header)));
            let params = public_client(&request.to_http_request(), Params::default()).unwrap();
            assert_eq!(params.get("client_id"), Some("https://app.example/"), "{header}");
        }
    }

    #[test]
    fn an_empty_secret_counts_as_none() {
        assert_eq!(read(None, "client_id=a&client_secret="), Ok(None));
        assert_eq!(read(Some(&basic_header("a:")), "client_id=a"), Ok(None));
    }

    #[test]
    fn a_broken_basic_header_is_invalid_client_and_a_stray_bearer_is_ignored() {
        for broken in ["Basic ///", &basic_header("no colon"), "Basic"] {
            let expected = if broken == "Basic" {
                Ok(None)
            } else {
                Err(ErrorCode::InvalidClient)
            };
            assert_eq!(read(Some(broken), ""), expected, "{broken}");
        }
        assert_eq!(read(Some("Bearer x"), "client_id=a"), Ok(None));
    }

    proptest::proptest! {
        #[test]
        fn any_basic_header_is_read_or_refused(encoded in "\\PC{0,60}|[A-Za-z0-9+/=]{0,60}") {
            let _ = basic(&encoded);
        }

        #[test]
        fn what_is_encoded_as_the_rfc_says_comes_back(id in "\\PC{1,20}", secret in "\\PC{1,20}") {
            let half = |text: &str| url::form_urlencoded::byte_serialize(text.as_bytes()).collect::<String>();
            let Ok(read) = basic(&BASE64_STANDARD.encode(format!("{}:{}", half(&id), half(&secret)))) else {
                panic!("a well-formed header was refused");
            };
            proptest::prop_assert_eq!((read.id, read.secret), (id, secret));
        }
    }
}
