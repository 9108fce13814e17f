//! What a client does while it is connected: it listens, and does what is due.

use std::time::Duration;

use serde_json::{Value, json};
use tokio::time::{Instant, sleep, sleep_until, timeout};

use super::{Asked, Client, Order, Parting, Place, WRITING};
use crate::{
    client::{Connection, Received},
    verify::{
        dice::Dice,
        reading::number,
        record::{Attempt, Outcome, RoomNumber, Send, SendId},
    },
};

/// The server's heartbeat, where it says nothing of one.
const USUAL_SILENCE: u64 = 45_000;
/// One of so many messages is blank, to be refused.
const BLANK: u64 = 150;
/// One of so many is long.
const LONG: u64 = 6;
/// One of so many is followed by leaving the room for a moment.
const LEAVING: u64 = 80;
/// One of so many is followed by an edit, a deletion or a reaction.
const CHANGING: u64 = 6;
/// One of so many is meant for a room that the client is not in.
const TRESPASSING: u64 = 5;
const FILLER: &str = "and then we went down to the harbour to look at the boats, as one does; ";

impl Client {
    /// Until the connection is given up. Ends well when the run is over.
    pub(super) async fn serve(
        &mut self,
        connection: &mut Connection,
        door: usize,
    ) -> Result<(), Parting> {
        self.connection += 1;
        {
            let mut shared = self.shared();
            shared.record.counts.connections += 1;
            shared.door = Some(door);
        }
        let silence = longest_silence(connection.handshake());
        let mut heard = Instant::now();
        self.take_up(connection).await?;
        let over = self.world.over.clone();
        loop {
            self.publish();
            let due = self.next_due().min(heard + silence);
            tokio::select! {
                () = over.cancelled() => return Ok(()),
                received = connection.receive() => {
                    heard = Instant::now();
                    match received? {
                        Received::Message(message) => self.hear(&message, door)?,
                        Received::Ping => {
                            let answering = timeout(WRITING, connection.answer_ping());
                            answering.await.map_err(|_elapsed| Parting::Silent)??;
                        }
                    }
                }
                Some(order) = self.orders.recv() => {
                    let before = Instant::now();
                    self.follow(order).await?;
                    // What it did not look at is no silence of the server.
                    heard += before.elapsed();
                }
                () = sleep_until(due) => {}
            }
            let now = Instant::now();
            let overdue = self
                .calls
                .values()
                .next()
                .is_some_and(|call| call.until < now);
            if overdue || heard + silence < now {
                return Err(Parting::Silent);
            }
            self.act(connection, now).await?;
        }
    }

    async fn follow(&mut self, order: Order) -> Result<(), Parting> {
        match order {
            Order::StopReading(time) => {
                let over = self.world.over.clone();
                over.run_until_cancelled(sleep(time)).await;
                for call in self.calls.values_mut() {
                    call.until += time;
                }
                Ok(())
            }
            Order::Crash => Err(Parting::Crashed),
            Order::ForgetHistory => {
                self.forgets_history = true;
                Err(Parting::Crashed)
            }
            Order::Burst(many) => {
                for _ in 0..many {
                    self.say_in(0);
                }
                Ok(())
            }
            Order::GoAway { politely } => Err(Parting::Gone { politely }),
        }
    }

    /// Asks for all rooms where they were left.
    async fn take_up(&mut self, connection: &mut Connection) -> Result<(), Parting> {
        let mut asked = Vec::new();
        let mut rooms = Vec::new();
        for room in 0..self.places.len() {
            if let Some((since, epoch)) = self.places[room].broken() {
                let epoch = if self.forgets_history {
                    "no history at all"
                } else {
                    epoch
                };
                asked.push((room, *since));
                rooms.push(json!({ "roomId": self.room_id(room), "since": since, "epoch": epoch }));
            }
        }
        if asked.is_empty() {
            self.served();
            return Ok(());
        }
        for (room, _since) in &asked {
            self.places[*room].ask();
        }
        self.shared().record.counts.resumes += 1;
        let payload = json!({ "rooms": rooms });
        self.call(connection, "resume", &payload, Asked::Resume(asked))
            .await
    }

    fn next_due(&self) -> Instant {
        let calls = self.calls.values().next().map(|call| call.until);
        let places = self.places.iter().filter_map(Place::ask_at);
        let held = self.outbox.held_until();
        let message = (!self.world.quiet.is_cancelled()).then_some(self.next_message);
        // A run that goes quiet is noticed soon enough.
        let at_latest = Instant::now() + Duration::from_secs(1);
        let all = calls.into_iter().chain(places).chain(held).chain(message);
        all.fold(at_latest, Instant::min)
    }

    async fn act(&mut self, connection: &mut Connection, now: Instant) -> Result<(), Parting> {
        for room in 0..self.places.len() {
            if self.places[room].ask_at().is_some_and(|at| at <= now) {
                self.join(connection, room).await?;
            }
        }
        if !self.world.quiet.is_cancelled() && self.next_message <= now {
            let pause = u64::try_from(self.temper.pause.as_millis()).unwrap_or(u64::MAX);
            self.next_message = now + self.dice.millis(0, pause.saturating_mul(2).max(2));
            let room = self.choose_room();
            self.say_in(room);
            self.do_something_else(connection).await?;
        }
        while let Some(number) = self.outbox.take(self.temper.in_flight, now) {
            self.send(connection, number).await?;
        }
        Ok(())
    }

    async fn join(&mut self, connection: &mut Connection, room: RoomNumber) -> Result<(), Parting> {
        // With its place it is told all that happened meanwhile; without, it begins anew.
        let known = self.places[room].last.clone();
        let known = known.filter(|_| self.dice.one_in(2));
        let mut payload = json!({ "roomId": self.room_id(room), "limit": 20 });
        if let Some((since, epoch)) = &known {
            payload["since"] = json!(since);
            payload["epoch"] = json!(epoch);
        }
        self.places[room].ask();
        let what = Asked::Join(room, known.map(|(since, _)| since));
        self.call(connection, "join_room", &payload, what).await
    }

    /// By their shares, among those it is in, most of the time.
    fn choose_room(&mut self) -> RoomNumber {
        let rooms = &self.world.rooms;
        let all: u64 = rooms.iter().map(|room| room.share).sum();
        let mut at = self.dice.below(all.max(1));
        let chosen = rooms.iter().position(|room| {
            let here = at < room.share;
            at = at.saturating_sub(room.share);
            here
        });
        let chosen = chosen.unwrap_or_default();
        if self.places[chosen].is_running() || self.dice.one_in(TRESPASSING) {
            chosen
        } else {
            0
        }
    }

    /// Puts a message into the outbox.
    fn say_in(&mut self, room: RoomNumber) {
        if self.outbox.is_full() {
            return;
        }
        let sent = self.shared().record.sends.len();
        let id = SendId {
            sender: self.number,
            number: sent,
        };
        let content = self.words(id);
        self.shared().record.sends.push(Send {
            room,
            content: number(content.as_str()),
            attempts: Vec::new(),
        });
        self.outbox.push(sent);
    }

    /// What a message of this client says, always the same for the same one.
    fn words(&self, id: SendId) -> String {
        let mut dice = Dice::new(number(&self.world.names.client_id(id)));
        if dice.one_in(BLANK) {
            return " ".to_owned();
        }
        let times = if dice.one_in(LONG) {
            20 + dice.below(60)
        } else {
            dice.below(3)
        };
        let times = usize::try_from(times).expect("few");
        let name = self.world.names.client_id(id);
        format!("{name} {}", FILLER.repeat(times))
    }

    async fn send(&mut self, connection: &mut Connection, sent: usize) -> Result<(), Parting> {
        let id = SendId {
            sender: self.number,
            number: sent,
        };
        let content = self.words(id);
        let at = self.tick();
        let room = {
            let number = self.connection;
            let mut shared = self.shared();
            let message = &mut shared.record.sends[sent];
            message.attempts.push(Attempt {
                at,
                connection: Some(number),
                outcome: Outcome::Unknown,
            });
            message.room
        };
        let payload = json!({
            "roomId": self.room_id(room),
            "clientId": self.world.names.client_id(id),
            "content": content,
        });
        self.call(connection, "send_message", &payload, Asked::Send(sent))
            .await
    }

    /// Its own clock: every attempt and every answer is a moment.
    pub(super) fn tick(&mut self) -> u64 {
        self.moments += 1;
        self.moments
    }

    /// Leaves a room for a moment, or changes a message of its own.
    async fn do_something_else(&mut self, connection: &mut Connection) -> Result<(), Parting> {
        if self.dice.one_in(LEAVING) {
            let room = self.dice.place(self.places.len());
            if self.places[room].is_running() {
                let payload = json!({ "roomId": self.room_id(room) });
                return self
                    .call(connection, "leave_room", &payload, Asked::Leave(room))
                    .await;
            }
        }
        if self.own.is_empty() || !self.dice.one_in(CHANGING) {
            return Ok(());
        }
        let place = self.dice.place(self.own.len());
        let (room, id) = self.own[place];
        let mut payload = json!({ "roomId": self.room_id(room), "messageId": id });
        let (event, what) = match self.dice.below(4) {
            0 => {
                payload["content"] = json!(format!("edited for the {}th time", self.moments));
                ("edit_message", Asked::Edit(room))
            }
            1 => {
                self.own.swap_remove(place);
                ("delete_message", Asked::Delete(room, id))
            }
            2 => {
                payload["emoji"] = json!("🚢");
                ("remove_reaction", Asked::Other)
            }
            _ => {
                payload["emoji"] = json!("🚢");
                ("add_reaction", Asked::Other)
            }
        };
        self.call(connection, event, &payload, what).await
    }
}

/// After which the server is gone, by what it said of its heartbeat.
fn longest_silence(handshake: &Value) -> Duration {
    let millis = |name: &str| handshake[name].as_u64();
    let heartbeat = millis("pingInterval").zip(millis("pingTimeout"));
    let silence = heartbeat.map_or(USUAL_SILENCE, |(interval, timeout)| interval + timeout);
    Duration::from_millis(silence)
}
