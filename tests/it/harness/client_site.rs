//! An app's own web site: what it publishes is its registration. It can be made to answer anything, also badly.

use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};

use tokio::io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt};
use tokio::net::TcpListener;
use tokio_rustls::TlsAcceptor;

use super::port;

/// What the site answers, whatever is asked.
#[derive(Debug, Clone)]
pub struct SiteAnswer {
    pub status: u16,
    pub headers: Vec<(String, String)>,
    pub body: Vec<u8>,
}

/// A running web site on a port of this machine. It stops when it is dropped.
pub struct ClientSite {
    port: u16,
    origin: String,
    answer: Arc<Mutex<SiteAnswer>>,
    heard: Heard,
    server: tokio::task::JoinHandle<()>,
}

/// What came in.
#[derive(Clone, Default)]
struct Heard {
    connections: Arc<AtomicUsize>,
    hits: Arc<AtomicUsize>,
    requests: Arc<Mutex<Vec<String>>>,
}

/// The page of Misskey's developer guide.
pub const GUIDE_PAGE: &str = r#"<!-- (必須項目) -->
<link rel='redirect_uri' href='/redirect'>
<div class='h-app'>
	<a href="/" class="u-url p-name">My Misskey App</a>
</div>
"#;

impl ClientSite {
    /// A site with the page of Misskey's developer guide.
    pub async fn start() -> ClientSite {
        ClientSite::with_page(GUIDE_PAGE).await
    }

    /// A site with this page.
    pub async fn with_page(html: &str) -> ClientSite {
        ClientSite::listening(html, "127.0.0.1", None).await
    }

    /// A site behind TLS under this name, with the page of Misskey's developer guide.
    pub(super) async fn secure(host: &str, tls: TlsAcceptor) -> ClientSite {
        ClientSite::listening(GUIDE_PAGE, host, Some(tls)).await
    }

    async fn listening(html: &str, host: &str, tls: Option<TlsAcceptor>) -> ClientSite {
        let listener = port::listen_async();
        let port = listener.local_addr().expect("its address").port();
        let scheme = if tls.is_some() { "https" } else { "http" };
        let (answer, heard) = (Arc::new(Mutex::new(html_answer(html))), Heard::default());
        let server = tokio::spawn(serve(listener, tls, answer.clone(), heard.clone()));
        ClientSite {
            port,
            origin: format!("{scheme}://{host}:{port}"),
            answer,
            heard,
            server,
        }
    }

    /// A site with this JSON document. `{base}` in it stands for the site's own address.
    pub async fn with_document(document: &str) -> ClientSite {
        let site = ClientSite::start().await;
        site.document(document);
        site
    }

    /// The client id: the address of the front page.
    pub fn client_id(&self) -> String {
        self.url("/")
    }

    /// An address on this site.
    pub fn url(&self, path: &str) -> String {
        format!("{}{path}", self.origin)
    }

    /// The port.
    pub fn port(&self) -> u16 {
        self.port
    }

    /// Publishes a page from now on.
    pub fn page(&self, html: &str) {
        self.answer(html_answer(html));
    }

    /// Publishes a JSON document from now on. `{base}` in it stands for the site's own address.
    pub fn document(&self, document: &str) {
        let body = document.replace("{base}", &self.url("")).into_bytes();
        self.answer(SiteAnswer {
            status: 200,
            headers: vec![header("content-type", "application/json")],
            body,
        });
    }

    /// Answers so from now on.
    pub fn answer(&self, answer: SiteAnswer) {
        *self.answer.lock().expect("no panic holds it") = answer;
    }

    /// Adds a header to the answer of now.
    pub fn add_header(&self, name: &str, value: &str) {
        self.answer
            .lock()
            .expect("no panic holds it")
            .headers
            .push(header(name, value));
    }

    /// How often it was asked.
    pub fn hits(&self) -> usize {
        self.heard.hits.load(Ordering::SeqCst)
    }

    /// How often somebody connected, even without asking anything.
    pub fn connections(&self) -> usize {
        self.heard.connections.load(Ordering::SeqCst)
    }

    /// The heads of the requests so far.
    pub fn requests(&self) -> Vec<String> {
        self.heard.requests.lock().expect("no panic holds it").clone()
    }
}

impl Drop for ClientSite {
    fn drop(&mut self) {
        self.server.abort();
    }
}

/// A header of an answer.
pub fn header(name: &str, value: &str) -> (String, String) {
    (name.to_owned(), value.to_owned())
}

/// An HTML page.
pub fn html_answer(html: &str) -> SiteAnswer {
    let headers = vec![header("content-type", "text/html; charset=utf-8")];
    SiteAnswer {
        status: 200,
        headers,
        body: html.as_bytes().to_vec(),
    }
}

async fn serve(listener: TcpListener, tls: Option<TlsAcceptor>, answer: Arc<Mutex<SiteAnswer>>, heard: Heard) {
    while let Ok((stream, _)) = listener.accept().await {
        heard.connections.fetch_add(1, Ordering::SeqCst);
        let (now, heard) = (answer.lock().expect("no panic holds it").clone(), heard.clone());
        match tls.clone() {
            None => drop(tokio::spawn(respond(stream, now, heard))),
            Some(tls) => drop(tokio::spawn(async move {
                match tls.accept(stream).await {
                    Ok(stream) => respond(stream, now, heard).await,
                    Err(_) => None,
                }
            })),
        }
    }
}

async fn respond(mut stream: impl AsyncRead + AsyncWrite + Unpin, answer: SiteAnswer, heard: Heard) -> Option<()> {
    let mut head = Vec::new();
    let mut chunk = [0_u8; 1024];
    while !head.windows(4).any(|end| end == b"\r\n\r\n") {
        match stream.read(&mut chunk).await.ok()? {
            0 => return None,
            read => head.extend_from_slice(&chunk[..read]),
        }
    }
    heard.hits.fetch_add(1, Ordering::SeqCst);
    heard
        .requests
        .lock()
        .expect("no panic holds it")
        .push(String::from_utf8_lossy(&head).into_owned());
    let mut text = format!("HTTP/1.1 {} Whatever\r\nconnection: close\r\n", answer.status);
    text.push_str(&format!("content-length: {}\r\n", answer.body.len()));
    for (name, value) in &answer.headers {
        text.push_str(&format!("{name}: {value}\r\n"));
    }
    text.push_str("\r\n");
    stream.write_all(text.as_bytes()).await.ok()?;
    stream.write_all(&answer.body).await.ok()?;
    stream.shutdown().await.ok()
}
