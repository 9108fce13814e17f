//! One connection of the driver: opens, joins, says, hears.
//!
//! It does no reading of its own; the crowd gives it what its socket had.

use std::collections::VecDeque;
use std::io::{self, Write};
use std::rc::Rc;

use memchr::memmem;
use mio::net::TcpStream;

use crate::failure::{Failure, Result};
use crate::ledger::Feed;
use crate::place::{self, Place};
use crate::stamp::Stamp;
use crate::wire::{self, Frame, Packet};

/// Who sits on a connection, and which rooms it follows.
#[derive(Clone, Debug, Default)]
pub(crate) struct Seat {
    pub(crate) token: Option<String>,
    pub(crate) rooms: Vec<usize>,
}

/// How far it has come.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Stage {
    Upgrading,
    Opening,
    Joining {
        answered: usize,
    },
    Resuming,
    Ready,
    /// Without a line, and waits before it tries another.
    Away,
}

/// Something a scenario may act on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Notice {
    Ready,
    /// What it said has been acknowledged, so long after.
    Acknowledged {
        nanos: u64,
    },
    /// What it said has come back to itself.
    Echoed,
}

/// What is measured while hearing.
#[derive(Debug, Default)]
pub(crate) struct Heard {
    pub(crate) deliveries: u64,
    pub(crate) bytes: u64,
    /// From saying to hearing, of those that are timed.
    pub(crate) nanos: Vec<u64>,
}

/// Whose deliveries are asked how old they are.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Timed {
    All,
    /// One in so many of all there are.
    OneIn(u64),
    None,
}

/// Enough to know, and not so many that it costs.
const USUALLY: Timed = Timed::OneIn(16);

#[derive(Debug)]
pub(crate) struct Client {
    pub(crate) stream: TcpStream,
    number: u32,
    seat: Seat,
    names: Rc<[String]>,
    /// Another one for every crowd, or servers would take what is said for what was said before.
    life: u64,
    stage: Stage,
    feeds: Vec<Feed>,
    /// Where it is in each room, as far as it remembers.
    places: Vec<Option<Place>>,
    pub(crate) remembers: bool,
    /// What came of a frame that is not whole.
    begun: Vec<u8>,
    unwritten: Vec<u8>,
    said: Vec<u32>,
    next_request: u32,
    /// The requests that are not answered yet, and when they were made.
    asked: VecDeque<(u32, u64)>,
    /// Whether it wants to know when its own messages come back.
    pub(crate) listens_to_itself: bool,
    pub(crate) timed: Timed,
}

impl Client {
    pub(crate) fn new(
        stream: TcpStream,
        number: u32,
        seat: Seat,
        names: Rc<[String]>,
        life: u64,
        witnesses: &[u32],
    ) -> Client {
        let feeds = seat.rooms.iter().map(|&room| {
            if witnesses[room] == number {
                Feed::of_witness(&names[room])
            } else {
                Feed::default()
            }
        });
        Client {
            stream,
            number,
            feeds: feeds.collect(),
            said: vec![0; seat.rooms.len()],
            places: vec![None; seat.rooms.len()],
            remembers: false,
            seat,
            names,
            life,
            stage: Stage::Upgrading,
            begun: Vec::new(),
            unwritten: Vec::new(),
            next_request: 0,
            asked: VecDeque::new(),
            listens_to_itself: false,
            timed: USUALLY,
        }
    }

    pub(crate) fn upgrade(&mut self, authority: &str) {
        self.unwritten
            .extend_from_slice(wire::upgrade_request(authority).as_bytes());
    }

    /// Begins anew on another line, knowing what it knew.
    pub(crate) fn come_back(&mut self, stream: TcpStream, authority: &str) {
        self.stream = stream;
        self.stage = Stage::Upgrading;
        self.begun.clear();
        self.unwritten.clear();
        self.asked.clear();
        self.upgrade(authority);
    }

    /// Takes note that the server has turned it away; whether that is no fault, since it was not served
    /// yet.
    pub(crate) fn go_away(&mut self) -> bool {
        let served = self.stage == Stage::Ready;
        self.stage = Stage::Away;
        !served
    }

    pub(crate) fn is_away(&self) -> bool {
        self.stage == Stage::Away
    }

    pub(crate) fn feed_of(&self, room: usize) -> Option<&Feed> {
        self.place_of(room).map(|place| &self.feeds[place])
    }

    /// How many requests wait for an answer.
    pub(crate) fn waiting(&self) -> usize {
        self.asked.len()
    }

    /// Says something in a room it follows; [`Client::flush`] sends it.
    pub(crate) fn say(&mut self, room: usize, nanos: u64) {
        let place = self.place_of(room).expect("scenarios let members speak");
        let stamp = Stamp {
            sender: self.number,
            number: self.said[place],
            nanos,
        };
        self.said[place] += 1;
        let payload = serde_json::json!({
            "roomId": self.names[room],
            "clientId": format!("{:x}-{}-{}", self.life, stamp.sender, self.next_request),
            "content": stamp.content(),
        });
        self.ask("send_message", &payload, nanos);
    }

    fn ask(&mut self, event: &str, payload: &serde_json::Value, nanos: u64) {
        let request = self.next_request;
        self.next_request += 1;
        self.asked.push_back((request, nanos));
        let text = format!(r#"42{request}["{event}",{payload}]"#);
        wire::put_text(&mut self.unwritten, text.as_bytes());
    }

    /// Writes what the socket takes of what is to be said.
    pub(crate) fn flush(&mut self) -> Result<()> {
        while !self.unwritten.is_empty() {
            match self.stream.write(&self.unwritten) {
                Ok(written) => drop(self.unwritten.drain(..written)),
                // The crowd is told when there is room again.
                Err(error) if is_patience(&error) => return Ok(()),
                Err(error) => return Err(failure_of(error)),
            }
        }
        Ok(())
    }

    /// Puts what is left of earlier reading in front; how much it is.
    pub(crate) fn take_begun(&mut self, buffer: &mut [u8]) -> usize {
        let begun = self.begun.len();
        buffer[..begun].copy_from_slice(&self.begun);
        self.begun.clear();
        begun
    }

    /// Understands all that has come, and keeps what is not whole.
    pub(crate) fn hear(
        &mut self,
        mut bytes: &[u8],
        now: u64,
        heard: &mut Heard,
        notices: &mut Vec<(u32, Notice)>,
    ) -> Result<()> {
        if self.stage == Stage::Upgrading {
            let Some(taken) = wire::upgraded(bytes)? else {
                self.begun.extend_from_slice(bytes);
                return Ok(());
            };
            bytes = &bytes[taken..];
            self.stage = Stage::Opening;
        }
        while let Some((frame, taken)) = wire::first_frame(bytes)? {
            match frame {
                Frame::Text(text) => match wire::packet(text) {
                    Packet::Delivery(frame) => {
                        heard.bytes += taken as u64;
                        let place = self.place_of_frame(frame)?;
                        self.take_delivery(place, frame, now, heard, notices)?;
                    }
                    Packet::Acknowledgement { answer, .. } if self.stage == Stage::Resuming => {
                        for (place, frame) in place::resume(&mut self.places, answer)? {
                            self.take_delivery(place, &frame, now, heard, notices)?;
                        }
                        self.asked.clear();
                        self.be_ready(notices);
                    }
                    packet => self.take_packet(packet, now, notices)?,
                },
                Frame::Close(_) if self.stage != Stage::Ready => return Err(Failure::HungUp),
                Frame::Close(why) => {
                    let why = String::from_utf8_lossy(why.get(2..).unwrap_or_default());
                    return Err(Failure::Protocol(format!("a connection was closed: {why}")));
                }
                Frame::Control => {}
            }
            bytes = &bytes[taken..];
        }
        self.begun.extend_from_slice(bytes);
        Ok(())
    }

    fn take_delivery(
        &mut self,
        place: usize,
        frame: &[u8],
        now: u64,
        heard: &mut Heard,
        notices: &mut Vec<(u32, Notice)>,
    ) -> Result<()> {
        heard.deliveries += 1;
        if let Some(place) = &mut self.places[place] {
            place.pass(frame)?;
        }
        self.feeds[place].hear(frame);
        let timed = match self.timed {
            Timed::All => true,
            Timed::OneIn(many) => heard.deliveries.is_multiple_of(many),
            Timed::None => false,
        };
        if !timed && !self.listens_to_itself {
            return Ok(());
        }
        // What has no stamp is told by the witness of its room.
        let Some(stamp) = Stamp::find(frame) else {
            return Ok(());
        };
        if timed {
            heard.nanos.push(now.saturating_sub(stamp.nanos));
        }
        if self.listens_to_itself && stamp.sender == self.number {
            notices.push((self.number, Notice::Echoed));
        }
        Ok(())
    }

    fn take_packet(
        &mut self,
        packet: Packet<'_>,
        now: u64,
        notices: &mut Vec<(u32, Notice)>,
    ) -> Result<()> {
        match packet {
            Packet::Ping => wire::put_text(&mut self.unwritten, b"3"),
            Packet::Open => {
                let connect = self.seat.token.as_ref().map_or_else(
                    || "40".to_owned(),
                    |token| format!("40{}", serde_json::json!({ "token": token })),
                );
                wire::put_text(&mut self.unwritten, connect.as_bytes());
            }
            Packet::Connected => self.take_up_rooms(now, notices),
            Packet::ConnectError(why) => {
                let why = String::from_utf8_lossy(why);
                return Err(Failure::Protocol(format!("CONNECT was refused: {why}")));
            }
            Packet::Acknowledgement { number, answer } => {
                return self.take_answer(number, answer, now, notices);
            }
            Packet::Reset => {
                let why = "a reader was too far behind, and its feed was ended";
                return Err(Failure::Protocol(why.to_owned()));
            }
            Packet::Delivery(_) | Packet::Other => {}
        }
        self.flush()
    }

    fn take_up_rooms(&mut self, now: u64, notices: &mut Vec<(u32, Notice)>) {
        let rooms = self.seat.rooms.iter().map(|&room| &self.names[room]);
        let known = self.places.iter().zip(rooms.clone());
        let known: Vec<_> = known
            .filter_map(|(place, room)| Some(place.as_ref()?.request(room)))
            .collect();
        if known.is_empty() {
            let joined = rooms.map(|room| serde_json::json!({ "roomId": room, "limit": 1 }));
            for payload in joined.collect::<Vec<_>>() {
                self.ask("join_room", &payload, now);
            }
            self.stage = Stage::Joining { answered: 0 };
            self.look_whether_ready(notices);
        } else {
            self.stage = Stage::Resuming;
            self.ask("resume", &serde_json::json!({ "rooms": known }), now);
        }
    }

    fn take_answer(
        &mut self,
        number: u32,
        answer: &[u8],
        now: u64,
        notices: &mut Vec<(u32, Notice)>,
    ) -> Result<()> {
        if memmem::find(answer, br#""ok":true"#).is_none() {
            let answer = String::from_utf8_lossy(answer);
            return Err(Failure::Protocol(format!(
                "a request was answered {answer}"
            )));
        }
        let found = self
            .asked
            .iter()
            .position(|(request, _)| *request == number);
        let Some((_, since)) = found.and_then(|place| self.asked.remove(place)) else {
            return Err(Failure::Protocol("an answer came twice".to_owned()));
        };
        if let Stage::Joining { answered } = &mut self.stage {
            *answered += 1;
            if self.remembers {
                // Joining is what it asks for first, in the order of its rooms.
                self.places[number as usize] = Some(Place::joined(answer)?);
            }
            self.look_whether_ready(notices);
        } else {
            let nanos = now.saturating_sub(since);
            notices.push((self.number, Notice::Acknowledged { nanos }));
        }
        Ok(())
    }

    fn look_whether_ready(&mut self, notices: &mut Vec<(u32, Notice)>) {
        let all = self.seat.rooms.len();
        if self.stage == (Stage::Joining { answered: all }) {
            self.be_ready(notices);
        }
    }

    fn be_ready(&mut self, notices: &mut Vec<(u32, Notice)>) {
        self.stage = Stage::Ready;
        notices.push((self.number, Notice::Ready));
    }

    fn place_of(&self, room: usize) -> Option<usize> {
        self.seat
            .rooms
            .iter()
            .position(|followed| *followed == room)
    }

    fn place_of_frame(&self, frame: &[u8]) -> Result<usize> {
        const BEFORE: &[u8] = br#""roomId":""#;
        if self.feeds.len() == 1 {
            return Ok(0);
        }
        let start = memmem::find(frame, BEFORE).map(|start| start + BEFORE.len());
        let id = start.and_then(|start| frame.get(start..));
        let place = id.and_then(|id| {
            let rooms = &self.seat.rooms;
            rooms
                .iter()
                .position(|&room| id.starts_with(self.names[room].as_bytes()))
        });
        place.ok_or_else(|| Failure::Protocol("a message of another room came".to_owned()))
    }
}

/// A reset line is a hung up one.
pub(crate) fn failure_of(error: io::Error) -> Failure {
    match error.kind() {
        io::ErrorKind::ConnectionReset | io::ErrorKind::BrokenPipe => Failure::HungUp,
        _ => error.into(),
    }
}

/// Whether the socket only asks to wait.
pub(crate) fn is_patience(error: &io::Error) -> bool {
    matches!(
        error.kind(),
        io::ErrorKind::WouldBlock | io::ErrorKind::NotConnected
    )
}
