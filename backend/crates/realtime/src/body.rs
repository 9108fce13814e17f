//! Bodies of the engine's HTTP responses.

use std::io;
use std::pin::Pin;
use std::task::{Context, Poll};

use bytes::Bytes;

use crate::engine_io::poll::Reply;

/// The body of a response of the engine. It is there at once, in one piece.
#[derive(Debug)]
pub struct Body {
    bytes: Option<Bytes>,
    /// The packets in it: dropped before the bytes are taken, they go back to the session.
    reply: Option<Reply>,
}

impl Body {
    /// Nothing.
    pub fn empty() -> Body {
        Body {
            bytes: None,
            reply: None,
        }
    }
}

impl From<Bytes> for Body {
    fn from(bytes: Bytes) -> Body {
        Body {
            bytes: Some(bytes).filter(|bytes| !bytes.is_empty()),
            reply: None,
        }
    }
}

impl From<Reply> for Body {
    fn from(reply: Reply) -> Body {
        Body {
            bytes: Some(reply.payload()),
            reply: Some(reply),
        }
    }
}

impl http_body::Body for Body {
    type Data = Bytes;
    type Error = io::Error;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        _: &mut Context<'_>,
    ) -> Poll<Option<Result<http_body::Frame<Bytes>, io::Error>>> {
        if let Some(reply) = self.reply.take() {
            reply.written();
        }
        Poll::Ready(
            self.bytes
                .take()
                .map(|bytes| Ok(http_body::Frame::data(bytes))),
        )
    }

    fn is_end_stream(&self) -> bool {
        self.bytes.is_none()
    }

    fn size_hint(&self) -> http_body::SizeHint {
        http_body::SizeHint::with_exact(self.bytes.as_ref().map_or(0, |bytes| bytes.len() as u64))
    }
}
