//! How many addresses one source may have fetched per minute. What is in the cache costs nothing.

use std::net::{IpAddr, Ipv6Addr};
use std::num::NonZeroU32;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use governor::clock::Clock as GovernorClock;
use governor::middleware::NoOpMiddleware;
use governor::nanos::Nanos;
use governor::state::keyed::DashMapStateStore;
use governor::{Quota, RateLimiter};
use time::OffsetDateTime;

use crate::clock::Clock;

/// Counts new fetches per source.
pub(crate) struct SourceQuota {
    limiter: RateLimiter<IpAddr, DashMapStateStore<IpAddr>, SinceStart, NoOpMiddleware<Nanos>>,
    clock: SinceStart,
    checks: AtomicUsize,
}

/// Every so many checks, sources that have been quiet are forgotten.
const FORGET_EVERY: usize = 512;

impl SourceQuota {
    pub(crate) fn per_minute(fetches: NonZeroU32, clock: Arc<dyn Clock>) -> SourceQuota {
        let clock = SinceStart {
            start: clock.now(),
            clock,
        };
        SourceQuota {
            limiter: RateLimiter::new(Quota::per_minute(fetches), DashMapStateStore::default(), clock.clone()),
            clock,
            checks: AtomicUsize::new(0),
        }
    }

    /// Takes one fetch from the source's account.
    ///
    /// # Errors
    /// How long to wait when there is none left.
    pub(crate) fn spend(&self, source: IpAddr) -> Result<(), Duration> {
        if self.checks.fetch_add(1, Ordering::Relaxed) % FORGET_EVERY == FORGET_EVERY - 1 {
            self.limiter.retain_recent();
        }
        self.limiter
            .check_key(&address_or_slash_64(source))
            .map_err(|not_until| not_until.wait_time_from(self.clock.now()))
    }
}

/// Whoever has one IPv6 address has the 2^64 beside it.
fn address_or_slash_64(source: IpAddr) -> IpAddr {
    match source.to_canonical() {
        IpAddr::V4(v4) => IpAddr::V4(v4),
        IpAddr::V6(v6) => IpAddr::V6(Ipv6Addr::from(u128::from(v6) >> 64 << 64)),
    }
}

/// Our clock, as the limiter wants it.
#[derive(Clone)]
struct SinceStart {
    start: OffsetDateTime,
    clock: Arc<dyn Clock>,
}

impl GovernorClock for SinceStart {
    type Instant = Nanos;

    fn now(&self) -> Nanos {
        // A clock set back must not panic; it only makes sources wait.
        Duration::try_from(self.clock.now() - self.start)
            .unwrap_or_default()
            .into()
    }
}

#[cfg(test)]
mod tests {
    use time::macros::datetime;

    use super::*;
    use crate::clock::ManualClock;

    #[test]
    fn a_source_that_spent_its_fetches_waits_and_others_do_not() {
        let clock = Arc::new(ManualClock::starting_at(datetime!(2026-11-22 12:00 UTC)));
        let quota = SourceQuota::per_minute(NonZeroU32::new(3).unwrap(), clock.clone());
        let ip = |text: &str| text.parse::<IpAddr>().unwrap();
        for _ in 0..3 {
            assert_eq!(quota.spend(ip("192.0.2.1")), Ok(()));
        }
        let wait = quota.spend(ip("192.0.2.1")).unwrap_err();
        assert!(wait > Duration::ZERO && wait <= Duration::from_secs(20), "{wait:?}");
        assert!(quota.spend(ip("::ffff:192.0.2.1")).is_err());
        assert_eq!(quota.spend(ip("192.0.2.2")), Ok(()));
        clock.advance(wait);
        assert_eq!(quota.spend(ip("192.0.2.1")), Ok(()));
    }

    #[test]
    fn an_ipv6_source_is_its_network() {
        let ip = |text: &str| text.parse::<IpAddr>().unwrap();
        assert_eq!(address_or_slash_64(ip("2001:db8:1:2:3:4:5:6")), ip("2001:db8:1:2::"));
        assert_ne!(
            address_or_slash_64(ip("2001:db8:1:3::1")),
            address_or_slash_64(ip("2001:db8:1:2::1"))
        );
    }
}
