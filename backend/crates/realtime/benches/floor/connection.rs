//! One socket: caught up, or going on from its own places.

use std::cell::{Cell, RefCell};
use std::io;
use std::rc::Rc;

use tokio::net::TcpStream;

use crate::room::Chunk;

pub(crate) struct Connection {
    pub(crate) stream: TcpStream,
    /// Set while the socket takes no more; a task of its own then writes.
    behind: RefCell<Option<Box<Behind>>>,
    gone: Cell<bool>,
}

/// What a full socket still has to be given, in this order.
#[derive(Default)]
struct Behind {
    begun: Vec<u8>,
    /// The next chunk of each room whose newest it has not been given.
    chunks: Vec<Rc<Chunk>>,
}

impl Connection {
    pub(crate) fn new(stream: TcpStream) -> Rc<Connection> {
        Rc::new(Connection {
            stream,
            behind: RefCell::default(),
            gone: Cell::new(false),
        })
    }

    pub(crate) fn gone(&self) -> bool {
        self.gone.get()
    }

    pub(crate) fn end(&self) {
        self.gone.set(true);
    }

    /// Gives it the newest chunk of a room.
    pub(crate) fn hand(self: &Rc<Self>, chunk: &Rc<Chunk>) {
        if let Some(behind) = self.behind.borrow_mut().as_deref_mut() {
            // It comes to this one from the chunk of the room that it holds, if it holds one.
            if !behind.chunks.iter().any(|held| held.room == chunk.room) {
                behind.chunks.push(Rc::clone(chunk));
            }
            return;
        }
        self.write(&chunk.bytes);
    }

    /// Gives it what is for it alone.
    pub(crate) fn reply(self: &Rc<Self>, bytes: &[u8]) {
        if let Some(behind) = self.behind.borrow_mut().as_deref_mut() {
            behind.begun.extend_from_slice(bytes);
            return;
        }
        self.write(bytes);
    }

    fn write(self: &Rc<Self>, bytes: &[u8]) {
        match self.try_write(bytes) {
            Ok(written) if written == bytes.len() => {}
            Ok(written) => {
                let behind = Behind {
                    begun: bytes[written..].to_vec(),
                    chunks: Vec::new(),
                };
                *self.behind.borrow_mut() = Some(Box::new(behind));
                tokio::task::spawn_local(Rc::clone(self).catch_up());
            }
            Err(_) => self.end(),
        }
    }

    /// How much the socket took.
    fn try_write(&self, bytes: &[u8]) -> io::Result<usize> {
        match self.stream.try_write(bytes) {
            Err(error) if error.kind() == io::ErrorKind::WouldBlock => Ok(0),
            other => other,
        }
    }

    async fn catch_up(self: Rc<Self>) {
        while !self.gone() {
            if self.stream.writable().await.is_err() || self.go_on().is_err() {
                return self.end();
            }
            if self.behind.borrow().is_none() {
                return;
            }
        }
    }

    /// Writes until the socket is full or it is caught up.
    fn go_on(&self) -> io::Result<()> {
        let mut place = self.behind.borrow_mut();
        while let Some(behind) = place.as_deref_mut() {
            if !behind.begun.is_empty() {
                let written = self.try_write(&behind.begun)?;
                behind.begun.drain(..written);
                if !behind.begun.is_empty() {
                    return Ok(());
                }
            }
            let Some(chunk) = behind.chunks.pop() else {
                *place = None;
                return Ok(());
            };
            let written = self.try_write(&chunk.bytes)?;
            behind.begun.extend_from_slice(&chunk.bytes[written..]);
            behind.chunks.extend(chunk.next.borrow().clone());
        }
        Ok(())
    }
}
