//! `GET /account/second-step` and `GET|POST /account/second-step/set-up`: the second step of a person's sign-in.

use serde::Serialize;

use crate::pages::View;
use crate::pages::qr::QrPicture;

/// Whether a second step is on. Its buttons post `csrf` to `/account/second-step/passkeys`, `…/recovery-codes` and
/// `…/turn-off`.
#[derive(Debug, Clone, Serialize)]
pub struct FactorView {
    /// What is asked for; `None` when it is off.
    pub on: Option<FactorOn>,
    /// Whether an authenticator app can be set up here: the operator set a key.
    pub offers_app: bool,
    /// Which way passkeys are, for somebody who could turn it on with them.
    pub passkeys: PasskeysFor,
}

/// A second step that is on.
#[derive(Debug, Clone, Copy, Serialize)]
pub struct FactorOn {
    /// Since when, in Unix seconds.
    pub since: i64,
    /// How many recovery codes are left.
    pub codes_left: u64,
    /// Whether there is an authenticator app; otherwise it rests on passkeys alone.
    pub has_app: bool,
}

/// How passkeys can be a second step.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum PasskeysFor {
    /// There can be none here.
    NotOffered,
    /// The person has none yet.
    NoneYet,
    /// The person has at least one.
    Ready,
}

impl View for FactorView {
    const TEMPLATE: &'static str = "factor.html";

    fn samples() -> Vec<Self> {
        let off = |offers_app, passkeys| FactorView {
            on: None,
            offers_app,
            passkeys,
        };
        let on = |codes_left, has_app, offers_app| FactorView {
            on: Some(FactorOn {
                since: 1_795_305_600,
                codes_left,
                has_app,
            }),
            ..off(offers_app, PasskeysFor::Ready)
        };
        vec![
            off(true, PasskeysFor::NotOffered),
            off(false, PasskeysFor::NotOffered),
            on(10, true, true),
            on(1, true, true),
            on(0, true, true),
            off(true, PasskeysFor::NoneYet),
            off(true, PasskeysFor::Ready),
            off(false, PasskeysFor::NoneYet),
            off(false, PasskeysFor::Ready),
            on(10, false, true),
            on(2, false, false),
        ]
    }
}

/// The form that turns it on. Posts `csrf`, `secret` and `code` to `/account/second-step/set-up`.
#[derive(Debug, Clone, Serialize)]
pub struct FactorSetUpView {
    /// The secret as an app takes it.
    pub secret: String,
    /// The same in groups, for people who type it.
    pub secret_groups: String,
    /// The address that opens an app on the same device.
    pub uri: String,
    /// The address as a picture, if it fits one.
    pub picture: Option<QrPicture>,
    /// Whether the last code was wrong.
    pub wrong_code: bool,
}

impl FactorSetUpView {
    /// The form for a secret.
    pub fn new(secret: String, uri: String, wrong_code: bool) -> FactorSetUpView {
        let letters: Vec<char> = secret.chars().collect();
        let groups: Vec<String> = letters.chunks(4).map(|group| group.iter().collect()).collect();
        FactorSetUpView {
            secret,
            secret_groups: groups.join(" "),
            picture: QrPicture::of(&uri),
            uri,
            wrong_code,
        }
    }
}

impl View for FactorSetUpView {
    const TEMPLATE: &'static str = "factor_set_up.html";

    fn samples() -> Vec<Self> {
        let secret = "GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ";
        let host = "a-long-name-for-an-issuer.example.com";
        let uri = format!("otpauth://totp/{host}:a_name_of_thirty_characters_xyz?secret={secret}&issuer={host}");
        [false, true]
            .map(|wrong| FactorSetUpView::new(secret.to_owned(), uri.clone(), wrong))
            .to_vec()
    }
}
