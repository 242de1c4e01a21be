//! What this server stands in for: which kinds of apps may register, which manners their software expects, and what
//! nobody but the operator can know. A profile is only a set of defaults; each of them is a setting of its own.
//!
//! The issuer is no part of it: it has one form (decision 2), whatever the server stands in for.

use std::time::Duration;

use super::secret::{Digest, InitialAccessToken};

/// The software whose place this server takes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum InstanceProfile {
    /// Every dialect at once.
    #[default]
    All,
    /// Mastodon and what speaks its client interface.
    Mastodon,
    /// Misskey and most of its forks.
    Misskey,
    /// FoundKey: Misskey's client interface, with stricter answers.
    Foundkey,
    /// Gancio.
    Gancio,
    /// A personal site: apps come with their own address, and none registers.
    Indieweb,
}

impl InstanceProfile {
    /// Every profile.
    pub const ALL: [InstanceProfile; 6] = [
        InstanceProfile::All,
        InstanceProfile::Mastodon,
        InstanceProfile::Misskey,
        InstanceProfile::Foundkey,
        InstanceProfile::Gancio,
        InstanceProfile::Indieweb,
    ];

    /// The profile's name in the settings.
    pub fn as_str(self) -> &'static str {
        match self {
            InstanceProfile::All => "all",
            InstanceProfile::Mastodon => "mastodon",
            InstanceProfile::Misskey => "misskey",
            InstanceProfile::Foundkey => "foundkey",
            InstanceProfile::Gancio => "gancio",
            InstanceProfile::Indieweb => "indieweb",
        }
    }

    /// Reads the name of a profile; `None` when there is no such profile.
    pub fn parse(raw: &str) -> Option<InstanceProfile> {
        InstanceProfile::ALL.into_iter().find(|profile| profile.as_str() == raw)
    }

    /// The scope catalogues of the profile, besides IndieAuth's.
    pub fn families(self) -> &'static [Family] {
        match self {
            InstanceProfile::All => &Family::ALL,
            InstanceProfile::Mastodon => &[Family::Mastodon],
            InstanceProfile::Misskey | InstanceProfile::Foundkey => &[Family::Misskey],
            InstanceProfile::Gancio => &[Family::Gancio],
            InstanceProfile::Indieweb => &[],
        }
    }
}

/// A family of scope names. IndieAuth's are always there.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Family {
    /// Mastodon's scopes.
    Mastodon,
    /// Misskey's permissions, which include FoundKey's.
    Misskey,
    /// Gancio's one scope.
    Gancio,
}

impl Family {
    /// Every family, in the order their names are published.
    pub const ALL: [Family; 3] = [Family::Mastodon, Family::Misskey, Family::Gancio];

    /// The family's name in the settings.
    pub fn as_str(self) -> &'static str {
        match self {
            Family::Mastodon => "mastodon",
            Family::Misskey => "misskey",
            Family::Gancio => "gancio",
        }
    }

    /// Reads the name of a family; `None` when there is no such family.
    pub fn parse(raw: &str) -> Option<Family> {
        Family::ALL.into_iter().find(|family| family.as_str() == raw)
    }
}

/// What this server stands in for, as the rules and the endpoints ask.
#[derive(Debug, Clone)]
pub struct Instance {
    /// Which registration endpoints are open.
    pub registration: Registration,
    /// What Misskey and FoundKey disagree about.
    pub misskey: MisskeyManners,
    /// What a Mastodon server may be asked for.
    pub mastodon: MastodonManners,
    /// What nodeinfo says. `None` leaves nodeinfo to the instance behind the same host.
    pub software: Option<Software>,
    /// The longest that access lasts, per kind of client.
    pub token_caps: TokenCaps,
}

impl Instance {
    /// The defaults of a profile.
    pub fn of(profile: InstanceProfile) -> Instance {
        let is = |others: &[InstanceProfile]| profile == InstanceProfile::All || others.contains(&profile);
        let misskey = is(&[InstanceProfile::Misskey, InstanceProfile::Foundkey]);
        let strict = profile == InstanceProfile::Foundkey;
        Instance {
            registration: Registration {
                mastodon: is(&[InstanceProfile::Mastodon]),
                misskey,
                miauth: misskey,
                gancio: is(&[InstanceProfile::Gancio]),
                dynamic: DynamicRegistration::Off,
            },
            misskey: MisskeyManners {
                strict_permissions: strict,
                not_found_is_404: strict,
            },
            mastodon: MastodonManners::default(),
            software: None,
            token_caps: TokenCaps::default(),
        }
    }
}

/// Which registration endpoints are open. A closed one answers like a server that never had it.
#[derive(Debug, Clone)]
pub struct Registration {
    /// `/api/v1/apps`.
    pub mastodon: bool,
    /// `/api/app/create`.
    pub misskey: bool,
    /// `/miauth/{session}`, where an app is made by the request itself.
    pub miauth: bool,
    /// `/api/client`.
    pub gancio: bool,
    /// RFC 7591.
    pub dynamic: DynamicRegistration,
}

/// Who may register by RFC 7591.
#[derive(Debug, Clone)]
pub enum DynamicRegistration {
    /// Nobody: there is no such endpoint.
    Off,
    /// Who brings this initial access token (RFC 7591 §3).
    WithToken(Digest<InitialAccessToken>),
    /// Anybody.
    Open,
}

/// Points on which Misskey and FoundKey truly disagree.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct MisskeyManners {
    /// An app with an unknown permission is refused, as FoundKey does. Misskey registers it, and grants only known names.
    pub strict_permissions: bool,
    /// `NO_SUCH_APP` and `NO_SUCH_SESSION` have status 404, as FoundKey's do. Misskey's have 400.
    pub not_found_is_404: bool,
}

/// What a Mastodon server may be asked for.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct MastodonManners {
    /// An app that registered `read` may not ask for `read:statuses`, as on Mastodon itself. Meant for conformance
    /// tests: otherwise an ancestor will do, which harms no app.
    pub strict_scopes: bool,
    /// The instance's public key for Web Push, which registration answers carry. `None` leaves it out.
    pub vapid_key: Option<String>,
}

/// The software that nodeinfo names. Client libraries pick their dialect by it, so it is never made up.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Software {
    /// Its name: `[a-z0-9-]`.
    pub name: String,
    /// Its version.
    pub version: String,
}

/// The longest that access lasts, counted from the approval (decision 6). `None` sets no end.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct TokenCaps {
    /// Of apps that registered at `/api/v1/apps`.
    pub mastodon: Option<Duration>,
    /// Of apps that registered at `/api/app/create` or came by MiAuth.
    pub misskey: Option<Duration>,
    /// Of apps that registered at `/api/client`.
    pub gancio: Option<Duration>,
    /// Of every other app: those with an address of their own, and those of RFC 7591.
    pub other: Option<Duration>,
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Profile, then: mastodon, misskey, miauth, gancio open; strict permissions, 404; catalogues.
    #[test]
    fn each_profile_opens_its_own_doors_and_has_its_own_manners() {
        use InstanceProfile::{All, Foundkey, Gancio, Indieweb, Mastodon, Misskey};
        let rows = [
            (All, [true, true, true, true], [false, false], "mastodon misskey gancio"),
            (Mastodon, [true, false, false, false], [false, false], "mastodon"),
            (Misskey, [false, true, true, false], [false, false], "misskey"),
            (Foundkey, [false, true, true, false], [true, true], "misskey"),
            (Gancio, [false, false, false, true], [false, false], "gancio"),
            (Indieweb, [false, false, false, false], [false, false], ""),
        ];
        assert_eq!(rows.map(|(profile, ..)| profile), InstanceProfile::ALL);
        for (profile, open, manners, families) in rows {
            let instance = Instance::of(profile);
            let registration = &instance.registration;
            let is_open = [
                registration.mastodon,
                registration.misskey,
                registration.miauth,
                registration.gancio,
            ];
            assert_eq!(is_open, open, "{profile:?}");
            assert!(matches!(registration.dynamic, DynamicRegistration::Off), "{profile:?}");
            let misskey = instance.misskey;
            assert_eq!(
                [misskey.strict_permissions, misskey.not_found_is_404],
                manners,
                "{profile:?}"
            );
            let names: Vec<&str> = profile.families().iter().map(|family| family.as_str()).collect();
            assert_eq!(names.join(" "), families, "{profile:?}");
            assert_eq!(instance.mastodon, MastodonManners::default(), "{profile:?}");
            assert_eq!(instance.token_caps, TokenCaps::default(), "{profile:?}");
            assert!(instance.software.is_none(), "{profile:?}");
        }
    }

    #[test]
    fn names_are_read_back() {
        for profile in InstanceProfile::ALL {
            assert_eq!(InstanceProfile::parse(profile.as_str()), Some(profile));
        }
        for family in Family::ALL {
            assert_eq!(Family::parse(family.as_str()), Some(family));
        }
        assert_eq!(InstanceProfile::parse("Mastodon"), None);
        assert_eq!(Family::parse("indieauth"), None);
    }
}
