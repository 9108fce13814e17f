//! Reads what clients say and does it.

use std::cell::RefCell;
use std::collections::HashMap;
use std::io;
use std::rc::Rc;

use serde::Deserialize;
use serde_json::value::RawValue;
use tokio::net::TcpStream;

use crate::connection::Connection;
use crate::message::Said;
use crate::room::Room;
use crate::store::{Queue, Store, Waiting};
use crate::wire::{event, opening, put_frame, take_frame};

/// One for all connections, since only one of them is read at a time.
const READ_BUFFER: usize = 64 * 1024;

pub(crate) struct Server {
    frame_bytes: usize,
    rooms: RefCell<HashMap<String, Rc<Room>>>,
    buffer: RefCell<Vec<u8>>,
    replies: RefCell<Vec<u8>>,
    /// Where messages wait for their commit, if they are stored.
    queue: Option<Rc<Queue>>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct InRoom<'a> {
    room_id: &'a str,
}

impl Server {
    pub(crate) fn start(frame_bytes: usize, store: Option<Store>) -> Rc<Server> {
        let server = Rc::new(Server {
            frame_bytes,
            rooms: RefCell::default(),
            buffer: RefCell::new(vec![0; READ_BUFFER]),
            replies: RefCell::default(),
            queue: store.is_some().then(Rc::default),
        });
        if let (Some(queue), Some(store)) = (&server.queue, store) {
            tokio::task::spawn_local(Rc::clone(queue).commit(store, Rc::clone(&server)));
        }
        server
    }

    /// Serves a connection from now on.
    pub(crate) fn take(self: &Rc<Self>, stream: TcpStream) {
        tokio::task::spawn_local(Rc::clone(self).serve(Connection::new(stream)));
    }

    async fn serve(self: Rc<Self>, connection: Rc<Connection>) {
        let mut opened = false;
        // What came of a frame that is not whole; almost always nothing.
        let mut begun = Vec::new();
        while connection.stream.readable().await.is_ok() && !connection.gone() {
            match self.read(&connection, &mut begun, &mut opened) {
                Ok(()) => {}
                Err(error) if error.kind() == io::ErrorKind::WouldBlock => {}
                Err(_) => break,
            }
        }
        connection.end();
    }

    fn read(
        &self,
        connection: &Rc<Connection>,
        begun: &mut Vec<u8>,
        opened: &mut bool,
    ) -> io::Result<()> {
        let mut buffer = self.buffer.borrow_mut();
        buffer[..begun.len()].copy_from_slice(begun);
        let read = connection.stream.try_read(&mut buffer[begun.len()..])?;
        if read == 0 {
            return Err(io::ErrorKind::UnexpectedEof.into());
        }
        let mut bytes = &mut buffer[..begun.len() + read];
        begun.clear();
        if !*opened {
            if !bytes.ends_with(b"\r\n\r\n") {
                begun.extend_from_slice(bytes);
                return Ok(());
            }
            let answer = opening(bytes).ok_or(io::ErrorKind::InvalidData)?;
            connection.reply(&answer);
            *opened = true;
            return Ok(());
        }
        let mut replies = self.replies.borrow_mut();
        replies.clear();
        while let Some((text, length)) = take_frame(bytes) {
            self.hear(connection, text, &mut replies);
            bytes = &mut bytes[length..];
        }
        begun.extend_from_slice(bytes);
        if !replies.is_empty() {
            connection.reply(&replies);
        }
        Ok(())
    }

    /// Does what a packet asks, and appends the answer. What it does not know it does not answer.
    fn hear(&self, connection: &Rc<Connection>, text: &[u8], replies: &mut Vec<u8>) {
        let Ok(text) = std::str::from_utf8(text) else {
            return;
        };
        if text.starts_with("40") {
            return put_frame(replies, br#"40{"sid":"floor"}"#);
        }
        let Some((number, arguments)) = text.strip_prefix("42").and_then(event) else {
            return;
        };
        let Ok((name, payload)) = serde_json::from_str::<(&str, &RawValue)>(arguments) else {
            return;
        };
        let seq = match name {
            "join_room" => {
                let Ok(InRoom { room_id }) = serde_json::from_str(payload.get()) else {
                    return;
                };
                self.room(room_id).join(connection)
            }
            "send_message" => {
                let Ok(said) = serde_json::from_str::<Said<'_>>(payload.get()) else {
                    return;
                };
                if let Some(queue) = &self.queue {
                    return queue.push(Waiting {
                        connection: Rc::clone(connection),
                        number,
                        room_id: said.room_id.to_owned(),
                        client_id: said.client_id.to_owned(),
                        content: said.content.to_owned(),
                    });
                }
                self.say(&said)
            }
            _ => return,
        };
        put_frame(
            replies,
            format!(r#"43{number}[{{"ok":true,"seq":{seq}}}]"#).as_bytes(),
        );
    }

    pub(crate) fn say(&self, said: &Said<'_>) -> u64 {
        self.room(said.room_id).say(said, self.frame_bytes)
    }

    fn room(&self, id: &str) -> Rc<Room> {
        if let Some(room) = self.rooms.borrow().get(id) {
            return Rc::clone(room);
        }
        let room = Rc::<Room>::default();
        tokio::task::spawn_local(Rc::clone(&room).deliver());
        self.rooms
            .borrow_mut()
            .insert(id.to_owned(), Rc::clone(&room));
        room
    }
}
