//! A name server of the test's own, on a UDP socket of this machine: it has the TXT records that the test gives it.

use std::collections::HashMap;
use std::net::SocketAddr;
use std::sync::{Arc, Mutex};

use tokio::net::UdpSocket;
use vestibule::discovery::DnsTxt;

/// What is said of a name.
#[derive(Clone)]
enum Said {
    /// These records, each of these strings.
    Records(Vec<Vec<String>>),
    /// That the server failed.
    Failure,
}

/// The server. It stops when it is dropped.
pub struct NameServer {
    address: SocketAddr,
    said: Arc<Mutex<HashMap<String, Said>>>,
    server: tokio::task::JoinHandle<()>,
}

impl NameServer {
    /// A server that knows no name.
    pub async fn start() -> NameServer {
        let socket = UdpSocket::bind("127.0.0.1:0").await.expect("a socket");
        let address = socket.local_addr().expect("its address");
        let said: Arc<Mutex<HashMap<String, Said>>> = Arc::default();
        let server = tokio::spawn(serve(socket, said.clone()));
        NameServer { address, said, server }
    }

    /// A resolver that asks it.
    pub fn resolver(&self) -> Arc<DnsTxt> {
        Arc::new(DnsTxt::at(self.address))
    }

    /// Gives a name one record, made of these strings.
    pub fn record(&self, name: &str, strings: &[&str]) {
        let record = strings.iter().map(|&text| text.to_owned()).collect();
        self.say(name, Said::Records(vec![record]));
    }

    /// Takes a name away.
    pub fn forget(&self, name: &str) {
        self.said.lock().expect("no panic holds it").remove(name);
    }

    /// Fails when it is asked for a name.
    pub fn fail(&self, name: &str) {
        self.say(name, Said::Failure);
    }

    fn say(&self, name: &str, said: Said) {
        self.said
            .lock()
            .expect("no panic holds it")
            .insert(name.to_owned(), said);
    }
}

impl Drop for NameServer {
    fn drop(&mut self) {
        self.server.abort();
    }
}

async fn serve(socket: UdpSocket, said: Arc<Mutex<HashMap<String, Said>>>) {
    let mut query = [0_u8; 1500];
    while let Ok((length, from)) = socket.recv_from(&mut query).await {
        let Some((name, question)) = question(&query[..length]) else {
            continue;
        };
        let known = said.lock().expect("no panic holds it").get(&name).cloned();
        let _ = socket.send_to(&answer(&query[..2], question, known), from).await;
    }
}

/// The name that is asked for, in lower case, and the question as it came (RFC 1035 §4.1.2).
fn question(query: &[u8]) -> Option<(String, &[u8])> {
    let mut at = 12;
    let mut labels = Vec::new();
    loop {
        let length = usize::from(*query.get(at)?);
        at += 1;
        if length == 0 {
            break;
        }
        labels.push(String::from_utf8(query.get(at..at + length)?.to_vec()).ok()?);
        at += length;
    }
    Some((labels.join(".").to_lowercase(), query.get(12..at + 4)?))
}

fn answer(id: &[u8], question: &[u8], said: Option<Said>) -> Vec<u8> {
    let (no_error, server_failure, no_such_name) = (0_u8, 2, 3);
    let (code, records) = match said {
        Some(Said::Records(records)) => (no_error, records),
        Some(Said::Failure) => (server_failure, Vec::new()),
        None => (no_such_name, Vec::new()),
    };
    let mut message = id.to_vec();
    message.extend([
        0x81,
        0x80 | code,
        0,
        1,
        0,
        u8::try_from(records.len()).expect("few"),
        0,
        0,
        0,
        0,
    ]);
    message.extend(question);
    for strings in records {
        let mut data = Vec::new();
        for text in strings {
            data.push(u8::try_from(text.len()).expect("a short string"));
            data.extend(text.as_bytes());
        }
        // The name of the question, TXT, IN, and a minute to live.
        message.extend([0xc0, 12, 0, 16, 0, 1, 0, 0, 0, 60]);
        message.extend(u16::try_from(data.len()).expect("a short record").to_be_bytes());
        message.extend(data);
    }
    message
}
