//! Names that nobody gets by signing up: who has one is taken for the server, or for whoever runs it.

use crate::oauth::profile::Username;

/// Grouped by what a reader would take them for. Where mail of this host is taken in, some of the second group must reach its
/// operator (RFC 2142), and certificate authorities believe others.
const KEPT: [&[&str]; 4] = [
    &[
        "admin",
        "administrator",
        "root",
        "sysadmin",
        "system",
        "superuser",
        "operator",
        "owner",
        "moderator",
        "moderation",
        "mod",
        "mods",
        "staff",
        "team",
        "official",
        "verified",
        "vestibule",
        "server",
        "service",
        "bot",
    ],
    &[
        "abuse",
        "contact",
        "help",
        "hostmaster",
        "info",
        "mail",
        "mailer_daemon",
        "no_reply",
        "noc",
        "postmaster",
        "privacy",
        "security",
        "ssladmin",
        "support",
        "webmaster",
    ],
    &[
        "account",
        "accounts",
        "api",
        "apps",
        "auth",
        "authorize",
        "consent",
        "ftp",
        "health",
        "invitation",
        "invite",
        "localhost",
        "login",
        "logout",
        "oauth",
        "password",
        "register",
        "settings",
        "setup",
        "sign_in",
        "sign_out",
        "sign_up",
        "static",
        "token",
        "www",
    ],
    &[
        "all",
        "anonymous",
        "everybody",
        "everyone",
        "false",
        "guest",
        "here",
        "me",
        "none",
        "nobody",
        "null",
        "true",
        "undefined",
        "unknown",
        "user",
        "you",
    ],
];

/// Whether a name is one of them, or looks like one.
pub fn is_kept(name: &Username) -> bool {
    let likeness = name.likeness();
    // Nothing but underscores looks like nothing at all.
    likeness.is_empty()
        || KEPT
            .into_iter()
            .flatten()
            .filter_map(|kept| Username::parse(kept))
            .any(|kept| kept.likeness() == likeness)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_kept_name_is_a_name() {
        for kept in KEPT.into_iter().flatten() {
            assert!(Username::parse(kept).is_some(), "{kept}");
        }
    }

    #[test]
    fn kept_names_are_known_by_their_look() {
        let kept = |raw: &str| is_kept(&Username::parse(raw).unwrap());
        for name in [
            "admin",
            "adrnin",
            "a_d_m_i_n",
            "r00t",
            "0fficia1",
            "signin",
            "vvvvvv",
            "_",
            "____",
        ] {
            assert!(kept(name), "{name}");
        }
        for name in ["alice", "admina", "helper", "mother", "rooted"] {
            assert!(!kept(name), "{name}");
        }
    }
}
