use actix_web::test::TestRequest;

use super::*;

type Pairs = Vec<(String, String)>;

fn request(authorization: Option<&str>) -> HttpRequest {
    let mut request = TestRequest::post();
    if let Some(value) = authorization {
        request = request.insert_header((header::AUTHORIZATION, value));
    }
    request.to_http_request()
}

fn params(body: &str) -> Params {
    Params::parse(body.as_bytes()).unwrap()
}

fn pairs(found: Credentials) -> Pairs {
    found.0.into_iter().map(|one| (one.id, one.secret)).collect()
}

fn read(authorization: Option<&str>, body: &str) -> Result<Option<Pairs>, ErrorCode> {
    credentials(&request(authorization), &params(body))
        .map(|found| found.map(pairs))
        .map_err(|error| error.code)
}

fn basic_header(text: &str) -> String {
    format!("Basic {}", BASE64_STANDARD.encode(text))
}

fn found(candidates: &[(&str, &str)]) -> Result<Option<Pairs>, ErrorCode> {
    let owned = |(id, secret): &(&str, &str)| ((*id).to_owned(), (*secret).to_owned());
    Ok(Some(candidates.iter().map(owned).collect()))
}

#[test]
fn header_or_body_is_read() {
    assert_eq!(read(None, "client_id=a"), Ok(None));
    assert_eq!(read(None, "client_id=a&client_secret=b"), found(&[("a", "b")]));
    assert_eq!(read(Some(&basic_header("a:b")), ""), found(&[("a", "b")]));
    assert_eq!(read(Some(&basic_header("a:b")), "client_id=a"), found(&[("a", "b")]));
    assert_eq!(
        read(Some(&basic_header("a:b").replace("Basic", "bASIC")), ""),
        found(&[("a", "b")])
    );
}

#[test]
fn a_basic_header_is_read_raw_and_decoded_when_the_two_differ() {
    for (header, candidates) in [
        ("a:b:c", &[("a", "b:c")][..]),
        ("a:b-_.~", &[("a", "b-_.~")]),
        ("a:b+c", &[("a", "b+c"), ("a", "b c")]),
        ("a:b%26", &[("a", "b%26"), ("a", "b&")]),
        ("a:b&c=d", &[("a", "b&c=d")]),
        ("a%3Ab:c%26d+e", &[("a%3Ab", "c%26d+e"), ("a:b", "c&d e")]),
        ("a:b%00", &[("a", "b%00")]),
    ] {
        assert_eq!(read(Some(&basic_header(header)), ""), found(candidates), "{header}");
    }
}

#[test]
fn header_and_body_may_say_the_same_and_nothing_else() {
    for (header, body, expected) in [
        ("a:b", "client_id=a&client_secret=b", found(&[("a", "b")])),
        // Now it is known how the header was meant.
        ("a:b+c", "client_id=a&client_secret=b%2Bc", found(&[("a", "b+c")])),
        ("a:b+c", "client_id=a&client_secret=b+c", found(&[("a", "b c")])),
        ("a%3A:b", "client_id=a:", found(&[("a:", "b")])),
        ("a:b", "client_id=a&client_secret=other", Err(ErrorCode::InvalidRequest)),
        ("a:b", "client_id=other&client_secret=b", Err(ErrorCode::InvalidRequest)),
        ("a:b", "client_secret=b", Err(ErrorCode::InvalidRequest)),
        ("a:b", "client_id=other", Err(ErrorCode::InvalidRequest)),
        ("a:", "client_id=other", Err(ErrorCode::InvalidRequest)),
        ("a:", "client_id=other&client_secret=b", Err(ErrorCode::InvalidRequest)),
        (":b", "client_id=a", Err(ErrorCode::InvalidRequest)),
        ("a:", "client_id=a&client_secret=b", found(&[("a", "b")])),
        (":", "client_id=a&client_secret=b", found(&[("a", "b")])),
    ] {
        assert_eq!(read(Some(&basic_header(header)), body), expected, "{header} {body}");
    }
}

fn named(header: Option<&str>, body: &str) -> Result<Vec<String>, ProtocolError> {
    let found = presented(&request(header), &params(body))?;
    assert!(found.iter().all(|one| one.secret.is_none()), "no secret was sent");
    Ok(found.into_iter().map(|one| one.id).collect())
}

#[test]
fn a_public_client_may_name_itself_in_the_header() {
    const APP: &str = "https://app.example/";
    for header in ["https://app.example/:", "https%3A%2F%2Fapp.example%2F:"] {
        let header = basic_header(header);
        for body in ["", "client_id=https://app.example/"] {
            assert_eq!(named(Some(&header), body), Ok(vec![APP.to_owned()]), "{header} {body}");
        }
        assert_eq!(named(Some(&header), "client_id=https://b.example/"), Err(OTHER_CLIENT));
    }
    assert_eq!(named(Some(&basic_header(":")), "client_id=a"), Ok(vec!["a".to_owned()]));
    assert_eq!(named(None, "").unwrap_err().code, ErrorCode::InvalidRequest);
}

#[test]
fn an_empty_secret_counts_as_none() {
    assert_eq!(read(None, "client_id=a&client_secret="), Ok(None));
    assert_eq!(read(Some(&basic_header("a:")), "client_id=a"), Ok(None));
    assert_eq!(read(Some(&basic_header("https://app.example/:")), ""), Ok(None));
}

#[test]
fn a_broken_basic_header_is_invalid_client_and_a_stray_bearer_is_ignored() {
    for broken in ["Basic ///", &basic_header("no colon"), &basic_header("a:\0"), "Basic ="] {
        assert_eq!(read(Some(broken), ""), Err(ErrorCode::InvalidClient), "{broken}");
    }
    for stray in ["Basic", "Bearer x", "bearer YTpi", "Bearer "] {
        assert_eq!(read(Some(stray), "client_id=a"), Ok(None), "{stray}");
        let both = read(Some(stray), "client_id=a&client_secret=b");
        assert_eq!(both, found(&[("a", "b")]), "{stray}");
    }
}

#[test]
fn where_only_the_header_counts_its_absence_is_told_from_an_empty_secret() {
    let only = |header: Option<&str>| {
        basic_only(&request(header))
            .map(|found| found.map(pairs))
            .map_err(|e| e.code)
    };
    assert_eq!(only(None), Ok(None));
    assert_eq!(only(Some("Bearer x")), Ok(None));
    assert_eq!(only(Some(&basic_header("a:b"))), found(&[("a", "b")]));
    assert_eq!(only(Some(&basic_header("a:"))), found(&[("a", "")]));
    assert_eq!(only(Some("Basic ///")), Err(ErrorCode::InvalidClient));
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
        proptest::prop_assert_eq!(pairs(read).pop(), Some((id, secret)));
    }

    #[test]
    fn what_is_sent_as_it_is_comes_back(id in "[^:\0]{1,20}", secret in "[^\0]{1,20}") {
        proptest::prop_assume!(!(secret.ends_with(':') && secret.starts_with("//")));
        let Ok(read) = basic(&BASE64_STANDARD.encode(format!("{id}:{secret}"))) else {
            panic!("a well-formed header was refused");
        };
        proptest::prop_assert_eq!(pairs(read).swap_remove(0), (id, secret));
    }
}
