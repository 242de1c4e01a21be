//! How often one address may ask. The limiter is per process and may be lost: it slows guessing and floods, and
//! nothing that must hold depends on it.

use std::future::{Future, ready};
use std::net::IpAddr;
use std::num::NonZeroU32;
use std::pin::Pin;
use std::time::Duration;

use actix_web::body::BoxBody;
use actix_web::dev::{Service, ServiceRequest, ServiceResponse, Transform, forward_ready};
use actix_web::{Error, web};
use governor::clock::{Clock as _, DefaultClock};
use governor::{DefaultKeyedRateLimiter, Quota, RateLimiter};

use super::error::{JsonError, PageError};
use super::{Web, address};

/// What is limited.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Limit {
    /// Tries of a password, of a code, and of a set-up link.
    SignIn,
    /// Authorization requests, and codes redeemed at that endpoint.
    Authorize,
    /// Token and revocation requests.
    Token,
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
}

type Keyed<K> = Option<DefaultKeyedRateLimiter<K>>;

/// The limiters, shared by all workers.
pub struct Limits {
    sign_in: Keyed<IpAddr>,
    account: Keyed<(String, IpAddr)>,
    code: Keyed<(String, IpAddr)>,
    authorize: Keyed<IpAddr>,
    token: Keyed<IpAddr>,
}

fn keyed<K: Clone + Eq + std::hash::Hash>(per_minute: Option<NonZeroU32>) -> Keyed<K> {
    per_minute.map(|quota| RateLimiter::keyed(Quota::per_minute(quota)))
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
        Limits {
            sign_in: keyed(quotas.sign_in),
            account: keyed(quotas.sign_in),
            code: keyed(quotas.sign_in),
            authorize: keyed(quotas.authorize),
            token: keyed(quotas.token),
        }
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
        for limiter in [&self.sign_in, &self.authorize, &self.token].into_iter().flatten() {
            limiter.retain_recent();
        }
        for limiter in [&self.account, &self.code].into_iter().flatten() {
            limiter.retain_recent();
        }
    }
}

/// Limits a resource; over the limit the answer is a page.
pub(super) fn limit_page(limit: Limit) -> Limiter {
    Limiter {
        limit,
        refuse: |wait| PageError::too_many(wait).into(),
    }
}

/// Limits a resource; over the limit the answer is JSON.
pub(super) fn limit_json(limit: Limit) -> Limiter {
    Limiter {
        limit,
        refuse: |wait| JsonError::too_many(wait).into(),
    }
}

/// The middleware behind [`limit_page`] and [`limit_json`].
#[derive(Clone, Copy)]
pub(super) struct Limiter {
    limit: Limit,
    refuse: fn(Duration) -> Error,
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
            Some(wait) => Box::pin(ready(Ok(request.error_response((self.limiter.refuse)(wait))))),
            None => Box::pin(self.service.call(request)),
        }
    }
}
