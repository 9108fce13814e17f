//! One kept-alive HTTP/1.1 connection, one request at a time.

use bytes::Bytes;
use http_body_util::{BodyExt, Full, Limited};
use hyper::{HeaderMap, Request, StatusCode, client::conn::http1};
use hyper_util::rt::TokioIo;
use tokio::{net::TcpStream, sync::Mutex, time::timeout};
use tokio_util::task::TaskTracker;

use super::{Address, ClientError, PATIENCE};

/// No answer of the protocol comes near this; more is a fault to report, not to hold.
const LARGEST_ANSWER: usize = 32 * 1024 * 1024;

/// Requests wait for each other, as they do on one browser connection.
#[derive(Debug)]
pub(super) struct Http {
    address: Address,
    sender: Mutex<Option<http1::SendRequest<Full<Bytes>>>>,
    drivers: TaskTracker,
}

impl Http {
    pub(super) fn new(address: Address) -> Self {
        Self {
            address,
            sender: Mutex::new(None),
            drivers: TaskTracker::new(),
        }
    }

    pub(super) fn address(&self) -> &Address {
        &self.address
    }

    /// Sends one request and reads the whole answer. A connection that the
    /// server had closed while idle is opened again, once, and only when the
    /// request had not left: nothing is ever sent twice.
    pub(super) async fn call(
        &self,
        request: Request<Full<Bytes>>,
    ) -> Result<(StatusCode, HeaderMap, Bytes), ClientError> {
        let what = format!("{} {}", request.method(), request.uri().path());
        timeout(PATIENCE * 2, self.call_without_limit(request))
            .await
            .map_err(|_elapsed| ClientError::TimedOut(what))?
    }

    async fn call_without_limit(
        &self,
        mut request: Request<Full<Bytes>>,
    ) -> Result<(StatusCode, HeaderMap, Bytes), ClientError> {
        let mut kept = self.sender.lock().await;
        for last_try in [false, true] {
            let mut sender = match kept.take() {
                Some(sender) if !sender.is_closed() => sender,
                _ => self.open().await?,
            };
            match sender.try_send_request(request).await {
                Ok(answer) => {
                    let (head, body) = answer.into_parts();
                    let body = Limited::new(body, LARGEST_ANSWER)
                        .collect()
                        .await
                        .map_err(|error| {
                            ClientError::Protocol(format!("unreadable body: {error}"))
                        })?
                        .to_bytes();
                    if sender.ready().await.is_ok() {
                        *kept = Some(sender);
                    }
                    return Ok((head.status, head.headers, body));
                }
                Err(mut failure) => match failure.take_message() {
                    Some(unsent) if !last_try => request = unsent,
                    _ => return Err(failure.into_error().into()),
                },
            }
        }
        unreachable!("the second try returns in either arm")
    }

    async fn open(&self) -> Result<http1::SendRequest<Full<Bytes>>, ClientError> {
        let stream = TcpStream::connect(self.address.authority()).await?;
        stream.set_nodelay(true)?;
        let (sender, connection) = http1::handshake(TokioIo::new(stream)).await?;
        self.drivers.spawn(async move {
            // What breaks the connection is reported by the request it breaks.
            drop(connection.await);
        });
        Ok(sender)
    }
}
