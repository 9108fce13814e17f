//! What a judge writes down, and how a history ends.

use super::Played;
use std::sync::Mutex;
use tokio::time::Instant;
use tokio_util::sync::CancellationToken;

/// One history: all that happens, if it is written, up to what must not be.
#[derive(Debug)]
pub(crate) struct Chronicle {
    began: Instant,
    over: CancellationToken,
    pages: Mutex<Pages>,
}

#[derive(Debug)]
struct Pages {
    fault: Option<String>,
    history: Option<Vec<String>>,
}

impl Chronicle {
    pub(crate) fn new(written: bool) -> Self {
        Self {
            began: Instant::now(),
            over: CancellationToken::new(),
            pages: Mutex::new(Pages {
                fault: None,
                history: written.then(Vec::new),
            }),
        }
    }

    /// Writes down what happens, until something is wrong.
    pub(crate) fn note(&self, what: impl FnOnce() -> String) {
        let mut pages = self.pages.lock().unwrap();
        if pages.fault.is_some() {
            return;
        }
        if let Some(history) = &mut pages.history {
            let at = self.began.elapsed().as_secs_f64();
            history.push(format!("{at:8.3}  {}", what()));
        }
    }

    /// Something is wrong. What is found first counts.
    pub(crate) fn find(&self, fault: String) {
        self.pages.lock().unwrap().fault.get_or_insert(fault);
        self.over.cancel();
    }

    /// Ends when there is nothing more to see.
    pub(crate) fn over(&self) -> &CancellationToken {
        &self.over
    }

    /// What was seen that must not be, and all that happened.
    pub(crate) fn verdict(&self) -> Played {
        let mut pages = self.pages.lock().unwrap();
        Played {
            fault: pages.fault.take(),
            history: pages.history.take().unwrap_or_default(),
        }
    }
}
