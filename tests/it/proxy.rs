//! The binary itself, in an environment that names a proxy: the addresses that were checked are the ones connected to, so
//! nothing may be asked by way of another program (SF-19).

use std::io::{BufRead, BufReader, Lines, Write};
use std::net::TcpListener;
use std::path::Path;
use std::process::{Child, ChildStdout, Command, Stdio};

use crate::harness::app::PASSWORD;
use crate::harness::odd_site::OddSite;
use crate::harness::{ClientSite, Visitor};

const PROXY_VARIABLES: [&str; 6] = [
    "http_proxy",
    "HTTP_PROXY",
    "https_proxy",
    "HTTPS_PROXY",
    "all_proxy",
    "ALL_PROXY",
];

/// The running program. It is ended when this is dropped.
struct Program {
    base: String,
    child: Child,
    /// Kept open: a program whose greeting nobody reads ends.
    _stdout: Lines<BufReader<ChildStdout>>,
}

impl Program {
    fn command(folder: &Path, base: &str, proxy: &str) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_vestibule"));
        let listen = base.strip_prefix("http://").expect("an address of ours");
        command
            .current_dir(folder)
            .env_clear()
            .envs(PROXY_VARIABLES.map(|name| (name, proxy)))
            .env("VESTIBULE_ISSUER", base)
            .env("VESTIBULE_LISTEN", listen)
            .env("VESTIBULE_DATABASE_URL", "sqlite://proxy.db")
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::null());
        command
    }

    /// Adds alice, starts the server and waits for its greeting. `None` when another program took the port first.
    fn start(folder: &Path, proxy: &str) -> Option<Program> {
        let free = TcpListener::bind("127.0.0.1:0").expect("a free port");
        let base = format!("http://{}", free.local_addr().expect("its address"));
        drop(free);
        let mut adding = Program::command(folder, &base, proxy);
        let mut adding = adding
            .args(["user", "add", "alice", "--password-stdin"])
            .spawn()
            .expect("it starts");
        let mut stdin = adding.stdin.take().expect("a pipe");
        writeln!(stdin, "{PASSWORD}").expect("it reads");
        drop(stdin);
        assert!(adding.wait().expect("it ends").success(), "alice is added");
        let mut child = Program::command(folder, &base, proxy)
            .arg("serve")
            .spawn()
            .expect("it starts");
        let mut lines = BufReader::new(child.stdout.take().expect("a pipe")).lines();
        let mut said = lines.by_ref().map_while(Result::ok);
        let is_ready = said.any(|line| line.contains("Vestibule is ready"));
        let program = Program {
            base,
            child,
            _stdout: lines,
        };
        is_ready.then_some(program)
    }
}

impl Drop for Program {
    fn drop(&mut self) {
        // It may have ended by itself; then there is nothing left to end.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

#[tokio::test]
async fn sf19_a_proxy_in_the_environment_is_ignored() {
    let proxy = OddSite::silent().await;
    let site = ClientSite::start().await;
    let address = proxy.url("/");
    let program = tokio::task::spawn_blocking(move || {
        (0..3).find_map(|_| {
            let folder = tempfile::tempdir().expect("a folder");
            Program::start(folder.path(), &address).map(|program| (program, folder))
        })
    });
    let (program, _folder) = program.await.expect("no panic").expect("it is ready");
    let alice = Visitor::of(&program.base);
    let form = alice.get("/sign-in").await.form("/sign-in");
    let signed_in = alice
        .submit(&form.set("username", "alice").set("password", PASSWORD))
        .await;
    assert!(signed_in.status.is_redirection(), "{signed_in:?}");
    let question = alice.ask(&site.client_id(), &site.url("/redirect")).await;
    assert_eq!(
        question.name_shown().as_deref(),
        Some("My Misskey App"),
        "{}",
        question.text()
    );
    assert_eq!((site.hits(), proxy.connections()), (1, 0));
    // A name is looked up by us, not by the proxy.
    let refusal = alice
        .ask("https://nowhere.invalid/", "https://nowhere.invalid/cb")
        .await;
    assert_eq!((refusal.status.as_u16(), proxy.connections()), (400, 0));
}
