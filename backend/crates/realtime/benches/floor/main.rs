//! The floor: the least a server can do to hand every message to every member of its room.
//!
//! It is the yardstick of `make bench`, and a toy: it knows no users, checks nothing, forgets
//! what it has sent, and lets a member that never reads hold memory without end. It shares no
//! code with the engine. One thread; one task a room; what waits for a room becomes one run of
//! bytes, encoded once, that goes to every member in one write; a member whose socket is full
//! goes on by itself from its own place.
//!
//! With `--postgres URL` or `--sqlite PATH` a message is acknowledged after its commit, and one
//! transaction takes whatever waits.

mod connection;
mod message;
mod room;
mod server;
mod store;
mod wire;

use std::net::Ipv4Addr;

use tokio::net::TcpListener;
use tokio::runtime;
use tokio::task::LocalSet;

use server::Server;
use store::{Postgres, Sqlite, Store};

/// How big a message is on the wire unless told otherwise, in bytes.
const FRAME_BYTES: usize = 440;

#[derive(Default)]
struct Options {
    frame_bytes: Option<usize>,
    postgres: Option<String>,
    sqlite: Option<String>,
}

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let mut options = Options::default();
    let mut arguments = std::env::args().skip(1);
    while let Some(argument) = arguments.next() {
        let mut value = || arguments.next().ok_or("an option has no value");
        match argument.as_str() {
            "--frame-bytes" => options.frame_bytes = Some(value()?.parse()?),
            "--postgres" => options.postgres = Some(value()?),
            "--sqlite" => options.sqlite = Some(value()?),
            // Said by `cargo bench` to everything it runs.
            "--bench" => {}
            other => return Err(format!("{other} is no option of the floor").into()),
        }
    }
    let runtime = runtime::Builder::new_current_thread().enable_io().build()?;
    LocalSet::new().block_on(&runtime, listen(options))?;
    Ok(())
}

#[expect(clippy::print_stdout, reason = "whoever started it reads where it is")]
async fn listen(options: Options) -> std::io::Result<()> {
    let store = match (options.postgres, options.sqlite) {
        (Some(url), _) => Some(Store::Postgres(Postgres::connect(&url).await?)),
        (None, Some(path)) => Some(Store::Sqlite(Sqlite::open(&path)?)),
        (None, None) => None,
    };
    let server = Server::start(options.frame_bytes.unwrap_or(FRAME_BYTES), store);
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await?;
    println!("The floor is at http://{}", listener.local_addr()?);
    loop {
        let (stream, _) = listener.accept().await?;
        stream.set_nodelay(true)?;
        server.take(stream);
    }
}
