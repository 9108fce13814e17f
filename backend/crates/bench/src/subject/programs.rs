//! Builds what is compared, and knows where it is.

use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use serde::Deserialize;

use super::keeper::Kept;
use crate::failure::{Failure, Result};

#[derive(Debug)]
pub(crate) struct Programs {
    pub(crate) floor: PathBuf,
    pub(crate) engine: PathBuf,
    pub(crate) product: PathBuf,
}

/// A line of what cargo says of a build.
#[derive(Deserialize)]
struct Said {
    target: Option<Target>,
    executable: Option<PathBuf>,
}

#[derive(Deserialize)]
struct Target {
    name: String,
}

impl Programs {
    /// Builds all of them as they are shipped; `product` is one that is built already.
    pub(crate) fn build(product: Option<PathBuf>) -> Result<Programs> {
        let crate_of_its_own = [
            "--package",
            "realtime",
            "--bench",
            "floor",
            "--example",
            "fanout",
        ];
        let built = cargo(&crate_of_its_own)?;
        let product = match product {
            Some(product) => product,
            None => find(&cargo(&["--package", "roost", "--bin", "roost"])?, "roost")?,
        };
        Ok(Programs {
            floor: find(&built, "floor")?,
            engine: find(&built, "fanout")?,
            product,
        })
    }

    /// A Roost with no limits on what a single user may do, with what it has there.
    pub(crate) fn roost(&self, kept: &Kept) -> Command {
        let mut command = Command::new(&self.product);
        command
            .args(["serve", "--listen", "127.0.0.1:0", "--data-dir"])
            .arg(&kept.directory);
        command.args(kept.url().map(|url| format!("--database-url={url}")));
        command.env("ROOST_LIMITS", "off").env("ROOST_LOG", "warn");
        // The whole crowd comes from one address, and in a storm all at once.
        command.env("ROOST_LIMIT_CONNECTIONS_PER_ADDRESS", "1000000");
        command
    }

    /// The peer written for Node.js; its packages were installed before.
    pub(crate) fn node() -> Command {
        let mut command = Command::new("node");
        command.arg(root().join("backend/crates/bench/node-peer/server.mjs"));
        command.env("NODE_ENV", "production");
        command
    }

    /// Where a comparison keeps what it needs only for itself.
    pub(crate) fn scratch(&self) -> PathBuf {
        let release = self.engine.ancestors().nth(2);
        release.unwrap_or(Path::new(".")).with_file_name("bench")
    }
}

fn cargo(what: &[&str]) -> Result<Vec<(String, PathBuf)>> {
    let built = Command::new("cargo")
        .args([
            "build",
            "--release",
            "--message-format",
            "json-render-diagnostics",
        ])
        .args(what)
        .current_dir(root())
        .stderr(Stdio::inherit())
        .output()?;
    if !built.status.success() {
        return Err(Failure::Unusable(format!(
            "`cargo build` of {what:?} failed"
        )));
    }
    let said = String::from_utf8_lossy(&built.stdout);
    let programs = said.lines().filter_map(|line| {
        let said: Said = serde_json::from_str(line).ok()?;
        Some((said.target?.name, said.executable?))
    });
    Ok(programs.collect())
}

fn find(built: &[(String, PathBuf)], name: &str) -> Result<PathBuf> {
    let found = built.iter().find(|(built, _)| built == name);
    let path = found.map(|(_, path)| path.clone());
    path.ok_or_else(|| Failure::Unusable(format!("cargo built no {name}")))
}

/// The project's own directory.
pub(crate) fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../../..")
}
