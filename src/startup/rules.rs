//! Settings, as the values that the rest of the house knows.

use std::net::SocketAddr;
use std::num::NonZeroU32;

use url::Url;

use super::Surroundings;
use crate::config::Settings;
use crate::discovery::{AddressPolicy, Discovery, DiscoverySettings, OwnAddresses};
use crate::oauth::client::HttpLoopback;
use crate::oauth::policy::{Lifetimes, Policy};
use crate::web::rate_limit::Quotas;

pub(super) fn discovery(
    settings: &Settings,
    surroundings: &Surroundings,
    listen: Vec<SocketAddr>,
) -> anyhow::Result<Discovery> {
    let issuer = Url::parse(settings.issuer.as_str())?;
    let fetch = &settings.fetch;
    let own = OwnAddresses::new(&issuer, listen, settings.database_url.server());
    let policy = AddressPolicy {
        allow_networks: fetch.allow_networks.clone(),
        allow_ports: fetch.allow_ports.clone(),
        deny_hosts: fetch.deny_hosts.clone(),
        nat64_prefixes: fetch.nat64_prefixes.clone(),
        ..AddressPolicy::new(settings.issuer.is_development(), own)
    };
    let mut options = DiscoverySettings::new(settings.issuer.as_str(), policy);
    options.fetch.json_bytes = fetch.max_document_bytes;
    options.fetch.html_bytes = fetch.max_page_bytes;
    options.fetches_per_minute = NonZeroU32::new(settings.limits.first_fetch);
    options.roots.clone_from(&surroundings.roots);
    Ok(Discovery::new(
        options,
        surroundings.resolver.clone(),
        surroundings.txt.clone(),
        surroundings.clock.clone(),
    )?)
}

pub(super) fn policy(settings: &Settings) -> Policy {
    let loopback = ["127.0.0.1", "::1"].map(|address| address.parse().ok());
    let lists_loopback = settings.fetch.allow_networks.iter().any(|network| {
        loopback
            .iter()
            .flatten()
            .any(|address: &std::net::IpAddr| network.contains(address))
    });
    let http_loopback = if settings.issuer.is_development() || lists_loopback {
        HttpLoopback::Allowed
    } else {
        HttpLoopback::Refused
    };
    Policy {
        issuer: settings.issuer.clone(),
        lifetimes: Lifetimes::default(),
        scopes: settings.scopes.clone(),
        http_loopback,
        without_pkce: settings.without_pkce.clone(),
        instance: settings.instance.clone(),
        sign_up: settings.sign_up,
    }
}

pub(super) fn quotas(settings: &Settings) -> Quotas {
    let limits = settings.limits;
    Quotas {
        sign_in: NonZeroU32::new(limits.sign_in),
        authorize: NonZeroU32::new(limits.authorize),
        token: NonZeroU32::new(limits.token),
        registration: NonZeroU32::new(limits.registration),
        sign_up: NonZeroU32::new(limits.sign_up),
    }
}
