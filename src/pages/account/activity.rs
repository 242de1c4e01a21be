//! `GET /account/activity`: what happened to a person's account.

use serde::Serialize;

use crate::pages::View;

/// One page of it, newest first.
#[derive(Debug, Clone, Serialize)]
pub struct ActivityView {
    /// What happened.
    pub entries: Vec<ActivityEntry>,
    /// The page with what happened later.
    pub newer: Option<u32>,
    /// The page with what happened before.
    pub older: Option<u32>,
}

/// One thing that happened.
#[derive(Debug, Clone, Serialize)]
pub struct ActivityEntry {
    /// What: the end of a message key.
    pub kind: String,
    /// What it concerns: the host of an app or the id that it was given, or an address, a host, a name.
    pub about: Option<String>,
    /// When, in Unix seconds.
    pub at: i64,
}

/// Every kind there is, with whether it concerns an app, or something else that is named.
pub(in crate::pages) const KINDS: [(&str, bool); 35] = [
    ("signed_in", false),
    ("approved", true),
    ("denied", true),
    ("access_revoked", true),
    ("code_reused", true),
    ("refresh_token_reused", true),
    ("sessions_ended", false),
    ("password_changed", false),
    ("password_set", false),
    ("second_factor_on", false),
    ("authenticator_added", false),
    ("second_factor_off", false),
    ("second_factor_reset", false),
    ("recovery_code_used", false),
    ("recovery_codes_replaced", false),
    ("signed_up", false),
    ("passkey_added", true),
    ("passkey_removed", true),
    ("sign_in_reset", false),
    ("second_factor_locked", false),
    ("address_proved", true),
    ("address_lapsed", true),
    ("address_removed", true),
    ("profile_changed", false),
    ("email_verified", true),
    ("disabled", false),
    ("enabled", false),
    ("promoted", false),
    ("demoted", false),
    ("invited", true),
    ("invitation_withdrawn", true),
    ("host_ruled", true),
    ("password_link_made", false),
    ("password_link_used", false),
    ("client_removed", true),
];

impl View for ActivityView {
    const TEMPLATE: &'static str = "activity.html";

    fn samples() -> Vec<Self> {
        let entries = KINDS.map(|(kind, has_about)| ActivityEntry {
            kind: kind.to_owned(),
            about: has_about.then(|| "photos.example".to_owned()),
            at: 1_795_305_600,
        });
        let view = |entries: &[ActivityEntry], newer, older| ActivityView {
            entries: entries.to_vec(),
            newer,
            older,
        };
        vec![
            view(&entries, None, None),
            view(&entries[..2], Some(0), Some(2)),
            view(&[], Some(3), None),
        ]
    }
}
