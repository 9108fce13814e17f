//! Engine.IO packets as WebSocket text messages.

use futures_util::{SinkExt, StreamExt};
use tokio::net::{TcpSocket, TcpStream};
use tokio_tungstenite::{
    WebSocketStream,
    tungstenite::{
        ClientRequestBuilder, Error, Message, Utf8Bytes, http::Uri, protocol::WebSocketConfig,
    },
};

use super::{ClientError, Connect, Ended};

/// Small, because one process holds thousands of these.
const READ_BUFFER: usize = 8 * 1024;

#[derive(Debug)]
pub(super) struct WebSocket {
    stream: WebSocketStream<TcpStream>,
    ended: Option<Ended>,
}

impl WebSocket {
    pub(super) async fn open(how: &Connect) -> Result<Self, ClientError> {
        let authority = how.address.authority();
        let stream = connect_tcp(authority, how.receive_buffer).await?;
        stream.set_nodelay(true)?;
        let uri: Uri = format!("ws://{authority}/socket.io/?EIO=4&transport=websocket")
            .parse()
            .map_err(|_invalid| ClientError::Address(authority.to_owned()))?;
        let mut request = ClientRequestBuilder::new(uri);
        for (name, value) in &how.headers {
            request = request.with_header(name, value);
        }
        let config = WebSocketConfig::default()
            .read_buffer_size(READ_BUFFER)
            .write_buffer_size(0);
        match tokio_tungstenite::client_async_with_config(request, stream, Some(config)).await {
            Ok((stream, _answer)) => Ok(Self {
                stream,
                ended: None,
            }),
            Err(Error::Http(answer)) => Err(ClientError::Handshake {
                status: answer.status().as_u16(),
                body: answer
                    .body()
                    .as_deref()
                    .map(|body| String::from_utf8_lossy(body).into_owned())
                    .unwrap_or_default(),
            }),
            Err(Error::Io(error)) => Err(error.into()),
            Err(error) => Err(ClientError::Protocol(error.to_string())),
        }
    }

    pub(super) async fn send(&mut self, text: String) -> Result<(), Ended> {
        self.write(Message::Text(text.into())).await
    }

    pub(super) async fn send_binary(&mut self, bytes: Vec<u8>) -> Result<(), Ended> {
        self.write(Message::Binary(bytes.into())).await
    }

    async fn write(&mut self, message: Message) -> Result<(), Ended> {
        self.stream
            .send(message)
            .await
            .map_err(|error| Ended::Lost(error.to_string()))
    }

    /// Cancel safe, as the stream below it is.
    pub(super) async fn receive(&mut self) -> Result<Utf8Bytes, Ended> {
        if let Some(ended) = &self.ended {
            return Err(ended.clone());
        }
        let ended = loop {
            match self.stream.next().await {
                Some(Ok(Message::Text(text))) => return Ok(text),
                Some(Ok(Message::Close(frame))) => {
                    break Ended::Closed {
                        code: frame.as_ref().map(|frame| frame.code.into()),
                        reason: frame
                            .map(|frame| frame.reason.to_string())
                            .unwrap_or_default(),
                    };
                }
                // WebSocket's own pings are answered by the stream.
                Some(Ok(_)) => {}
                Some(Err(error)) => break Ended::Lost(error.to_string()),
                None => break Ended::Lost("end of stream".to_owned()),
            }
        };
        self.ended = Some(ended.clone());
        // Lets the answer to a close frame out; the peer may be gone already.
        drop(self.stream.flush().await);
        Err(ended)
    }

    pub(super) async fn close(mut self: Box<Self>) -> Result<(), Ended> {
        self.stream
            .close(None)
            .await
            .map_err(|error| Ended::Lost(error.to_string()))
    }
}

async fn connect_tcp(authority: &str, receive_buffer: Option<u32>) -> std::io::Result<TcpStream> {
    let Some(bytes) = receive_buffer else {
        return TcpStream::connect(authority).await;
    };
    let mut last = std::io::Error::from(std::io::ErrorKind::AddrNotAvailable);
    for address in tokio::net::lookup_host(authority).await? {
        let socket = if address.is_ipv4() {
            TcpSocket::new_v4()
        } else {
            TcpSocket::new_v6()
        }?;
        // Before connecting, for the window is agreed on in the handshake.
        socket.set_recv_buffer_size(bytes)?;
        match socket.connect(address).await {
            Ok(stream) => return Ok(stream),
            Err(error) => last = error,
        }
    }
    Err(last)
}
