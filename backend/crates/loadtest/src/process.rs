//! What the server's processes cost, read from `/proc`.

use std::{fs, io, time::Duration};

/// Linux shows times in hundredths of a second, whatever the kernel's own tick is.
const TICKS_PER_SECOND: f64 = 100.0;

/// One reading of a process, or of many together.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Reading {
    pub(crate) cpu: Duration,
    pub(crate) resident_bytes: u64,
}

/// Reads the process's time on the processor and its memory.
pub(crate) fn read(pid: u32) -> io::Result<Reading> {
    let stat = fs::read_to_string(format!("/proc/{pid}/stat"))?;
    let status = fs::read_to_string(format!("/proc/{pid}/status"))?;
    let odd = || {
        io::Error::new(
            io::ErrorKind::InvalidData,
            format!("/proc/{pid} is not as expected"),
        )
    };
    Ok(Reading {
        cpu: cpu_time(&stat).ok_or_else(odd)?,
        resident_bytes: resident_bytes(&status).ok_or_else(odd)?,
    })
}

impl Reading {
    #[must_use]
    pub(crate) fn and(self, other: Self) -> Self {
        Self {
            cpu: self.cpu + other.cpu,
            resident_bytes: self.resident_bytes + other.resident_bytes,
        }
    }
}

fn cpu_time(stat: &str) -> Option<Duration> {
    // The name in parentheses may hold spaces and parentheses; the numbers follow the last one.
    let (_, numbers) = stat.rsplit_once(')')?;
    let mut fields = numbers.split_ascii_whitespace().skip(11);
    let mut ticks = || fields.next()?.parse::<u32>().ok();
    let total = f64::from(ticks()?) + f64::from(ticks()?);
    Some(Duration::from_secs_f64(total / TICKS_PER_SECOND))
}

fn resident_bytes(status: &str) -> Option<u64> {
    let line = status
        .lines()
        .find_map(|line| line.strip_prefix("VmRSS:"))?;
    let kibibytes: u64 = line.trim().strip_suffix(" kB")?.parse().ok()?;
    Some(kibibytes * 1024)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_strange_process_name_does_not_shift_the_numbers() {
        let stat = "42 (a ) b) S 1 2 3 4 5 6 7 8 9 10 150 50 0 0 20";
        assert_eq!(cpu_time(stat), Some(Duration::from_secs(2)));
    }

    #[test]
    fn memory_is_read_in_bytes() {
        assert_eq!(
            resident_bytes("Name:\tx\nVmRSS:\t     12 kB\n"),
            Some(12 * 1024)
        );
        assert_eq!(resident_bytes("Name:\tx\n"), None);
    }
}
