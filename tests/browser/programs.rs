//! The real programs as child processes: started when they say that they are ready, gone with the test.

use std::io::{BufRead, BufReader};
use std::net::TcpListener;
use std::os::unix::process::CommandExt;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::{OnceLock, mpsc};
use std::thread;
use std::time::{Duration, Instant};

use tempfile::TempDir;

/// How long a program may take to be ready, on a machine that is busy with other things.
const START_LIMIT: Duration = Duration::from_secs(60);

/// Another process may take the free port between our finding it and the program's taking it.
const START_ATTEMPTS: usize = 3;

/// Runs its arguments until its standard input ends, which is when the test drops it, or dies in whatever way. The
/// program's own children end with it: Chromium outlives its driver otherwise.
const KEEPER: &str = r#"
exec 3<&0
"$@" 3<&- &
exec >/dev/null
cat <&3
kill -KILL -$$
"#;

/// A running program.
pub(crate) struct Program {
    keeper: Child,
}

impl Program {
    /// Starts a program and waits for a line with these words on its standard output. Gives that line too.
    ///
    /// # Errors
    /// What it said, when it ends or takes too long before that.
    pub(crate) fn start(
        program: &Path,
        prepare: impl FnOnce(&mut Command),
        ready: &str,
    ) -> Result<(Program, String), String> {
        let mut command = Command::new("sh");
        command.args(["-c", KEEPER, "keeper"]).arg(program);
        // Settings of this run are not meant for the programs under test.
        for (name, _) in std::env::vars().filter(|(name, _)| name.starts_with("VESTIBULE_")) {
            command.env_remove(name);
        }
        command.process_group(0).stdin(Stdio::piped()).stdout(Stdio::piped());
        prepare(&mut command);
        let mut keeper = command.spawn().map_err(|error| error.to_string())?;
        let output = BufReader::new(keeper.stdout.take().expect("its output is piped"));
        let running = Program { keeper };
        let (sender, lines) = mpsc::channel();
        // Reads to the end, so that the program never waits for a full pipe.
        thread::spawn(move || {
            for line in output.lines().map_while(Result::ok) {
                let _ = sender.send(line);
            }
        });
        let deadline = Instant::now() + START_LIMIT;
        let mut said = Vec::new();
        while let Ok(line) = lines.recv_timeout(deadline.saturating_duration_since(Instant::now())) {
            if line.contains(ready) {
                return Ok((running, line));
            }
            said.push(line);
        }
        Err(format!(
            "{} did not start; it said:\n{}",
            program.display(),
            said.join("\n")
        ))
    }
}

impl Drop for Program {
    fn drop(&mut self) {
        drop(self.keeper.stdin.take());
        let _ = self.keeper.wait();
    }
}

/// The server, with an empty database of its own.
pub(crate) struct Server {
    /// Its issuer.
    pub(crate) base: String,
    /// The link for the first account, from its greeting.
    pub(crate) setup_link: String,
    _program: Program,
    folder: TempDir,
}

impl Server {
    pub(crate) fn start() -> Server {
        let folder = tempfile::tempdir().expect("a folder for the database");
        let (program, line, port) = on_a_free_port(|port| {
            let prepare = |command: &mut Command| {
                command
                    .current_dir(&folder)
                    .env("VESTIBULE_LISTEN", format!("localhost:{port}"))
                    .env("VESTIBULE_LOG__LEVEL", "warn");
            };
            Program::start(server_program(), prepare, "/set-up?token=")
        });
        Server {
            base: format!("http://localhost:{port}"),
            setup_link: line.trim().to_owned(),
            _program: program,
            folder,
        }
    }

    /// Makes an invitation. Gives its link.
    pub(crate) fn invitation(&self) -> String {
        self.run(&["invitation", "create"])
    }

    /// Runs a command beside the running server. Gives what it printed.
    pub(crate) fn run(&self, arguments: &[&str]) -> String {
        let mut command = Command::new(server_program());
        for (name, _) in std::env::vars().filter(|(name, _)| name.starts_with("VESTIBULE_")) {
            command.env_remove(name);
        }
        let command = command
            .current_dir(&self.folder)
            .env("VESTIBULE_ISSUER", &self.base)
            .args(arguments);
        let made = command.output().expect("the command runs");
        assert!(made.status.success(), "{}", String::from_utf8_lossy(&made.stderr));
        String::from_utf8_lossy(&made.stdout).trim().to_owned()
    }
}

/// The example app. It lives at `127.0.0.1`, so that it and the server at `localhost` are different sites to a browser.
pub(crate) struct App {
    /// Its client id without the slash at the end.
    pub(crate) base: String,
    /// Host and port, the headline of the consent page.
    pub(crate) host: String,
    _program: Program,
}

impl App {
    pub(crate) fn start() -> App {
        let (program, _, port) = on_a_free_port(|port| {
            let listen = format!("127.0.0.1:{port}");
            let prepare = |command: &mut Command| {
                command.args(["--listen", &listen]);
            };
            Program::start(app_program(), prepare, "listens on")
        });
        let host = format!("127.0.0.1:{port}");
        App {
            base: format!("http://{host}"),
            host,
            _program: program,
        }
    }
}

/// Starts a program on a port that was free a moment ago; on another one when somebody was faster.
pub(crate) fn on_a_free_port(start: impl Fn(u16) -> Result<(Program, String), String>) -> (Program, String, u16) {
    let mut last = String::new();
    for _ in 0..START_ATTEMPTS {
        let port = free_port();
        match start(port) {
            Ok((program, line)) => return (program, line, port),
            Err(said) => last = said,
        }
    }
    panic!("{last}");
}

fn free_port() -> u16 {
    let listener = TcpListener::bind("127.0.0.1:0").expect("a free port");
    listener.local_addr().expect("its address").port()
}

fn server_program() -> &'static Path {
    Path::new(env!("CARGO_BIN_EXE_vestibule"))
}

/// The folder of this build's programs, `target/debug`.
fn build_folder() -> &'static Path {
    server_program().parent().expect("a program is in a folder")
}

/// The folder of all builds, `target`.
pub(crate) fn target_folder() -> &'static Path {
    build_folder().parent().expect("a build is in a folder")
}

/// The example app, built first: a run of the browser tests alone does not build it.
fn app_program() -> &'static Path {
    static PROGRAM: OnceLock<PathBuf> = OnceLock::new();
    PROGRAM.get_or_init(|| {
        let profile = match build_folder().file_name().and_then(|name| name.to_str()) {
            Some("debug") | None => "dev",
            Some(other) => other,
        };
        let mut cargo = Command::new(env!("CARGO"));
        // What cargo tells this test of its package would make build scripts run again, and with them the whole build.
        for (name, _) in std::env::vars().filter(|(name, _)| is_of_a_package(name)) {
            cargo.env_remove(name);
        }
        let built = cargo
            .args(["build", "--quiet", "--workspace", "--locked", "--example", "client"])
            .args([
                "--profile",
                profile,
                "--manifest-path",
                concat!(env!("CARGO_MANIFEST_DIR"), "/Cargo.toml"),
            ])
            .arg("--target-dir")
            .arg(target_folder())
            .status();
        assert!(
            built.is_ok_and(|status| status.success()),
            "the example app does not build"
        );
        build_folder().join("examples/client")
    })
}

fn is_of_a_package(variable: &str) -> bool {
    variable == "OUT_DIR" || variable.starts_with("CARGO_PKG_") || variable.starts_with("CARGO_MANIFEST_")
}
