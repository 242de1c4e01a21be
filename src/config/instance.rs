//! What this server stands in for: `profile`, and the settings whose defaults hang on it.
//!
//! | setting | values | default |
//! |---|---|---|
//! | `profile` | `all`, `mastodon`, `misskey`, `foundkey`, `gancio` or `indieweb` | `all` |
//! | `registration.mastodon`, `.misskey`, `.miauth`, `.gancio` | whether apps of that kind may register | by profile |
//! | `registration.dynamic` | RFC 7591: `off`, `token` or `open` | `off` |
//! | `registration.initial_access_token` | what registering takes with `token` | none |
//! | `scopes.catalogs` | families of scope names besides IndieAuth's: `mastodon`, `misskey`, `gancio` | by profile |
//! | `scopes.file` | the operator's own catalogue, in the format of `scopes/*.toml` | none |
//! | `misskey.strict_permissions` | whether apps with unknown permissions are refused | by profile |
//! | `misskey.not_found_status` | 400 or 404, for an unknown app or session | by profile |
//! | `mastodon.strict_scopes` | whether `read` in a registration stands for itself only | `false` |
//! | `mastodon.vapid_key` | the instance's public key for Web Push | none |
//! | `nodeinfo.software`, `nodeinfo.version` | what nodeinfo says | none: no nodeinfo |
//! | `tokens.max_days.mastodon`, `.misskey`, `.gancio`, `.other` | longest access in days, 0 for no end | 0 |

use std::time::Duration;

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;

use super::{Given, boolean, catalogs, each, variable};
use crate::oauth::instance::{
    DynamicRegistration, Family, Instance, InstanceProfile, MastodonManners, MisskeyManners, Registration, Software,
    TokenCaps,
};
use crate::oauth::scope::ScopeCatalog;
use crate::oauth::secret::{Digest, InitialAccessToken};

const DAY_SECONDS: u64 = 24 * 60 * 60;
/// A century: what is added to the present must stay a date.
const MAX_DAYS: u64 = 36_500;
const MIN_TOKEN_CHARACTERS: usize = 32;
/// An uncompressed point on P-256 (RFC 8292 §3.2). A private key is shorter, and must not be published by mistake.
const VAPID_KEY_BYTES: usize = 65;

impl Given {
    /// Everything that hangs on the profile, and the scopes.
    pub(super) fn instance(&mut self) -> Option<(Instance, ScopeCatalog)> {
        let given = self.take("profile", InstanceProfile::default().as_str(), profile);
        // A wrong profile does not hide the faults of the rest.
        let profile = given.unwrap_or_default();
        let defaults = Instance::of(profile);
        let registration = self.registration(&defaults.registration);
        let misskey = self.misskey(defaults.misskey);
        let mastodon = self.mastodon(&defaults.mastodon);
        let software = self.software();
        let token_caps = self.token_caps();
        let scopes = self.scopes(profile);
        let instance = Instance {
            registration: registration?,
            misskey: misskey?,
            mastodon: mastodon?,
            software: software?,
            token_caps: token_caps?,
        };
        given.and(Some((instance, scopes?)))
    }

    fn registration(&mut self, defaults: &Registration) -> Option<Registration> {
        let [mastodon, misskey, miauth, gancio] = [
            ("mastodon", defaults.mastodon),
            ("misskey", defaults.misskey),
            ("miauth", defaults.miauth),
            ("gancio", defaults.gancio),
        ]
        .map(|(name, default)| self.take(&format!("registration.{name}"), &default.to_string(), boolean));
        let dynamic = self.dynamic();
        Some(Registration {
            mastodon: mastodon?,
            misskey: misskey?,
            miauth: miauth?,
            gancio: gancio?,
            dynamic: dynamic?,
        })
    }

    fn dynamic(&mut self) -> Option<DynamicRegistration> {
        const TOKEN: &str = "registration.initial_access_token";
        let mode = self.take("registration.dynamic", "off", |text| {
            let known = ["off", "token", "open"].into_iter().find(|mode| *mode == text);
            known.ok_or_else(|| "must be off, token or open".to_owned())
        });
        let token = self.take(TOKEN, "", |text| optional(text, initial_access_token));
        match (mode?, token?) {
            ("token", Some(digest)) => Some(DynamicRegistration::WithToken(digest)),
            ("off", None) => Some(DynamicRegistration::Off),
            ("open", None) => Some(DynamicRegistration::Open),
            ("token", None) => self.fault(TOKEN, "is needed when VESTIBULE_REGISTRATION__DYNAMIC is token"),
            _ => self.fault(TOKEN, "has no use unless VESTIBULE_REGISTRATION__DYNAMIC is token"),
        }
    }

    fn misskey(&mut self, defaults: MisskeyManners) -> Option<MisskeyManners> {
        let strict = defaults.strict_permissions.to_string();
        let strict_permissions = self.take("misskey.strict_permissions", &strict, boolean);
        let status = if defaults.not_found_is_404 { "404" } else { "400" };
        let not_found_is_404 = self.take("misskey.not_found_status", status, |text| match text {
            "400" => Ok(false),
            "404" => Ok(true),
            _ => Err("must be 400 or 404".to_owned()),
        });
        Some(MisskeyManners {
            strict_permissions: strict_permissions?,
            not_found_is_404: not_found_is_404?,
        })
    }

    fn mastodon(&mut self, defaults: &MastodonManners) -> Option<MastodonManners> {
        let strict = defaults.strict_scopes.to_string();
        let strict_scopes = self.take("mastodon.strict_scopes", &strict, boolean);
        let vapid_key = self.take("mastodon.vapid_key", "", |text| optional(text, vapid_key));
        Some(MastodonManners {
            strict_scopes: strict_scopes?,
            vapid_key: vapid_key?,
        })
    }

    /// Name and version come together: client libraries compare versions.
    fn software(&mut self) -> Option<Option<Software>> {
        let name = self.take("nodeinfo.software", "", |text| optional(text, software_name));
        let version = self.take("nodeinfo.version", "", |text| {
            optional(text, |text| Ok(text.to_owned()))
        });
        match (name?, version?) {
            (Some(name), Some(version)) => Some(Some(Software { name, version })),
            (None, None) => Some(None),
            (Some(_), None) => self.fault("nodeinfo.version", "is needed beside VESTIBULE_NODEINFO__SOFTWARE"),
            (None, Some(_)) => self.fault("nodeinfo.version", "has no use without VESTIBULE_NODEINFO__SOFTWARE"),
        }
    }

    fn token_caps(&mut self) -> Option<TokenCaps> {
        let [mastodon, misskey, gancio, other] = ["mastodon", "misskey", "gancio", "other"]
            .map(|kind| self.take(&format!("tokens.max_days.{kind}"), "0", max_days));
        Some(TokenCaps {
            mastodon: mastodon?,
            misskey: misskey?,
            gancio: gancio?,
            other: other?,
        })
    }

    fn scopes(&mut self, profile: InstanceProfile) -> Option<ScopeCatalog> {
        let default: Vec<&str> = profile.families().iter().map(|family| family.as_str()).collect();
        let families = self.take("scopes.catalogs", &default.join(","), |text| {
            each(text, Family::parse, "mastodon, misskey or gancio")
        });
        let chosen = families.as_deref().unwrap_or(profile.families());
        let scopes = self.take("scopes.file", "", |path| catalogs::load(chosen, profile, path));
        families.and(scopes)
    }

    fn fault<T>(&mut self, key: &str, problem: &str) -> Option<T> {
        self.faults.push(format!("{} {problem}", variable(key)));
        None
    }
}

/// An empty value is none, so that a compose file can hand on a variable that may be missing.
fn optional<T>(text: &str, read: impl Fn(&str) -> Result<T, String>) -> Result<Option<T>, String> {
    (!text.is_empty()).then(|| read(text)).transpose()
}

fn profile(text: &str) -> Result<InstanceProfile, String> {
    let names = InstanceProfile::ALL.map(InstanceProfile::as_str).join(", ");
    InstanceProfile::parse(text).ok_or_else(|| format!("must be one of {names}"))
}

/// Visible ASCII only: nothing else arrives in an `Authorization` header.
fn initial_access_token(text: &str) -> Result<Digest<InitialAccessToken>, String> {
    let strong = text.len() >= MIN_TOKEN_CHARACTERS && text.bytes().all(|b| b.is_ascii_graphic());
    strong.then(|| Digest::of(text)).ok_or_else(|| {
        format!("must be at least {MIN_TOKEN_CHARACTERS} ASCII characters without spaces, best random ones")
    })
}

fn vapid_key(text: &str) -> Result<String, String> {
    let point = URL_SAFE_NO_PAD.decode(text.trim_end_matches('=')).ok();
    let public = point.is_some_and(|point| point.len() == VAPID_KEY_BYTES && point.first() == Some(&4));
    public
        .then(|| text.to_owned())
        .ok_or_else(|| "must be the public VAPID key, about 87 characters of base64url".to_owned())
}

fn software_name(text: &str) -> Result<String, String> {
    let allowed = |b: u8| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'-';
    text.bytes()
        .all(allowed)
        .then(|| text.to_owned())
        .ok_or_else(|| "must be lower-case letters, digits and hyphens, like mastodon".to_owned())
}

fn max_days(text: &str) -> Result<Option<Duration>, String> {
    let days = text.parse().ok().filter(|days: &u64| *days <= MAX_DAYS);
    let days = days.ok_or_else(|| format!("must be a number of days up to {MAX_DAYS}, or 0 for no end"))?;
    Ok((days > 0).then(|| Duration::from_secs(days * DAY_SECONDS)))
}

#[cfg(test)]
mod tests;
