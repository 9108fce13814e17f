//! Which processor works for whom: servers have the first, the driver the second.
//!
//! Children inherit where they may run, so a server is started from its own processor; its
//! runtime then sees one, and makes itself as many threads.

use rustix::thread::{CpuSet, sched_getaffinity, sched_setaffinity};

use crate::failure::{Failure, Result};

/// The two processors of a comparison.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Processors {
    server: usize,
    driver: usize,
}

impl Processors {
    /// The first two that this process may use.
    pub(crate) fn choose() -> Result<Processors> {
        let allowed = sched_getaffinity(None).map_err(std::io::Error::from)?;
        let mut usable = (0..CpuSet::MAX_CPU).filter(|cpu| allowed.is_set(*cpu));
        match (usable.next(), usable.next()) {
            (Some(server), Some(driver)) => Ok(Processors { server, driver }),
            _ => Err(Failure::Unusable(
                "two processors are needed, one for the driver".to_owned(),
            )),
        }
    }

    /// Does something on the processor of servers, and goes back to that of the driver.
    pub(crate) fn on_the_servers<T>(self, work: impl FnOnce() -> Result<T>) -> Result<T> {
        go_to(&[self.server])?;
        let done = work();
        go_to(&[self.driver])?;
        done
    }

    /// Does something that may use both.
    pub(crate) fn on_both<T>(self, work: impl FnOnce() -> Result<T>) -> Result<T> {
        go_to(&[self.server, self.driver])?;
        let done = work();
        go_to(&[self.driver])?;
        done
    }
}

fn go_to(processors: &[usize]) -> Result<()> {
    let mut set = CpuSet::new();
    for processor in processors {
        set.set(*processor);
    }
    sched_setaffinity(None, &set).map_err(std::io::Error::from)?;
    Ok(())
}
