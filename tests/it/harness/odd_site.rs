//! Sites that take their time, break off or speak TLS, and a resolver that says what it is told.

use std::collections::HashMap;
use std::future::Future;
use std::io;
use std::net::IpAddr;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};

use rcgen::{BasicConstraints, CertificateParams, CertifiedIssuer, IsCa, KeyPair};
use time::OffsetDateTime;
use tokio::io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio::task::JoinHandle;
use tokio_rustls::TlsAcceptor;
use tokio_rustls::rustls;
use tokio_rustls::rustls::pki_types::{CertificateDer, PrivateKeyDer};
use vestibule::discovery::resolve::Resolving;
use vestibule::discovery::{Resolve, TrustRoot};

use super::port;

/// A server that does with each connection what it is told. It stops when it is dropped.
pub struct OddSite {
    port: u16,
    connections: Arc<AtomicUsize>,
    server: JoinHandle<()>,
}

impl OddSite {
    /// Runs `serve` for each connection.
    pub async fn serving<F, S>(serve: S) -> OddSite
    where
        F: Future<Output = io::Result<()>> + Send + 'static,
        S: Fn(TcpStream) -> F + Send + 'static,
    {
        let listener = port::listen_async();
        let port = listener.local_addr().expect("its address").port();
        let connections = Arc::new(AtomicUsize::new(0));
        let counter = connections.clone();
        let server = tokio::spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                counter.fetch_add(1, Ordering::SeqCst);
                tokio::spawn(serve(stream));
            }
        });
        OddSite {
            port,
            connections,
            server,
        }
    }

    /// Takes connections and says nothing.
    pub async fn silent() -> OddSite {
        OddSite::serving(|stream| async move {
            let _open = stream;
            std::future::pending().await
        })
        .await
    }

    /// Sends these bytes in answer to any request, and closes.
    pub async fn sending(answer: impl Into<Vec<u8>>) -> OddSite {
        let answer: Arc<[u8]> = answer.into().into();
        OddSite::serving(move |mut stream| {
            let answer = answer.clone();
            async move {
                read_request(&mut stream).await?;
                finish(&mut stream, &answer).await
            }
        })
        .await
    }

    /// The port.
    pub fn port(&self) -> u16 {
        self.port
    }

    /// An address on this site.
    pub fn url(&self, path: &str) -> String {
        format!("http://127.0.0.1:{}{path}", self.port)
    }

    /// How many connections it has taken.
    pub fn connections(&self) -> usize {
        self.connections.load(Ordering::SeqCst)
    }
}

impl Drop for OddSite {
    fn drop(&mut self) {
        self.server.abort();
    }
}

/// The head of a request.
pub async fn read_request(stream: &mut (impl AsyncRead + Unpin)) -> io::Result<String> {
    let mut head = Vec::new();
    while !head.ends_with(b"\r\n\r\n") {
        head.push(stream.read_u8().await?);
    }
    Ok(String::from_utf8_lossy(&head).into_owned())
}

/// Sends the last bytes and closes without a reset.
pub async fn finish(stream: &mut (impl AsyncRead + AsyncWrite + Unpin), answer: &[u8]) -> io::Result<()> {
    stream.write_all(answer).await?;
    stream.shutdown().await?;
    tokio::io::copy(stream, &mut tokio::io::sink()).await.map(|_| ())
}

/// An answer with status 200 and a length; `headers` are whole lines, each with its line end.
pub fn ok(content_type: &str, headers: &str, body: &str) -> String {
    let length = body.len();
    format!("HTTP/1.1 200 OK\r\ncontent-type: {content_type}\r\ncontent-length: {length}\r\n{headers}\r\n{body}")
}

/// A site with a certificate, and the authority that gave it.
pub struct SecureSite {
    pub site: OddSite,
    pub roots: Vec<TrustRoot>,
}

impl SecureSite {
    /// A site for `name`, whose certificate ends then. `answer` makes its answers, of its port and the path asked for.
    pub async fn start<A>(name: &str, not_after: Option<OffsetDateTime>, answer: A) -> SecureSite
    where
        A: Fn(u16, &str) -> String + Send + Sync + 'static,
    {
        let _ = rustls::crypto::ring::default_provider().install_default();
        let mut authority = CertificateParams::new(Vec::new()).expect("no names");
        authority.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
        let key = KeyPair::generate().expect("a key");
        let authority = CertifiedIssuer::self_signed(authority, key).expect("an authority");
        let mut params = CertificateParams::new(vec![name.to_owned()]).expect("a name");
        params.not_after = not_after.unwrap_or(params.not_after);
        let key = KeyPair::generate().expect("a key");
        let certificate = params.signed_by(&key, &authority).expect("a certificate");
        let chain: Vec<CertificateDer<'static>> = vec![certificate.der().clone()];
        let config = rustls::ServerConfig::builder()
            .with_no_client_auth()
            .with_single_cert(chain, PrivateKeyDer::Pkcs8(key.serialize_der().into()))
            .expect("a certificate with its key");
        let acceptor = TlsAcceptor::from(Arc::new(config));
        let answer = Arc::new(answer);
        let site = OddSite::serving(move |stream| {
            let (acceptor, answer) = (acceptor.clone(), answer.clone());
            async move {
                let port = stream.local_addr()?.port();
                let mut stream = acceptor.accept(stream).await?;
                let head = read_request(&mut stream).await?;
                let path = head.split(' ').nth(1).unwrap_or_default();
                finish(&mut stream, answer(port, path).as_bytes()).await
            }
        })
        .await;
        SecureSite {
            site,
            roots: TrustRoot::from_pem(authority.pem().as_bytes()).expect("a certificate"),
        }
    }
}

/// A resolver with a list, which remembers what it is asked.
#[derive(Default)]
pub struct Names {
    names: HashMap<String, Vec<IpAddr>>,
    asked: Mutex<Vec<String>>,
}

impl Names {
    /// Knows these names and no other.
    pub fn of(names: &[(&str, &[&str])]) -> Arc<Names> {
        let names = names.iter().map(|(name, addresses)| {
            let addresses = addresses.iter().map(|text| text.parse().expect("an address"));
            ((*name).to_owned(), addresses.collect())
        });
        Arc::new(Names {
            names: names.collect(),
            asked: Mutex::default(),
        })
    }

    /// The names it was asked for.
    pub fn asked(&self) -> Vec<String> {
        self.asked.lock().expect("no panic holds it").clone()
    }
}

impl Resolve for Names {
    fn resolve(&self, host: &str) -> Resolving {
        self.asked.lock().expect("no panic holds it").push(host.to_owned());
        let found = self.names.get(host).cloned();
        Box::pin(async move { found.ok_or_else(|| io::Error::other("no such name")) })
    }
}
