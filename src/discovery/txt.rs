//! The TXT records of a name. The operating system's resolver cannot tell them, so this is one of our own.

use std::future::Future;
use std::io;
use std::net::SocketAddr;
use std::pin::Pin;

use hickory_resolver::TokioResolver;
use hickory_resolver::config::{ConnectionConfig, NameServerConfig, ResolverConfig, ResolverOpts};
use hickory_resolver::net::NetError;
use hickory_resolver::net::runtime::TokioRuntimeProvider;
use hickory_resolver::proto::rr::{RData, RecordType};

/// The records of a name, when they are known.
pub type Reading = Pin<Box<dyn Future<Output = io::Result<Vec<String>>> + Send>>;

/// Reads TXT records. Handed in, so that tests decide what a name has.
pub trait ReadTxt: Send + Sync {
    /// The TXT records of `name`; none when there is no such name. The caller sets the deadline.
    fn read(&self, name: &str) -> Reading;
}

/// Asks the name servers that the system is configured with, or another one.
#[derive(Clone)]
pub struct DnsTxt {
    /// `None` when the system has no configuration that can be read.
    resolver: Option<TokioResolver>,
}

impl DnsTxt {
    /// The system's name servers. Without any, no record is ever found out about.
    pub fn system() -> DnsTxt {
        let resolver = TokioResolver::builder_tokio().and_then(|mut builder| {
            plain(builder.options_mut());
            builder.build()
        });
        if let Err(error) = &resolver {
            tracing::warn!(%error, "TXT records cannot be looked up: the system names no name server");
        }
        DnsTxt {
            resolver: resolver.ok(),
        }
    }

    /// One name server, over UDP.
    pub fn at(server: SocketAddr) -> DnsTxt {
        let mut connection = ConnectionConfig::udp();
        connection.port = server.port();
        let server = NameServerConfig::new(server.ip(), true, vec![connection]);
        let config = ResolverConfig::from_name_servers(vec![server]);
        let mut builder = TokioResolver::builder_with_config(config, TokioRuntimeProvider::default());
        plain(builder.options_mut());
        DnsTxt {
            resolver: builder.build().ok(),
        }
    }
}

/// Nothing is kept: a person who has just added the record must not be told for an hour that it is not there.
fn plain(options: &mut ResolverOpts) {
    options.cache_size = 0;
    options.attempts = 1;
    options.timeout = std::time::Duration::from_secs(2);
}

impl ReadTxt for DnsTxt {
    fn read(&self, name: &str) -> Reading {
        // With the dot the name is absolute, and no search domain is added.
        let (resolver, name) = (self.resolver.clone(), format!("{name}."));
        Box::pin(async move {
            let resolver = resolver.ok_or_else(|| io::Error::other("no name server is known"))?;
            match resolver.lookup(name, RecordType::TXT).await {
                Ok(found) => Ok(found.answers().iter().filter_map(|record| text(&record.data)).collect()),
                Err(error) if says_there_is_none(&error) => Ok(Vec::new()),
                Err(error) => Err(io::Error::other(error)),
            }
        })
    }
}

fn says_there_is_none(error: &NetError) -> bool {
    error.is_nx_domain() || error.is_no_records_found()
}

/// The strings of a record belong together (RFC 7208 §3.3 reads them so, and so do all who verify names).
fn text(data: &RData) -> Option<String> {
    let RData::TXT(record) = data else { return None };
    String::from_utf8(record.txt_data.concat()).ok()
}
