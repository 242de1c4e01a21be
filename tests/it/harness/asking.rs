//! An app asks, and a person reads the page that comes of it: the question, or the refusal.

use scraper::{Html, Selector};

use super::actors::{Answer, AuthorizationRequest, Visitor};
use super::client_site::{ClientSite, SiteAnswer, header};

/// A redirect URI that no client of these tests lists, on an origin that is none of theirs.
pub const UNLISTED: &str = "http://127.0.0.1:1/unlisted";

impl Visitor {
    /// A browser at a server that another process runs.
    pub fn of(base: &str) -> Visitor {
        // A server in this process would have done it. A second installation fails and changes nothing.
        let _ = tokio_rustls::rustls::crypto::ring::default_provider().install_default();
        let http = reqwest::Client::builder()
            .no_proxy()
            .redirect(reqwest::redirect::Policy::none())
            .build();
        Visitor::new(base, http.expect("a client"))
    }

    /// Asks for authorization: gives the consent page, or the page that refuses.
    pub async fn ask(&self, client_id: &str, redirect_uri: &str) -> Answer {
        let answer = self
            .get_authorize(&AuthorizationRequest::of(client_id, redirect_uri))
            .await;
        if answer.status.is_redirection() && answer.location().starts_with("/consent/") {
            return self.get(answer.location()).await;
        }
        answer
    }

    /// The redirect URIs that the server found at a client, read off the refusal of one that is not among them.
    pub async fn found_at(&self, client_id: &str) -> Vec<String> {
        let refusal = self.ask(client_id, UNLISTED).await;
        assert_eq!(refusal.status, 400, "{}", refusal.text());
        refusal.texts(".found bdi")
    }
}

impl Answer {
    /// The texts of all elements of a kind, white space folded.
    pub fn texts(&self, selector: &str) -> Vec<String> {
        let selector = Selector::parse(selector).expect("a selector");
        Html::parse_document(&self.body)
            .select(&selector)
            .map(|element| {
                let words: Vec<&str> = element.text().flat_map(str::split_whitespace).collect();
                words.join(" ")
            })
            .collect()
    }

    /// Where the links lead that a selector finds.
    pub fn hrefs(&self, selector: &str) -> Vec<String> {
        let selector = Selector::parse(selector).expect("a selector");
        Html::parse_document(&self.body)
            .select(&selector)
            .filter_map(|link| link.attr("href").map(str::to_owned))
            .collect()
    }

    /// Whether this is a question to its reader.
    pub fn is_question(&self) -> bool {
        self.status == 200 && self.has(r#"form[action^="/consent/"]"#)
    }

    /// The headline of the question: who asks, as far as it is proved.
    pub fn host_shown(&self) -> String {
        self.texts("h1.app").concat()
    }

    /// What the app calls itself, if the page says so.
    pub fn name_shown(&self) -> Option<String> {
        let claim = self.texts("p.claim").into_iter().next()?;
        let name = claim
            .strip_prefix("It calls itself “")
            .and_then(|rest| rest.strip_suffix("”."));
        Some(name.unwrap_or_else(|| panic!("{claim}")).to_owned())
    }

    /// The titles of the warnings.
    pub fn warnings(&self) -> Vec<String> {
        self.texts("section.caution h2")
    }

    /// The sentences of a refusal for the author of the app, the one about the step first.
    pub fn author_sentences(&self) -> Vec<String> {
        self.texts("section.author > p:not(.hint)")
    }

    /// What a refusal says under the heading `What happened`.
    pub fn author_description(&self) -> String {
        self.texts(r#"section.author dd[lang="en"]"#).concat()
    }

    /// What a refusal advises to publish.
    pub fn author_snippet(&self) -> Option<String> {
        self.texts("section.author pre code").into_iter().next()
    }
}

impl SiteAnswer {
    /// With this status instead of 200.
    pub fn status(self, status: u16) -> SiteAnswer {
        SiteAnswer { status, ..self }
    }

    /// With one more header.
    pub fn with(mut self, name: &str, value: &str) -> SiteAnswer {
        self.headers.push(header(name, value));
        self
    }
}

/// An answer with status 200 of some media type.
pub fn answer_of(media_type: &str, body: impl Into<Vec<u8>>) -> SiteAnswer {
    SiteAnswer {
        status: 200,
        headers: vec![header("content-type", media_type)],
        body: body.into(),
    }
}

impl ClientSite {
    /// A site that answers so. `{base}` in body and headers stands for its own address.
    pub async fn answering(answer: SiteAnswer) -> ClientSite {
        let site = ClientSite::start().await;
        site.publish(answer);
        site
    }

    /// Answers so from now on, with `{base}` in body and headers for the site's own address.
    pub fn publish(&self, answer: SiteAnswer) {
        let base = self.url("");
        let headers = answer.headers.into_iter();
        self.answer(SiteAnswer {
            headers: headers
                .map(|(name, value)| (name, value.replace("{base}", &base)))
                .collect(),
            body: match String::from_utf8(answer.body) {
                Ok(text) => text.replace("{base}", &base).into_bytes(),
                Err(not_text) => not_text.into_bytes(),
            },
            ..answer
        });
    }
}
