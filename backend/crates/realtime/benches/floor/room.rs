//! A room: members, and what waits for them.

use std::cell::{Cell, RefCell};
use std::mem;
use std::rc::Rc;

use tokio::sync::Notify;

use crate::connection::Connection;
use crate::message::{self, Said};

/// Members handed a chunk before others may work.
const STRIDE: usize = 256;

/// Frames that go out together, and what comes after them. Whoever lags holds a chunk, and
/// with it all that follow; nobody else does.
pub(crate) struct Chunk {
    pub(crate) room: *const Room,
    pub(crate) bytes: Vec<u8>,
    pub(crate) next: RefCell<Option<Rc<Chunk>>>,
}

#[derive(Default)]
pub(crate) struct Room {
    members: RefCell<Vec<Rc<Connection>>>,
    seq: Cell<u64>,
    gathering: RefCell<Vec<u8>>,
    wake: Notify,
}

impl Room {
    /// From the next message on, the connection hears what is said here.
    pub(crate) fn join(&self, connection: &Rc<Connection>) -> u64 {
        self.members.borrow_mut().push(Rc::clone(connection));
        self.seq.get()
    }

    pub(crate) fn say(&self, said: &Said<'_>, frame_bytes: usize) -> u64 {
        let seq = self.seq.get() + 1;
        self.seq.set(seq);
        message::put(&mut self.gathering.borrow_mut(), said, seq, frame_bytes);
        self.wake.notify_one();
        seq
    }

    /// The room's task: whatever has gathered while the last chunk went out is the next one.
    pub(crate) async fn deliver(self: Rc<Self>) {
        let chunk = |bytes| {
            Rc::new(Chunk {
                room: Rc::as_ptr(&self),
                bytes,
                next: RefCell::default(),
            })
        };
        let mut last = chunk(Vec::new());
        loop {
            self.wake.notified().await;
            let gathered = mem::take(&mut *self.gathering.borrow_mut());
            if gathered.is_empty() {
                continue;
            }
            let next = chunk(gathered);
            *last.next.borrow_mut() = Some(Rc::clone(&next));
            last = next;
            self.members.borrow_mut().retain(|member| !member.gone());
            // Who joins meanwhile begins with the next one.
            let members = self.members.borrow().len();
            for number in 0..members {
                self.members.borrow()[number].hand(&last);
                if number % STRIDE == STRIDE - 1 {
                    tokio::task::yield_now().await;
                }
            }
        }
    }
}
