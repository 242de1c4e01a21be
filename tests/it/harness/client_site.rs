//! An app's own web site: what it publishes is its registration. It can be made to answer anything, also badly.

use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};

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
    answer: Arc<Mutex<SiteAnswer>>,
    hits: Arc<AtomicUsize>,
    requests: Arc<Mutex<Vec<String>>>,
    server: tokio::task::JoinHandle<()>,
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
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("a free port");
        let port = listener.local_addr().expect("its address").port();
        let answer = Arc::new(Mutex::new(html_answer(html)));
        let (hits, requests) = (Arc::new(AtomicUsize::new(0)), Arc::new(Mutex::new(Vec::new())));
        let server = tokio::spawn(serve(listener, answer.clone(), hits.clone(), requests.clone()));
        ClientSite {
            port,
            answer,
            hits,
            requests,
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
        format!("http://127.0.0.1:{}{path}", self.port)
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
        self.hits.load(Ordering::SeqCst)
    }

    /// The heads of the requests so far.
    pub fn requests(&self) -> Vec<String> {
        self.requests.lock().expect("no panic holds it").clone()
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

async fn serve(
    listener: TcpListener,
    answer: Arc<Mutex<SiteAnswer>>,
    hits: Arc<AtomicUsize>,
    requests: Arc<Mutex<Vec<String>>>,
) {
    while let Ok((stream, _)) = listener.accept().await {
        let now = answer.lock().expect("no panic holds it").clone();
        tokio::spawn(respond(stream, now, hits.clone(), requests.clone()));
    }
}

async fn respond(
    mut stream: TcpStream,
    answer: SiteAnswer,
    hits: Arc<AtomicUsize>,
    requests: Arc<Mutex<Vec<String>>>,
) -> Option<()> {
    let mut head = Vec::new();
    let mut chunk = [0_u8; 1024];
    while !head.windows(4).any(|end| end == b"\r\n\r\n") {
        match stream.read(&mut chunk).await.ok()? {
            0 => return None,
            read => head.extend_from_slice(&chunk[..read]),
        }
    }
    hits.fetch_add(1, Ordering::SeqCst);
    requests
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
