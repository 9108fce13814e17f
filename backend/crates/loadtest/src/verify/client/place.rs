//! A client's place in one room: how far it has read, and whether a feed goes on from there.

use tokio::time::Instant;

#[derive(Clone, Debug)]
pub(super) struct Place {
    state: State,
    /// The last entry it has, and the history that is of.
    pub(super) last: Option<(u64, String)>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum State {
    /// A feed runs.
    Running,
    /// One ran until the connection was lost: to be taken up again.
    Broken,
    /// None runs; it asks to join at this moment.
    Out { ask_at: Instant },
    /// It has asked, to join or to take up.
    Asking,
}

impl Place {
    pub(super) fn out(ask_at: Instant) -> Self {
        Self {
            state: State::Out { ask_at },
            last: None,
        }
    }

    pub(super) fn is_running(&self) -> bool {
        self.state == State::Running
    }

    /// The last entry, of a feed that runs.
    pub(super) fn running(&self) -> Option<u64> {
        let (last, _) = self.last.as_ref().filter(|_| self.is_running())?;
        Some(*last)
    }

    /// Where to take it up after the connection was lost.
    pub(super) fn broken(&self) -> Option<&(u64, String)> {
        self.last.as_ref().filter(|_| self.state == State::Broken)
    }

    /// When it is to ask to join, if it is out.
    pub(super) fn ask_at(&self) -> Option<Instant> {
        match self.state {
            State::Out { ask_at } => Some(ask_at),
            _ => None,
        }
    }

    pub(super) fn ask(&mut self) {
        self.state = State::Asking;
    }

    pub(super) fn anchor(&mut self, last: u64, epoch: String) {
        self.state = State::Running;
        self.last = Some((last, epoch));
    }

    pub(super) fn hear(&mut self, seq: u64) {
        if let Some((last, _)) = &mut self.last {
            *last = seq.max(*last);
        }
    }

    pub(super) fn lose(&mut self) {
        self.state = State::Broken;
    }

    /// The connection is gone, and with it the answer that was waited for.
    pub(super) fn forget_call(&mut self, now: Instant) {
        if self.state == State::Asking {
            self.state = State::Out { ask_at: now };
        }
    }

    /// Its feed is over, or it was not let in.
    pub(super) fn end(&mut self, ask_at: Instant) {
        self.state = State::Out { ask_at };
    }

    /// Something may have changed: it asks sooner, if it is out.
    pub(super) fn ask_soon(&mut self, now: Instant) {
        if let State::Out { ask_at } = &mut self.state {
            *ask_at = now.min(*ask_at);
        }
    }
}
