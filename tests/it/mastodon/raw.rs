//! Requests as bytes: what a client library sends, with nothing of ours in it but host and length.

use reqwest::StatusCode;
use reqwest::header::{HeaderMap, HeaderName, HeaderValue};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

use crate::harness::TestApp;
use crate::harness::actors::Answer;

/// Sends a request: its first line and its headers, a line each, and its body.
pub async fn send(app: &TestApp, head: &str, body: &str) -> Answer {
    let host = app.base.strip_prefix("http://").expect("a plain address");
    let mut stream = TcpStream::connect(host).await.expect("the server listens");
    let lines: Vec<&str> = head.lines().map(str::trim).filter(|line| !line.is_empty()).collect();
    let length = if body.is_empty() {
        String::new()
    } else {
        format!("Content-Length: {}\r\n", body.len())
    };
    let request = format!(
        "{}\r\nHost: {host}\r\nConnection: close\r\n{length}\r\n{body}",
        lines.join("\r\n")
    );
    stream.write_all(request.as_bytes()).await.expect("it is read");
    let mut answer = String::new();
    stream.read_to_string(&mut answer).await.expect("an answer");
    parse(&answer)
}

fn parse(answer: &str) -> Answer {
    let (head, body) = answer.split_once("\r\n\r\n").expect("a head and a body");
    let mut lines = head.lines();
    let status = lines.next().and_then(|line| line.split(' ').nth(1)).expect("a status");
    let mut headers = HeaderMap::new();
    for line in lines {
        let (name, value) = line.split_once(": ").expect("a header");
        let name: HeaderName = name.parse().expect("a name");
        headers.append(name, HeaderValue::from_str(value).expect("a value"));
    }
    Answer {
        status: StatusCode::from_bytes(status.as_bytes()).expect("a status"),
        headers,
        body: body.to_owned(),
    }
}
