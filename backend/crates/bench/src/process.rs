//! What a server's process costs, as the operating system accounts it.

use std::time::Duration;
use std::{fs, io};

use crate::failure::{Failure, Result};

/// The time all its threads have had a processor, to the nanosecond. A thread that has ended is
/// not counted any more; servers keep theirs.
pub(crate) fn cpu(pid: u32) -> Result<Duration> {
    let mut nanos = 0;
    for task in fs::read_dir(format!("/proc/{pid}/task"))? {
        match fs::read_to_string(task?.path().join("schedstat")) {
            Ok(text) => nanos += first_number(&text)?,
            // It ended in between.
            Err(error) if error.kind() == io::ErrorKind::NotFound => {}
            Err(error) => return Err(error.into()),
        }
    }
    Ok(Duration::from_nanos(nanos))
}

/// Memory that is its own or its share of what is shared, in bytes.
pub(crate) fn memory(pid: u32) -> Result<u64> {
    let text = fs::read_to_string(format!("/proc/{pid}/smaps_rollup"))?;
    let line = text.lines().find_map(|line| line.strip_prefix("Pss:"));
    Ok(first_number(line.unwrap_or_default())? * 1024)
}

fn first_number(text: &str) -> Result<u64> {
    let number = text
        .split_ascii_whitespace()
        .next()
        .and_then(|number| number.parse().ok());
    number.ok_or_else(|| Failure::Unusable("/proc is not as on Linux".to_owned()))
}
