//! `GET /account/second-step` and `GET|POST /account/second-step/set-up`: the second step of a person's sign-in.

use serde::Serialize;

use crate::pages::View;
use crate::pages::qr::QrPicture;

/// Whether a code is asked for. Its buttons post `csrf` to `/account/second-step/recovery-codes` and `…/turn-off`.
#[derive(Debug, Clone, Serialize)]
pub struct FactorView {
    /// Since when, in Unix seconds; `None` when it is off.
    pub since: Option<i64>,
    /// How many recovery codes are left.
    pub codes_left: u64,
    /// Whether it can be turned on here: the operator set a key.
    pub is_offered: bool,
}

impl View for FactorView {
    const TEMPLATE: &'static str = "factor.html";

    fn samples() -> Vec<Self> {
        [
            (None, 0, true),
            (None, 0, false),
            (Some(1_795_305_600), 10, true),
            (Some(1_795_305_600), 1, true),
            (Some(1_795_305_600), 0, true),
        ]
        .map(|(since, codes_left, is_offered)| FactorView {
            since,
            codes_left,
            is_offered,
        })
        .to_vec()
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
