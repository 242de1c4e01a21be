//! `vestibule health`: for health checks in containers, which have no other program to ask with.

use std::io::{Read, Write};
use std::net::{TcpStream, ToSocketAddrs};
use std::time::Duration;

use anyhow::{Context, bail};

use crate::config::Settings;

const PATIENCE: Duration = Duration::from_secs(5);

pub(super) fn run(settings: &Settings) -> anyhow::Result<()> {
    // What listens on every address is reached on this machine's own.
    let own = settings
        .listen
        .replacen("0.0.0.0:", "127.0.0.1:", 1)
        .replacen("[::]:", "[::1]:", 1);
    let address = own
        .to_socket_addrs()?
        .next()
        .context("VESTIBULE_LISTEN names no address")?;
    let mut stream = TcpStream::connect_timeout(&address, PATIENCE).context("nobody listens")?;
    stream.set_read_timeout(Some(PATIENCE))?;
    write!(
        stream,
        "GET /health HTTP/1.1\r\nHost: {own}\r\nConnection: close\r\n\r\n"
    )?;
    let mut answer = [0_u8; 12];
    stream.read_exact(&mut answer).context("no answer")?;
    if &answer != b"HTTP/1.1 200" {
        bail!("the server is up, but cannot do its work");
    }
    Ok(())
}
