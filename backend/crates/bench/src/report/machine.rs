//! What it was measured on and with. No names of hosts, and no paths.

use std::fs;
use std::process::Command;

use serde::{Deserialize, Serialize};
use serde_json::Value;

#[derive(Debug, Serialize, Deserialize)]
pub(crate) struct Machine {
    pub(crate) processor: String,
    pub(crate) processors: usize,
    pub(crate) memory_gib: u64,
    pub(crate) kernel: String,
    /// What the servers are made with and run on, as their own programs say it.
    pub(crate) versions: Vec<String>,
}

impl Machine {
    pub(crate) fn look() -> Machine {
        let line = |path: &str, key: &str| {
            let text = fs::read_to_string(path).unwrap_or_default();
            let value = text
                .lines()
                .find_map(|line| line.strip_prefix(key)?.split_once(':'));
            value
                .map(|(_, value)| value.trim().to_owned())
                .unwrap_or_default()
        };
        let kib = line("/proc/meminfo", "MemTotal");
        let kib: u64 = kib.trim_end_matches(" kB").parse().unwrap_or_default();
        let kernel = fs::read_to_string("/proc/sys/kernel/osrelease").unwrap_or_default();
        let cpus = fs::read_to_string("/proc/cpuinfo").unwrap_or_default();
        let programs: [(&str, &[&str]); 4] = [
            ("rustc", &["--version"]),
            ("pg_config", &["--version"]),
            ("node", &["--version"]),
            ("git", &["rev-parse", "--short", "HEAD"]),
        ];
        let versions = programs.iter().filter_map(|(program, arguments)| {
            let said = Command::new(program).args(*arguments).output().ok()?;
            let said = String::from_utf8(said.stdout).ok()?;
            Some(match *program {
                "node" => format!("Node.js {}", said.trim()),
                "git" => format!("Roost at {}", said.trim()),
                _ => said.trim().to_owned(),
            })
        });
        Machine {
            processor: line("/proc/cpuinfo", "model name"),
            // Not those that this process may use: the driver keeps to one.
            processors: cpus
                .lines()
                .filter(|line| line.starts_with("processor"))
                .count(),
            memory_gib: kib.div_ceil(1024 * 1024),
            kernel: kernel.trim().to_owned(),
            versions: versions.chain(peer()).collect(),
        }
    }
}

/// What the peer is made of, as its package pins it.
fn peer() -> Vec<String> {
    const PACKAGE: &str = include_str!("../../node-peer/package.json");
    let package: Value = serde_json::from_str(PACKAGE).unwrap_or_default();
    let pinned = package["dependencies"].as_object().into_iter().flatten();
    pinned
        .map(|(name, version)| format!("{name} {}", version.as_str().unwrap_or_default()))
        .collect()
}
