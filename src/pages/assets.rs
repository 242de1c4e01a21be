//! The embedded static files, and the template function `asset(name="vestibule.css")` that links to one. The link
//! carries a fingerprint of the content, so that a browser may keep the file for good and still sees the next version.

use std::hash::{DefaultHasher, Hash, Hasher};

use include_dir::{Dir, include_dir};
use tera::{Error, Function, Kwargs, State, TeraResult};

static FILES: Dir<'static> = include_dir!("$CARGO_MANIFEST_DIR/static");

/// Where the web layer must serve [`find`]'s files.
pub const PATH: &str = "/static";

/// A static file.
#[derive(Debug, Clone, Copy)]
pub struct Asset {
    /// Its content.
    pub bytes: &'static [u8],
    /// Its media type, for `Content-Type`.
    pub media_type: &'static str,
}

impl Asset {
    /// A short text that changes with the content: the `v` of the link, and good as an entity tag. Not a secret.
    pub fn fingerprint(&self) -> String {
        // Keys of the default hasher are fixed, so the replicas of one build agree.
        let mut hasher = DefaultHasher::new();
        self.bytes.hash(&mut hasher);
        format!("{:016x}", hasher.finish())
    }
}

/// The file with this name, if there is one. Names are flat: there are no folders to climb out of.
pub fn find(name: &str) -> Option<Asset> {
    let file = FILES.files().find(|file| file.path().to_str() == Some(name))?;
    let media_type = match file.path().extension().and_then(|extension| extension.to_str()) {
        Some("css") => "text/css; charset=utf-8",
        Some("js") => "text/javascript; charset=utf-8",
        Some("svg") => "image/svg+xml",
        _ => return None,
    };
    Some(Asset {
        bytes: file.contents(),
        media_type,
    })
}

pub(super) struct AssetUrl;

impl Function<TeraResult<String>> for AssetUrl {
    fn call(&self, kwargs: Kwargs, _: &State) -> TeraResult<String> {
        let name: &str = kwargs.must_get("name")?;
        let asset = find(name).ok_or_else(|| Error::message(format!("no static file {name}")))?;
        Ok(format!("{PATH}/{name}?v={}", asset.fingerprint()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn files_are_found_by_their_exact_name() {
        assert_eq!(find("vestibule.css").unwrap().media_type, "text/css; charset=utf-8");
        assert_eq!(
            find("passkeys.js").unwrap().media_type,
            "text/javascript; charset=utf-8"
        );
        assert_eq!(find("vestibule.svg").unwrap().media_type, "image/svg+xml");
        for name in ["", ".", "../Cargo.toml", "/vestibule.css", "none.css"] {
            assert!(find(name).is_none(), "{name}");
        }
    }
}
