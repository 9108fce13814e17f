//! Storing what is said, as many messages at once as wait.

mod postgres;
mod sqlite;

use std::cell::RefCell;
use std::io;
use std::mem;
use std::rc::Rc;

use tokio::sync::Notify;

use crate::connection::Connection;
use crate::message::Said;
use crate::server::Server;
use crate::wire::put_frame;

pub(crate) use postgres::Postgres;
pub(crate) use sqlite::Sqlite;

/// Where messages are kept.
pub(crate) enum Store {
    Postgres(Postgres),
    Sqlite(Sqlite),
}

/// A message that is not acknowledged yet.
pub(crate) struct Waiting {
    pub(crate) connection: Rc<Connection>,
    pub(crate) number: u64,
    pub(crate) room_id: String,
    pub(crate) client_id: String,
    pub(crate) content: String,
}

/// The messages that the next transaction takes.
#[derive(Default)]
pub(crate) struct Queue {
    waiting: RefCell<Vec<Waiting>>,
    wake: Notify,
}

impl Queue {
    pub(crate) fn push(&self, waiting: Waiting) {
        self.waiting.borrow_mut().push(waiting);
        self.wake.notify_one();
    }

    /// One transaction in flight; what comes meanwhile is in the next one.
    pub(crate) async fn commit(self: Rc<Self>, mut store: Store, server: Rc<Server>) {
        loop {
            self.wake.notified().await;
            let batch = mem::take(&mut *self.waiting.borrow_mut());
            if batch.is_empty() {
                continue;
            }
            let batch = match &mut store {
                Store::Postgres(postgres) => postgres.store(&batch).await.map(|()| batch),
                Store::Sqlite(sqlite) => sqlite.store(batch).await,
            };
            match batch {
                Ok(batch) => batch.iter().for_each(|stored| announce(stored, &server)),
                // Whoever waits for an answer says so.
                Err(error) => return eprintln!("the floor cannot store: {error}"),
            }
        }
    }
}

fn announce(stored: &Waiting, server: &Server) {
    let said = Said {
        room_id: &stored.room_id,
        client_id: &stored.client_id,
        content: &stored.content,
    };
    let seq = server.say(&said);
    let mut reply = Vec::new();
    let number = stored.number;
    put_frame(
        &mut reply,
        format!(r#"43{number}[{{"ok":true,"seq":{seq}}}]"#).as_bytes(),
    );
    stored.connection.reply(&reply);
}

fn failed(why: impl std::fmt::Display) -> io::Error {
    io::Error::other(why.to_string())
}
