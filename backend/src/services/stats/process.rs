//! What the operating system says about this process. Linux says it in files; elsewhere nothing is
//! known.

/// How much of a second a tick of the processor's time is: Linux counts hundredths for everybody who
/// reads, on every machine.
const TICK_MS: u64 = 10;
/// Where the user's time stands after the name of the program; the system's follows.
const USER_TIME: usize = 11;

/// Processor time since the start, in milliseconds.
pub(super) fn cpu_ms() -> Option<u64> {
    cpu_of(&std::fs::read_to_string("/proc/self/stat").ok()?)
}

/// Memory that is really there, in bytes.
pub(super) fn rss_bytes() -> Option<u64> {
    rss_of(&std::fs::read_to_string("/proc/self/status").ok()?)
}

fn cpu_of(stat: &str) -> Option<u64> {
    // The name stands in parentheses and may have anything in it.
    let (_, rest) = stat.rsplit_once(')')?;
    let mut times = rest.split_whitespace().skip(USER_TIME).take(2);
    let (user, system): (u64, u64) = (times.next()?.parse().ok()?, times.next()?.parse().ok()?);
    Some((user + system) * TICK_MS)
}

fn rss_of(status: &str) -> Option<u64> {
    let line = status
        .lines()
        .find_map(|line| line.strip_prefix("VmRSS:"))?;
    let kilobytes: u64 = line.trim().strip_suffix("kB")?.trim_end().parse().ok()?;
    Some(kilobytes * 1024)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn both_are_read_from_what_linux_writes() {
        let stat = "7 (a) b (c) S 1 7 7 0 -1 4194560 1 2 3 4 250 150 0 0 20 0 9 0 5 6 7 8";
        assert_eq!(cpu_of(stat), Some(4000));
        let status = "Name:\troost\nVmPeak:\t  9 kB\nVmRSS:\t   1234 kB\nThreads:\t3\n";
        assert_eq!(rss_of(status), Some(1234 * 1024));
        assert_eq!((cpu_of("?"), rss_of("?")), (None, None));
    }
}
