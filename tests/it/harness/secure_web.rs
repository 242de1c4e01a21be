//! A web of `https` sites for a server in production: names that resolve to this machine, and an authority that vouches
//! for them.

use std::io;
use std::net::{IpAddr, Ipv4Addr};
use std::sync::Arc;

use rcgen::{BasicConstraints, CertificateParams, CertifiedIssuer, IsCa, KeyPair};
use rustls::pki_types::PrivateKeyDer;
use tokio_rustls::TlsAcceptor;
use vestibule::discovery::resolve::Resolving;
use vestibule::discovery::{Resolve, TrustRoot};

use super::app::Options;
use super::client_site::ClientSite;

/// The issuer of a server in production.
pub const ISSUER: &str = "https://id.example";

/// The authority and its sites.
pub struct SecureWeb {
    authority: CertifiedIssuer<'static, KeyPair>,
}

/// Every name is this machine.
struct AllHere;

impl Resolve for AllHere {
    fn resolve(&self, _: &str) -> Resolving {
        Box::pin(async { io::Result::Ok(vec![IpAddr::V4(Ipv4Addr::LOCALHOST)]) })
    }
}

impl SecureWeb {
    /// A new authority.
    pub fn new() -> SecureWeb {
        let key = KeyPair::generate().expect("a key");
        let mut params = CertificateParams::default();
        params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
        let authority = CertifiedIssuer::self_signed(params, key).expect("an authority");
        SecureWeb { authority }
    }

    /// A site with this name.
    pub async fn site(&self, host: &str) -> ClientSite {
        let key = KeyPair::generate().expect("a key");
        let params = CertificateParams::new(vec![host.to_owned()]).expect("a name");
        let certificate = params.signed_by(&key, &self.authority).expect("a certificate");
        let provider = Arc::new(rustls::crypto::ring::default_provider());
        let config = rustls::ServerConfig::builder_with_provider(provider)
            .with_safe_default_protocol_versions()
            .expect("protocol versions")
            .with_no_client_auth()
            .with_single_cert(
                vec![certificate.der().clone()],
                PrivateKeyDer::try_from(key.serialize_der()).expect("a key"),
            )
            .expect("a certificate and its key");
        ClientSite::secure(host, TlsAcceptor::from(Arc::new(config))).await
    }

    /// A server in production that may visit these sites.
    pub fn options(&self) -> Options {
        self.options_for("127.0.0.0/8")
    }

    /// A server in production that trusts these sites' authority, and may visit only this network besides the public
    /// ones.
    pub fn options_for(&self, network: &str) -> Options {
        Options {
            roots: TrustRoot::from_pem(self.authority.pem().as_bytes()).expect("a root"),
            ..Options::default()
                .issuer(ISSUER)
                .resolver(Arc::new(AllHere))
                .set("VESTIBULE_FETCH__ALLOW_NETWORKS", network)
        }
    }
}
