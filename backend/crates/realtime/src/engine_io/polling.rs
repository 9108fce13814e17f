//! HTTP long-polling: GET waits for packets, POST brings some.

use std::error::Error;
use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use http::{Request, Response, header};
use http_body_util::{BodyExt, Limited};
use tokio::sync::oneshot;

use super::packet::Malformed;
use super::payload::Payload;
use super::poll::Admitted;
use super::request::{self, Refused};
use crate::body::Body;
use crate::close::CloseReason;
use crate::link::Link;
use crate::owner::{Inbound, Post};
use crate::writer::Sink;

/// How long a poll waits while a WebSocket is being probed: the client should pause polling then,
/// and needs this one back.
const PROBING: Duration = Duration::from_millis(100);

/// Waits for packets.
pub(crate) async fn get(link: Arc<Link>) -> Result<Response<Body>, Refused> {
    if link.is_overdue() {
        link.end(CloseReason::PingTimeout);
        return Err(Refused::BadRequest);
    }
    let (sender, mut receiver) = oneshot::channel();
    let admitted = link.with_writer(|writer| match &mut writer.sink {
        Sink::Polling(poll) => {
            let over = link.ending().is_some_and(|reason| !reason.is_announced());
            poll.admit(sender, over)
        }
        Sink::Socket(..) | Sink::Closed => Admitted::Ended,
    });
    if admitted == Admitted::Ended {
        return Err(Refused::BadRequest);
    }
    if admitted == Admitted::Overlap {
        link.end(CloseReason::PollOverlap);
        return Err(Refused::BadRequest);
    }
    link.flush();
    // From here on, a poll that breaks off ends the session: the client is gone.
    let mut waiting = Waiting {
        link: &link,
        over: false,
    };
    let early = tokio::time::timeout(PROBING, &mut receiver).await;
    let reply = if let Ok(reply) = early {
        reply
    } else {
        if admitted == Admitted::Probing {
            link.with_writer(|writer| {
                if let Sink::Polling(poll) = &mut writer.sink {
                    poll.release(&link);
                }
            });
        }
        receiver.await
    };
    waiting.over = true;
    reply
        .map(|reply| request::text(Body::from(reply)))
        .map_err(|_| Refused::BadRequest)
}

/// Takes packets to the link's own task; answered when they are handled, which is what slows a
/// client down that sends faster than it is served.
pub(crate) async fn post<B>(link: Arc<Link>, request: Request<B>) -> Result<Response<Body>, Refused>
where
    B: http_body::Body,
    B::Error: Into<Box<dyn Error + Send + Sync>>,
{
    let begun = link.with_writer(|writer| match &mut writer.sink {
        Sink::Polling(poll) => Some((poll.begin_post(), poll.inbound())),
        Sink::Socket(..) | Sink::Closed => None,
    });
    let (only, inbound) = begun.ok_or(Refused::BadRequest)?;
    if !only {
        link.end(CloseReason::PollOverlap);
        return Err(Refused::BadRequest);
    }
    let _posting = Posting { link: &link };
    let body = read(&link, request).await?;
    let payload = Payload::new(body).map_err(|Malformed| {
        link.end(CloseReason::ProtocolError);
        Refused::BadRequest
    })?;
    let (done, handled) = oneshot::channel();
    let gone = inbound
        .send(Inbound::Post(Post { payload, done }))
        .await
        .is_err();
    let cut_off = gone || handled.await.is_err();
    // A client that takes its leave in a payload has still been understood.
    if cut_off && link.ending() != Some(CloseReason::TransportClosed) {
        return Err(Refused::BadRequest);
    }
    Ok(request::text(Body::from(Bytes::from_static(b"ok"))))
}

async fn read<B>(link: &Link, request: Request<B>) -> Result<Vec<u8>, Refused>
where
    B: http_body::Body,
    B::Error: Into<Box<dyn Error + Send + Sync>>,
{
    let most = link.shared.config.max_payload;
    let too_large = || {
        link.end(CloseReason::PayloadTooLarge);
        Refused::TooLarge
    };
    let announced = request.headers().get(header::CONTENT_LENGTH);
    let announced = announced.and_then(|length| length.to_str().ok()?.parse::<usize>().ok());
    if announced.is_some_and(|length| length > most) {
        return Err(too_large());
    }
    let body = Limited::new(request.into_body(), most).collect();
    let body = tokio::select! {
        biased;
        body = body => body,
        // Who sends a body for ever does not outlive the session.
        () = link.ended() => return Err(Refused::BadRequest),
    };
    match body {
        Ok(body) => Ok(body.to_bytes().into()),
        Err(error) if error.is::<http_body_util::LengthLimitError>() => Err(too_large()),
        Err(_) => Err(Refused::BadRequest),
    }
}

/// A poll that waits; dropped unanswered, it takes the session with it.
struct Waiting<'a> {
    link: &'a Link,
    over: bool,
}

impl Drop for Waiting<'_> {
    fn drop(&mut self) {
        if !self.over {
            self.link.end(CloseReason::TransportClosed);
        }
    }
}

/// A body that is being received or handled.
struct Posting<'a> {
    link: &'a Arc<Link>,
}

impl Drop for Posting<'_> {
    fn drop(&mut self) {
        self.link.with_writer(|writer| {
            if let Sink::Polling(poll) = &mut writer.sink {
                poll.end_post();
            }
        });
    }
}

#[cfg(test)]
mod tests {
    use tokio::sync::mpsc;
    use tokio::time::Instant;

    use super::*;
    use crate::config::Config;
    use crate::engine_io::messages::Nobody;
    use crate::engine_io::poll::Poll;
    use crate::shared::Shared;

    #[tokio::test]
    async fn a_poll_that_breaks_off_ends_the_session() {
        let shared = Arc::new(Shared::new(Config::default(), Arc::new(Nobody), None));
        let (inbound, _) = mpsc::channel(1);
        let link = Link::new(shared, Sink::Polling(Poll::new(inbound)));
        let mut poll = Box::pin(get(Arc::clone(&link)));
        assert!(futures_util::poll!(&mut poll).is_pending());
        assert_eq!(link.ending(), None);
        drop(poll);
        assert_eq!(link.ending(), Some(CloseReason::TransportClosed));
        assert_eq!(get(link).await.err(), Some(Refused::BadRequest));
    }

    #[tokio::test]
    async fn whoever_polls_when_their_time_is_over_is_gone() {
        let shared = Arc::new(Shared::new(Config::default(), Arc::new(Nobody), None));
        let (inbound, _) = mpsc::channel(1);
        let link = Link::new(shared, Sink::Polling(Poll::new(inbound)));
        let now = Instant::now();
        link.expect_answer_by(Some(now + Duration::from_mins(1)));
        let mut poll = Box::pin(get(Arc::clone(&link)));
        assert!(futures_util::poll!(&mut poll).is_pending());
        link.expect_answer_by(Some(now));
        assert_eq!(
            get(Arc::clone(&link)).await.err(),
            Some(Refused::BadRequest)
        );
        assert_eq!(link.ending(), Some(CloseReason::PingTimeout));
    }
}
