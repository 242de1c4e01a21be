//! Recovery codes, shown once: the answer to turning the second step on, and to asking for others.

use serde::Serialize;

use crate::pages::View;

/// The codes.
#[derive(Debug, Clone, Serialize)]
pub struct RecoveryCodesView {
    /// As they are written down.
    pub codes: Vec<String>,
    /// Whether others were good until now.
    pub replaced: bool,
}

impl View for RecoveryCodesView {
    const TEMPLATE: &'static str = "recovery_codes.html";

    fn samples() -> Vec<Self> {
        let codes: Vec<String> = (2..=7).map(|n| format!("abcd-e{n}gh-ijkl-mn{n}p")).collect();
        [false, true]
            .map(|replaced| RecoveryCodesView {
                codes: codes.clone(),
                replaced,
            })
            .to_vec()
    }
}
