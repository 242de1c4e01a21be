//! What a person sees after an answer that goes nowhere by itself: there is no address to send the browser to.

use serde::Serialize;

use super::View;

/// The end of a request, on a page of our own.
#[derive(Debug, Clone, Serialize)]
pub struct AnsweredView {
    /// How it ended.
    #[serde(flatten)]
    pub kind: Answered,
}

/// How a request ended.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum Answered {
    /// With a yes, and a code to copy into the app.
    Code {
        /// The authorization code. This page is the only place where it is shown.
        code: String,
    },
    /// With a yes that the app asks for by itself.
    Approved {
        /// What the app is called.
        app: Option<String>,
    },
    /// With a no.
    Denied {
        /// What the app is called.
        app: Option<String>,
    },
    /// With an error in what the app asked, which would be sent to the app if it had an address.
    Refused {
        /// The code from the specification.
        code: String,
        /// What is wrong, for the author of the app.
        description: String,
    },
}

impl View for AnsweredView {
    const TEMPLATE: &'static str = "answered.html";

    fn samples() -> Vec<Self> {
        let app = Some("Pocket Timeline".to_owned());
        let kinds = [
            Answered::Code {
                code: "code_7d2nq4w5xk3jv6m2t7s5ahbz4yfe3ucrg6lpo2id5wnkq7xb3mta".into(),
            },
            Answered::Approved { app: app.clone() },
            Answered::Approved { app: None },
            Answered::Denied { app },
            Answered::Denied { app: None },
            Answered::Refused {
                code: "invalid_scope".into(),
                description: "the client did not register this scope".into(),
            },
        ];
        kinds.into_iter().map(|kind| AnsweredView { kind }).collect()
    }
}

#[cfg(test)]
mod tests {
    use crate::pages::tests::english;
    use crate::pages::{Pages, View};

    use super::*;

    fn html(kind: Answered) -> String {
        let pages = Pages::load().unwrap();
        pages.render(&AnsweredView { kind }, &english(&pages)).unwrap()
    }

    /// A field that shows all of it: whoever copies by hand copies what they see.
    #[test]
    fn the_code_can_be_copied_without_a_script() {
        let code = "code_7d2n".to_owned();
        let html = html(Answered::Code { code });
        let (before, field) = html.split_once("<textarea ").unwrap();
        let (attributes, rest) = field.split_once('>').unwrap();
        assert!(before.contains("<label for=\"code\">"), "{html}");
        assert!(
            attributes.contains("id=\"code\"") && attributes.contains(" readonly "),
            "{html}"
        );
        assert!(
            !attributes.contains("disabled") && !attributes.contains("tabindex"),
            "{html}"
        );
        assert!(rest.starts_with("code_7d2n</textarea>"), "{html}");
    }

    #[test]
    fn what_the_apps_author_needs_is_folded_away() {
        let refused = AnsweredView::samples()
            .pop()
            .map(|view| html(view.kind))
            .unwrap_or_default();
        let (for_the_person, details) = refused.split_once("<details>").unwrap();
        assert!(!for_the_person.contains("invalid_scope"), "{for_the_person}");
        assert!(
            details.contains("invalid_scope") && details.contains("did not register"),
            "{details}"
        );
    }
}
