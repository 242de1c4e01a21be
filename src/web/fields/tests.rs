use proptest::prelude::*;

use super::*;
use crate::web::body::tests::{FORM, JSON, MULTIPART, multipart, post};

async fn read(content_type: &str, body: &str) -> Result<Fields, ProtocolError> {
    let (request, payload) = post("/api/v1/apps", content_type, body).await;
    Fields::from_body(&request, payload).await
}

#[tokio::test]
async fn a_list_is_the_same_in_every_shape() {
    for (content_type, body) in [
        (JSON, r#"{"uris":["a","b c"]}"#.to_owned()),
        (FORM, "uris[]=a&uris[]=b+c".to_owned()),
        (FORM, "uris%5B%5D=a&x=y&uris%5B%5D=b+c".to_owned()),
        (FORM, "uris[1]=b+c&uris[0]=a".to_owned()),
        (FORM, "uris[10]=b+c&uris[9]=a".to_owned()),
        (MULTIPART, multipart(&[("uris[0]", "a"), ("uris[1]", "b c")])),
        (MULTIPART, multipart(&[("uris[]", "a"), ("uris[]", "b c")])),
    ] {
        let fields = read(content_type, &body).await.unwrap();
        assert_eq!(fields.list("uris"), Some(vec!["a", "b c"]), "{body}");
        assert_eq!(fields.expect_list("uris"), Ok(Some(vec!["a", "b c"])), "{body}");
        assert_eq!(fields.text("uris"), None, "{body}");
    }
}

#[tokio::test]
async fn a_plain_text_is_a_list_of_one_and_still_a_text() {
    for (content_type, body) in [
        (JSON, r#"{"uris":"a\nb"}"#.to_owned()),
        (FORM, "uris=a%0Ab".to_owned()),
        (MULTIPART, multipart(&[("uris", "a\nb")])),
    ] {
        let fields = read(content_type, &body).await.unwrap();
        assert_eq!(fields.list("uris"), Some(vec!["a\nb"]), "{body}");
        assert_eq!(fields.text("uris"), Some("a\nb"), "{body}");
    }
}

#[tokio::test]
async fn one_list_is_written_in_one_way() {
    for body in [
        "a=1&a=2",
        "a=1&a[]=2",
        "a[]=1&a=2",
        "a[]=1&a[0]=2",
        "a[0]=1&a[]=2",
        "a[0]=1&a[0]=2",
        "a[1]=1&a[0]=2&a[01]=3",
    ] {
        assert_eq!(read(FORM, body).await.err(), Some(REPEATED), "{body}");
    }
    assert_eq!(read(JSON, r#"{"a":["1"],"a":["1"]}"#).await.err(), Some(REPEATED));
    let (request, payload) = post("/?a[]=1", JSON, r#"{"a":["1"]}"#).await;
    assert_eq!(Fields::from_body(&request, payload).await.err(), Some(REPEATED));
}

#[tokio::test]
async fn fields_may_come_in_the_query_but_no_secrets() {
    let (request, payload) = post("/?uris[]=a&name=b", JSON, r#"{"scopes":"read"}"#).await;
    let fields = Fields::from_body(&request, payload).await.unwrap();
    assert_eq!(fields.list("uris"), Some(vec!["a"]));
    assert_eq!((fields.text("name"), fields.text("scopes")), (Some("b"), Some("read")));
    for query in ["i=x", "appSecret=x", "token[]=x"] {
        let (request, payload) = post(&format!("/?{query}"), JSON, "{}").await;
        assert!(Fields::from_body(&request, payload).await.is_err(), "{query}");
    }
}

#[tokio::test]
async fn an_object_an_empty_body_and_a_form_are_calls_of_misskeys_api() {
    for (content_type, body) in [(JSON, "{}"), (JSON, ""), ("", ""), (FORM, "")] {
        assert!(
            read(content_type, body).await.unwrap().0.is_empty(),
            "{content_type} {body}"
        );
    }
    assert_eq!(read(FORM, "name=x").await.unwrap().text("name"), Some("x"));
}

#[tokio::test]
async fn absent_null_empty_and_wrong_are_told_apart() {
    let body = r#"{"null":null,"empty":"","number":7,"yes":true,"mixed":["a",1],"nested":[["a"]],"object":{"a":"b"},"none":[]}"#;
    let fields = read(JSON, body).await.unwrap();
    assert!(fields.is_null("null") && !fields.is_null("absent") && !fields.is_null("empty"));
    for left_out in ["absent", "null", "a"] {
        assert_eq!(fields.expect_text(left_out), Ok(None), "{left_out}");
        assert_eq!(fields.expect_list(left_out), Ok(None), "{left_out}");
        assert_eq!(
            (fields.text(left_out), fields.list(left_out)),
            (None, None),
            "{left_out}"
        );
    }
    assert_eq!(
        (fields.text("empty"), fields.expect_text("empty")),
        (Some(""), Ok(Some("")))
    );
    assert_eq!((fields.text("number"), fields.text("yes")), (Some("7"), Some("true")));
    for no_text in ["number", "yes", "mixed", "nested", "object", "none"] {
        assert_eq!(
            fields.expect_text(no_text),
            Err(WrongType {
                reason: "must be string"
            }),
            "{no_text}"
        );
    }
    for no_list in ["number", "yes", "mixed", "nested", "object"] {
        assert_eq!(
            fields.expect_list(no_list),
            Err(WrongType {
                reason: "must be array of strings"
            }),
            "{no_list}"
        );
    }
    for nothing in ["mixed", "nested", "object"] {
        assert_eq!((fields.text(nothing), fields.list(nothing)), (None, None), "{nothing}");
    }
    assert_eq!(fields.list("none"), Some(vec![]));
}

#[tokio::test]
async fn members_of_objects_are_other_fields() {
    let fields = read(FORM, "a[b]=1&c[0][d]=2&e[-1]=3&f[99999]=4&a=5").await.unwrap();
    assert_eq!(fields.list("a"), Some(vec!["5"]));
    for name in ["c", "e", "f"] {
        assert_eq!(fields.list(name), None, "{name}");
    }
}

#[tokio::test]
async fn every_value_of_a_list_is_held_to_the_limits() {
    let long = "x".repeat(20_000);
    for bad in ["\0", "\u{fffd}", &long] {
        assert!(
            read(JSON, &serde_json::json!({ "a": ["b", bad] }).to_string())
                .await
                .is_err()
        );
        assert!(read(JSON, &serde_json::json!({ "a": bad }).to_string()).await.is_err());
        assert!(read(JSON, &serde_json::json!({ bad: "a" }).to_string()).await.is_err());
        assert!(read(MULTIPART, &multipart(&[("a[]", bad)])).await.is_err());
    }
    let permissions = |count: usize| (0..count).map(|n| n.to_string()).collect::<Vec<_>>();
    for (count, fits) in [(MAX_VALUES, true), (MAX_VALUES + 1, false)] {
        let json = serde_json::json!({ "a": permissions(count) }).to_string();
        let form = permissions(count)
            .iter()
            .map(|n| format!("a[]={n}"))
            .collect::<Vec<_>>()
            .join("&");
        assert_eq!(read(JSON, &json).await.is_ok(), fits);
        assert_eq!(read(FORM, &form).await.is_ok(), fits);
    }
}

proptest! {
    #[test]
    fn any_names_are_read_or_refused(names in proptest::collection::vec("(a|b|\\[|\\]|0|9|65536|\\PC){0,8}", 0..20)) {
        let members = names.into_iter().map(|name| (name, Member::Text("x".to_owned())));
        let _ = Fields::collect(members.collect());
    }
}
