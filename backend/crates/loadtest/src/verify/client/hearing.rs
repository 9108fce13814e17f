//! What a client makes of what arrives.

use std::{borrow::Cow, time::Duration};

use serde::Deserialize;
use tokio::time::Instant;
use uuid::Uuid;

use super::{Asked, Client, Parting};
use crate::{
    client::{
        Message as Frame,
        packet::{self, Packet},
    },
    verify::{
        reading::{Logged, Message},
        record::{AckedChange, End, Excuse, Happened, Outcome, RoomNumber, Shown},
    },
};

/// How far behind a client may be without being told to start anew, by the protocol.
pub(crate) const RESUMED_ENTRIES: u64 = 2000;
/// Own messages remembered, to be changed later.
const OWN: usize = 30;
/// After an answer that asks to try again without saying when.
const TRY_AGAIN: Duration = Duration::from_millis(300);
/// Between two times of asking to be let in.
const KNOCKING: u64 = 600;

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Refusal<'a> {
    #[serde(borrow)]
    code: Cow<'a, str>,
    retry_after_ms: Option<u64>,
}

#[derive(Deserialize)]
struct Answer<'a> {
    ok: bool,
    #[serde(borrow)]
    error: Option<Refusal<'a>>,
    #[serde(borrow)]
    message: Option<Message<'a>>,
    #[serde(borrow)]
    rooms: Option<Vec<Following<'a>>>,
}

/// A room that was joined or taken up, or one that was refused.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Following<'a> {
    #[serde(borrow)]
    error: Option<Refusal<'a>>,
    last_seq: Option<u64>,
    #[serde(borrow)]
    epoch: Option<Cow<'a, str>>,
    reset: Option<bool>,
    #[serde(borrow, default)]
    members: Vec<Present<'a>>,
    #[serde(borrow)]
    changes: Option<Vec<Logged<'a>>>,
    #[serde(borrow)]
    messages: Option<Vec<Message<'a>>>,
}

#[derive(Deserialize)]
struct Present<'a> {
    #[serde(borrow)]
    presence: Presence<'a>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Presence<'a> {
    user_id: Uuid,
    #[serde(borrow)]
    status: Cow<'a, str>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct OfRoom {
    room_id: Uuid,
}

#[derive(Deserialize)]
struct OfNewRoom {
    room: Named,
}

#[derive(Deserialize)]
struct Named {
    id: Uuid,
}

/// What a client came with when it asked for a room.
#[derive(Clone, Copy)]
struct Came {
    since: Option<u64>,
    excuse: Option<Excuse>,
}

impl Client {
    pub(super) fn hear(&mut self, frame: &Frame, door: usize) -> Result<(), Parting> {
        match frame.packet() {
            Some(Packet::Event { arguments, .. }) => {
                let heard = packet::split_event(arguments)
                    .is_some_and(|(name, data)| self.hear_event(name, data).is_ok());
                self.or_odd(heard, frame)
            }
            Some(Packet::Ack { id, arguments }) => {
                let Some(call) = self.calls.remove(&id) else {
                    return Ok(());
                };
                let heard = self.hear_answer(call.what, arguments, door).is_ok();
                self.or_odd(heard, frame)
            }
            _ => self.or_odd(false, frame),
        }
    }

    /// What cannot be understood is a fault of the server, whatever else broke: lines break, but
    /// change nothing.
    fn or_odd(&self, heard: bool, frame: &Frame) -> Result<(), Parting> {
        if heard {
            return Ok(());
        }
        let beginning: String = frame.text().chars().take(200).collect();
        self.shared().record.note_odd(|| beginning);
        Err(Parting::Ended)
    }

    fn hear_event(&mut self, name: &str, data: &str) -> serde_json::Result<()> {
        if let Some((room, entry)) = self.world.names.event(name, data)? {
            self.places[room].hear(entry.seq);
            self.step(room, Happened::Heard(entry));
            return Ok(());
        }
        let now = Instant::now();
        match name {
            "room_removed" | "room_reset" => {
                let OfRoom { room_id } = serde_json::from_str(data)?;
                if let Some(room) = self.room(room_id) {
                    let (end, ask_at) = if name == "room_reset" {
                        (End::TooFarBehind, now)
                    } else {
                        (End::Removed, self.soon())
                    };
                    self.end_feed(room, end, ask_at);
                }
            }
            "room_added" => {
                let OfNewRoom { room } = serde_json::from_str(data)?;
                if let Some(room) = self.room(room.id) {
                    self.places[room].ask_soon(now);
                }
            }
            "presence_changed" => {
                let presence: Presence<'_> = serde_json::from_str(data)?;
                self.see(&presence);
            }
            _ => {}
        }
        Ok(())
    }

    fn hear_answer(&mut self, what: Asked, arguments: &str, door: usize) -> serde_json::Result<()> {
        if let Asked::Join(room, since) = what {
            let (answer,): (Following<'_>,) = serde_json::from_str(arguments)?;
            let came = Came {
                since,
                excuse: None,
            };
            return self.followed(room, came, &answer);
        }
        let (answer,): (Answer<'_>,) = serde_json::from_str(arguments)?;
        match what {
            Asked::Send(sent) => self.sent(sent, &answer, door),
            Asked::Resume(asked) => self.resumed(asked, answer)?,
            Asked::Edit(room) => {
                if let Some(message) = answer.message.filter(|_| answer.ok) {
                    let Shown { id, rev, .. } = self.world.names.shown(&message);
                    self.changed(room, id, Some(rev));
                }
            }
            Asked::Delete(room, id) if answer.ok => self.changed(room, id, None),
            Asked::Leave(room) if answer.ok => {
                let ask_at = self.soon();
                self.end_feed(room, End::Left, ask_at);
            }
            Asked::Delete(..) | Asked::Leave(_) | Asked::Other | Asked::Join(..) => {}
        }
        Ok(())
    }

    fn sent(&mut self, sent: usize, answer: &Answer<'_>, door: usize) {
        let at = self.tick();
        let now = Instant::now();
        let outcome = match (&answer.message, &answer.error) {
            (Some(message), _) if answer.ok => {
                let Shown { id, seq, .. } = self.world.names.shown(message);
                self.world.doors[door].count_acknowledged();
                self.outbox.settle(sent);
                let room = self.shared().record.sends[sent].room;
                if self.own.len() < OWN {
                    self.own.push((room, id));
                }
                Outcome::Acknowledged { seq, id, at }
            }
            (_, Some(refusal)) => {
                let wait = refusal.retry_after_ms.map(Duration::from_millis);
                match &*refusal.code {
                    "unavailable" | "internal" => {
                        self.outbox.again(sent, now + wait.unwrap_or(TRY_AGAIN));
                        Outcome::Unknown
                    }
                    code => {
                        if code == "rate_limited" {
                            self.outbox.again(sent, now + wait.unwrap_or(TRY_AGAIN));
                        } else {
                            self.outbox.settle(sent);
                        }
                        Outcome::Refused(code.to_owned())
                    }
                }
            }
            // Neither yes nor no: as good as no answer.
            (_, None) => {
                self.outbox.again(sent, now + TRY_AGAIN);
                Outcome::Unknown
            }
        };
        let mut shared = self.shared();
        if let Some(attempt) = shared.record.sends[sent].attempts.last_mut() {
            attempt.outcome = outcome;
        }
    }

    fn resumed(
        &mut self,
        asked: Vec<(RoomNumber, u64)>,
        answer: Answer<'_>,
    ) -> serde_json::Result<()> {
        let forgot = std::mem::take(&mut self.forgets_history);
        let Some(rooms) = answer.rooms.filter(|rooms| rooms.len() == asked.len()) else {
            for (room, _since) in asked {
                self.refused(room, answer.error.as_ref());
            }
            return Ok(());
        };
        self.served();
        let mut given = 0;
        for ((room, since), following) in asked.into_iter().zip(rooms) {
            let behind = following.last_seq.unwrap_or_default().saturating_sub(since);
            let excuse = if forgot {
                Some(Excuse::OtherHistory)
            } else if given + behind > RESUMED_ENTRIES {
                Some(Excuse::Crowded)
            } else {
                None
            };
            given += following.changes.as_ref().map_or(0, Vec::len) as u64;
            given += following.messages.as_ref().map_or(0, Vec::len) as u64;
            let came = Came {
                since: Some(since),
                excuse,
            };
            self.followed(room, came, &following)?;
        }
        Ok(())
    }

    /// A room was answered for, well or not.
    fn followed(
        &mut self,
        room: RoomNumber,
        came: Came,
        answer: &Following<'_>,
    ) -> serde_json::Result<()> {
        let (Some(last), Some(epoch)) = (answer.last_seq, &answer.epoch) else {
            self.refused(room, answer.error.as_ref());
            return Ok(());
        };
        let page = answer.messages.iter().flatten();
        let page = page
            .map(|message| self.world.names.shown(message))
            .collect();
        let known = self.places[room].last.as_ref();
        let other = known.is_some_and(|(_, known)| known != epoch);
        let excuse = came.excuse.or(other.then_some(Excuse::OtherHistory));
        let what = match (came.since, &answer.changes) {
            (None, _) => Happened::Joined { last, page },
            (Some(since), Some(changes)) if answer.reset == Some(false) => Happened::Resumed {
                since,
                last,
                entries: self.world.names.entries(changes)?,
            },
            (Some(since), _) => {
                self.shared().record.counts.resets += 1;
                Happened::Reset {
                    since,
                    last,
                    page,
                    excuse,
                }
            }
        };
        self.places[room].anchor(last, epoch.to_string());
        self.step(room, what);
        for member in &answer.members {
            self.see(&member.presence);
        }
        Ok(())
    }

    /// It was not let in. What it knew of the room it keeps, for the day that it is.
    fn refused(&mut self, room: RoomNumber, why: Option<&Refusal<'_>>) {
        let ask_at = self.soon();
        let stranger = |why: &Refusal<'_>| matches!(&*why.code, "not_found" | "forbidden");
        let end = if why.is_some_and(stranger) {
            End::NoMember
        } else {
            End::Refused
        };
        self.step(room, Happened::Ended(end));
        self.places[room].end(ask_at);
    }

    fn end_feed(&mut self, room: RoomNumber, end: End, ask_at: Instant) {
        if self.places[room].is_running() {
            self.step(room, Happened::Ended(end));
            self.places[room].end(ask_at);
        }
    }

    fn changed(&mut self, room: RoomNumber, id: Uuid, seq: Option<u64>) {
        let change = AckedChange { room, id, seq };
        self.shared().record.changes.push(change);
    }

    fn see(&mut self, presence: &Presence<'_>) {
        if let Some(person) = self.world.names.people.get(&presence.user_id) {
            let status = presence.status.to_string();
            self.shared().view.insert(*person, status);
        }
    }

    fn room(&self, id: Uuid) -> Option<RoomNumber> {
        self.world.names.rooms.get(&id).copied()
    }

    fn soon(&mut self) -> Instant {
        Instant::now() + self.dice.millis(KNOCKING / 3, KNOCKING)
    }
}
