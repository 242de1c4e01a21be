//! `GET /language`: the choice of a language, for those who come from a page without a form.

use serde::Serialize;

use super::View;

/// The languages there are. Posts `csrf`, `continue` and `language` to `/language`.
#[derive(Debug, Clone, Serialize)]
pub struct LanguagesView {
    /// What carries the person back to where they came from.
    pub continue_query: String,
    /// The form was too old, or the browser keeps no cookies.
    pub expired: bool,
}

impl View for LanguagesView {
    const TEMPLATE: &'static str = "languages.html";

    fn samples() -> Vec<Self> {
        [false, true]
            .map(|expired| LanguagesView {
                continue_query: "api-doc".to_owned(),
                expired,
            })
            .into()
    }
}
