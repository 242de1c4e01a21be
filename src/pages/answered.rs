//! The end of a request whose app has no address to send the browser to: the person goes back by hand, with a code
//! (out-of-band) or without (the app asks the server).

use serde::Serialize;

use super::View;

/// What came of the decision.
#[derive(Debug, Clone, Serialize)]
pub struct AnsweredView {
    /// The app's host or, without one, the name it gives itself.
    pub client: String,
    /// The answer.
    pub outcome: Outcome,
}

/// The answer.
#[derive(Debug, Clone, Serialize)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum Outcome {
    /// Yes; the person carries this code to the app.
    Code {
        /// The authorization code.
        code: String,
    },
    /// Yes; the app fetches the rest itself.
    Approved,
    /// No.
    Denied,
}

impl View for AnsweredView {
    const TEMPLATE: &'static str = "answered.html";

    fn samples() -> Vec<Self> {
        let code = Outcome::Code {
            code: "code_mfrggzdfmztwq2lknnwg23tpobyxe43uov3ho6dzpizdgnbvgy3q".into(),
        };
        let view = |outcome| AnsweredView {
            client: "photos.example".into(),
            outcome,
        };
        vec![view(code), view(Outcome::Approved), view(Outcome::Denied)]
    }
}
