//! A chat: rooms are logs, so whoever joins late or was away reads on from where they are.
//!
//! `cargo run -p realtime --example chat -- 3000`, then with any Socket.IO client at
//! `http://127.0.0.1:3000`: emit `join` with a room and the last place heard of it (0 at first),
//! listen to `said`, emit `say` with a room and a text.

use realtime::{Config, Engine, Event, Guest, Server};
use tokio_util::sync::CancellationToken;

pub(crate) fn handle(guest: &Guest, event: Event) {
    let Some(room) = event.arg::<String>(0) else {
        return event.ack.send("which room?");
    };
    match (event.name.as_str(), event.arg::<String>(1)) {
        ("join", _) => guest.follow(&room, event.arg(1).unwrap_or(0), event.ack),
        ("say", Some(text)) => {
            let seq = guest.append(&room, "said", &text);
            event.ack.send(&seq);
        }
        _ => event.ack.send("join a room, or say something in it"),
    }
}

#[tokio::main]
async fn main() -> std::io::Result<()> {
    let port = std::env::args().nth(1).and_then(|port| port.parse().ok());
    let engine = Engine::in_memory(Config::default(), handle);
    let server = Server::bind(([127, 0, 0, 1], port.unwrap_or(3000)).into()).await?;
    engine.serve(server, CancellationToken::new()).await;
    Ok(())
}
