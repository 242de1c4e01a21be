//! Ports of this machine, none of them twice: a server keeps what it read from a site, and a later site on the same port
//! would be taken for the earlier one.

use std::collections::HashSet;
use std::net::TcpListener;
use std::sync::{Mutex, PoisonError};

static USED: Mutex<Option<HashSet<u16>>> = Mutex::new(None);

/// Listens on a port that no site of this run had before.
pub fn listen() -> TcpListener {
    let mut used = USED.lock().unwrap_or_else(PoisonError::into_inner);
    let used = used.get_or_insert_default();
    // The refused ones stay open until one is found, or the system might offer them again.
    let mut refused = Vec::new();
    loop {
        let listener = TcpListener::bind("127.0.0.1:0").expect("a free port");
        if used.insert(listener.local_addr().expect("its address").port()) {
            return listener;
        }
        refused.push(listener);
    }
}

/// The same, for tokio.
pub fn listen_async() -> tokio::net::TcpListener {
    let listener = listen();
    listener.set_nonblocking(true).expect("a socket that does not block");
    tokio::net::TcpListener::from_std(listener).expect("a socket of the runtime")
}
