//! One thread that writes, one transaction a batch, flushed before it is answered.

use std::io;
use std::sync::mpsc::{Receiver, SyncSender, sync_channel};
use std::thread;

use rusqlite::{Connection, params};
use tokio::sync::oneshot;

use super::{Waiting, failed};

/// What is stored of a message.
type Row = (String, String, String);
type Batch = (Vec<Row>, oneshot::Sender<rusqlite::Result<Vec<Row>>>);

pub(crate) struct Sqlite(SyncSender<Batch>);

impl Sqlite {
    pub(crate) fn open(path: &str) -> io::Result<Sqlite> {
        let connection = prepare(path).map_err(failed)?;
        let (batches, waiting) = sync_channel(1);
        thread::spawn(move || write(connection, &waiting));
        Ok(Sqlite(batches))
    }

    /// Connections stay on their thread, so only what they said goes to the other and back.
    pub(crate) async fn store(&self, mut batch: Vec<Waiting>) -> io::Result<Vec<Waiting>> {
        let rows = batch.iter_mut().map(|waiting| {
            let take = std::mem::take::<String>;
            (
                take(&mut waiting.room_id),
                take(&mut waiting.client_id),
                take(&mut waiting.content),
            )
        });
        let (done, answer) = oneshot::channel();
        self.0.send((rows.collect(), done)).map_err(failed)?;
        let rows = answer.await.map_err(failed)?.map_err(failed)?;
        for (waiting, row) in batch.iter_mut().zip(rows) {
            (waiting.room_id, waiting.client_id, waiting.content) = row;
        }
        Ok(batch)
    }
}

fn prepare(path: &str) -> rusqlite::Result<Connection> {
    let connection = Connection::open(path)?;
    connection.execute_batch(
        "PRAGMA journal_mode = wal;
         PRAGMA synchronous = full;
         CREATE TABLE messages (
             number INTEGER PRIMARY KEY,
             room_id TEXT NOT NULL,
             client_id TEXT NOT NULL,
             content TEXT NOT NULL
         ) STRICT;",
    )?;
    Ok(connection)
}

fn write(mut connection: Connection, waiting: &Receiver<Batch>) {
    while let Ok((rows, done)) = waiting.recv() {
        let stored = store(&mut connection, &rows).map(|()| rows);
        // Nobody waits when the server has ended.
        let _ = done.send(stored);
    }
}

fn store(connection: &mut Connection, rows: &[Row]) -> rusqlite::Result<()> {
    const INSERT: &str = "INSERT INTO messages (room_id, client_id, content) VALUES (?, ?, ?)";
    let transaction = connection.transaction()?;
    let mut insert = transaction.prepare_cached(INSERT)?;
    for (room_id, client_id, content) in rows {
        insert.execute(params![room_id, client_id, content])?;
    }
    drop(insert);
    transaction.commit()
}
