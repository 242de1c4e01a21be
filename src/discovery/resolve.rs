//! From a host name to addresses.

use std::future::Future;
use std::io;
use std::net::IpAddr;
use std::pin::Pin;
use std::sync::Arc;

use tokio::sync::Semaphore;

/// The addresses of a name, when they are known.
pub type Resolving = Pin<Box<dyn Future<Output = io::Result<Vec<IpAddr>>> + Send>>;

/// Looks names up. Handed in, so that tests decide what a name means.
pub trait Resolve: Send + Sync {
    /// All addresses of `host`, as the system would connect to them. The caller sets the deadline.
    fn resolve(&self, host: &str) -> Resolving;
}

/// The operating system's resolver.
#[derive(Debug, Clone)]
pub struct SystemResolver {
    lookups: Arc<Semaphore>,
}

/// A lookup occupies a thread until the system gives it up, which can be long after the caller did.
const MAX_LOOKUPS: usize = 32;

impl SystemResolver {
    /// A resolver of its own: the bound on lookups counts per resolver.
    pub fn new() -> SystemResolver {
        SystemResolver {
            lookups: Arc::new(Semaphore::new(MAX_LOOKUPS)),
        }
    }
}

impl Default for SystemResolver {
    fn default() -> SystemResolver {
        SystemResolver::new()
    }
}

impl Resolve for SystemResolver {
    fn resolve(&self, host: &str) -> Resolving {
        // With the dot the name is absolute, and the resolver's search domains do not turn `db.example` into
        // `db.example.corp.internal`.
        let absolute = if host == "localhost" {
            host.to_owned()
        } else {
            format!("{host}.")
        };
        let lookups = Arc::clone(&self.lookups);
        Box::pin(async move {
            let permit = lookups.acquire_owned().await.map_err(io::Error::other)?;
            // Its own task keeps the permit as long as the thread is busy, not as long as the caller is patient.
            let lookup = tokio::spawn(async move {
                let found = tokio::net::lookup_host((absolute, 0)).await;
                drop(permit);
                found.map(|sockets| sockets.map(|socket| socket.ip()).collect())
            });
            lookup.await.map_err(io::Error::other)?
        })
    }
}
