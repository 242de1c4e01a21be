use super::*;

fn alice() -> Person {
    Person {
        name: Some("Alice Liddell".to_owned()),
        website: Some("https://alice.example/".to_owned()),
        photo: Some("p1".to_owned()),
        email: Some(Email {
            address: "alice@alice.example".to_owned(),
            is_verified: true,
        }),
        ..Person::new(Username::parse("alice").unwrap())
    }
}

fn told(person: &Person, scope: &str) -> Option<ProfileInformation> {
    let me = ProfileUrl::parse("https://id.example/@alice").unwrap();
    let issuer = Issuer::parse("https://id.example").unwrap();
    person.told(&Scope::parse(scope).unwrap(), &me, &issuer)
}

/// Scope → what is told of somebody who has told everything.
#[test]
fn each_scope_tells_its_members_and_email_only_beside_profile() {
    let public = serde_json::json!({
        "name": "Alice Liddell",
        "url": "https://alice.example/",
        "photo": "https://id.example/photo/p1",
    });
    let mut all = public.clone();
    all["email"] = "alice@alice.example".into();
    all["email_verified"] = true.into();
    for (scope, expected) in [
        ("create", serde_json::Value::Null),
        ("email", serde_json::Value::Null),
        ("email create", serde_json::Value::Null),
        ("profile", public.clone()),
        ("profile create", public),
        ("profile email", all.clone()),
        ("email profile", all),
    ] {
        assert_eq!(serde_json::json!(told(&alice(), scope)), expected, "{scope}");
    }
}

#[test]
fn what_was_not_given_is_left_out_and_names_fall_back() {
    let nobody = Person::new(Username::parse("alice").unwrap());
    assert_eq!(
        serde_json::json!(told(&nobody, "profile email")),
        serde_json::json!({ "name": "alice", "url": "https://id.example/@alice" })
    );
    let mut unsure = alice();
    unsure.email.as_mut().unwrap().is_verified = false;
    assert_eq!(told(&unsure, "profile email").unwrap().email_verified, Some(false));
}

#[test]
fn names_are_cleaned_as_those_of_clients_are() {
    for (typed, shown) in [
        ("", Ok(None)),
        ("  \t ", Ok(None)),
        (" Alice  Liddell ", Ok(Some("Alice Liddell"))),
        ("愛莉絲", Ok(Some("愛莉絲"))),
        ("Al\u{202E}ice", Ok(Some("Alice"))),
        ("A\u{200B}l\u{FEFF}i\u{2066}ce", Ok(Some("Alice"))),
        ("a\0b\nc\u{7}", Ok(Some("ab c"))),
        ("Alice ✔", Ok(Some("Alice"))),
        ("\u{200B}\u{202E}", Err(NameFault::Invisible)),
        ("<b>Alice</b>", Ok(Some("<b>Alice</b>"))),
    ] {
        assert_eq!(read_name(typed), shown.map(|name| name.map(str::to_owned)), "{typed:?}");
    }
    assert!(read_name(&"愛".repeat(MAX_NAME_CHARS)).is_ok());
    assert_eq!(read_name(&"愛".repeat(MAX_NAME_CHARS + 1)), Err(NameFault::TooLong));
}

#[test]
fn a_site_is_https_or_in_development_on_this_computer() {
    for (typed, read) in [
        ("alice.example", Some("https://alice.example/")),
        (" HTTPS://Alice.Example/a?b#c ", Some("https://alice.example/a?b#c")),
        ("alice.example/a:b", Some("https://alice.example/a:b")),
        ("https://alice.example:8443/", Some("https://alice.example:8443/")),
        ("https://bücher.example/ä", Some("https://xn--bcher-kva.example/%C3%A4")),
        ("http://alice.example/", None),
        ("javascript:alert(1)", None),
        ("javascript://alice.example/%0Aalert(1)", None),
        ("data:text/html,x", None),
        ("mailto:alice@alice.example", None),
        ("ftp://alice.example/", None),
        ("//alice.example/", None),
        ("https://user:pass@alice.example/", None),
        ("https://@alice.example/", None),
        ("https:\\\\alice.example/", None),
        ("https://alice.example\\@evil.example/", None),
        ("https:alice.example", None),
        ("https://ali\tce.example/", None),
        ("https://alice.example/a b", None),
        ("https://127.0.0.1/", None),
        ("https://[::1]/", None),
        ("https://0x7f.1/", None),
        ("https://localhost/", None),
        (
            "https://alice.example/\"><script>",
            Some("https://alice.example/%22%3E%3Cscript%3E"),
        ),
        ("https://", None),
    ] {
        assert_eq!(read_website(typed, false).ok().flatten().as_deref(), read, "{typed}");
    }
    assert_eq!(read_website("  ", false), Ok(None));
    for typed in ["http://localhost:4000/", "http://127.0.0.1/"] {
        assert!(read_website(typed, true).is_ok() && read_website(typed, false).is_err());
    }
    assert!(read_website("http://alice.example/", true).is_err());
    let long = |bytes: usize| format!("https://alice.example/{}", "x".repeat(bytes - 22));
    assert!(read_website(&long(MAX_WEBSITE_BYTES), false).is_ok());
    assert_eq!(
        read_website(&long(MAX_WEBSITE_BYTES + 1), false),
        Err(WebsiteFault::TooLong)
    );
}

#[test]
fn an_e_mail_address_has_what_every_address_in_use_has() {
    for (typed, read) in [
        ("alice@alice.example", Some("alice@alice.example")),
        (" Alice+tag@Alice.EXAMPLE ", Some("Alice+tag@alice.example")),
        ("o'brien@mail.alice.example", Some("o'brien@mail.alice.example")),
        ("愛@例え.example", Some("愛@xn--r8jz45g.example")),
        ("alice", None),
        ("@alice.example", None),
        ("alice@", None),
        ("alice@localhost", None),
        ("alice@127.0.0.1", None),
        ("alice@[127.0.0.1]", None),
        ("alice@alice..example", None),
        ("alice@alice.example.", None),
        ("a@b@alice.example", None),
        (".alice@alice.example", None),
        ("al..ice@alice.example", None),
        ("al ice@alice.example", None),
        ("\"al ice\"@alice.example", None),
        ("alice@ali%63e.example", None),
        ("alice@alice.example\r\nBcc: x@evil.example", None),
        ("alice\u{202E}@alice.example", None),
        ("Alice <alice@alice.example>", None),
        ("<script>@alice.example", None),
    ] {
        assert_eq!(read_email(typed).ok().flatten().as_deref(), read, "{typed:?}");
    }
    assert_eq!(read_email(" "), Ok(None));
    let long = |local: usize, host: usize| {
        format!(
            "{}@{}.example",
            "x".repeat(local),
            ["y"; 100].join(".").split_at(host).0
        )
    };
    assert!(read_email(&long(64, 181)).is_ok());
    assert_eq!(read_email(&long(65, 11)), Err(EmailFault::TooLong));
    assert_eq!(read_email(&long(64, 183)), Err(EmailFault::TooLong));
}

proptest::proptest! {
    #[test]
    fn any_text_is_read_or_refused_and_what_is_read_stays(raw in "\\PC{0,80}|https?://[a-z0-9.:@/%-]{0,40}|[a-z.@\\PC]{0,40}") {
        if let Ok(Some(name)) = read_name(&raw) {
            proptest::prop_assert_eq!(read_name(&name), Ok(Some(name)));
        }
        if let Ok(Some(website)) = read_website(&raw, false) {
            proptest::prop_assert_eq!(read_website(&website, false), Ok(Some(website)));
        }
        if let Ok(Some(email)) = read_email(&raw) {
            proptest::prop_assert_eq!(read_email(&email), Ok(Some(email)));
        }
    }
}
