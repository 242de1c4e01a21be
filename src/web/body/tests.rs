use actix_web::FromRequest as _;
use actix_web::test::TestRequest;
use proptest::prelude::*;

use super::*;
use crate::oauth::params::{Params, REPEATED, TOO_MANY};
use crate::web::params::from_body;

pub(in crate::web) const FORM: &str = "application/x-www-form-urlencoded";
pub(in crate::web) const JSON: &str = "application/json";
pub(in crate::web) const MULTIPART: &str = "multipart/form-data; boundary=b";

/// A part for each name and value.
pub(in crate::web) fn multipart(fields: &[(&str, &str)]) -> String {
    let part = |(name, value): &(&str, &str)| {
        format!("--b\r\nContent-Disposition: form-data; name=\"{name}\"\r\n\r\n{value}\r\n")
    };
    fields.iter().map(part).collect::<String>() + "--b--\r\n"
}

/// A POST to this address with this type and body.
pub(in crate::web) async fn post(uri: &str, content_type: &str, body: impl Into<Vec<u8>>) -> (HttpRequest, Payload) {
    let request = TestRequest::post()
        .uri(uri)
        .insert_header((header::CONTENT_TYPE, content_type));
    let (request, mut payload) = request.set_payload(body.into()).to_http_parts();
    let payload = Payload::from_request(&request, &mut payload).await.unwrap();
    (request, payload)
}

async fn params(uri: &str, content_type: &str, body: impl Into<Vec<u8>>) -> Result<Params, ProtocolError> {
    let (request, payload) = post(uri, content_type, body).await;
    from_body(&request, payload).await
}

#[tokio::test]
async fn one_request_is_the_same_in_every_encoding() {
    let value = "a b&c=d+\u{e9}\r\nx";
    let encoded: String = url::form_urlencoded::byte_serialize(value.as_bytes()).collect();
    for (content_type, body) in [
        (FORM, format!("state={encoded}")),
        (MULTIPART, multipart(&[("state", value)])),
        ("Multipart/Form-Data; boundary=\"b\"", multipart(&[("state", value)])),
        (JSON, format!("{{\"state\":{}}}", serde_json::json!(value))),
        (
            "Application/JSON; charset=utf-8",
            format!("{{\"state\":{}}}", serde_json::json!(value)),
        ),
    ] {
        let read = params("/oauth/token", content_type, body).await.unwrap();
        assert_eq!(read.get("state"), Some(value), "{content_type}");
    }
}

#[tokio::test]
async fn an_empty_body_has_no_parameters_whatever_it_calls_itself() {
    for content_type in [FORM, JSON, MULTIPART, "text/plain", ""] {
        assert!(params("/oauth/token", content_type, "").await.unwrap() == Params::default());
    }
}

#[tokio::test]
async fn a_body_of_another_type_is_refused() {
    for content_type in ["text/plain", "", "application/jsonp", "multipart/mixed; boundary=b"] {
        let read = params("/oauth/token", content_type, "a=b").await;
        assert_eq!(read.unwrap_err(), MEDIA_TYPE, "{content_type}");
    }
}

#[tokio::test]
async fn numbers_and_booleans_in_json_count_as_they_are_written() {
    let body = r#"{"a":12345678901234567890123,"b":true,"c":false,"d":-1.50,"e":null,"f":["x"],"g":{"h":[[1]]}}"#;
    let read = params("/oauth/token", JSON, body).await.unwrap();
    assert_eq!(read.get("a"), Some("12345678901234567890123"));
    assert_eq!((read.get("b"), read.get("c")), (Some("true"), Some("false")));
    assert_eq!(read.get("d"), Some("-1.50"));
    for left_out in ["e", "f", "g", "h"] {
        assert_eq!(read.get(left_out), None, "{left_out}");
    }
}

#[tokio::test]
async fn a_name_given_twice_is_refused_in_every_encoding() {
    for (uri, content_type, body) in [
        ("/", FORM, "a=1&a=1".to_owned()),
        ("/", MULTIPART, multipart(&[("a", "1"), ("a", "2")])),
        ("/", JSON, r#"{"a":"1","a":"2"}"#.to_owned()),
        ("/", JSON, r#"{"a":"1","\u0061":null}"#.to_owned()),
        ("/", JSON, r#"{"a":[],"a":"2"}"#.to_owned()),
        ("/?a=1", FORM, "a=1".to_owned()),
        ("/?a=", MULTIPART, multipart(&[("a", "1")])),
        ("/?a=1", JSON, r#"{"a":null}"#.to_owned()),
        ("/?a=1&a=2", FORM, String::new()),
    ] {
        let read = params(uri, content_type, body.as_str()).await;
        assert_eq!(read.unwrap_err(), REPEATED, "{uri} {body}");
    }
}

#[tokio::test]
async fn what_is_no_secret_may_come_in_the_query() {
    for (content_type, body) in [
        (FORM, "code=x".to_owned()),
        (MULTIPART, multipart(&[("code", "x")])),
        (JSON, r#"{"code":"x"}"#.to_owned()),
    ] {
        let uri = "/oauth/token?grant_type=authorization_code&client_id=a&redirect_uri=b&scope=c&state=d&lang=None&x=y";
        let read = params(uri, content_type, body).await.unwrap();
        let all = [
            "grant_type",
            "client_id",
            "redirect_uri",
            "scope",
            "state",
            "lang",
            "x",
            "code",
        ];
        assert_eq!(
            all.map(|name| read.get(name).unwrap()).join(" "),
            "authorization_code a b c d None y x",
            "{content_type}"
        );
    }
}

#[tokio::test]
async fn a_secret_in_the_query_is_refused() {
    for secret in SECRETS {
        for query in [
            format!("{secret}=x"),
            format!("a=b&{secret}="),
            format!("{secret}[]=x"),
            secret.replacen('c', "%63", 1),
        ] {
            for body in ["", "a=b", &format!("{secret}=x")] {
                let read = params(&format!("/oauth/token?{query}"), FORM, body).await;
                assert_eq!(read.unwrap_err(), SECRET_IN_QUERY, "{query} {body}");
            }
        }
    }
}

#[tokio::test]
async fn limits_hold_in_every_encoding() {
    let names: Vec<String> = (0..100).map(|n| format!("p{n}")).collect();
    let fields: Vec<(&str, &str)> = names.iter().map(|name| (name.as_str(), "1")).collect();
    let object = names
        .iter()
        .map(|name| format!("\"{name}\":[]"))
        .collect::<Vec<_>>()
        .join(",");
    let form = fields
        .iter()
        .map(|(name, value)| format!("{name}={value}"))
        .collect::<Vec<_>>()
        .join("&");
    for (content_type, body) in [
        (FORM, form),
        (MULTIPART, multipart(&fields)),
        (JSON, format!("{{{object}}}")),
    ] {
        let read = params("/", content_type, body).await;
        assert_eq!(read.unwrap_err(), TOO_MANY, "{content_type}");
    }
    let large = "x".repeat(MAX_BODY_BYTES + 1);
    for content_type in [FORM, MULTIPART, JSON] {
        let read = params("/", content_type, large.as_str()).await;
        assert_eq!(read.unwrap_err(), TOO_LARGE, "{content_type}");
    }
}

#[tokio::test]
async fn an_object_that_is_none_is_refused() {
    for body in [
        "[]",
        "\"a\"",
        "1",
        "null",
        "{",
        "{\"a\"}",
        "{\"a\":1}x",
        "a=b",
        "{\"a\":\"\\ud800\"}",
    ] {
        assert!(params("/", JSON, body).await.is_err(), "{body}");
    }
    assert!(params("/", JSON, b"{\"a\":\"\xff\"}".as_slice()).await.is_err());
}

#[tokio::test]
async fn depth_below_a_member_costs_nothing() {
    let deep = format!("{{\"a\":{}{},\"b\":\"c\"}}", "[".repeat(30_000), "]".repeat(30_000));
    let read = params("/", JSON, deep).await.unwrap();
    assert_eq!((read.get("a"), read.get("b")), (None, Some("c")));
}

#[tokio::test]
async fn a_multipart_body_holds_plain_fields_only() {
    let part = |headers: &str| format!("--b\r\n{headers}\r\n\r\nx\r\n--b--\r\n");
    let with_file = part("Content-Disposition: form-data; name=\"code\"; filename=\"a.txt\"");
    for (content_type, body) in [
        (MULTIPART, with_file),
        (MULTIPART, part("Content-Disposition: form-data")),
        (MULTIPART, part("Content-Type: text/plain")),
        (
            MULTIPART,
            "--b\r\nContent-Disposition: form-data; name=\"a\"\r\n\r\nx".to_owned(),
        ),
        (MULTIPART, "x".to_owned()),
        ("multipart/form-data", multipart(&[("a", "b")])),
        ("multipart/form-data; boundary=other", multipart(&[("a", "b")])),
    ] {
        assert!(
            params("/", content_type, body.as_str()).await.is_err(),
            "{content_type} {body}"
        );
    }
    let typed = part("Content-Disposition: form-data; name=\"code\"\r\nContent-Type: text/plain; charset=iso-8859-1");
    assert_eq!(params("/", MULTIPART, typed).await.unwrap().get("code"), Some("x"));
}

#[tokio::test]
async fn text_that_is_not_utf8_or_has_a_nul_is_refused_in_every_encoding() {
    for (content_type, body) in [
        (FORM, b"a=%ff".to_vec()),
        (FORM, b"a=%00".to_vec()),
        (JSON, b"{\"a\":\"\\u0000\"}".to_vec()),
        (MULTIPART, multipart(&[("a", "\0")]).into_bytes()),
        (
            MULTIPART,
            multipart(&[("a", "b")])
                .replace("\r\nb\r\n", "\r\n\u{fe}\r\n")
                .into_bytes()
                .into_iter()
                .filter(|byte| *byte != 0xc3)
                .collect(),
        ),
    ] {
        let read = params("/", content_type, body).await;
        assert!(read.is_err(), "{content_type}");
    }
}

#[tokio::test]
async fn a_body_that_is_ignored_is_still_bounded() {
    for (content_type, body) in [
        ("", ""),
        (JSON, "{}"),
        (JSON, "{"),
        ("text/plain", "\u{fffd}\0"),
        (MULTIPART, "x"),
    ] {
        let (_, payload) = post("/", content_type, body).await;
        assert_eq!(ignore(payload).await, Ok(()), "{content_type} {body}");
    }
    let (_, payload) = post("/", "", vec![b'x'; MAX_BODY_BYTES + 1]).await;
    assert_eq!(ignore(payload).await, Err(TOO_LARGE));
}

proptest! {
    #[test]
    fn any_bytes_are_read_or_refused(raw in proptest::collection::vec(any::<u8>(), 0..400)) {
        for content_type in [FORM, JSON, MULTIPART] {
            let _ = decode(content_type, raw.clone());
        }
    }

    #[test]
    fn anything_like_multipart_is_read_or_refused(
        raw in "(--b|--|\r\n|Content-Disposition: form-data|; name=|\"|a|:|; filename=\"x\"|\r\n\r\n|[^b]){0,30}",
        boundary in "\\PC{0,20}",
    ) {
        let _ = decode(MULTIPART, raw.clone().into_bytes());
        let _ = decode(&format!("multipart/form-data; boundary={boundary}"), raw.into_bytes());
    }

    #[test]
    fn anything_like_json_is_read_or_refused(raw in "(\\{|\\}|\"a\"|:|,|\\[|\\]|1|-|e|null|true|\"\\\\u|d800){0,30}") {
        let _ = decode(JSON, raw.clone().into_bytes());
        let _ = decode(JSON, format!("{{\"a\":{raw}}}").into_bytes());
    }

    #[test]
    fn what_is_sent_in_parts_comes_back(value in "[^\0]{0,60}") {
        let mut members = decode(MULTIPART, multipart(&[("a", &value), ("b", "x")]).into_bytes()).unwrap();
        prop_assert!(members.remove(0) == ("a".to_owned(), Member::Text(value)));
        prop_assert!(members.remove(0) == ("b".to_owned(), Member::Text("x".to_owned())));
    }
}
