//! `GET /admin/tokens`: tokens and answers in numbers.

use serde::Serialize;

use crate::pages::View;

/// The numbers.
#[derive(Debug, Clone, Serialize)]
pub struct TokensView {
    /// Tokens that hold, by kind of client.
    pub by_client: Vec<CountEntry>,
    /// Tokens that hold, by when they end.
    pub by_end: Vec<CountEntry>,
    /// What people answered.
    pub answers: Vec<OftenEntry>,
    /// Why access was ended.
    pub ended: Vec<OftenEntry>,
}

/// So many tokens of a sort.
#[derive(Debug, Clone, Serialize)]
pub struct CountEntry {
    /// `access` or `refresh`.
    pub kind: String,
    /// The kind of their clients, or when they end.
    pub of: String,
    /// How many there are.
    pub count: i64,
}

/// How often something happened in the last day, in seven and in thirty.
#[derive(Debug, Clone, Serialize)]
pub struct OftenEntry {
    /// What.
    pub what: String,
    /// How often.
    pub counts: [i64; 3],
}

impl View for TokensView {
    const TEMPLATE: &'static str = "admin_tokens.html";

    fn samples() -> Vec<Self> {
        let count = |kind: &str, of: &str| CountEntry {
            kind: kind.to_owned(),
            of: of.to_owned(),
            count: 1024,
        };
        let often = |what: &str| OftenEntry {
            what: what.to_owned(),
            counts: [3, 21, 90],
        };
        let ends = ["hour", "day", "month", "quarter", "later", "never"];
        let reasons = [
            "owner",
            "client",
            "code_reuse",
            "refresh_token_reuse",
            "password_change",
            "client_removed",
            "disabled",
            "host_blocked",
        ];
        vec![
            TokensView {
                by_client: vec![count("access", "indieauth"), count("refresh", "indieauth")],
                by_end: ends.map(|end| count("access", end)).to_vec(),
                answers: ["approved", "denied"].map(often).to_vec(),
                ended: reasons.map(often).to_vec(),
            },
            TokensView {
                by_client: Vec::new(),
                by_end: Vec::new(),
                answers: ["approved", "denied"].map(often).to_vec(),
                ended: Vec::new(),
            },
        ]
    }
}
