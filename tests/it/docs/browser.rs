//! A person with a browser, for a shell: it is told an address, and says where the person ended.

use std::sync::Arc;

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};

use crate::harness::actors::Answer;
use crate::harness::app::PASSWORD;
use crate::harness::{TestApp, Visitor, port};

/// Who sits before it.
const NAME: &str = "alice";

/// Longer ways lead nowhere.
const MOST_STEPS: usize = 20;

/// A listening browser. It stops when it is dropped.
pub struct Browser {
    address: String,
    listens: tokio::task::JoinHandle<()>,
}

impl Drop for Browser {
    fn drop(&mut self) {
        self.listens.abort();
    }
}

impl Browser {
    /// The browser of a person who has an account at this server, and is not signed in yet.
    pub async fn of_somebody(app: &TestApp) -> Browser {
        app.accounts.add_user(NAME, PASSWORD).await.expect("a new account");
        let listener = port::listen_async();
        let address = format!("http://{}/", listener.local_addr().expect("its address"));
        let person = Arc::new(Person {
            visitor: app.visitor(),
            home: app.issuer.clone(),
        });
        Browser {
            address,
            listens: tokio::spawn(listen(listener, person)),
        }
    }

    /// Where it is told what to open.
    pub fn address(&self) -> &str {
        &self.address
    }
}

async fn listen(listener: TcpListener, person: Arc<Person>) {
    while let Ok((stream, _)) = listener.accept().await {
        tokio::spawn(answer(stream, person.clone()));
    }
}

async fn answer(mut stream: TcpStream, person: Arc<Person>) -> Option<()> {
    let body = body(&mut stream).await?;
    let (_, url) = url::form_urlencoded::parse(body.as_bytes()).find(|(name, _)| name == "url")?;
    let (status, end) = match person.open(&url).await {
        Ok(end) => ("200 OK", end),
        Err(page) => ("502 Bad Gateway", page),
    };
    let answer = format!(
        "HTTP/1.1 {status}\r\nconnection: close\r\ncontent-length: {}\r\n\r\n{end}\n",
        end.len() + 1
    );
    stream.write_all(answer.as_bytes()).await.ok()?;
    stream.shutdown().await.ok()
}

/// The body of a request that says how long it is.
async fn body(stream: &mut TcpStream) -> Option<String> {
    let (mut read, mut chunk) = (Vec::new(), [0_u8; 4096]);
    loop {
        let text = String::from_utf8_lossy(&read).into_owned();
        if let Some((head, body)) = text.split_once("\r\n\r\n") {
            let length = head.lines().find_map(|line| {
                let (name, value) = line.split_once(':')?;
                let is_length = name.eq_ignore_ascii_case("content-length");
                is_length.then(|| value.trim().parse::<usize>().ok()).flatten()
            });
            if body.len() >= length? {
                return Some(body.to_owned());
            }
        }
        match stream.read(&mut chunk).await.ok()? {
            0 => return None,
            count => read.extend_from_slice(&chunk[..count]),
        }
    }
}

struct Person {
    visitor: Visitor,
    home: String,
}

impl Person {
    /// Opens an address, signs in and says yes where asked; gives the address where that ends, or the page that refuses.
    async fn open(&self, url: &str) -> Result<String, String> {
        let mut place = url.to_owned();
        for _ in 0..MOST_STEPS {
            let Some(path) = self.path(&place) else {
                return Ok(place);
            };
            let answer = self.read(self.visitor.get(&path).await).await;
            if !answer.status.is_redirection() {
                return if answer.status.is_success() {
                    Ok(place)
                } else {
                    Err(answer.text())
                };
            }
            place = self.absolute(answer.location());
        }
        Err(format!("no end of redirects at {place}"))
    }

    /// Fills in the form of a page, if it asks something.
    async fn read(&self, page: Answer) -> Answer {
        if page.has(r#"form[action^="/consent/"]"#) {
            let form = page.form("/consent/").set("decision", "approve");
            return self.visitor.submit(&form).await;
        }
        if page.has(r#"form[action="/sign-in"]"#) {
            let form = page.form("/sign-in").set("username", NAME).set("password", PASSWORD);
            return self.visitor.submit(&form).await;
        }
        page
    }

    /// The path of an address on the server; `None` for any other place, which is none of its business.
    fn path(&self, place: &str) -> Option<String> {
        let path = place.strip_prefix(&self.home)?;
        match path.chars().next() {
            None => Some("/".to_owned()),
            Some('/' | '?') => Some(path.to_owned()),
            Some(_) => None,
        }
    }

    fn absolute(&self, location: &str) -> String {
        if location.starts_with('/') {
            format!("{}{location}", self.home)
        } else {
            location.to_owned()
        }
    }
}
