//! Engine.IO packets over long polling: one GET that waits, POSTs beside it.

use std::{collections::VecDeque, fmt, future::Future, pin::Pin, sync::Arc};

use bytes::Bytes;
use http_body_util::Full;
use hyper::{HeaderMap, Method, Request, StatusCode, header::HOST};
use tokio_tungstenite::tungstenite::Utf8Bytes;

use super::{ClientError, Connect, Ended, http::Http, packet::SEPARATOR};

type Answer = Result<(StatusCode, HeaderMap, Bytes), ClientError>;

pub(super) struct Polling {
    path: String,
    headers: Vec<(String, String)>,
    /// Two connections, so that a waiting poll does not hold up what is sent.
    polls: Arc<Http>,
    posts: Http,
    /// Kept here rather than in a future of `receive`, so that a dropped
    /// `receive` drops no packet.
    waiting: Option<Pin<Box<dyn Future<Output = Answer> + Send>>>,
    /// The rest of the last payload.
    arrived: VecDeque<String>,
}

impl fmt::Debug for Polling {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Polling")
            .field("path", &self.path)
            .finish_non_exhaustive()
    }
}

impl Polling {
    pub(super) async fn open(how: &Connect) -> Result<Self, ClientError> {
        let mut polling = Self {
            path: "/socket.io/?EIO=4&transport=polling".to_owned(),
            headers: how.headers.clone(),
            polls: Arc::new(Http::new(how.address.clone())),
            posts: Http::new(how.address.clone()),
            waiting: None,
            arrived: VecDeque::new(),
        };
        let request = polling.request(Method::GET, Bytes::new())?;
        let (status, _headers, body) = polling.polls.call(request).await?;
        if status != StatusCode::OK {
            let body = String::from_utf8_lossy(&body).into_owned();
            return Err(ClientError::Handshake {
                status: status.as_u16(),
                body,
            });
        }
        polling.unpack(&body)?;
        Ok(polling)
    }

    /// From here on the server knows us by this.
    pub(super) fn use_session(&mut self, sid: &str) {
        self.path = format!("{}&sid={sid}", self.path);
    }

    pub(super) async fn send(&mut self, text: String) -> Result<(), Ended> {
        let request = self
            .request(Method::POST, text.into())
            .map_err(|error| lost(&error))?;
        match self.posts.call(request).await {
            Ok((StatusCode::OK, _headers, _body)) => Ok(()),
            Ok((status, _headers, body)) => Err(refused(status, &body)),
            Err(error) => Err(lost(&error)),
        }
    }

    /// Cancel safe: the poll goes on where it was.
    pub(super) async fn receive(&mut self) -> Result<Utf8Bytes, Ended> {
        loop {
            if let Some(packet) = self.arrived.pop_front() {
                return Ok(packet.into());
            }
            if self.waiting.is_none() {
                let request = self
                    .request(Method::GET, Bytes::new())
                    .map_err(|error| lost(&error))?;
                let polls = Arc::clone(&self.polls);
                self.waiting = Some(Box::pin(async move { polls.call(request).await }));
            }
            let Some(poll) = self.waiting.as_mut() else {
                continue;
            };
            let answer = poll.await;
            self.waiting = None;
            match answer {
                Ok((StatusCode::OK, _headers, body)) => {
                    self.unpack(&body).map_err(|error| lost(&error))?;
                }
                Ok((status, _headers, body)) => return Err(refused(status, &body)),
                Err(error) => return Err(lost(&error)),
            }
        }
    }

    fn unpack(&mut self, body: &[u8]) -> Result<(), ClientError> {
        let text = str::from_utf8(body)
            .map_err(|error| ClientError::Protocol(format!("a payload is not UTF-8: {error}")))?;
        self.arrived
            .extend(text.split(SEPARATOR).map(str::to_owned));
        Ok(())
    }

    fn request(&self, method: Method, body: Bytes) -> Result<Request<Full<Bytes>>, ClientError> {
        let mut request = Request::builder()
            .method(method)
            .uri(&self.path)
            .header(HOST, self.posts.address().authority());
        if !body.is_empty() {
            request = request.header("content-type", "text/plain;charset=UTF-8");
        }
        for (name, value) in &self.headers {
            request = request.header(name, value);
        }
        Ok(request.body(Full::new(body))?)
    }
}

fn lost(error: &ClientError) -> Ended {
    Ended::Lost(error.to_string())
}

fn refused(status: StatusCode, body: &[u8]) -> Ended {
    Ended::Lost(format!("HTTP {status}: {}", String::from_utf8_lossy(body)))
}
