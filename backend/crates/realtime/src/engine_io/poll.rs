//! The write side of a polling session: the one poll that may wait for packets.

use std::collections::VecDeque;
use std::sync::Arc;

use bytes::Bytes;
use tokio::sync::{mpsc, oneshot};

use crate::close::CloseReason;
use crate::link::Link;
use crate::owner::Inbound;
use crate::packet::Packet;
use crate::writer::Sink;

/// The write side of a polling session.
#[derive(Debug)]
#[expect(
    clippy::struct_excessive_bools,
    reason = "four things that happen independently"
)]
pub(crate) struct Poll {
    waiting: Option<oneshot::Sender<Reply>>,
    /// Whether an answer is on its way and may yet come back.
    answering: bool,
    /// Whether a body is being received or handled.
    posting: bool,
    /// Whether a WebSocket is being probed to take over.
    probing: bool,
    /// Whether the session has ended and waits for a poll to say so.
    parting: bool,
    /// To the link's own task.
    inbound: mpsc::Sender<Inbound>,
}

/// What became of a poll.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Admitted {
    /// It waits.
    Waiting,
    /// It waits while a WebSocket is being probed, and should not wait long.
    Probing,
    /// There is one already.
    Overlap,
    /// The session has ended.
    Ended,
}

impl Poll {
    pub(crate) fn new(inbound: mpsc::Sender<Inbound>) -> Poll {
        Poll {
            waiting: None,
            answering: false,
            posting: false,
            probing: false,
            parting: false,
            inbound,
        }
    }

    /// To the link's own task.
    pub(crate) fn inbound(&self) -> mpsc::Sender<Inbound> {
        self.inbound.clone()
    }

    /// Begins to receive a body; false when there is one already.
    pub(crate) fn begin_post(&mut self) -> bool {
        !std::mem::replace(&mut self.posting, true)
    }

    pub(crate) fn end_post(&mut self) {
        self.posting = false;
    }

    /// The session has ended, and the next poll shall hear of it.
    pub(crate) fn part(&mut self) {
        self.parting = true;
    }

    /// Lets a poll wait, if it is the only one.
    pub(crate) fn admit(&mut self, poll: oneshot::Sender<Reply>, ended: bool) -> Admitted {
        if ended && !self.parting {
            return Admitted::Ended;
        }
        if self.waiting.is_some() || self.answering {
            return Admitted::Overlap;
        }
        self.waiting = Some(poll);
        if self.probing {
            Admitted::Probing
        } else {
            Admitted::Waiting
        }
    }

    pub(crate) fn is_waiting(&self) -> bool {
        self.waiting.is_some()
    }

    /// Answers the poll that waits.
    pub(crate) fn answer(&mut self, link: &Arc<Link>, packets: VecDeque<Packet>) {
        let Some(poll) = self.waiting.take() else {
            return;
        };
        self.answering = true;
        // A poll that is gone has ended the session; its packets are lost with it.
        if let Err(mut unheard) = poll.send(Reply(Some((Arc::clone(link), packets)))) {
            unheard.0 = None;
            self.answering = false;
        }
    }

    /// Lets the poll that waits go with nothing.
    pub(crate) fn release(&mut self, link: &Arc<Link>) {
        self.answer(link, VecDeque::from([Packet::engine("6")]));
    }

    /// Forgets the poll that waits: it has no session any more.
    pub(crate) fn abandon(&mut self) {
        self.waiting = None;
    }

    /// Begins to probe a WebSocket; false when one is being probed.
    pub(crate) fn begin_probe(&mut self) -> bool {
        !std::mem::replace(&mut self.probing, true)
    }

    pub(crate) fn end_probe(&mut self) {
        self.probing = false;
    }
}

/// Packets on their way to a poll. Until they are written they are not gone: dropped before, they
/// go back to where they came from.
#[derive(Debug)]
pub(crate) struct Reply(Option<(Arc<Link>, VecDeque<Packet>)>);

impl Reply {
    /// The body of the response.
    pub(crate) fn payload(&self) -> Bytes {
        let mut payload = Vec::new();
        for packet in self.0.iter().flat_map(|(_, packets)| packets) {
            packet.put_payload(&mut payload);
        }
        payload.into()
    }

    /// The response is being written.
    pub(crate) fn written(mut self) {
        if let Some((_, packets)) = &mut self.0 {
            packets.clear();
        }
    }
}

impl Drop for Reply {
    fn drop(&mut self) {
        let Some((link, packets)) = self.0.take() else {
            return;
        };
        let late = link.with_writer(|writer| {
            let Sink::Polling(poll) = &mut writer.sink else {
                return !packets.is_empty();
            };
            poll.answering = false;
            writer.put_back(packets);
            false
        });
        if late {
            // Newer packets may have left by the WebSocket: only a new session is in order again.
            link.end(CloseReason::TransportClosed);
        }
    }
}

#[cfg(test)]
mod tests {
    use http_body_util::BodyExt;

    use super::*;
    use crate::body::Body;
    use crate::config::Config;
    use crate::engine_io::messages::Nobody;
    use crate::shared::Shared;

    /// A polling session whose own task is not there.
    fn session() -> Arc<Link> {
        let shared = Arc::new(Shared::new(Config::default(), Arc::new(Nobody), None));
        let (inbound, _) = mpsc::channel(1);
        Link::new(shared, Sink::Polling(Poll::new(inbound)))
    }

    async fn poll(link: &Arc<Link>) -> Body {
        let (sender, receiver) = oneshot::channel();
        let admitted = link.with_writer(|writer| match &mut writer.sink {
            Sink::Polling(poll) => poll.admit(sender, false),
            _ => panic!("it polls"),
        });
        assert_eq!(admitted, Admitted::Waiting);
        link.flush();
        Body::from(receiver.await.unwrap())
    }

    fn send(link: &Arc<Link>, text: &str) {
        let result = link.outbox().push(Packet::text_message(text));
        link.settle(result);
    }

    async fn text(body: Body) -> String {
        String::from_utf8(body.collect().await.unwrap().to_bytes().to_vec()).unwrap()
    }

    #[tokio::test]
    async fn packets_of_an_answer_that_was_not_written_come_with_the_next() {
        let link = session();
        send(&link, "one");
        send(&link, "two");
        let unwritten = poll(&link).await;
        send(&link, "three");
        drop(unwritten);
        send(&link, "four");
        assert_eq!(text(poll(&link).await).await, "4one\x1e4two");
        assert_eq!(text(poll(&link).await).await, "4three\x1e4four");
    }

    #[tokio::test]
    async fn a_poll_carries_no_more_packets_than_every_client_takes() {
        let link = session();
        for number in 0..40 {
            send(&link, &number.to_string());
        }
        let mut heard = Vec::new();
        for _ in 0..3 {
            let payload = text(poll(&link).await).await;
            let packets: Vec<_> = payload.split('\x1e').map(str::to_owned).collect();
            assert!(packets.len() <= 16);
            heard.extend(packets);
        }
        let expected: Vec<_> = (0..40).map(|number| format!("4{number}")).collect();
        assert_eq!(heard, expected);
    }
}
