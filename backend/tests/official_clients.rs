//! The official clients, in the languages they are written in, against the real server.
//!
//! What they go through is written beside them in `tests/clients`; this file only sees to it that
//! they are installed, as their lock files say, and that every run of the tests includes them.

#[path = "support/postgres.rs"]
mod postgres_cluster;

use std::ffi::OsStr;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::Once;
use std::{fs, io};

const SERVER: &str = env!("CARGO_BIN_EXE_roost");

fn clients() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/clients")
}

/// Runs a command among the clients.
fn run(program: impl AsRef<OsStr>, arguments: &[&str]) -> io::Result<()> {
    run_with("", program, arguments)
}

/// Runs a command among the clients, whose servers keep everything in this database; what it
/// prints is shown if the test fails.
#[expect(clippy::print_stdout, reason = "the test's own output")]
fn run_with(database: &str, program: impl AsRef<OsStr>, arguments: &[&str]) -> io::Result<()> {
    let output = Command::new(program)
        .args(arguments)
        .current_dir(clients())
        .env("ROOST_BIN", SERVER)
        .env("ROOST_DATABASE_URL", database)
        .output()?;
    println!("{}", String::from_utf8_lossy(&output.stdout));
    println!("{}", String::from_utf8_lossy(&output.stderr));
    assert!(output.status.success(), "{arguments:?}: {}", output.status);
    Ok(())
}

/// Installs something unless that was done for the same lock file before.
fn installed(lock: &Path, done: &Path, install: impl FnOnce()) {
    let wanted = fs::read(lock).expect("the lock file is part of the project");
    if fs::read(done).ok().as_ref() != Some(&wanted) {
        install();
        fs::write(done, wanted).expect("what was just installed can be written to");
    }
}

fn javascript_clients(database: &str) {
    static ONCE: Once = Once::new();
    ONCE.call_once(|| {
        let lock = clients().join("package-lock.json");
        let done = clients().join("node_modules/.installed-from");
        installed(&lock, &done, || {
            run("npm", &["ci", "--no-audit", "--no-fund"]).expect("npm comes with Node");
        });
    });
    run_with(
        database,
        "node",
        &["--test", "--test-concurrency=2", "--test-reporter=spec"],
    )
    .expect("Node is one of the things this project is built with");
}

#[test]
fn the_javascript_clients_get_what_the_contract_promises_on_sqlite() {
    javascript_clients("");
}

#[tokio::test]
async fn the_javascript_clients_get_what_the_contract_promises_on_postgresql() {
    javascript_clients(&postgres_cluster::fresh_database().await);
}

#[test]
fn the_python_clients_get_what_the_contract_promises() {
    let python = "python3";
    run(python, &["-c", "import ensurepip, venv"])
        .expect("Python 3 with venv is there (Debian: python3-venv)");
    let venv = Path::new(env!("CARGO_TARGET_TMPDIR")).join("python-clients");
    let lock = clients().join("requirements.txt");
    let venv_python = venv.join("bin/python");
    installed(&lock, &venv.join("installed-from"), || {
        let place = venv
            .to_str()
            .expect("the target directory has a readable name");
        run(python, &["-m", "venv", "--clear", place]).expect("Python was there a moment ago");
        let install = [
            "-m",
            "pip",
            "install",
            "--quiet",
            "--require-virtualenv",
            "-r",
        ];
        let requirements = ["requirements.txt"];
        run(&venv_python, &[&install[..], &requirements[..]].concat())
            .expect("pip comes with venv");
    });
    run(
        &venv_python,
        &["-m", "unittest", "--verbose", "python_client"],
    )
    .expect("it was just installed");
}
