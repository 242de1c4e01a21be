//! How often one address may ask. The limiter is per process and may be lost: it slows guessing and floods, and
//! nothing that must hold depends on it.

use std::future::{Future, ready};
use std::net::IpAddr;
use std::num::NonZeroU32;
use std::pin::Pin;
use std::time::Duration;

use actix_web::body::BoxBody;
use actix_web::dev::{Service, ServiceRequest, ServiceResponse, Transform, forward_ready};
use actix_web::http::header;
use actix_web::{Error, HttpResponse, HttpResponseBuilder, web};
use governor::clock::{Clock as _, DefaultClock};
use governor::{DefaultKeyedRateLimiter, Quota, RateLimiter};

use super::error::{JsonError, PageError};
use super::upload::Uploads;
use super::{Web, address};
use crate::oauth::grant::UserId;

/// What is limited.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Limit {
    /// Tries of a password, of a code, and of a set-up link.
    SignIn,
    /// Authorization requests, and codes redeemed at that endpoint.
    Authorize,
    /// Token and revocation requests.
    Token,
    /// Registrations of clients, whatever their kind.
    Registration,
    /// Accounts that people make without an invitation, and tries of invitations that do not exist.
    SignUp,
    /// Accounts that people make with an invitation: each try costs a hash, also one that spends nothing.
    Invited,
}

/// Requests per minute and address; `None` switches a limit off.
#[derive(Debug, Clone, Copy)]
pub struct Quotas {
    /// For [`Limit::SignIn`], and for tries against one account from one block of addresses.
    pub sign_in: Option<NonZeroU32>,
    /// For [`Limit::Authorize`].
    pub authorize: Option<NonZeroU32>,
    /// For [`Limit::Token`].
    pub token: Option<NonZeroU32>,
    /// For [`Limit::Registration`], in ten minutes.
    pub registration: Option<NonZeroU32>,
    /// For [`Limit::SignUp`], in ten minutes; [`Limit::Invited`] has [`INVITED_MORE`] times as many.
    pub sign_up: Option<NonZeroU32>,
}

/// Registrations and sign-ups write rows for anybody, so they are counted over this long.
const REGISTRATION_WINDOW: Duration = Duration::from_secs(10 * 60);

/// What a person may do so often in ten minutes, from wherever, and everybody at one address three times as often. No
/// setting: nobody comes near it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum PersonLimit {
    /// Saving the profile: a picture is drawn for seconds.
    Profile,
    /// Adding and removing addresses of their own: each writes rows.
    Addresses,
}

impl PersonLimit {
    fn most(self) -> NonZeroU32 {
        let most = match self {
            PersonLimit::Profile => 20,
            PersonLimit::Addresses => 60,
        };
        NonZeroU32::new(most).unwrap_or(NonZeroU32::MIN)
    }
}

/// The limiters of one [`PersonLimit`].
struct PerPerson {
    person: Keyed<String>,
    address: Keyed<IpAddr>,
}

impl PerPerson {
    fn new(limit: PersonLimit) -> PerPerson {
        PerPerson {
            person: keyed_over(REGISTRATION_WINDOW, Some(limit.most())),
            address: keyed_over(REGISTRATION_WINDOW, Some(limit.most().saturating_mul(THREE))),
        }
    }

    fn forget_idle(&self) {
        self.person.iter().for_each(|limiter| limiter.retain_recent());
        self.address.iter().for_each(|limiter| limiter.retain_recent());
    }
}

/// What several people at one address may do, as often as one of them; and whoever is invited, who does not wait for strangers
/// at the same address, as often as these.
const THREE: NonZeroU32 = NonZeroU32::MIN.saturating_add(2);

type Keyed<K> = Option<DefaultKeyedRateLimiter<K>>;

/// The limiters, shared by all workers.
pub struct Limits {
    sign_in: Keyed<IpAddr>,
    account: Keyed<(String, IpAddr)>,
    code: Keyed<(String, IpAddr)>,
    authorize: Keyed<IpAddr>,
    token: Keyed<IpAddr>,
    registration: Keyed<IpAddr>,
    sign_up: Keyed<IpAddr>,
    profile: PerPerson,
    own_addresses: PerPerson,
    /// Files on their way here.
    pub(super) uploads: Uploads,
    invited: Keyed<IpAddr>,
}

fn keyed<K: Clone + Eq + std::hash::Hash>(per_minute: Option<NonZeroU32>) -> Keyed<K> {
    per_minute.map(|quota| RateLimiter::keyed(Quota::per_minute(quota)))
}

/// All of them at once, and then one at a time as the window goes on.
fn keyed_over<K: Clone + Eq + std::hash::Hash>(window: Duration, most: Option<NonZeroU32>) -> Keyed<K> {
    let most = most?;
    let quota = Quota::with_period(window / most.get())?;
    Some(RateLimiter::keyed(quota.allow_burst(most)))
}

fn check<K: Clone + Eq + std::hash::Hash>(limiter: &Keyed<K>, key: &K) -> Result<(), Duration> {
    let Some(limiter) = limiter else { return Ok(()) };
    limiter
        .check_key(key)
        .map_err(|refused| refused.wait_time_from(DefaultClock::default().now()))
}

impl Limits {
    /// Limiters with these quotas.
    pub fn new(quotas: Quotas) -> Limits {
        let invited = quotas.sign_up.map(|quota| quota.saturating_mul(THREE));
        Limits {
            sign_in: keyed(quotas.sign_in),
            account: keyed(quotas.sign_in),
            code: keyed(quotas.sign_in),
            authorize: keyed(quotas.authorize),
            token: keyed(quotas.token),
            registration: keyed_over(REGISTRATION_WINDOW, quotas.registration),
            sign_up: keyed_over(REGISTRATION_WINDOW, quotas.sign_up),
            profile: PerPerson::new(PersonLimit::Profile),
            own_addresses: PerPerson::new(PersonLimit::Addresses),
            uploads: Uploads::default(),
            invited: keyed_over(REGISTRATION_WINDOW, invited),
        }
    }

    /// Counts what somebody who is signed in does.
    ///
    /// # Errors
    /// How long to wait.
    pub(super) fn check_person(&self, limit: PersonLimit, id: &UserId, address: IpAddr) -> Result<(), Duration> {
        let limiters = match limit {
            PersonLimit::Profile => &self.profile,
            PersonLimit::Addresses => &self.own_addresses,
        };
        check(&limiters.person, &id.0)?;
        check(&limiters.address, &address::counted(address))
    }

    /// Counts a request.
    ///
    /// # Errors
    /// How long to wait.
    pub fn check(&self, limit: Limit, address: IpAddr) -> Result<(), Duration> {
        let limiter = match limit {
            Limit::SignIn => &self.sign_in,
            Limit::Authorize => &self.authorize,
            Limit::Token => &self.token,
            Limit::Registration => &self.registration,
            Limit::SignUp => &self.sign_up,
            Limit::Invited => &self.invited,
        };
        check(limiter, &address::counted(address))
    }

    /// Counts a try against an account. Keyed by the block of addresses as well, so that nobody can lock another
    /// person out from elsewhere.
    ///
    /// # Errors
    /// How long to wait.
    pub fn check_account(&self, username: &str, address: IpAddr) -> Result<(), Duration> {
        check(&self.account, &(username.to_owned(), address::block(address)))
    }

    /// Counts a try of the code of somebody's second step, in the same way.
    ///
    /// # Errors
    /// How long to wait.
    pub fn check_code(&self, username: &str, address: IpAddr) -> Result<(), Duration> {
        check(&self.code, &(username.to_owned(), address::block(address)))
    }

    /// Forgets addresses that have not asked for a while; called every minute, or the tables would only grow.
    pub fn forget_idle(&self) {
        let by_address = [
            &self.sign_in,
            &self.authorize,
            &self.token,
            &self.registration,
            &self.sign_up,
            &self.invited,
        ];
        for limiter in by_address.into_iter().flatten() {
            limiter.retain_recent();
        }
        self.profile.forget_idle();
        self.own_addresses.forget_idle();
        for limiter in [&self.account, &self.code].into_iter().flatten() {
            limiter.retain_recent();
        }
    }
}

/// Limits a resource; over the limit the answer is a page.
pub(super) fn limit_page(limit: Limit) -> Limiter {
    Limiter {
        limit,
        refuse: Refuse::With(|wait| PageError::too_many(wait).into()),
    }
}

/// Limits a resource; over the limit the answer is JSON.
pub(super) fn limit_json(limit: Limit) -> Limiter {
    Limiter {
        limit,
        refuse: Refuse::With(|wait| JsonError::too_many(wait).into()),
    }
}

/// Limits a resource; over the limit the answer is what `face` makes of one that has its status and `Retry-After`
/// already: a body in the words of a dialect.
pub(super) fn limit_as(limit: Limit, face: fn(&mut HttpResponseBuilder) -> HttpResponse) -> Limiter {
    Limiter {
        limit,
        refuse: Refuse::As(face),
    }
}

/// Limits a resource; over the limit the answer is an error of the dialect's own.
pub(super) fn limit_with(limit: Limit, refuse: fn(Duration) -> Error) -> Limiter {
    Limiter {
        limit,
        refuse: Refuse::With(refuse),
    }
}

/// The middleware behind [`limit_page`], [`limit_json`], [`limit_as`] and [`limit_with`].
#[derive(Clone, Copy)]
pub(super) struct Limiter {
    limit: Limit,
    refuse: Refuse,
}

#[derive(Clone, Copy)]
enum Refuse {
    /// With an error of ours, which gets its face later.
    With(fn(Duration) -> Error),
    /// With an answer that has its face already.
    As(fn(&mut HttpResponseBuilder) -> HttpResponse),
}

impl Refuse {
    fn answer(self, request: ServiceRequest, wait: Duration) -> ServiceResponse<BoxBody> {
        match self {
            Refuse::With(error) => request.error_response(error(wait)),
            Refuse::As(face) => {
                tracing::info!(status = 429, "too many requests");
                let mut answer = HttpResponse::TooManyRequests();
                answer.insert_header((header::RETRY_AFTER, wait.as_secs() + 1));
                request.into_response(face(&mut answer))
            }
        }
    }
}

impl<S> Transform<S, ServiceRequest> for Limiter
where
    S: Service<ServiceRequest, Response = ServiceResponse<BoxBody>, Error = Error> + 'static,
{
    type Response = ServiceResponse<BoxBody>;
    type Error = Error;
    type Transform = Limited<S>;
    type InitError = ();
    type Future = std::future::Ready<Result<Limited<S>, ()>>;

    fn new_transform(&self, service: S) -> Self::Future {
        ready(Ok(Limited {
            limiter: *self,
            service,
        }))
    }
}

/// A limited service.
pub(super) struct Limited<S> {
    limiter: Limiter,
    service: S,
}

impl<S> Service<ServiceRequest> for Limited<S>
where
    S: Service<ServiceRequest, Response = ServiceResponse<BoxBody>, Error = Error> + 'static,
{
    type Response = ServiceResponse<BoxBody>;
    type Error = Error;
    type Future = Pin<Box<dyn Future<Output = Result<ServiceResponse<BoxBody>, Error>>>>;

    forward_ready!(service);

    fn call(&self, request: ServiceRequest) -> Self::Future {
        let over = request.app_data::<web::Data<Web>>().and_then(|web| {
            let from = address::of(request.request(), &web.trusted_proxies);
            web.limits.check(self.limiter.limit, from).err()
        });
        match over {
            Some(wait) => Box::pin(ready(Ok(self.limiter.refuse.answer(request, wait)))),
            None => Box::pin(self.service.call(request)),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn registrations_are_counted_over_ten_minutes() {
        let registration = NonZeroU32::new(5);
        let limits = Limits::new(Quotas {
            sign_in: None,
            authorize: None,
            token: None,
            registration,
            sign_up: None,
        });
        let address = IpAddr::from([192, 0, 2, 1]);
        let checked = |_| limits.check(Limit::Registration, address);
        let answers: Vec<_> = (0..6).map(checked).collect();
        assert!(answers[..5].iter().all(Result::is_ok));
        // One fifth of the window, less the time that this test takes.
        let wait = answers[5].expect_err("the sixth");
        assert!(
            wait <= REGISTRATION_WINDOW / 5 && wait > REGISTRATION_WINDOW / 6,
            "{wait:?}"
        );
    }

    #[test]
    fn a_person_is_counted_wherever_they_are_and_an_address_whoever_is_there() {
        let limits = Limits::new(Quotas {
            sign_in: None,
            authorize: None,
            token: None,
            registration: None,
            sign_up: None,
        });
        let save = |person: &str, last: u8| {
            let address = IpAddr::from([192, 0, 2, last]);
            limits.check_person(PersonLimit::Profile, &UserId(person.to_owned()), address)
        };
        assert!((0..20).all(|last| save("alice", last).is_ok()));
        assert!(save("alice", 20).is_err());
        assert!((0..60).all(|n| save(&format!("person {n}"), 100).is_ok()));
        assert!(save("bob", 100).is_err());
        assert!(save("carol", 101).is_ok());
    }
}
