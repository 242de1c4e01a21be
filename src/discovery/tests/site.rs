//! Client sites for tests: small servers on loopback that misbehave as told, and a resolver that says what it is told.

use std::collections::HashMap;
use std::future::Future;
use std::io;
use std::net::{IpAddr, SocketAddr};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};

use tokio::io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::Notify;
use tokio::task::JoinHandle;

use crate::discovery::resolve::{Resolve, Resolving};

/// A server that is gone when the test is.
pub(in crate::discovery) struct Site {
    pub(in crate::discovery) address: SocketAddr,
    connections: Arc<AtomicUsize>,
    task: JoinHandle<()>,
}

impl Site {
    /// Runs `serve` for each connection.
    pub(in crate::discovery) async fn serving<F, S>(serve: S) -> Site
    where
        F: Future<Output = io::Result<()>> + Send + 'static,
        S: Fn(TcpStream) -> F + Send + 'static,
    {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let connections = Arc::new(AtomicUsize::new(0));
        let counter = Arc::clone(&connections);
        let task = tokio::spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                counter.fetch_add(1, Ordering::SeqCst);
                tokio::spawn(serve(stream));
            }
        });
        Site {
            address,
            connections,
            task,
        }
    }

    /// Answers every request with these bytes and closes.
    pub(in crate::discovery) async fn answering(answer: impl Into<Vec<u8>>) -> Site {
        let page = Page::new(answer);
        Site::showing(&page).await
    }

    /// Answers every request with what the page holds at that time.
    pub(in crate::discovery) async fn showing(page: &Page) -> Site {
        let page = page.clone();
        Site::serving(move |mut stream| {
            let page = page.clone();
            async move {
                read_request(&mut stream).await?;
                page.gate.wait().await;
                let answer = page.answer.lock().unwrap().clone();
                finish(&mut stream, &answer).await
            }
        })
        .await
    }

    pub(in crate::discovery) fn connections(&self) -> usize {
        self.connections.load(Ordering::SeqCst)
    }

    pub(in crate::discovery) fn url(&self, path: &str) -> String {
        format!("http://127.0.0.1:{}{path}", self.address.port())
    }
}

impl Drop for Site {
    fn drop(&mut self) {
        self.task.abort();
    }
}

/// What a site shows, to be changed while it runs.
#[derive(Clone)]
pub(in crate::discovery) struct Page {
    answer: Arc<Mutex<Vec<u8>>>,
    gate: Arc<Held>,
}

impl Page {
    pub(in crate::discovery) fn new(answer: impl Into<Vec<u8>>) -> Page {
        Page {
            answer: Arc::new(Mutex::new(answer.into())),
            gate: Arc::default(),
        }
    }

    pub(in crate::discovery) fn set(&self, answer: impl Into<Vec<u8>>) {
        *self.answer.lock().unwrap() = answer.into();
    }

    /// Lets requests wait until [`Page::release`].
    pub(in crate::discovery) fn hold(&self) {
        self.gate.closed.store(1, Ordering::SeqCst);
    }

    pub(in crate::discovery) fn release(&self) {
        self.gate.closed.store(0, Ordering::SeqCst);
        self.gate.opened.notify_waiters();
    }
}

#[derive(Default)]
struct Held {
    closed: AtomicUsize,
    opened: Notify,
}

impl Held {
    async fn wait(&self) {
        loop {
            let opened = self.opened.notified();
            if self.closed.load(Ordering::SeqCst) == 0 {
                return;
            }
            opened.await;
        }
    }
}

/// The head of a request.
pub(in crate::discovery) async fn read_request(stream: &mut (impl AsyncRead + Unpin)) -> io::Result<String> {
    let mut head = Vec::new();
    while !head.ends_with(b"\r\n\r\n") {
        head.push(stream.read_u8().await?);
    }
    Ok(String::from_utf8_lossy(&head).into_owned())
}

/// Sends the last bytes and closes without a reset.
pub(in crate::discovery) async fn finish(
    stream: &mut (impl AsyncRead + AsyncWrite + Unpin),
    answer: &[u8],
) -> io::Result<()> {
    stream.write_all(answer).await?;
    stream.shutdown().await?;
    tokio::io::copy(stream, &mut tokio::io::sink()).await.map(|_| ())
}

/// An answer with status 200.
pub(in crate::discovery) fn ok(content_type: &str, headers: &str, body: &str) -> String {
    answer("200 OK", content_type, headers, body)
}

/// An answer with a length; `headers` are whole lines, each with its line end.
pub(in crate::discovery) fn answer(status: &str, content_type: &str, headers: &str, body: &str) -> String {
    format!(
        "HTTP/1.1 {status}\r\ncontent-type: {content_type}\r\ncontent-length: {}\r\n{headers}\r\n{body}",
        body.len()
    )
}

/// A resolver with a list, which counts what it is asked.
#[derive(Default)]
pub(in crate::discovery) struct Listing {
    names: HashMap<String, Vec<IpAddr>>,
    lookups: AtomicUsize,
}

impl Listing {
    pub(in crate::discovery) fn of(names: &[(&str, &[&str])]) -> Arc<Listing> {
        let names = names.iter().map(|(name, addresses)| {
            let addresses = addresses.iter().map(|text| text.parse().unwrap()).collect();
            ((*name).to_owned(), addresses)
        });
        Arc::new(Listing {
            names: names.collect(),
            lookups: AtomicUsize::new(0),
        })
    }

    pub(in crate::discovery) fn lookups(&self) -> usize {
        self.lookups.load(Ordering::SeqCst)
    }
}

impl Resolve for Listing {
    fn resolve(&self, host: &str) -> Resolving {
        self.lookups.fetch_add(1, Ordering::SeqCst);
        let found = self.names.get(host).cloned();
        Box::pin(async move { found.ok_or_else(|| io::Error::other("no such name")) })
    }
}
