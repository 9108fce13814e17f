//! One Socket.IO connection, as bare as it can be used.
//!
//! Handshake and packets, and nothing of acknowledgements or events: thousands
//! of these fit into one process. [`super::Socket`] is the comfortable one.

use serde_json::Value;
use tokio::time::timeout;
use tokio_tungstenite::tungstenite::Utf8Bytes;

use super::{
    Address, ClientError, Ended, PATIENCE,
    packet::{self, EnginePacket, Packet},
    polling::Polling,
    websocket::WebSocket,
};

/// What carries the packets.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Transport {
    #[default]
    WebSocket,
    /// Long polling to the end, never upgraded.
    Polling,
}

/// How to connect.
#[derive(Clone, Debug)]
pub struct Connect {
    pub(super) address: Address,
    pub(super) auth: Option<Value>,
    pub(super) headers: Vec<(String, String)>,
    pub(super) transport: Transport,
    pub(super) receive_buffer: Option<u32>,
}

impl Connect {
    /// To the server at `url`, over WebSocket, with no credential.
    pub fn to(url: &str) -> Result<Self, ClientError> {
        Ok(Self {
            address: Address::parse(url)?,
            auth: None,
            headers: Vec::new(),
            transport: Transport::default(),
            receive_buffer: None,
        })
    }

    /// Presents this session token in CONNECT.
    #[must_use]
    pub fn token(self, token: &str) -> Self {
        self.auth(serde_json::json!({ "token": token }))
    }

    /// Presents anything at all in CONNECT.
    #[must_use]
    pub fn auth(mut self, auth: Value) -> Self {
        self.auth = Some(auth);
        self
    }

    /// Sends this header with the handshake, and with every request of polling.
    #[must_use]
    pub fn header(mut self, name: &str, value: &str) -> Self {
        self.headers.push((name.to_owned(), value.to_owned()));
        self
    }

    #[must_use]
    pub fn transport(mut self, transport: Transport) -> Self {
        self.transport = transport;
        self
    }

    /// Keeps the kernel's receive buffer this small, so that a client that stops
    /// reading is felt by the server after few bytes.
    #[must_use]
    pub fn receive_buffer(mut self, bytes: u32) -> Self {
        self.receive_buffer = Some(bytes);
        self
    }
}

/// An open connection. Dropping it drops the TCP connection without a word.
#[derive(Debug)]
pub struct Connection {
    wire: Wire,
    handshake: Value,
}

#[derive(Debug)]
enum Wire {
    WebSocket(Box<WebSocket>),
    Polling(Box<Polling>),
}

/// What arrived.
#[derive(Debug)]
pub enum Received {
    /// The server asks whether we live; answer with [`Connection::answer_ping`].
    Ping,
    Message(Message),
}

/// The text of one Socket.IO packet.
#[derive(Debug)]
pub struct Message(Utf8Bytes);

impl Message {
    pub fn packet(&self) -> Option<Packet<'_>> {
        packet::read(self.text())
    }

    /// The packet without the digit that makes it an Engine.IO message.
    pub fn text(&self) -> &str {
        &self.0[1..]
    }
}

impl Connection {
    /// Opens the transport and joins the main namespace.
    pub async fn open(how: &Connect) -> Result<Self, ClientError> {
        let mut connection = Self::open_transport(how).await?;
        connection
            .send(packet::write_connect(how.auth.as_ref()))
            .await?;
        let answer = timeout(PATIENCE, connection.next_message())
            .await
            .map_err(|_elapsed| ClientError::TimedOut("the answer to CONNECT".to_owned()))??;
        match answer.packet() {
            Some(Packet::Connect(_)) => Ok(connection),
            Some(Packet::ConnectError(body)) => Err(refusal(body)),
            _ => Err(ClientError::Protocol(format!(
                "CONNECT was answered {}",
                answer.text()
            ))),
        }
    }

    /// Opens the transport only; the server waits for CONNECT.
    pub async fn open_transport(how: &Connect) -> Result<Self, ClientError> {
        let opening = async {
            Ok::<_, ClientError>(match how.transport {
                Transport::WebSocket => Wire::WebSocket(Box::new(WebSocket::open(how).await?)),
                Transport::Polling => Wire::Polling(Box::new(Polling::open(how).await?)),
            })
        };
        let mut wire = timeout(PATIENCE, opening)
            .await
            .map_err(|_elapsed| ClientError::TimedOut("the handshake".to_owned()))??;
        let open = timeout(PATIENCE, wire.receive())
            .await
            .map_err(|_elapsed| ClientError::TimedOut("the open packet".to_owned()))??;
        let Some(EnginePacket::Open(body)) = packet::read_engine(&open) else {
            return Err(ClientError::Protocol(format!(
                "the first packet was {open}"
            )));
        };
        let handshake: Value = serde_json::from_str(body)
            .map_err(|error| ClientError::Protocol(format!("open packet: {error}")))?;
        if let (Wire::Polling(polling), Some(sid)) = (&mut wire, handshake["sid"].as_str()) {
            polling.use_session(sid);
        }
        Ok(Self { wire, handshake })
    }

    /// The body of the open packet: `sid`, `upgrades`, `pingInterval` and so on.
    pub fn handshake(&self) -> &Value {
        &self.handshake
    }

    /// Sends one Engine.IO packet exactly as written.
    pub async fn send(&mut self, text: String) -> Result<(), Ended> {
        match &mut self.wire {
            Wire::WebSocket(wire) => wire.send(text).await,
            Wire::Polling(wire) => wire.send(text).await,
        }
    }

    /// Sends a binary WebSocket message, which this protocol has no use for.
    pub async fn send_binary(&mut self, bytes: Vec<u8>) -> Result<(), Ended> {
        match &mut self.wire {
            Wire::WebSocket(wire) => wire.send_binary(bytes).await,
            Wire::Polling(_) => Err(Ended::Lost("polling carries no binary frame".to_owned())),
        }
    }

    /// Waits for the next message or ping. Cancel safe: nothing is lost when the
    /// future is dropped before it is ready.
    pub async fn receive(&mut self) -> Result<Received, Ended> {
        loop {
            let text = self.wire.receive().await?;
            match packet::read_engine(&text) {
                Some(EnginePacket::Message(_)) => return Ok(Received::Message(Message(text))),
                Some(EnginePacket::Ping(_)) => return Ok(Received::Ping),
                Some(EnginePacket::Close) => {
                    let reason = "with an Engine.IO close packet".to_owned();
                    return Err(Ended::Closed { code: None, reason });
                }
                Some(EnginePacket::Noop | EnginePacket::Pong(_)) => {}
                Some(EnginePacket::Open(_) | EnginePacket::Upgrade) | None => {
                    return Err(Ended::Lost(format!("an impossible packet came: {text}")));
                }
            }
        }
    }

    pub async fn answer_ping(&mut self) -> Result<(), Ended> {
        self.send("3".to_owned()).await
    }

    /// Waits for the next message and answers pings meanwhile. Not cancel safe.
    pub async fn next_message(&mut self) -> Result<Message, Ended> {
        loop {
            match self.receive().await? {
                Received::Message(message) => return Ok(message),
                Received::Ping => self.answer_ping().await?,
            }
        }
    }

    /// Leaves the namespace and closes the transport in good order.
    pub async fn close(mut self) -> Result<(), Ended> {
        self.send("41".to_owned()).await?;
        match self.wire {
            Wire::WebSocket(wire) => wire.close().await,
            Wire::Polling(mut wire) => wire.send("1".to_owned()).await,
        }
    }
}

impl Wire {
    async fn receive(&mut self) -> Result<Utf8Bytes, Ended> {
        match self {
            Self::WebSocket(wire) => wire.receive().await,
            Self::Polling(wire) => wire.receive().await,
        }
    }
}

fn refusal(body: &str) -> ClientError {
    let body: Value = serde_json::from_str(body).unwrap_or(Value::Null);
    let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
    let in_data = text(&body["data"]["message"]);
    ClientError::ConnectRefused {
        code: text(&body["data"]["code"]),
        message: if in_data.is_empty() {
            text(&body["message"])
        } else {
            in_data
        },
    }
}
