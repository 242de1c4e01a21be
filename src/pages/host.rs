//! How a page names a site, so that people can tell whose it is: the part that somebody registered stands out, and what
//! a name in other letters could hide is said.
//!
//! The registrable part comes from the public suffix list, what letters look like from UTS #39. A name in other letters
//! always stands there in the form that computers use (`xn--…`), which cannot be mistaken for another; its own letters
//! are added only where they can do no harm.

use psl::Type;
use serde::Serialize;
use unicode_script::{Script, UnicodeScript};
use unicode_security::confusable_detection::skeleton;
use unicode_security::{GeneralSecurityProfile, RestrictionLevel, RestrictionLevelDetection};
use url::{Host, Url};

use crate::oauth::client::is_loopback;

/// A host as a page shows it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct ShownHost {
    /// All of it: the host in its A-label form, and the port when it is not the scheme's own.
    pub name: String,
    /// What stands before the registrable part, with its dot; often nothing.
    pub before: String,
    /// The part that somebody registered, or all of it when there is no such part.
    pub registrable: String,
    /// The port with its colon, or nothing.
    pub port: String,
    /// The host in its own letters, when it has others than the A-label form and they are harmless.
    pub own_letters: Option<String>,
    /// What to know about it.
    pub note: Option<HostNote>,
    /// Whether it is this computer.
    pub loopback: bool,
}

/// What to know about a host.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum HostNote {
    /// It stands below a name that gives many people an address, each their own.
    Shared {
        /// That name.
        suffix: String,
    },
    /// It is such a name itself.
    SharedItself,
    /// A part of it mixes scripts that no language mixes.
    MixedScripts {
        /// Which, in the order they appear.
        scripts: Vec<ScriptName>,
    },
    /// A part of it has none of the letters of ASCII and reads as if it had.
    LookAlike {
        /// The scripts it has.
        scripts: Vec<ScriptName>,
    },
}

/// The scripts that a page has a word for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
#[allow(missing_docs, reason = "the names say it")]
pub enum ScriptName {
    Latin,
    Greek,
    Cyrillic,
    Armenian,
    Georgian,
    Hebrew,
    Arabic,
    Devanagari,
    Thai,
    Han,
    Hiragana,
    Katakana,
    Hangul,
    Other,
}

impl ScriptName {
    /// Every one, for tables that must be complete.
    pub const ALL: [ScriptName; 14] = [
        ScriptName::Latin,
        ScriptName::Greek,
        ScriptName::Cyrillic,
        ScriptName::Armenian,
        ScriptName::Georgian,
        ScriptName::Hebrew,
        ScriptName::Arabic,
        ScriptName::Devanagari,
        ScriptName::Thai,
        ScriptName::Han,
        ScriptName::Hiragana,
        ScriptName::Katakana,
        ScriptName::Hangul,
        ScriptName::Other,
    ];

    /// The script of a letter; `None` for what all scripts share, like digits.
    fn of(letter: char) -> Option<ScriptName> {
        Some(match letter.script() {
            Script::Common | Script::Inherited => return None,
            Script::Latin => ScriptName::Latin,
            Script::Greek => ScriptName::Greek,
            Script::Cyrillic => ScriptName::Cyrillic,
            Script::Armenian => ScriptName::Armenian,
            Script::Georgian => ScriptName::Georgian,
            Script::Hebrew => ScriptName::Hebrew,
            Script::Arabic => ScriptName::Arabic,
            Script::Devanagari => ScriptName::Devanagari,
            Script::Thai => ScriptName::Thai,
            Script::Han => ScriptName::Han,
            Script::Hiragana => ScriptName::Hiragana,
            Script::Katakana => ScriptName::Katakana,
            Script::Hangul => ScriptName::Hangul,
            _ => ScriptName::Other,
        })
    }
}

impl ShownHost {
    /// The host of this address.
    pub fn of(url: &Url) -> ShownHost {
        let name = shown_host(url);
        let (host, registrable, letters) = match url.host() {
            Some(Host::Domain(host)) if !is_loopback(url) => (host, psl::domain_str(host), Letters::of(host)),
            _ => ("", None, Letters::plain()),
        };
        // Nothing registered, nothing to stand out: on this computer it is the port that tells apps apart.
        let registrable = registrable.unwrap_or(&name);
        ShownHost {
            before: host.strip_suffix(registrable).unwrap_or_default().to_owned(),
            registrable: registrable.to_owned(),
            port: name
                .rsplit_once(registrable)
                .map_or_else(String::new, |(_, port)| port.to_owned()),
            note: letters.note.or_else(|| shared(host)),
            own_letters: letters.own,
            name,
            loopback: is_loopback(url),
        }
    }

    /// A host of the samples.
    pub(super) fn named(host: &str) -> ShownHost {
        let url = Url::parse(&format!("https://{host}/")).ok();
        url.as_ref().map_or_else(|| ShownHost::plain(host), ShownHost::of)
    }

    /// A text that stands there as it is.
    fn plain(name: &str) -> ShownHost {
        ShownHost {
            name: name.to_owned(),
            before: String::new(),
            registrable: name.to_owned(),
            port: String::new(),
            own_letters: None,
            note: None,
            loopback: false,
        }
    }
}

/// How a page names a site in a sentence: the host, and the port when it is not the scheme's own.
pub fn shown_host(url: &Url) -> String {
    let host = url.host_str().unwrap_or_default();
    match url.port() {
        Some(port) => format!("{host}:{port}"),
        None => host.to_owned(),
    }
}

/// A note about the hosts of people who have nothing in common but their provider: the public suffix list's private
/// section.
fn shared(host: &str) -> Option<HostNote> {
    let suffix = psl::suffix(host.as_bytes()).filter(|suffix| suffix.typ() == Some(Type::Private))?;
    let suffix = str::from_utf8(suffix.as_bytes()).ok()?;
    Some(if suffix == host {
        HostNote::SharedItself
    } else {
        HostNote::Shared {
            suffix: suffix.to_owned(),
        }
    })
}

/// What is known of a name's letters.
struct Letters {
    own: Option<String>,
    note: Option<HostNote>,
}

impl Letters {
    fn plain() -> Letters {
        Letters { own: None, note: None }
    }

    fn of(name: &str) -> Letters {
        let (own, valid) = idna::domain_to_unicode(name);
        if valid.is_err() || own == name {
            return Letters::plain();
        }
        let note = own.split('.').find_map(suspicion);
        let harmless = note.is_none() && own.chars().all(|c| c == '.' || c.identifier_allowed());
        Letters {
            own: harmless.then_some(own),
            note,
        }
    }
}

/// What speaks against showing a part of a name in its own letters. Latin may stand beside Chinese, Japanese or Korean
/// (UTS #39 "Highly Restrictive"), where people write so; but not beside those signs of theirs that pass for a hyphen,
/// a dot or a slash.
fn suspicion(label: &str) -> Option<HostNote> {
    if label.is_ascii() {
        return None;
    }
    let scripts = scripts(label);
    let passes_for_ascii =
        |letter: char| !letter.is_ascii() && skeleton(letter.encode_utf8(&mut [0; 4])).all(|c| c.is_ascii());
    let level = label.detect_restriction_level();
    let mixed = level > RestrictionLevel::HighlyRestrictive || label.chars().any(passes_for_ascii);
    if scripts.len() > 1 && level > RestrictionLevel::SingleScript && mixed {
        return Some(HostNote::MixedScripts { scripts });
    }
    skeleton(label)
        .all(|c| c.is_ascii())
        .then_some(HostNote::LookAlike { scripts })
}

fn scripts(label: &str) -> Vec<ScriptName> {
    let mut found = Vec::new();
    for script in label.chars().filter_map(ScriptName::of) {
        if !found.contains(&script) {
            found.push(script);
        }
    }
    found
}

#[cfg(test)]
mod tests;
