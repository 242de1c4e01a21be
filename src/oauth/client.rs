//! A client: who it says it is, and where answers may go. Its id is in [`super::client_id`].

use base64::Engine as _;
use base64::prelude::BASE64_URL_SAFE_NO_PAD;
use sha2::{Digest as _, Sha256};

pub use super::client_id::{ClientId, ClientUrl, HttpLoopback};
use super::dialect::Dialect;
use super::error::{ErrorCode, ProtocolError};
use super::redirect_uri::{NearMiss, RedirectTarget, RedirectUri};
use super::scope::Scope;
use super::secret::{ClientSecret, Digest};
pub use super::uri::is_loopback;

/// What a client says about itself. All of it is the client's own claim; only the host of its id is proved.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct DisplayMetadata {
    /// Its name, cleaned by [`display_name`].
    pub name: Option<String>,
    /// Address of its logo; only `http` or `https`.
    pub logo_uri: Option<String>,
    /// Its home page: same origin as the client id, and a prefix of it on a segment boundary.
    pub client_uri: Option<String>,
    /// The client gave a `client_uri` that breaks that rule; it is not shown, and the consent page says so.
    pub foreign_client_uri: bool,
}

/// Where a client's answers may go.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum RedirectUris {
    /// A list: from a registration, a document, a page or a `Link` header. Only the list counts.
    Published(Vec<RedirectUri>),
    /// The page was read and lists nothing: its own origin passes (IndieAuth "Redirect URL", decision 9).
    OwnOrigin,
}

/// Where a client describes itself, and so where its author can mend what it says.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum DescribedBy {
    /// A JSON client metadata document.
    Document,
    /// Its page, or the `Link` headers of an answer that is neither.
    Page,
    /// Nothing: its address was not fetched.
    Nothing,
    /// Its registration.
    Registration,
}

/// A client as this server knows it now.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Client {
    /// What it introduced itself with.
    pub id: ClientId,
    /// Which kind of client it is.
    pub dialect: Dialect,
    /// Name, logo and home page.
    pub display: DisplayMetadata,
    /// Where answers may go.
    pub redirect_uris: RedirectUris,
    /// It declares the `refresh_token` grant in `grant_types` (decision 6).
    pub refreshes: bool,
    /// Where it says all this.
    pub described_by: DescribedBy,
    /// What it proves itself with; `None` for a public client (RFC 6749 §2.1).
    pub secret: Option<Digest<ClientSecret>>,
    /// What it is registered for; `None` when it may ask for everything.
    pub scope: Option<Scope>,
}

impl Client {
    /// A client on the person's own machine, whose page must not be fetched ("Client Information Discovery").
    pub fn unfetched(id: ClientUrl) -> Client {
        Client {
            described_by: DescribedBy::Nothing,
            ..Client::at(id)
        }
    }

    /// A client known by this address, of which nothing more is known yet.
    pub fn at(id: ClientUrl) -> Client {
        Client {
            id: ClientId::Url(id),
            dialect: Dialect::IndieAuth,
            display: DisplayMetadata::default(),
            redirect_uris: RedirectUris::OwnOrigin,
            refreshes: false,
            described_by: DescribedBy::Page,
            secret: None,
            scope: None,
        }
    }

    /// Whether it can keep a secret (RFC 6749 §2.1).
    pub fn is_confidential(&self) -> bool {
        self.secret.is_some()
    }

    /// The redirect URIs that it lists.
    pub fn listed_redirect_uris(&self) -> Vec<&str> {
        match &self.redirect_uris {
            RedirectUris::Published(list) => list.iter().map(RedirectUri::as_str).collect(),
            RedirectUris::OwnOrigin => Vec::new(),
        }
    }

    /// Its only redirect URI, for a request that names none.
    pub fn only_redirect_uri(&self) -> Option<&RedirectUri> {
        match &self.redirect_uris {
            RedirectUris::Published(list) if list.len() == 1 => list.first(),
            _ => None,
        }
    }

    /// A digest of everything the client says about itself, and of whether it has a secret: when it changes, the person is
    /// asked again.
    pub fn fingerprint(&self) -> String {
        let uris: Vec<&str> = match &self.redirect_uris {
            RedirectUris::Published(list) => list.iter().map(RedirectUri::as_str).collect(),
            RedirectUris::OwnOrigin => vec!["own origin"],
        };
        let display = &self.display;
        let told = [&display.name, &display.logo_uri, &display.client_uri].map(|text| text.as_deref().unwrap_or("\0"));
        // None of the parts can hold a line feed. The names of our own fields stay out: renaming one asks nobody again.
        let said = format!(
            "{}\n{}\n{}\n{}",
            told.join("\n"),
            display.foreign_client_uri,
            self.refreshes,
            uris.join("\n")
        );
        // No URI looks like this line. Clients without a secret have none: what is remembered of them stays good.
        let said = if self.is_confidential() {
            said + "\nconfidential"
        } else {
            said
        };
        BASE64_URL_SAFE_NO_PAD.encode(Sha256::digest(said.as_bytes()))
    }

    /// The published URI that `requested` was probably meant to be, and how they differ.
    pub fn near_miss(&self, requested: &RedirectUri) -> Option<NearMiss> {
        match &self.redirect_uris {
            RedirectUris::Published(list) => list.iter().find_map(|listed| listed.near_miss(requested)),
            RedirectUris::OwnOrigin => None,
        }
    }

    /// The one place that decides whether answers may go to `requested` (decision 9).
    ///
    /// # Errors
    /// `invalid_request`, to be shown on a page: nothing may be sent to an address that fails here.
    pub fn permits(&self, requested: &RedirectUri) -> Result<(), ProtocolError> {
        let (permitted, description) = match &self.redirect_uris {
            RedirectUris::Published(list) => (
                list.iter().any(|listed| listed.permits(requested)),
                match self.described_by {
                    DescribedBy::Registration => "redirect_uri is not one of those the client is registered with",
                    _ => "redirect_uri is not one of those the client publishes",
                },
            ),
            RedirectUris::OwnOrigin => (
                requested
                    .http_url()
                    .zip(self.id.url())
                    .is_some_and(|(url, id)| id.same_origin(&url)),
                "redirect_uri is on another origin than client_id, and the client publishes no redirect URIs",
            ),
        };
        // Whoever can make a person read a code aloud must at least have registered for it.
        let out_of_band = requested.target() == RedirectTarget::OutOfBand;
        if permitted && (!out_of_band || self.dialect.rules().out_of_band) {
            Ok(())
        } else {
            Err(ProtocolError::new(ErrorCode::InvalidRequest, description))
        }
    }
}

/// Longest name shown, in characters.
const MAX_NAME_CHARS: usize = 64;

/// Makes a client's claim about its name harmless to show: plain text, white space folded, no control, bidirectional
/// or zero-width characters, no check marks that could pass for a badge of ours, no quotation marks: a name stands in
/// those on our pages, and what seems to follow them would be ours. `None` when nothing is left.
pub fn display_name(claimed: &str) -> Option<String> {
    let visible: String = claimed
        .chars()
        .map(|c| if c.is_whitespace() { ' ' } else { c })
        .filter(is_plain)
        .collect();
    let folded = visible
        .split(' ')
        .filter(|word| !word.is_empty())
        .collect::<Vec<_>>()
        .join(" ");
    let cut: String = folded.chars().take(MAX_NAME_CHARS).collect();
    let cut = cut.trim_end();
    (!cut.is_empty()).then(|| cut.to_owned())
}

fn is_plain(c: &char) -> bool {
    let invisible = matches!(c, '\u{00AD}' | '\u{034F}' | '\u{061C}' | '\u{115F}' | '\u{1160}' | '\u{17B4}' | '\u{17B5}'
        | '\u{180B}'..='\u{180F}' | '\u{200B}'..='\u{200F}' | '\u{2028}'..='\u{202E}' | '\u{2060}'..='\u{206F}'
        | '\u{2800}' | '\u{3164}' | '\u{FE00}'..='\u{FE0F}' | '\u{FEFF}' | '\u{FFA0}' | '\u{FFF0}'..='\u{FFFB}'
        | '\u{E0000}'..='\u{E0FFF}');
    let badge = matches!(
        c,
        '\u{2611}'
            | '\u{2705}'
            | '\u{2713}'
            | '\u{2714}'
            | '\u{1F5F8}'
            | '\u{1F5F9}'
            | '\u{1F512}'
            | '\u{1F510}'
            | '\u{1F6E1}'
            | '\u{1F197}'
    );
    // Not the apostrophe: ’ is one as well.
    let quotation = matches!(c, '"' | '\u{AB}' | '\u{BB}' | '\u{201C}'..='\u{201F}' | '\u{2039}' | '\u{203A}'
        | '\u{300C}'..='\u{300F}' | '\u{301D}'..='\u{301F}' | '\u{FF02}' | '\u{FF62}' | '\u{FF63}');
    !c.is_control() && !invisible && !badge && !quotation
}

#[cfg(test)]
mod tests;
