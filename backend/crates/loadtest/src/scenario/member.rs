//! One connected client: sends when it is due, leaves when it is time, and notes all it receives.

use std::{
    collections::BTreeMap,
    sync::Arc,
    time::{Duration, Instant},
};

use tokio::time::{Sleep, sleep, sleep_until};
use tokio_util::{
    sync::CancellationToken,
    task::{TaskTracker, task_tracker::TaskTrackerToken},
};

use super::{
    door::{self, Door, Entered},
    feed::{self, Feed, Reached},
    plan::{Part, Reading, Sends},
    schedule::Break,
    storms::Storms,
    tally::{Tally, micros},
    wire::{Acknowledgement, Entry, Farewell, Joined, Reset, Seen, read_stamp, write_message},
};
use crate::{
    client::{
        Connection, Ended, Message, Received,
        packet::{self, Packet},
    },
    history::Origin,
};

/// Beyond this a client with a schedule sends no more, and the delay shows as latency.
const IN_FLIGHT: usize = 64;
/// The timer's own lateness, which is not the server's.
const TIMER_SLACK: Duration = Duration::from_millis(2);
/// Whoever is told nothing comes back within this, and not in the same moment as all others.
const SOON: Duration = Duration::from_millis(500);

/// What all clients of a run share.
#[derive(Debug)]
pub(super) struct Shared {
    /// The zero of all times in plans and messages.
    pub(super) start: Instant,
    pub(super) tally: Tally,
    pub(super) storms: Storms,
    /// Has a token of every client that will send something yet, or is on its way back.
    pub(super) busy: TaskTracker,
    /// Ends clients that have nothing more to wait for.
    pub(super) over: CancellationToken,
}

/// A client in its rooms.
#[derive(Debug)]
pub(super) struct Member {
    shared: Arc<Shared>,
    /// Which of the clients it is.
    number: usize,
    /// By which it comes back.
    door: Door,
    /// In the order of the rooms' ids.
    feeds: Vec<Feed>,
    part: Part,
    /// Sends without an answer, and when they were due.
    in_flight: BTreeMap<u64, Instant>,
    sent: u64,
    /// Held as long as there is something to send.
    sending: Option<TaskTrackerToken>,
    /// Until then it was away of its own will: nothing that was due before counts as late before.
    absent_until: Instant,
    /// A slow reader takes nothing before this.
    reads_at: Instant,
    /// After which time the server has asked it to come back.
    farewell: Option<Duration>,
}

/// Why a client stopped serving its connection.
enum Stop {
    Over,
    Leaves(Break),
}

impl Member {
    pub(super) fn new(
        shared: Arc<Shared>,
        number: usize,
        door: Door,
        feeds: Vec<Feed>,
        part: Part,
    ) -> Self {
        Self {
            number,
            door,
            feeds,
            sending: Some(shared.busy.token()),
            absent_until: shared.start,
            reads_at: shared.start,
            shared,
            part,
            in_flight: BTreeMap::new(),
            sent: 0,
            farewell: None,
        }
    }

    /// Runs until told that all is over, or until there is no connection any more.
    pub(super) async fn run(mut self, connection: Connection, early: Vec<Message>) {
        let lost = self.live(connection, early).await.is_err();
        let mut counts = self.shared.tally.of(self.number);
        counts.lost_connections += u64::from(lost);
        counts.unanswered += self.in_flight.len() as u64;
        if let Sends::At(schedule) = &self.part.sends {
            counts.unsent += schedule.left();
        }
        drop(counts);
        for number in self.in_flight.keys() {
            self.feed_of(*number).room.record().answered += 1;
        }
    }

    async fn live(
        &mut self,
        mut connection: Connection,
        mut early: Vec<Message>,
    ) -> Result<(), Ended> {
        loop {
            let stop = self.serve(&mut connection, early).await;
            let left = Instant::now();
            let leave = match stop {
                Ok(Stop::Over) => return Ok(()),
                Ok(Stop::Leaves(leave)) => Some(leave),
                Err(ended) if !self.part.comes_back => return Err(ended),
                Err(_ended) => None,
            };
            let back = self.shared.busy.token();
            if leave.is_some_and(|leave| leave.goodbye) {
                // Whoever leaves does not wait to hear that it may.
                drop(connection.close().await);
            } else {
                drop(connection);
            }
            let over = self.shared.over.clone();
            let entered = tokio::select! {
                entered = self.come_back(leave) => entered,
                () = over.cancelled() => None,
            };
            let Some(entered) = entered else {
                return Err(Ended::Lost("nobody let it in again".to_owned()));
            };
            for (at, answer) in entered.answers.into_iter().enumerate() {
                self.take_up(at, answer).await;
            }
            (connection, early) = (entered.connection, entered.early);
            self.note_return(left, leave);
            // If that fails, serving the connection does as well, and says why.
            drop(self.send_again(&mut connection).await);
            drop(back);
        }
    }

    /// Has a connection again, or gives up.
    async fn come_back(&mut self, leave: Option<Break>) -> Option<Entered> {
        let most = leave.map_or(SOON, |leave| leave.away_at_most);
        let pause = self
            .farewell
            .take()
            .unwrap_or_else(|| rand::random_range(Duration::ZERO..=most));
        sleep(pause).await;
        if leave.is_some() {
            self.absent_until = Instant::now();
        }
        self.door.enter_again(&self.feeds).await
    }

    /// Is where the answer says that the room is, after what it missed.
    pub(super) async fn take_up(&mut self, at: usize, answer: Joined) {
        let feed = &self.feeds[at];
        let mut changes = answer.changes;
        match &feed.reached {
            None => {
                let mut record = feed.room.record();
                record.history.joined(feed.member, answer.last_seq);
            }
            Some(reached) if answer.reset => {
                self.shared.tally.of(self.number).resets += 1;
                let room = &feed.room.id;
                changes = self.door.read_log(room, reached, answer.last_seq).await;
            }
            Some(_) => {}
        }
        for change in &changes {
            let content = change.data["content"].as_str();
            self.note(at, change.seq, content, true);
        }
        // What was not given stays missing.
        self.feeds[at].reached = Some(Reached {
            seq: answer.last_seq,
            epoch: answer.epoch,
        });
    }

    fn note_return(&mut self, left: Instant, leave: Option<Break>) {
        let now = self.shared.start.elapsed();
        self.part.breaks.pass(now);
        let away = micros(left.elapsed());
        let mut counts = self.shared.tally.of(self.number);
        counts.away.saturating_record(away);
        if let Some(leave) = leave {
            self.shared.storms.came_back(&leave, now);
        }
    }

    /// Sends what was not acknowledged, in the order in which it was first sent.
    async fn send_again(&mut self, connection: &mut Connection) -> Result<(), Ended> {
        for (number, due) in &self.in_flight {
            self.say(connection, *number, *due).await?;
        }
        Ok(())
    }

    async fn serve(
        &mut self,
        connection: &mut Connection,
        early: Vec<Message>,
    ) -> Result<Stop, Ended> {
        for message in &early {
            self.take(connection, message).await?;
        }
        let over = self.shared.over.clone();
        let over = over.cancelled();
        let timer = sleep_until(Instant::now().into());
        tokio::pin!(over, timer);
        loop {
            let now = Instant::now();
            let since_start = now.saturating_duration_since(self.shared.start);
            if let Some(leave) = self.part.breaks.next()
                && leave.at <= since_start
            {
                self.part.breaks.pass(since_start);
                return Ok(Stop::Leaves(leave));
            }
            if let Some(due) = self.take_due(now) {
                self.send(connection, due).await?;
                continue;
            }
            let reads = self.reads_at <= now;
            let wakes = self.wake_at(reads, timer.as_mut());
            tokio::select! {
                received = connection.receive(), if reads => match received? {
                    Received::Message(message) => {
                        self.pause_reading(now);
                        self.take(connection, &message).await?;
                    }
                    Received::Ping => connection.answer_ping().await?,
                },
                () = &mut timer, if wakes => {}
                () = &mut over => return Ok(Stop::Over),
            }
        }
    }

    /// When a send was due that may leave now.
    fn take_due(&mut self, now: Instant) -> Option<Instant> {
        let shared = &self.shared;
        let due = match &mut self.part.sends {
            Sends::At(schedule) if self.in_flight.len() < IN_FLIGHT => {
                let due = shared.start + schedule.next()?;
                let late = now.checked_duration_since(due)?;
                schedule.advance();
                if late < TIMER_SLACK {
                    now
                } else {
                    due.max(self.absent_until)
                }
            }
            Sends::Saturating { in_flight, until }
                if self.in_flight.len() < *in_flight && now < shared.start + *until =>
            {
                now
            }
            Sends::Never | Sends::At(_) | Sends::Saturating { .. } => return None,
        };
        Some(due)
    }

    /// Sets the timer to the next moment at which there is something to do; whether there is one.
    fn wake_at(&mut self, reads: bool, timer: std::pin::Pin<&mut Sleep>) -> bool {
        let start = self.shared.start;
        let leaves = self.part.breaks.next().map(|leave| start + leave.at);
        let sends = match &self.part.sends {
            Sends::At(schedule) => schedule.next().map(|due| start + due),
            // Also wakes a client that waits for nothing but the end.
            Sends::Saturating { until, .. } => {
                Some(start + *until).filter(|end| *end > Instant::now())
            }
            Sends::Never => None,
        };
        if sends.is_none() {
            self.sending = None;
        }
        // One whose sends are all on their way is woken by an answer.
        let sends = sends.filter(|_| self.in_flight.len() < IN_FLIGHT);
        let reads = (!reads).then_some(self.reads_at);
        let next = [leaves, sends, reads].into_iter().flatten().min();
        if let Some(next) = next
            && timer.deadline() != next.into()
        {
            timer.reset(next.into());
        }
        next.is_some()
    }

    fn pause_reading(&mut self, now: Instant) {
        if let Reading::Slowly { pause, until, .. } = self.part.reading
            && now < self.shared.start + until
        {
            self.reads_at = now + pause;
        }
    }

    async fn send(&mut self, connection: &mut Connection, due: Instant) -> Result<(), Ended> {
        let number = self.sent;
        self.sent += 1;
        self.in_flight.insert(number, due);
        self.feed_of(number).room.record().sends += 1;
        self.say(connection, number, due).await
    }

    async fn say(
        &self,
        connection: &mut Connection,
        number: u64,
        due: Instant,
    ) -> Result<(), Ended> {
        let due = due.saturating_duration_since(self.shared.start);
        let feed = self.feed_of(number);
        let payload = write_message(&feed.room.id, origin(feed, number), due);
        connection
            .send(packet::write_event("send_message", &payload, Some(number)))
            .await
    }

    /// Where a send goes: to each room in turn.
    fn feed_of(&self, number: u64) -> &Feed {
        let turn = number % self.feeds.len() as u64;
        &self.feeds[usize::try_from(turn).expect("below a length")]
    }

    async fn take(&mut self, connection: &mut Connection, message: &Message) -> Result<(), Ended> {
        let impossible = || Ended::Lost(format!("an impossible packet came: {}", message.text()));
        match message.packet() {
            Some(Packet::Event { arguments, .. }) => {
                let (name, payload) = packet::split_event(arguments).ok_or_else(impossible)?;
                let again = self
                    .hear(name, payload)
                    .map_err(|_unreadable| impossible())?;
                if let Some(at) = again {
                    connection.send(door::write_resume(&self.feeds, at)).await?;
                }
                Ok(())
            }
            Some(Packet::Ack { id, arguments }) => {
                if let Some(at) = door::asked_for(id) {
                    let feed = self.feeds.get(at..=at).ok_or_else(impossible)?;
                    // Refused, it begins anew.
                    let answers = door::read_resumed(arguments, feed);
                    for answer in answers.map_err(|_refused| impossible())? {
                        self.take_up(at, answer).await;
                    }
                    return Ok(());
                }
                let (answer,): (Acknowledgement<'_>,) =
                    serde_json::from_str(arguments).map_err(|_unreadable| impossible())?;
                self.note_acknowledgement(id, &answer);
                Ok(())
            }
            Some(Packet::Disconnect) => Err(Ended::Disconnected),
            Some(Packet::Connect(_) | Packet::ConnectError(_)) | None => Err(impossible()),
        }
    }

    /// Notes an event; the feed to ask for again, when it has stopped.
    fn hear(&mut self, name: &str, payload: &str) -> serde_json::Result<Option<usize>> {
        match name {
            "server_draining" => {
                let farewell: Farewell = serde_json::from_str(payload)?;
                self.farewell = Some(Duration::from_millis(farewell.reconnect_after_ms));
            }
            "user_left" => self.shared.tally.of(self.number).seen_leaving += 1,
            "presence_changed" => {
                let seen: Seen<'_> = serde_json::from_str(payload)?;
                let gone = u64::from(seen.status == "offline");
                self.shared.tally.of(self.number).seen_leaving += gone;
            }
            "room_reset" => {
                let reset: Reset<'_> = serde_json::from_str(payload)?;
                return Ok(feed::find(&self.feeds, reset.room_id));
            }
            _ => self.note_entry(&serde_json::from_str(payload)?),
        }
        Ok(None)
    }

    fn note_entry(&mut self, entry: &Entry<'_>) {
        // What has no `seq` is a hint, and other rooms are not measured here.
        let (Some(seq), Some(room)) = (entry.seq, entry.room_id) else {
            return;
        };
        let Some(at) = feed::find(&self.feeds, room) else {
            return;
        };
        if let Some(reached) = &mut self.feeds[at].reached {
            reached.seq = reached.seq.max(seq);
        }
        self.note(at, seq, entry.content.as_deref(), false);
    }

    fn note(&self, at: usize, seq: u64, content: Option<&str>, replayed: bool) {
        let stamp = content.and_then(read_stamp);
        let feed = &self.feeds[at];
        let origin = stamp.map(|(origin, _due)| origin);
        feed.room
            .record()
            .history
            .received(feed.member, seq, origin);
        if let Some((_origin, due)) = stamp {
            let due = (self.shared.start + due).max(self.absent_until);
            let waited = micros(due.elapsed());
            let mut counts = self.shared.tally.of(self.number);
            let kind = match self.part.reading {
                _ if replayed => &mut counts.catching_up,
                Reading::AtOnce => &mut counts.receipt,
                Reading::Slowly { .. } => &mut counts.slow_receipt,
            };
            kind.saturating_record(waited);
        }
    }

    fn note_acknowledgement(&mut self, id: u64, answer: &Acknowledgement<'_>) {
        let Some(due) = self.in_flight.remove(&id) else {
            return;
        };
        let feed = self.feed_of(id);
        let mut record = feed.room.record();
        record.answered += 1;
        let mut counts = self.shared.tally.of(self.number);
        match &answer.message {
            Some(message) if answer.ok => {
                record.history.acknowledged(message.seq, origin(feed, id));
                counts.acknowledged += 1;
                let waited = micros(due.elapsed());
                counts.acknowledgement.saturating_record(waited);
            }
            _ => {
                let code = answer
                    .error
                    .as_ref()
                    .map(|refusal| refusal.code.to_string());
                let code = code.unwrap_or_else(|| "without a code".to_owned());
                *counts.refused.entry(code).or_default() += 1;
            }
        }
    }
}

fn origin(feed: &Feed, number: u64) -> Origin {
    let sender = u32::try_from(feed.member).expect("a room has at most 10,000 members");
    Origin { sender, number }
}
