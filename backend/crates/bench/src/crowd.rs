//! All connections of the driver, on one thread.

use std::collections::VecDeque;
use std::io::{ErrorKind, Read};
use std::net::SocketAddr;
use std::rc::Rc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant};

use mio::net::TcpStream;
use mio::{Events, Interest, Poll, Token};

use crate::client::{Client, Heard, Notice, Seat, Timed, failure_of, is_patience};
use crate::failure::{Failure, Result};
use crate::ledger::{Verdict, judge};

/// One for all connections: much is read at once.
const READ_BUFFER: usize = 512 * 1024;
const EVENTS: usize = 1024;
/// For all connections to open and join, and for anything else that is waited for.
const PATIENCE: Duration = Duration::from_mins(2);
/// For deliveries that are still on their way when sending ends.
const SETTLING: Duration = Duration::from_secs(15);
/// In which a delivery that is one too many would come.
const QUIET: Duration = Duration::from_millis(200);

/// After which somebody who was turned away tries again, as the official client does.
const AWAY: Duration = Duration::from_secs(1);

/// How many crowds there were.
static LIVES: AtomicU64 = AtomicU64::new(0);

/// Where a crowd goes: who sits where, and what the rooms are called.
#[derive(Clone, Debug)]
pub(crate) struct Town {
    pub(crate) seats: Vec<Seat>,
    pub(crate) rooms: Vec<String>,
}

impl Town {
    /// Some of those who go there, and the others.
    pub(crate) fn split(mut self, first: usize) -> (Town, Town) {
        let others = Town {
            seats: self.seats.split_off(first),
            rooms: self.rooms.clone(),
        };
        (self, others)
    }
}

#[derive(Debug)]
pub(crate) struct Crowd {
    poll: Poll,
    events: Events,
    buffer: Vec<u8>,
    clients: Vec<Client>,
    heard: Heard,
    notices: Vec<(u32, Notice)>,
    began: Instant,
    life: u64,
    names: Rc<[String]>,
    /// Who of each room reads what it receives.
    witnesses: Vec<u32>,
    members: Vec<Vec<u32>>,
    /// Messages said in each room.
    said: Vec<u64>,
    unflushed: Vec<u32>,
    /// Whether those who come remember how far they have read.
    remembers: bool,
    /// Where those go who were cut off.
    back_to: Option<SocketAddr>,
    /// Who was turned away there, and when they try again.
    away: VecDeque<(Instant, usize)>,
    pub(crate) turned_away: u64,
}

impl Crowd {
    /// Nobody is connected yet.
    pub(crate) fn of(town: &Town) -> Result<Crowd> {
        let mut members = vec![Vec::new(); town.rooms.len()];
        for (number, seat) in (0..).zip(&town.seats) {
            for &room in &seat.rooms {
                members[room].push(number);
            }
        }
        Ok(Crowd {
            poll: Poll::new()?,
            events: Events::with_capacity(EVENTS),
            buffer: vec![0; READ_BUFFER],
            clients: Vec::new(),
            heard: Heard::default(),
            notices: Vec::new(),
            began: Instant::now(),
            life: LIVES.fetch_add(1, Ordering::Relaxed),
            names: town.rooms.clone().into(),
            witnesses: members
                .iter()
                .map(|all| all.last().copied().unwrap_or(u32::MAX))
                .collect(),
            said: vec![0; members.len()],
            members,
            unflushed: Vec::new(),
            remembers: false,
            back_to: None,
            away: VecDeque::new(),
            turned_away: 0,
        })
    }

    /// Opens connections and has them join their rooms, so many at a time; returns when all have.
    pub(crate) fn arrive(
        &mut self,
        address: SocketAddr,
        seats: &[Seat],
        at_once: usize,
    ) -> Result<()> {
        let by = Instant::now() + PATIENCE;
        let mut coming = seats.iter();
        let (mut under_way, mut arrived) = (0, 0);
        while arrived < seats.len() {
            while under_way < at_once
                && let Some(seat) = coming.next()
            {
                self.connect(address, seat.clone())?;
                under_way += 1;
            }
            self.turn(Some(by))?;
            let ready = self
                .notices
                .iter()
                .filter(|(_, notice)| *notice == Notice::Ready)
                .count();
            self.notices.clear();
            under_way -= ready;
            arrived += ready;
            if Instant::now() >= by {
                return Err(Failure::TimedOut("connecting and joining"));
            }
        }
        Ok(())
    }

    fn connect(&mut self, address: SocketAddr, seat: Seat) -> Result<()> {
        let number = u32::try_from(self.clients.len()).expect("ports end before that");
        let stream = self.open(address, self.clients.len())?;
        let names = Rc::clone(&self.names);
        let mut client = Client::new(stream, number, seat, names, self.life, &self.witnesses);
        client.remembers = self.remembers;
        client.upgrade(&address.to_string());
        self.clients.push(client);
        Ok(())
    }

    fn open(&self, address: SocketAddr, number: usize) -> Result<TcpStream> {
        let mut stream = TcpStream::connect(address)?;
        stream.set_nodelay(true)?;
        let interest = Interest::READABLE | Interest::WRITABLE;
        self.poll
            .registry()
            .register(&mut stream, Token(number), interest)?;
        Ok(stream)
    }

    /// Whoever comes keeps how far they have read, as those do who may be cut off.
    pub(crate) fn remember_places(&mut self) {
        self.remembers = true;
    }

    /// Resets all connections.
    pub(crate) fn cut(&mut self) -> Result<()> {
        for client in &self.clients {
            rustix::net::connect_unspec(&client.stream).map_err(std::io::Error::from)?;
        }
        Ok(())
    }

    /// Has all who were cut off open another connection, at once. Whoever is turned away tries
    /// again after a while.
    pub(crate) fn come_back(&mut self, address: SocketAddr) -> Result<()> {
        self.back_to = Some(address);
        for number in 0..self.clients.len() {
            self.reopen(address, number)?;
        }
        Ok(())
    }

    fn reopen(&mut self, address: SocketAddr, number: usize) -> Result<()> {
        let stream = self.open(address, number)?;
        self.clients[number].come_back(stream, &address.to_string());
        Ok(())
    }

    /// Has those try again who have waited; when the next ones have.
    fn try_again(&mut self) -> Result<Option<Instant>> {
        while let (Some(address), Some(&(due, number))) = (self.back_to, self.away.front()) {
            if due > Instant::now() {
                return Ok(Some(due));
            }
            self.away.pop_front();
            self.reopen(address, number)?;
        }
        Ok(None)
    }

    /// Nanoseconds since the crowd was made.
    pub(crate) fn now(&self) -> u64 {
        u64::try_from(self.began.elapsed().as_nanos()).unwrap_or(u64::MAX)
    }

    pub(crate) fn members(&self, room: usize) -> &[u32] {
        &self.members[room]
    }

    /// Has somebody say something; it leaves with the next turn.
    pub(crate) fn say(&mut self, who: u32, room: usize) {
        let now = self.now();
        self.clients[who as usize].say(room, now);
        self.said[room] += 1;
        self.unflushed.push(who);
    }

    /// How much was said in a room.
    pub(crate) fn said(&self, room: usize) -> u64 {
        self.said[room]
    }

    pub(crate) fn listen_to_itself(&mut self, who: u32) {
        self.clients[who as usize].listens_to_itself = true;
    }

    /// Has all deliveries of one room timed, and no others.
    pub(crate) fn time_only(&mut self, room: usize) {
        for client in &mut self.clients {
            client.timed = Timed::None;
        }
        for &who in &self.members[room] {
            self.clients[who as usize].timed = Timed::All;
        }
    }

    pub(crate) fn heard(&mut self) -> &mut Heard {
        &mut self.heard
    }

    /// What happened since it was asked last.
    pub(crate) fn take_notices(&mut self, into: &mut Vec<(u32, Notice)>) {
        into.append(&mut self.notices);
    }

    /// Sends what was said, waits until something comes or until `by`, and reads all of it.
    pub(crate) fn turn(&mut self, by: Option<Instant>) -> Result<()> {
        for who in self.unflushed.drain(..) {
            self.clients[who as usize].flush()?;
        }
        let by = self.try_again()?.into_iter().chain(by).min();
        let patience = by.map(|by| by.saturating_duration_since(Instant::now()));
        if let Err(error) = self.poll.poll(&mut self.events, patience)
            && error.kind() != ErrorKind::Interrupted
        {
            return Err(error.into());
        }
        for event in &self.events {
            let number = event.token().0;
            let client = &mut self.clients[number];
            if client.is_away() {
                continue;
            }
            let mut served = Ok(());
            if event.is_writable() {
                served = client.flush();
            }
            if event.is_readable() && served.is_ok() {
                let now = u64::try_from(self.began.elapsed().as_nanos()).unwrap_or(u64::MAX);
                let (heard, notices) = (&mut self.heard, &mut self.notices);
                served = read(client, &mut self.buffer, |client, bytes| {
                    client.hear(bytes, now, heard, notices)
                });
            }
            match served {
                Err(Failure::HungUp | Failure::Unavailable)
                    if self.back_to.is_some() && client.go_away() =>
                {
                    self.turned_away += 1;
                    self.away.push_back((Instant::now() + AWAY, number));
                }
                served => served?,
            }
        }
        Ok(())
    }

    /// Lets time pass, in which everything is read and nothing is said.
    pub(crate) fn rest(&mut self, time: Duration) -> Result<()> {
        let by = Instant::now() + time;
        while Instant::now() < by {
            self.turn(Some(by))?;
        }
        Ok(())
    }

    /// Waits for what is on its way, and judges all there was.
    pub(crate) fn settle(&mut self) -> Result<Verdict> {
        self.settle_within(SETTLING)
    }

    /// The same, with so much patience.
    pub(crate) fn settle_within(&mut self, patience: Duration) -> Result<Verdict> {
        let by = Instant::now() + patience;
        while Instant::now() < by && !self.all_has_come() {
            self.turn(Some(by))?;
        }
        self.rest(QUIET)?;
        let mut verdict = Verdict::default();
        for (room, members) in self.members.iter().enumerate() {
            let feeds = members.iter().filter_map(|&who| {
                let client = self.clients.get(who as usize)?;
                client.feed_of(room)
            });
            verdict.add(&judge(feeds, self.said[room]));
        }
        Ok(verdict)
    }

    /// Whether everybody has heard everything, and was answered.
    pub(crate) fn all_has_come(&self) -> bool {
        let expected: u64 = self
            .members
            .iter()
            .zip(&self.said)
            .map(|(all, said)| all.len() as u64 * said)
            .sum();
        self.heard.deliveries >= expected && self.clients.iter().all(|client| client.waiting() == 0)
    }
}

/// Reads until the socket has no more.
fn read(
    client: &mut Client,
    buffer: &mut [u8],
    mut hear: impl FnMut(&mut Client, &[u8]) -> Result<()>,
) -> Result<()> {
    loop {
        let begun = client.take_begun(buffer);
        match client.stream.read(&mut buffer[begun..]) {
            Ok(0) => return Err(Failure::HungUp),
            Ok(read) => {
                let all = begun + read;
                hear(client, &buffer[..all])?;
                // A socket that had less than was asked for is empty.
                if all < buffer.len() {
                    return Ok(());
                }
            }
            Err(error) if is_patience(&error) => {
                return hear(client, &buffer[..begun]);
            }
            Err(error) if error.kind() == ErrorKind::Interrupted => {}
            Err(error) => return Err(failure_of(error)),
        }
    }
}
