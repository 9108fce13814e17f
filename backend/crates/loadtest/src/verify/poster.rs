//! A program that only sends, over REST, one message after the other, each until it is
//! acknowledged or refused, on whichever node answers.

use std::{
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::Duration,
};

use hyper::Method;
use serde_json::json;
use tokio::time::sleep;

use super::{
    dice::Dice,
    reading::{Message, number},
    record::{Attempt, ClientRecord, Outcome, PersonNumber, Send, SendId, SenderNumber},
    world::{World, ask},
};
use crate::client::Call;

/// Between tries of one message.
const TRY_AGAIN: Duration = Duration::from_millis(200);

pub(crate) struct Poster {
    world: Arc<World>,
    number: SenderNumber,
    person: PersonNumber,
    pause: Duration,
    dice: Dice,
    record: Arc<Mutex<ClientRecord>>,
    moments: u64,
}

impl Poster {
    pub(crate) fn new(
        world: &Arc<World>,
        number: SenderNumber,
        person: PersonNumber,
        pause: Duration,
        seed: u64,
    ) -> (Self, Arc<Mutex<ClientRecord>>) {
        let record = Arc::new(Mutex::new(ClientRecord {
            name: format!("{}'s program {}", world.people[person].name, number + 1),
            person,
            ..ClientRecord::default()
        }));
        let poster = Self {
            world: Arc::clone(world),
            number,
            person,
            pause,
            dice: Dice::of(seed, number),
            record: Arc::clone(&record),
            moments: 0,
        };
        (poster, record)
    }

    /// Until all is to be quiet, and what it began is settled.
    pub(crate) async fn run(mut self) {
        let quiet = self.world.quiet.clone();
        let over = self.world.over.clone();
        let pause = u64::try_from(self.pause.as_millis()).unwrap_or(u64::MAX);
        loop {
            let wait = self.dice.millis(0, pause.saturating_mul(2).max(2));
            if quiet.run_until_cancelled(sleep(wait)).await.is_none() {
                return;
            }
            let room = self.dice.place(self.world.rooms.len());
            if over.run_until_cancelled(self.post(room)).await.is_none() {
                return;
            }
        }
    }

    async fn post(&mut self, room: usize) {
        let id = SendId {
            sender: self.number,
            number: self.record().sends.len(),
        };
        let client_id = self.world.names.client_id(id);
        let content = format!("{client_id} posted");
        self.record().sends.push(Send {
            room,
            content: number(content.as_str()),
            attempts: Vec::new(),
        });
        let path = format!("/api/rooms/{}/messages", self.world.rooms[room].id);
        let body = json!({ "content": content, "clientId": client_id });
        loop {
            let door = self.dice.place(self.world.doors.len());
            let at = self.tick();
            self.record().sends[id.number].attempts.push(Attempt {
                at,
                connection: None,
                outcome: Outcome::Unknown,
            });
            let call = Call::new(Method::POST, path.as_str()).json(&body);
            let url = &self.world.doors[door].url;
            let answer = ask(url, &self.world.people[self.person].token, call).await;
            let at = self.tick();
            let outcome = match answer {
                None => Outcome::Unknown,
                Some(answer) if answer.status >= 500 => Outcome::Unknown,
                Some(answer) if matches!(answer.status, 200 | 201) => {
                    self.world.doors[door].count_acknowledged();
                    self.acknowledged(&answer.body, at)
                }
                Some(answer) => {
                    if answer.status == 401 {
                        let odd = || "a token that nobody ended was refused".to_owned();
                        self.record().note_odd(odd);
                    }
                    Outcome::Refused(answer.code().to_owned())
                }
            };
            let settled = match &outcome {
                Outcome::Acknowledged { .. } => true,
                Outcome::Refused(code) => code != "rate_limited",
                Outcome::Unknown => false,
            };
            if let Some(attempt) = self.record().sends[id.number].attempts.last_mut() {
                attempt.outcome = outcome;
            }
            if settled {
                return;
            }
            sleep(TRY_AGAIN).await;
        }
    }

    fn acknowledged(&self, body: &[u8], at: u64) -> Outcome {
        let message: Option<Message<'_>> = serde_json::from_slice(body).ok();
        message.map_or(Outcome::Unknown, |message| {
            let shown = self.world.names.shown(&message);
            Outcome::Acknowledged {
                seq: shown.seq,
                id: shown.id,
                at,
            }
        })
    }

    fn tick(&mut self) -> u64 {
        self.moments += 1;
        self.moments
    }

    fn record(&self) -> MutexGuard<'_, ClientRecord> {
        self.record.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
