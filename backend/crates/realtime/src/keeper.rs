//! What a link's own task does beside reading: the heartbeat, the deadlines, waiting for a full
//! socket, reading from the source for cursors that fell behind, and noticing the end.
//!
//! [`Keeper::watch`] runs next to whatever else the task waits for, and loses nothing when it is
//! dropped half-way: all it knows is in the keeper.

use std::collections::VecDeque;
use std::pin::Pin;
use std::sync::Arc;

use futures_util::future::BoxFuture;
use tokio::net::TcpStream;
use tokio::time::{Instant, Sleep};

use crate::backfill::Fallen;
use crate::close::CloseReason;
use crate::engine_io::heartbeat::{Beat, Heartbeat};
use crate::link::{Cork, Link};
use crate::packet::Frame;

/// See the module.
pub(crate) struct Keeper {
    link: Arc<Link>,
    heartbeat: Heartbeat,
    timer: Pin<Box<Sleep>>,
    /// When a namespace must have been joined, while there is none.
    connect_by: Option<Instant>,
    /// The socket that takes no more, and when it must have taken enough.
    stalled: Option<(Arc<TcpStream>, Instant)>,
    reading: Option<BoxFuture<'static, (Fallen, Option<VecDeque<Frame>>)>>,
    /// While what was received at once is handled, its answers are gathered.
    cork: Option<Cork>,
}

impl Keeper {
    pub(crate) fn new(link: Arc<Link>) -> Keeper {
        let config = &link.shared.config;
        let now = Instant::now();
        let heartbeat = Heartbeat::new(config.ping_interval, config.ping_timeout, now);
        let connect_by = now + config.connect_timeout;
        Keeper {
            timer: Box::pin(tokio::time::sleep_until(heartbeat.due().min(connect_by))),
            link,
            heartbeat,
            connect_by: Some(connect_by),
            stalled: None,
            reading: None,
            cork: None,
        }
    }

    /// The client was heard.
    pub(crate) fn heard(&mut self) {
        self.heartbeat.heard(Instant::now);
        self.cork.get_or_insert_with(|| self.link.cork());
    }

    /// A namespace is joined, or none is any more.
    pub(crate) fn joined(&mut self, any: bool) {
        let by = (!any).then(|| Instant::now() + self.link.shared.config.connect_timeout);
        self.connect_by = by;
    }

    /// What is said from here on is written at once.
    pub(crate) fn uncork(&mut self) {
        self.cork = None;
    }

    /// Keeps house until somebody stirs the task, or the transport ends. `listening` says whether
    /// the client is being read from meanwhile.
    pub(crate) async fn watch(&mut self, listening: bool) -> Result<(), CloseReason> {
        self.uncork();
        loop {
            let deadline = self.heartbeat.deadline().filter(|_| listening);
            self.link.expect_answer_by(deadline);
            if let Some(reason) = self.link.ending() {
                return Err(reason);
            }
            self.set_timer();
            let stalled = self.stalled.as_ref().map(|(stream, _)| Arc::clone(stream));
            tokio::select! {
                biased;
                () = self.link.woken() => {
                    self.look();
                    return self.link.ending().map_or(Ok(()), Err);
                }
                () = writable(stalled.as_deref()), if stalled.is_some() => {
                    self.link.resume();
                    self.look();
                }
                (fallen, page) = next_page(&mut self.reading), if self.reading.is_some() => {
                    self.reading = None;
                    self.turn_page(&fallen, page);
                    self.look();
                }
                () = self.timer.as_mut() => self.tick(listening)?,
            }
        }
    }

    /// Looks at what only this task can do something about.
    fn look(&mut self) {
        let timeout = self.link.shared.config.write_timeout;
        self.stalled = self
            .link
            .stalled()
            .map(|(stream, since)| (stream, since + timeout));
        while self.stalled.is_none() && self.reading.is_none() {
            let Some(fallen) = self.link.outbox().next_fallen() else {
                return;
            };
            let shared = &self.link.shared;
            shared.metrics.fallen.add(1);
            if fallen.is_hopeless(shared.config.max_behind) {
                self.give_up(&fallen);
            } else {
                self.reading = Some(Box::pin(fallen.read(Arc::clone(shared))));
            }
        }
    }

    fn turn_page(&mut self, fallen: &Fallen, page: Option<VecDeque<Frame>>) {
        match page {
            Some(page) => {
                self.link
                    .outbox()
                    .turn_page(fallen.key, fallen.attach, page);
                self.link.flush();
            }
            None => self.give_up(fallen),
        }
    }

    fn give_up(&self, fallen: &Fallen) {
        let shared = &self.link.shared;
        shared.metrics.resets.add(1);
        let word = shared.app.reset(fallen.topic.id());
        let result = self
            .link
            .outbox()
            .end_fallen(fallen.key, fallen.attach, word);
        self.link.settle(result);
    }

    fn set_timer(&mut self) {
        let mut due = self.heartbeat.due();
        for other in [self.connect_by, self.stalled.as_ref().map(|(_, by)| *by)] {
            due = due.min(other.unwrap_or(due));
        }
        if due != self.timer.deadline() {
            self.timer.as_mut().reset(due);
        }
    }

    fn tick(&mut self, listening: bool) -> Result<(), CloseReason> {
        let now = Instant::now();
        if self.connect_by.is_some_and(|by| by <= now) {
            return Err(CloseReason::ConnectTimeout);
        }
        if self.stalled.as_ref().is_some_and(|(_, by)| *by <= now) {
            return Err(CloseReason::WriteTimeout);
        }
        match self.heartbeat.look(now, listening) {
            Beat::Gone => return Err(CloseReason::PingTimeout),
            Beat::Ask => {
                let ping = self.link.shared.ping.clone();
                self.link.outbox().ping(ping);
                self.link.flush();
            }
            Beat::Nothing => {}
        }
        Ok(())
    }
}

/// A socket that breaks counts as writable: writing then tells.
async fn writable(stream: Option<&TcpStream>) {
    if let Some(stream) = stream {
        let _ = stream.writable().await;
    }
}

async fn next_page<T>(reading: &mut Option<BoxFuture<'static, T>>) -> T {
    match reading {
        Some(reading) => reading.await,
        None => std::future::pending().await,
    }
}
