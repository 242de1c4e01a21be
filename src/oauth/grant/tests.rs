use time::macros::datetime;

use super::super::client::HttpLoopback;
use super::super::redemption::{NotRedeemed, Redemption};
use super::*;

const VERIFIER: &str = "dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk";
const CHALLENGE: &str = "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM";
const NOW: OffsetDateTime = datetime!(2026-11-22 12:00 UTC);

fn grant(stage: Stage) -> Grant {
    Grant {
        id: GrantId("g".to_owned()),
        user_id: UserId("u".to_owned()),
        client: GrantClient {
            id: ClientId::parse("https://app.example/", HttpLoopback::Refused).unwrap(),
            dialect: Dialect::IndieAuth,
            confidential: false,
            name: None,
            client_uri: None,
            foreign_client_uri: false,
            refreshes: false,
            fetched: true,
            fingerprint: String::new(),
            redirect_uris: Vec::new(),
            logo_uri: None,
            first_seen_at: None,
        },
        redirect_uri: RedirectUri::parse("https://app.example/cb").unwrap(),
        state: None,
        requested: Scope::parse("profile email create").unwrap(),
        code_challenge: Some(CodeChallenge::parse(CHALLENGE).unwrap()),
        session: None,
        me: ProfileUrl::from_stored("https://id.example/@alice".to_owned()),
        me_is_own: false,
        asked_me: None,
        created_at: NOW,
        expires_at: NOW + Duration::from_secs(600),
        stage,
        revoked_at: None,
    }
}

fn approval() -> Approval {
    grant(Stage::Pending).approval(&["create".to_owned()], TokenLifetime::Day, NOW, &Lifetimes::default())
}

const PROOF: Redemption<'static> = Redemption {
    client_id: "https://app.example/",
    with_secret: false,
    redirect_uri: Some("https://app.example/cb"),
    code_verifier: Some(VERIFIER),
};

#[test]
fn a_request_can_be_answered_until_it_lapses_and_only_once() {
    assert!(grant(Stage::Pending).is_open(NOW + Duration::from_secs(599)));
    assert!(!grant(Stage::Pending).is_open(NOW + Duration::from_secs(600)));
    assert!(!grant(Stage::Denied).is_open(NOW));
    assert!(!grant(Stage::Approved(approval())).is_open(NOW));
}

#[test]
fn a_choice_grants_what_is_ticked_and_was_asked_for() {
    let scope = |ticked: &[&str]| {
        let ticked: Vec<String> = ticked.iter().map(|name| (*name).to_owned()).collect();
        grant(Stage::Pending)
            .approval(&ticked, TokenLifetime::Day, NOW, &Lifetimes::default())
            .scope
            .to_string()
    };
    assert_eq!(scope(&["create", "profile"]), "profile create");
    assert_eq!(
        scope(&["create", "delete"]),
        "create",
        "what was not asked for cannot be ticked"
    );
    assert_eq!(scope(&["email", "create"]), "create", "email goes with profile only");
    assert_eq!(scope(&[]), "");
}

#[test]
fn the_right_proof_redeems_an_approved_code() {
    assert_eq!(grant(Stage::Approved(approval())).redeem(&PROOF, NOW), Ok(&approval()));
}

#[test]
fn a_stranger_changes_nothing_whatever_else_is_wrong() {
    for stage in [Stage::Approved(approval()), Stage::Redeemed(approval(), NOW)] {
        for client_id in ["", "https://other.example/", "https://app.example"] {
            let attempt = Redemption {
                client_id,
                with_secret: true,
                redirect_uri: None,
                code_verifier: None,
            };
            assert!(matches!(
                grant(stage.clone()).redeem(&attempt, NOW),
                Err(NotRedeemed::Stranger(_))
            ));
        }
    }
}

#[test]
fn what_a_confidential_client_was_given_is_not_redeemed_without_its_secret() {
    let mut given = grant(Stage::Approved(approval()));
    given.client.confidential = true;
    assert!(matches!(given.redeem(&PROOF, NOW), Err(NotRedeemed::Stranger(_))));
    let with_secret = Redemption {
        with_secret: true,
        ..PROOF
    };
    assert!(given.redeem(&with_secret, NOW).is_ok());
}

#[test]
fn a_failed_proof_by_the_right_client_burns_the_code() {
    let long = "x".repeat(44);
    let wrong: [Redemption<'_>; 7] = [
        Redemption {
            redirect_uri: None,
            ..PROOF
        },
        Redemption {
            redirect_uri: Some("https://app.example/cb/"),
            ..PROOF
        },
        Redemption {
            code_verifier: None,
            ..PROOF
        },
        Redemption {
            code_verifier: Some("short"),
            ..PROOF
        },
        Redemption {
            code_verifier: Some(&long),
            ..PROOF
        },
        Redemption {
            code_verifier: Some(&VERIFIER[..42]),
            ..PROOF
        },
        Redemption {
            code_verifier: Some(CHALLENGE),
            ..PROOF
        },
    ];
    for attempt in wrong {
        let waiting = grant(Stage::Approved(approval()));
        assert!(
            matches!(waiting.redeem(&attempt, NOW), Err(NotRedeemed::Burn(_))),
            "{attempt:?}"
        );
    }
}

#[test]
fn reuse_is_punished_only_with_proof() {
    let spent = grant(Stage::Redeemed(approval(), NOW));
    assert!(matches!(spent.redeem(&PROOF, NOW), Err(NotRedeemed::Reuse(_))));
    let unproven = Redemption {
        code_verifier: None,
        ..PROOF
    };
    assert!(matches!(spent.redeem(&unproven, NOW), Err(NotRedeemed::Burn(_))));
}

#[test]
fn a_code_lapses_with_its_time_its_approval_or_an_answer_that_never_came() {
    let late = NOW + Lifetimes::default().code;
    assert!(matches!(
        grant(Stage::Approved(approval())).redeem(&PROOF, late),
        Err(NotRedeemed::Lapsed(_))
    ));
    assert!(matches!(
        grant(Stage::Pending).redeem(&PROOF, NOW),
        Err(NotRedeemed::Lapsed(_))
    ));
    assert!(matches!(
        grant(Stage::Denied).redeem(&PROOF, NOW),
        Err(NotRedeemed::Lapsed(_))
    ));
    let withdrawn = Grant {
        revoked_at: Some(NOW),
        ..grant(Stage::Approved(approval()))
    };
    assert!(matches!(withdrawn.redeem(&PROOF, NOW), Err(NotRedeemed::Lapsed(_))));
}

#[test]
fn a_verifier_without_a_challenge_is_a_downgrade() {
    let bare = Grant {
        code_challenge: None,
        ..grant(Stage::Approved(approval()))
    };
    assert!(matches!(bare.redeem(&PROOF, NOW), Err(NotRedeemed::Burn(_))));
    assert!(
        bare.redeem(
            &Redemption {
                code_verifier: None,
                ..PROOF
            },
            NOW
        )
        .is_ok()
    );
}

#[test]
fn only_an_answer_to_a_web_site_is_remembered() {
    let to = |uri: &str| Grant {
        redirect_uri: RedirectUri::parse(uri).unwrap(),
        ..grant(Stage::Pending)
    };
    assert!(to("https://app.example/cb").may_be_remembered());
    assert!(!to("http://localhost:4000/cb").may_be_remembered());
    assert!(!to("myapp://cb").may_be_remembered());
}

/// Whoever opened the session gets the access, so nobody may be led into a yes they do not see.
#[test]
fn an_answer_in_a_session_of_the_apps_own_making_is_never_remembered() {
    let in_session = Grant {
        redirect_uri: RedirectUri::parse("https://app.example/cb").unwrap(),
        session: Some(Digest::of("session")),
        ..grant(Stage::Pending)
    };
    assert!(!in_session.may_be_remembered());
}

#[test]
fn refresh_comes_by_declaration_or_by_scope() {
    let mut grant = grant(Stage::Pending);
    assert_eq!(
        grant.token_plan(&approval(), None),
        TokenPlan::Single(Some(Duration::from_secs(86_400)))
    );
    let offline = Approval {
        scope: Scope::parse("create offline_access").unwrap(),
        ..approval()
    };
    assert_eq!(grant.token_plan(&offline, None), TokenPlan::Refreshing);
    grant.client.refreshes = true;
    assert_eq!(grant.token_plan(&approval(), None), TokenPlan::Refreshing);
}

#[test]
fn only_a_client_that_is_known_by_its_address_has_a_logo() {
    let id = ClientUrl::parse("https://photos.example/", HttpLoopback::Refused).unwrap();
    let logo_uri = Some("https://photos.example/logo.png".to_owned());
    let mut client = Client::at(id);
    client.display.logo_uri.clone_from(&logo_uri);
    assert_eq!(GrantClient::from(&client).logo_uri, logo_uri);
    for id in [
        ClientId::Registered("abc".to_owned()),
        ClientId::Unregistered("link".to_owned()),
    ] {
        let client = Client { id, ..client.clone() };
        assert_eq!(GrantClient::from(&client).logo_uri, None);
    }
}

#[test]
fn a_session_that_was_opened_with_a_challenge_is_not_spent_without_its_verifier() {
    let bare = Grant {
        session: Some(Digest::of("session")),
        code_challenge: None,
        ..grant(Stage::Approved(approval()))
    };
    assert!(bare.redeem_session(PROOF.client_id, NOW).is_ok());
    let with_challenge = Grant {
        code_challenge: Some(CodeChallenge::parse(CHALLENGE).unwrap()),
        ..bare
    };
    let refused = with_challenge.redeem_session(PROOF.client_id, NOW);
    assert!(matches!(refused, Err(NotRedeemed::Stranger(_))), "{refused:?}");
    assert!(with_challenge.redeem(&PROOF, NOW).is_ok());
}
