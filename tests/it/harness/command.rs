//! The binary as an operator runs it: its own folder, its own variables and nothing of ours.

use std::collections::BTreeMap;
use std::io::{BufRead, BufReader, Read, Write};
use std::net::SocketAddr;
use std::path::PathBuf;
use std::process::{Child, Command, ExitStatus, Stdio};
use std::sync::mpsc::{self, Receiver};
use std::thread;
use std::time::Duration;

use super::actors::Visitor;
use super::app::{Database, SECRET_KEY};
use super::port;

/// What the server prints when it listens; its address follows.
pub const READY: &str = "Vestibule is ready at ";

/// How long a server may take to start or stop on a machine that is busy with other things.
const PATIENCE: Duration = Duration::from_secs(120);

/// Where an operator runs the binary.
pub struct Home {
    folder: tempfile::TempDir,
    variables: BTreeMap<&'static str, String>,
    address: SocketAddr,
    _database: Database,
}

impl Home {
    /// A folder, a free port and an empty database.
    pub async fn new() -> Home {
        let database = Database::fresh().await;
        let listener = port::listen();
        let address = listener.local_addr().expect("its address");
        let variables = BTreeMap::from([
            ("VESTIBULE_LISTEN", address.to_string()),
            ("VESTIBULE_ISSUER", format!("http://localhost:{}", address.port())),
            ("VESTIBULE_DATABASE_URL", database.url().to_owned()),
            ("VESTIBULE_SECRET_KEY", SECRET_KEY.to_owned()),
        ]);
        Home {
            folder: tempfile::tempdir().expect("a folder"),
            variables,
            address,
            _database: database,
        }
    }

    /// Sets a variable.
    pub fn with(mut self, name: &'static str, value: &str) -> Home {
        self.variables.insert(name, value.to_owned());
        self
    }

    /// Leaves a variable out.
    pub fn without(mut self, name: &'static str) -> Home {
        self.variables.remove(name);
        self
    }

    /// Where the server listens.
    pub fn address(&self) -> SocketAddr {
        self.address
    }

    /// Who the server says it is.
    pub fn issuer(&self) -> &str {
        &self.variables["VESTIBULE_ISSUER"]
    }

    /// Writes a file into the folder.
    pub fn write(&self, name: &str, text: &str) {
        std::fs::write(self.folder.path().join(name), text).expect("a file");
    }

    /// Reads a file in the folder.
    pub fn read(&self, name: &str) -> String {
        std::fs::read_to_string(self.folder.path().join(name)).expect("a file")
    }

    /// Whether a file is in the folder.
    pub fn has_file(&self, name: &str) -> bool {
        self.folder.path().join(name).is_file()
    }

    /// A client that follows no redirects and asks no proxy.
    pub fn http(&self) -> reqwest::Client {
        // A client cannot be built without a provider. The server in this process installs one, but a run of this
        // module alone has no such server; a second installation changes nothing.
        let _ = rustls::crypto::ring::default_provider().install_default();
        let builder = reqwest::Client::builder().no_proxy();
        let builder = builder.redirect(reqwest::redirect::Policy::none()).timeout(PATIENCE);
        // `localhost` may have an address at which this server does not listen.
        builder.resolve("localhost", self.address).build().expect("a client")
    }

    /// Somebody's browser.
    pub fn visitor(&self) -> Visitor {
        Visitor::new(&format!("http://localhost:{}", self.address.port()), self.http())
    }

    fn command(&self, arguments: &[&str]) -> Command {
        let mut command = Command::new(PathBuf::from(env!("CARGO_BIN_EXE_vestibule")));
        command.args(arguments).env_clear().envs(&self.variables);
        command.current_dir(self.folder.path());
        command
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped());
        command
    }

    /// Runs a command to its end, with this on standard input.
    pub fn run(&self, arguments: &[&str], input: &str) -> Outcome {
        let mut child = self.command(arguments).spawn().expect("the binary runs");
        let mut stdin = child.stdin.take().expect("a pipe");
        // A command that fails early reads nothing.
        let _ = stdin.write_all(input.as_bytes());
        drop(stdin);
        let id = child.id();
        let (sender, ended) = mpsc::channel();
        thread::spawn(move || sender.send(child.wait_with_output()));
        let Ok(output) = ended.recv_timeout(PATIENCE) else {
            signal("KILL", id);
            panic!("{arguments:?} does not end");
        };
        let output = output.expect("the binary ends");
        Outcome {
            success: output.status.success(),
            out: String::from_utf8(output.stdout).expect("text"),
            err: String::from_utf8(output.stderr).expect("text"),
        }
    }

    /// Starts a command that does not end by itself.
    pub fn spawn(&self, arguments: &[&str]) -> Running {
        let mut child = self.command(arguments).spawn().expect("the binary runs");
        let (sender, lines) = mpsc::channel();
        for pipe in [
            Box::new(child.stdout.take().expect("a pipe")) as Box<dyn Read + Send>,
            Box::new(child.stderr.take().expect("a pipe")),
        ] {
            let sender = sender.clone();
            // Read to the end, so that the server never waits for a full pipe.
            thread::spawn(move || {
                for line in BufReader::new(pipe).lines().map_while(Result::ok) {
                    let _ = sender.send(line);
                }
            });
        }
        Running {
            child,
            lines,
            said: Vec::new(),
        }
    }

    /// Starts the server with these arguments, and waits until it listens.
    pub fn serve(&self, arguments: &[&str]) -> Running {
        self.start(&[&["serve"], arguments].concat())
    }

    /// Starts whatever serves, and waits until it listens.
    pub fn start(&self, arguments: &[&str]) -> Running {
        let mut running = self.spawn(arguments);
        running.until_ready();
        running
    }
}

/// Sends a signal to a process of ours.
fn signal(name: &str, id: u32) {
    let sent = Command::new("kill")
        .args([&format!("-{name}"), &id.to_string()])
        .status();
    assert!(sent.expect("kill runs").success());
}

/// How a command ended.
#[derive(Debug)]
pub struct Outcome {
    pub success: bool,
    pub out: String,
    pub err: String,
}

impl Outcome {
    /// What it printed; it must have succeeded.
    #[track_caller]
    pub fn expect_success(self) -> String {
        assert!(self.success, "{self:?}");
        self.out
    }
}

/// A server that runs. It is killed when it is dropped.
pub struct Running {
    child: Child,
    lines: Receiver<String>,
    said: Vec<String>,
}

impl Running {
    /// Waits until it listens.
    #[track_caller]
    pub fn until_ready(&mut self) {
        self.until(READY);
    }

    /// Waits until it prints this. Gives the line.
    #[track_caller]
    pub fn until(&mut self, text: &str) -> String {
        loop {
            if let Some(line) = self.said.iter().find(|line| line.contains(text)) {
                return line.trim().to_owned();
            }
            match self.lines.recv_timeout(PATIENCE) {
                Ok(line) => self.said.push(line),
                Err(_) => panic!("the server never said {text:?}, but: {:#?}", self.said),
            }
        }
    }

    /// Asks it to stop, as a service manager does.
    pub fn terminate(&self) {
        signal("TERM", self.child.id());
    }

    /// Waits until it has ended.
    pub fn wait(&mut self) -> ExitStatus {
        self.child.wait().expect("it ends")
    }

    /// Stops it. Gives everything it printed.
    pub fn everything_said(mut self) -> String {
        self.terminate();
        while let Ok(line) = self.lines.recv_timeout(PATIENCE) {
            self.said.push(line);
        }
        self.said.join("\n")
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}
