//! One connected client: sends when told to, and notes all it receives.
//!
//! Thousands of these share a processor with the server they measure, so an
//! entry is read as two borrowed fields and the room's record is locked once.

use std::{
    borrow::Cow,
    collections::BTreeMap,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::{Duration, Instant},
};

use hdrhistogram::Histogram;
use serde::Deserialize;
use serde_json::json;
use tokio::{sync::mpsc, time::sleep};
use tokio_util::sync::CancellationToken;

use super::door::{Door, Entered};
use crate::{
    client::{
        Connection, Ended, Message, Received,
        packet::{self, Packet},
    },
    history::{Origin, RoomHistory},
};

/// Longer waits are counted as this long.
const LONGEST: Duration = Duration::from_mins(2);
/// Beyond this a paced client stops taking orders, and the delay shows as latency.
const IN_FLIGHT: usize = 64;
/// Makes a message as long as people write them.
const FILLER: &str = "and then we went down to the harbour to look at the boats, as one does";

/// One room, shared by its clients here.
#[derive(Debug)]
pub(super) struct Room {
    pub(super) id: String,
    record: Mutex<Record>,
}

#[derive(Debug)]
pub(super) struct Record {
    pub(super) history: RoomHistory,
    /// In microseconds, as the next one.
    pub(super) receipt: Histogram<u64>,
    pub(super) acknowledgement: Histogram<u64>,
    pub(super) sends: u64,
    pub(super) acknowledged: u64,
    pub(super) refused: BTreeMap<String, u64>,
    pub(super) unanswered: u64,
    pub(super) lost_connections: u64,
    /// How long clients were without a connection, in microseconds.
    pub(super) away: Histogram<u64>,
    pub(super) seen_leaving: u64,
}

impl Room {
    pub(super) fn new(id: String, members: usize) -> Self {
        let micros = || {
            let longest = u64::try_from(LONGEST.as_micros()).expect("two minutes fit");
            Histogram::new_with_max(longest, 3).expect("these bounds are legal")
        };
        let record = Record {
            history: RoomHistory::new(members),
            receipt: micros(),
            acknowledgement: micros(),
            sends: 0,
            acknowledged: 0,
            refused: BTreeMap::new(),
            unanswered: 0,
            lost_connections: 0,
            away: micros(),
            seen_leaving: 0,
        };
        Self {
            id,
            record: Mutex::new(record),
        }
    }

    pub(super) fn record(&self) -> MutexGuard<'_, Record> {
        self.record.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Record {
    /// Whether every send was answered and every answer delivered.
    pub(super) fn is_settled(&self) -> bool {
        let refused: u64 = self.refused.values().sum();
        self.sends == self.acknowledged + refused + self.unanswered && self.history.is_settled()
    }
}

/// When a client sends.
#[derive(Debug)]
pub(super) enum Orders {
    /// Whenever a moment arrives: the one the send was due at.
    Paced(mpsc::Receiver<Instant>),
    /// After every acknowledgement, until then.
    Until(Instant),
}

/// A client in its room.
#[derive(Debug)]
pub(super) struct Member {
    pub(super) connection: Connection,
    /// The place of the newest entry that was received, and the history it is of.
    pub(super) last: u64,
    pub(super) history: String,
    /// By which it comes back, if it does.
    pub(super) door: Door,
    pub(super) reconnect: bool,
    /// After which time the server has asked it to come back.
    pub(super) farewell: Option<Duration>,
    pub(super) room: Arc<Room>,
    pub(super) place: usize,
    pub(super) orders: Orders,
    /// The zero of all times in messages.
    pub(super) epoch: Instant,
    /// Ends a client that has nothing more to wait for.
    pub(super) over: CancellationToken,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Entry<'a> {
    seq: Option<u64>,
    room_id: Option<&'a str>,
    #[serde(borrow)]
    content: Option<Cow<'a, str>>,
}

#[derive(Deserialize)]
struct Seen<'a> {
    status: &'a str,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Farewell {
    reconnect_after_ms: u64,
}

#[derive(Deserialize)]
struct Acknowledgement<'a> {
    ok: bool,
    message: Option<Acknowledged>,
    #[serde(borrow)]
    error: Option<Refusal<'a>>,
}

#[derive(Deserialize)]
struct Acknowledged {
    seq: u64,
}

#[derive(Deserialize)]
struct Refusal<'a> {
    #[serde(borrow)]
    code: Cow<'a, str>,
}

impl Member {
    /// Runs until told that all is over, or until there is no connection any more.
    pub(super) async fn run(mut self) {
        let mut in_flight = BTreeMap::new();
        let mut sent = 0;
        let mut outcome = self.serve(&mut in_flight, &mut sent).await;
        while outcome.is_err() && self.reconnect && self.come_back().await {
            outcome = match self.send_again(&in_flight).await {
                Ok(()) => self.serve(&mut in_flight, &mut sent).await,
                Err(ended) => Err(ended),
            };
        }
        let mut record = self.room.record();
        record.unanswered += in_flight.len() as u64;
        if outcome.is_err() {
            record.lost_connections += 1;
        }
    }

    /// Has a connection again that has received all there is, or gives up.
    async fn come_back(&mut self) -> bool {
        let left = Instant::now();
        // Whoever is told nothing comes back soon, and not in the same moment as all others.
        let soon = || Duration::from_millis(rand::random_range(0..500));
        sleep(self.farewell.take().unwrap_or_else(soon)).await;
        let entered = self.door.enter_again(self.last, &self.history).await;
        let Some(Entered { connection, answer }) = entered else {
            return false;
        };
        self.connection = connection;
        for change in &answer.changes {
            let content = change.data["content"].as_str();
            self.note(change.seq, content);
        }
        // What was not given stays missing.
        self.last = answer.last_seq;
        let away = &mut self.room.record().away;
        away.saturating_record(micros(left.elapsed()));
        true
    }

    /// Sends what was not acknowledged, in the order in which it was first sent.
    async fn send_again(&mut self, in_flight: &BTreeMap<u64, Instant>) -> Result<(), Ended> {
        for (number, due) in in_flight {
            self.say(*number, *due).await?;
        }
        Ok(())
    }

    async fn serve(
        &mut self,
        in_flight: &mut BTreeMap<u64, Instant>,
        sent: &mut u64,
    ) -> Result<(), Ended> {
        let over = self.over.clone();
        loop {
            let due = match &mut self.orders {
                Orders::Until(end) if in_flight.is_empty() && Instant::now() < *end => {
                    Some(Instant::now())
                }
                Orders::Paced(orders) if in_flight.len() < IN_FLIGHT => orders.try_recv().ok(),
                Orders::Until(_) | Orders::Paced(_) => None,
            };
            if let Some(due) = due {
                self.send(*sent, due, in_flight).await?;
                *sent += 1;
                continue;
            }
            tokio::select! {
                received = self.connection.receive() => match received? {
                    Received::Message(message) => self.take(&message, in_flight)?,
                    Received::Ping => self.connection.answer_ping().await?,
                },
                due = next_order(&mut self.orders), if in_flight.len() < IN_FLIGHT => {
                    self.send(*sent, due, in_flight).await?;
                    *sent += 1;
                }
                () = over.cancelled() => return Ok(()),
            }
        }
    }

    async fn send(
        &mut self,
        number: u64,
        due: Instant,
        in_flight: &mut BTreeMap<u64, Instant>,
    ) -> Result<(), Ended> {
        in_flight.insert(number, due);
        self.room.record().sends += 1;
        self.say(number, due).await
    }

    async fn say(&mut self, number: u64, due: Instant) -> Result<(), Ended> {
        let nanos = due.saturating_duration_since(self.epoch).as_nanos();
        let payload = json!({
            "roomId": self.room.id,
            "clientId": format!("{}.{number}", self.place),
            "content": format!("{}.{number}.{nanos} {FILLER}", self.place),
        });
        self.connection
            .send(packet::write_event("send_message", &payload, Some(number)))
            .await
    }

    fn take(
        &mut self,
        message: &Message,
        in_flight: &mut BTreeMap<u64, Instant>,
    ) -> Result<(), Ended> {
        let impossible = || Ended::Lost(format!("an impossible packet came: {}", message.text()));
        match message.packet() {
            Some(Packet::Event { arguments, .. }) => {
                let (name, payload) = packet::split_event(arguments).ok_or_else(impossible)?;
                let read = match name {
                    "server_draining" => serde_json::from_str(payload).map(|farewell: Farewell| {
                        let after = Duration::from_millis(farewell.reconnect_after_ms);
                        self.farewell = Some(after);
                    }),
                    "user_left" => {
                        self.room.record().seen_leaving += 1;
                        Ok(())
                    }
                    "presence_changed" => serde_json::from_str(payload).map(|seen: Seen<'_>| {
                        let gone = u64::from(seen.status == "offline");
                        self.room.record().seen_leaving += gone;
                    }),
                    _ => serde_json::from_str(payload).map(|entry| self.note_entry(&entry)),
                };
                read.map_err(|_unreadable| impossible())
            }
            Some(Packet::Ack { id, arguments }) => {
                let (answer,): (Acknowledgement<'_>,) =
                    serde_json::from_str(arguments).map_err(|_unreadable| impossible())?;
                self.note_acknowledgement(id, &answer, in_flight);
                Ok(())
            }
            Some(Packet::Disconnect) => Err(Ended::Disconnected),
            Some(Packet::Connect(_) | Packet::ConnectError(_)) | None => Err(impossible()),
        }
    }

    fn note_entry(&mut self, entry: &Entry<'_>) {
        // What has no `seq` is a hint, and other rooms are not measured here.
        let Some(seq) = entry.seq else { return };
        if entry.room_id != Some(self.room.id.as_str()) {
            return;
        }
        self.last = self.last.max(seq);
        self.note(seq, entry.content.as_deref());
    }

    fn note(&self, seq: u64, content: Option<&str>) {
        let stamp = content.and_then(read_stamp);
        let mut record = self.room.record();
        record
            .history
            .received(self.place, seq, stamp.map(|(origin, _due)| origin));
        if let Some((_origin, due)) = stamp {
            let waited = self.epoch.elapsed().saturating_sub(due);
            record.receipt.saturating_record(micros(waited));
        }
    }

    fn note_acknowledgement(
        &self,
        id: u64,
        answer: &Acknowledgement<'_>,
        in_flight: &mut BTreeMap<u64, Instant>,
    ) {
        let Some(due) = in_flight.remove(&id) else {
            return;
        };
        let mut record = self.room.record();
        match (&answer.message, &answer.error) {
            (Some(message), _) if answer.ok => {
                record.acknowledged += 1;
                record
                    .acknowledgement
                    .saturating_record(micros(due.elapsed()));
                let sender = u32::try_from(self.place).expect("a place is at most 10,000");
                record
                    .history
                    .acknowledged(message.seq, Origin { sender, number: id });
            }
            (_, Some(refusal)) => {
                *record.refused.entry(refusal.code.to_string()).or_default() += 1;
            }
            (_, None) => {
                *record
                    .refused
                    .entry("without a code".to_owned())
                    .or_default() += 1;
            }
        }
    }
}

/// The next moment of a paced client; never for one that needs no orders.
async fn next_order(orders: &mut Orders) -> Instant {
    if let Orders::Paced(orders) = orders
        && let Some(due) = orders.recv().await
    {
        return due;
    }
    std::future::pending().await
}

/// Reads `sender.number.nanoseconds` from the front of a message of ours.
fn read_stamp(content: &str) -> Option<(Origin, Duration)> {
    let (stamp, _filler) = content.split_once(' ')?;
    let mut parts = stamp.split('.');
    let sender = parts.next()?.parse().ok()?;
    let number = parts.next()?.parse().ok()?;
    let nanos = parts.next()?.parse().ok()?;
    Some((Origin { sender, number }, Duration::from_nanos(nanos)))
}

fn micros(duration: Duration) -> u64 {
    u64::try_from(duration.as_micros()).unwrap_or(u64::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_message_tells_who_sent_it_and_when() {
        let stamp = read_stamp("7.12.3000 and then");
        let origin = Origin {
            sender: 7,
            number: 12,
        };
        assert_eq!(stamp, Some((origin, Duration::from_micros(3))));
        for other in ["hello there", "1.2 x", "1.2.x y", ""] {
            assert_eq!(read_stamp(other), None, "{other:?} was read as ours");
        }
    }

    #[test]
    fn a_message_event_is_read_without_its_other_fields() {
        let entry: Entry<'_> = serde_json::from_str(
            r#"{"id":"x","roomId":"r","seq":9,"author":{"id":"u"},"content":"a \"b\"","reactions":[]}"#,
        )
        .unwrap();
        assert_eq!((entry.seq, entry.room_id), (Some(9), Some("r")));
        assert_eq!(entry.content.as_deref(), Some("a \"b\""));
    }
}
