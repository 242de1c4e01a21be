//! How long an answer may be kept, by its own words and within our bounds.
//!
//! RFC 9111 §4.2 and §5; client id metadata document -01 §4.4 lets a server set both bounds.

use std::time::Duration;

use time::OffsetDateTime;
use time::format_description::well_known::Rfc2822;

/// Bounds on keeping.
///
/// Clients on loopback hosts are under development when this server is: their author reloads all the time and wants to
/// see the page as it is now. For those, [`CacheLimits::development`] stands in place of `default`, `refusal` and
/// `recheck`, and there is no `min`; what the headers of an answer say still counts, up to `max`.
#[derive(Debug, Clone, Copy)]
pub struct CacheLimits {
    /// A copy is kept at least so long (unless it must not be stored). Default 60 s.
    pub min: Duration,
    /// And at most so long. Default 24 h.
    pub max: Duration,
    /// When the answer says nothing. Default 1 h.
    pub default: Duration,
    /// A refusal is remembered so long, and up to a third longer, so that not all ask again at once. Default 30 s.
    pub refusal: Duration,
    /// A copy that does not permit the redirect URI of a request is fetched again, but not within this time of the
    /// last fetch. Default 10 s.
    pub recheck: Duration,
    /// What the author of a client under development waits at most for a change to be seen. Default 2 s.
    pub development: Duration,
    /// Memory for all copies, roughly. Default 16 MiB.
    pub bytes: u64,
}

impl Default for CacheLimits {
    fn default() -> CacheLimits {
        CacheLimits {
            min: Duration::from_secs(60),
            max: Duration::from_secs(24 * 60 * 60),
            default: Duration::from_secs(60 * 60),
            refusal: Duration::from_secs(30),
            recheck: Duration::from_secs(10),
            development: Duration::from_secs(2),
            bytes: 16 * 1024 * 1024,
        }
    }
}

impl CacheLimits {
    /// The bounds for a client under development.
    pub(crate) fn while_developing(self) -> CacheLimits {
        CacheLimits {
            min: Duration::ZERO,
            default: self.development,
            refusal: self.development,
            recheck: self.development,
            ..self
        }
    }
}

/// The headers of an answer that speak about keeping it.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct CacheHeaders {
    /// `Cache-Control`, each line.
    pub cache_control: Vec<String>,
    /// `Age`, in seconds.
    pub age: Option<String>,
    /// `Expires`.
    pub expires: Option<String>,
    /// `Date`.
    pub date: Option<String>,
}

impl CacheHeaders {
    /// How long the answer may be kept from `now` on; `None` when it must not be stored.
    pub fn lifetime(&self, now: OffsetDateTime, limits: &CacheLimits) -> Option<Duration> {
        let directives = self.directives();
        if directives.iter().any(|(name, _)| name == "no-store") {
            return None;
        }
        let stated = if directives.iter().any(|(name, _)| name == "no-cache") {
            Some(Duration::ZERO)
        } else {
            self.max_age(&directives).or_else(|| self.until_expiry(now))
        };
        let lifetime = stated.map_or(limits.default, |stated| stated.saturating_sub(self.age()));
        Some(lifetime.min(limits.max).max(limits.min))
    }

    fn directives(&self) -> Vec<(String, Option<String>)> {
        let all = self.cache_control.iter().flat_map(|line| line.split(','));
        all.map(|directive| match directive.split_once('=') {
            Some((name, value)) => (
                name.trim().to_ascii_lowercase(),
                Some(value.trim().trim_matches('"').to_owned()),
            ),
            None => (directive.trim().to_ascii_lowercase(), None),
        })
        .collect()
    }

    /// `s-maxage` goes before `max-age`; of two of a kind the shorter counts, and a broken one counts as over.
    fn max_age(&self, directives: &[(String, Option<String>)]) -> Option<Duration> {
        let shortest = |wanted: &str| {
            let named = directives.iter().filter(|(name, _)| name == wanted);
            named
                .map(|(_, value)| delta_seconds(value.as_deref().unwrap_or_default()))
                .min()
        };
        shortest("s-maxage").or_else(|| shortest("max-age"))
    }

    fn until_expiry(&self, now: OffsetDateTime) -> Option<Duration> {
        let expires = self.expires.as_deref()?;
        // `Expires: 0` and other nonsense mean "already over" (RFC 9111 §5.3).
        let Some(expires) = http_date(expires) else {
            return Some(Duration::ZERO);
        };
        let from = self.date.as_deref().and_then(http_date).unwrap_or(now);
        Some((expires - from).try_into().unwrap_or(Duration::ZERO))
    }

    fn age(&self) -> Duration {
        self.age.as_deref().map_or(Duration::ZERO, delta_seconds)
    }
}

/// Digits only; a number too large for us is simply very long (RFC 9111 §1.2.2).
fn delta_seconds(text: &str) -> Duration {
    let text = text.trim();
    if text.is_empty() || !text.bytes().all(|b| b.is_ascii_digit()) {
        return Duration::ZERO;
    }
    Duration::from_secs(text.parse::<u32>().unwrap_or(u32::MAX).into())
}

fn http_date(text: &str) -> Option<OffsetDateTime> {
    OffsetDateTime::parse(text.trim(), &Rfc2822).ok()
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use time::macros::datetime;

    use super::*;

    const NOW: OffsetDateTime = datetime!(2026-11-22 12:00 UTC);

    fn seconds(headers: &CacheHeaders) -> Option<u64> {
        headers
            .lifetime(NOW, &CacheLimits::default())
            .map(|lifetime| lifetime.as_secs())
    }

    fn cache_control(lines: &[&str]) -> CacheHeaders {
        CacheHeaders {
            cache_control: lines.iter().map(|&line| line.to_owned()).collect(),
            ..CacheHeaders::default()
        }
    }

    #[test]
    fn cache_control_is_read_and_clamped() {
        for (lines, expected) in [
            (&[][..], Some(3600)),
            (&["max-age=600"], Some(600)),
            (&["Max-Age = 600 , public"], Some(600)),
            (&["max-age=\"600\""], Some(600)),
            (&["max-age=0"], Some(60)),
            (&["max-age=31536000"], Some(86400)),
            (&["max-age=99999999999999999999"], Some(86400)),
            (&["max-age=-5"], Some(60)),
            (&["max-age=soon"], Some(60)),
            (&["max-age"], Some(60)),
            (&["max-age=600, max-age=300"], Some(300)),
            (&["max-age=600", "s-maxage=120"], Some(120)),
            (&["no-cache"], Some(60)),
            (&["no-cache, max-age=600"], Some(60)),
            (&["no-store"], None),
            (&["max-age=600", "NO-STORE"], None),
            (&["private, max-age=600"], Some(600)),
            (&[",,=,;"], Some(3600)),
        ] {
            assert_eq!(seconds(&cache_control(lines)), expected, "{lines:?}");
        }
    }

    #[test]
    fn age_and_expires_count_too() {
        let with = |max_age: &str, age: &str| CacheHeaders {
            age: Some(age.to_owned()),
            ..cache_control(&[max_age])
        };
        assert_eq!(seconds(&with("max-age=600", "200")), Some(400));
        assert_eq!(seconds(&with("max-age=600", "9999")), Some(60));
        assert_eq!(seconds(&with("max-age=600", "old")), Some(600));
        let expiring = |expires: &str, date: Option<&str>| CacheHeaders {
            expires: Some(expires.to_owned()),
            date: date.map(str::to_owned),
            ..CacheHeaders::default()
        };
        for (expires, date, expected) in [
            ("Sun, 22 Nov 2026 12:10:00 GMT", None, 600),
            (
                "Sun, 22 Nov 2026 12:10:00 GMT",
                Some("Sun, 22 Nov 2026 12:05:00 GMT"),
                300,
            ),
            ("Sun, 22 Nov 2026 12:10:00 GMT", Some("yesterday"), 600),
            ("Sun, 22 Nov 2020 12:10:00 GMT", None, 60),
            ("0", None, 60),
            ("Thu, 99 Foo 2026 99:99:99 GMT", None, 60),
        ] {
            assert_eq!(seconds(&expiring(expires, date)), Some(expected), "{expires} {date:?}");
        }
        let both = CacheHeaders {
            expires: Some("Sun, 22 Nov 2026 13:00:00 GMT".to_owned()),
            ..cache_control(&["max-age=120"])
        };
        assert_eq!(seconds(&both), Some(120));
    }

    proptest! {
        #[test]
        fn whatever_the_headers_say_the_bounds_hold(
            lines in proptest::collection::vec("\\PC*", 0..3), age in "\\PC*", expires in "\\PC*", date in "\\PC*",
        ) {
            let headers = CacheHeaders { cache_control: lines, age: Some(age), expires: Some(expires), date: Some(date) };
            if let Some(lifetime) = seconds(&headers) {
                prop_assert!((60..=86400).contains(&lifetime));
            }
        }
    }
}
