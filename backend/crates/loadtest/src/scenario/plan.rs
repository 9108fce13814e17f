//! A run as data: how many there are, and what each client does at which moment.
//!
//! Nothing here connects, waits or knows the time. A scenario is a row of usual
//! numbers; the options of a run change them where they mean something; the
//! plan hands every client its part.

use std::time::Duration;

use clap::ValueEnum;

use super::{
    LoadError, Options, Pace,
    schedule::{Breaks, Rhythm, Schedule},
};

/// A slow reader's receive buffer: the server feels it after few bytes.
const TINY_WINDOW: u32 = 4096;
/// For how long at most somebody is away whom a storm has thrown out.
const STORM_AWAY: Duration = Duration::from_millis(500);
/// The same for those who come and go; less than the grace after which others
/// are told that they left.
const CHURN_AWAY: Duration = Duration::from_secs(2);

/// What happens in a run.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum Scenario {
    /// Everybody in their rooms, sending at an even pace.
    Steady,
    /// The same, but all that is to be sent in a while is sent at its beginning.
    Burst,
    /// Everybody in one room.
    HotRoom,
    /// Every client follows many rooms, in each of which little happens.
    ManyRooms,
    /// All connections break at once, again and again, and come back.
    ReconnectStorm,
    /// Some read one message at a time through a tiny window, and later than it comes.
    SlowReaders,
    /// Connections end and begin all the time.
    Churn,
}

/// What a scenario is made of unless somebody asks for something else. What is
/// `None` means nothing in it.
struct Usual {
    rooms: u32,
    members: u32,
    follow: u32,
    rate: u32,
    every: Option<Duration>,
    /// Of a hundred clients, those who read slowly or come and go.
    share: Option<u32>,
    read_every: Option<Duration>,
}

impl Scenario {
    /// As it is called on the command line and in reports.
    pub fn name(self) -> &'static str {
        match self {
            Self::Steady => "steady",
            Self::Burst => "burst",
            Self::HotRoom => "hot-room",
            Self::ManyRooms => "many-rooms",
            Self::ReconnectStorm => "reconnect-storm",
            Self::SlowReaders => "slow-readers",
            Self::Churn => "churn",
        }
    }

    /// Sizes that leave two cores room for the server, its database and the clients.
    fn usual(self) -> Usual {
        let steady = Usual {
            rooms: 20,
            members: 50,
            follow: 1,
            rate: 200,
            every: None,
            share: None,
            read_every: None,
        };
        match self {
            Self::Steady => steady,
            Self::Burst => Usual {
                every: Some(Duration::from_secs(5)),
                ..steady
            },
            Self::HotRoom => Usual {
                rooms: 1,
                members: 1000,
                rate: 20,
                ..steady
            },
            Self::ManyRooms => Usual {
                rooms: 1000,
                members: 10,
                follow: 50,
                ..steady
            },
            Self::ReconnectStorm => Usual {
                rate: 100,
                every: Some(Duration::from_secs(10)),
                ..steady
            },
            Self::SlowReaders => Usual {
                rooms: 4,
                share: Some(10),
                read_every: Some(Duration::from_millis(200)),
                ..steady
            },
            Self::Churn => Usual {
                rate: 100,
                every: Some(Duration::from_secs(10)),
                share: Some(50),
                ..steady
            },
        }
    }
}

/// A whole run.
#[derive(Clone, Debug)]
pub(super) struct Plan {
    pub(super) scenario: Scenario,
    pub(super) rooms: usize,
    pub(super) members: usize,
    /// Rooms each client follows; the last one may follow fewer.
    follow: usize,
    pub(super) pace: Pace,
    pub(super) duration: Duration,
    senders: usize,
    /// How many clients, the last ones, read slowly or come and go.
    others: usize,
    every: Duration,
    read_every: Duration,
    reconnect: bool,
}

/// A place among the members of a room.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Seat {
    pub(super) room: usize,
    pub(super) place: usize,
}

/// What one client does, and when. Times count from the start of sending.
#[derive(Clone, Debug)]
pub(super) struct Part {
    pub(super) sends: Sends,
    /// When it leaves to come back.
    pub(super) breaks: Breaks,
    pub(super) reading: Reading,
    /// Whether it also comes back when its connection ends by itself.
    pub(super) comes_back: bool,
}

/// When a client sends.
#[derive(Clone, Debug)]
pub(super) enum Sends {
    Never,
    At(Schedule),
    /// Whenever fewer than so many wait for their acknowledgement, until the end.
    Saturating {
        in_flight: usize,
        until: Duration,
    },
}

/// How a client reads.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Reading {
    AtOnce,
    /// One message in `pause`, through a window of `window` bytes, until the end
    /// of sending; from then on as fast as it can.
    Slowly {
        pause: Duration,
        window: u32,
        until: Duration,
    },
}

impl Plan {
    /// The scenario as the options change it.
    pub(super) fn new(options: &Options) -> Result<Self, LoadError> {
        let scenario = options.scenario;
        let usual = scenario.usual();
        let (every, share) = (
            unless_meaningless("every", options.every, usual.every, scenario)?,
            unless_meaningless("share", options.share, usual.share, scenario)?,
        );
        let read_every =
            unless_meaningless("read-every", options.read_every, usual.read_every, scenario)?;
        let number = |given: Option<u32>, usual| given.unwrap_or(usual) as usize;
        let rooms = number(options.rooms, usual.rooms);
        let members = number(options.members, usual.members);
        let follow = number(
            options.follow,
            usual.follow.min(options.rooms.unwrap_or(u32::MAX)),
        );
        if follow > rooms {
            return Err(senseless(format!(
                "a client cannot follow {follow} rooms where there are {rooms}"
            )));
        }
        let clients = (rooms * members).div_ceil(follow);
        let others = (clients * share.unwrap_or(0) as usize).div_ceil(100);
        let able = match scenario {
            Scenario::SlowReaders => clients - others,
            _ => clients,
        };
        let senders = options.senders.map_or(able, |senders| senders as usize);
        if able == 0 {
            return Err(senseless("nobody sends where all read slowly".to_owned()));
        }
        if senders > able {
            return Err(senseless(format!(
                "{senders} clients cannot send where {able} can"
            )));
        }
        let plan = Self {
            scenario,
            rooms,
            members,
            follow,
            pace: options.pace.unwrap_or(Pace::PerSecond(usual.rate)),
            duration: options.duration,
            senders,
            others,
            every: every.unwrap_or_default(),
            read_every: read_every.unwrap_or_default(),
            reconnect: options.reconnect,
        };
        plan.checked()
    }

    fn checked(self) -> Result<Self, LoadError> {
        let breaks = matches!(self.scenario, Scenario::ReconnectStorm | Scenario::Churn);
        if breaks && self.every >= self.duration {
            return Err(senseless(format!(
                "nobody leaves every {:?} in a run of {:?}",
                self.every, self.duration
            )));
        }
        match (self.scenario, self.pace) {
            (Scenario::Burst, Pace::InFlight(_)) => Err(senseless(
                "a burst has a rate; it cannot saturate".to_owned(),
            )),
            (Scenario::Burst, Pace::PerSecond(rate)) if self.burst(rate) == 0 => {
                Err(senseless(format!(
                    "{rate} a second are less than one message in {:?}",
                    self.every
                )))
            }
            _ => Ok(self),
        }
    }

    pub(super) fn clients(&self) -> usize {
        (self.rooms * self.members).div_ceil(self.follow)
    }

    /// Where this client sits: neighbours sit in other rooms, so that any first
    /// or last ones of them are spread over all rooms.
    pub(super) fn seats(&self, client: usize) -> impl Iterator<Item = Seat> {
        let first = client * self.follow;
        let rooms = self.rooms;
        (first..(first + self.follow).min(rooms * self.members)).map(move |seat| Seat {
            room: seat % rooms,
            place: seat / rooms,
        })
    }

    /// Who sits there.
    pub(super) fn client_at(&self, seat: Seat) -> usize {
        (seat.place * self.rooms + seat.room) / self.follow
    }

    /// Which of so many addresses this client uses: another one than those before and after it in
    /// its room, so that each room is on all of them.
    pub(super) fn address(&self, client: usize, addresses: usize) -> usize {
        let seat = client * self.follow;
        (seat % self.rooms + seat / self.rooms) % addresses
    }

    pub(super) fn part(&self, client: usize) -> Part {
        let other = client >= self.clients() - self.others;
        let breaks = match self.scenario {
            Scenario::ReconnectStorm => Breaks::together(self.every, self.duration, STORM_AWAY),
            Scenario::Churn if other => {
                let turn = self.clients() - 1 - client;
                Breaks::in_turn(turn, self.others, self.every, self.duration, CHURN_AWAY)
            }
            _ => Breaks::never(),
        };
        let reading = match self.scenario {
            Scenario::SlowReaders if other => Reading::Slowly {
                pause: self.read_every,
                window: TINY_WINDOW,
                until: self.duration,
            },
            _ => Reading::AtOnce,
        };
        Part {
            sends: self.sends(client),
            breaks,
            comes_back: self.reconnect || reading != Reading::AtOnce,
            reading,
        }
    }

    fn sends(&self, client: usize) -> Sends {
        if client >= self.senders {
            return Sends::Never;
        }
        let rhythm = match self.pace {
            Pace::InFlight(in_flight) => {
                return Sends::Saturating {
                    in_flight: in_flight as usize,
                    until: self.duration,
                };
            }
            Pace::PerSecond(rate) if self.scenario == Scenario::Burst => Rhythm::Bursts {
                size: self.burst(rate),
                every: self.every,
            },
            Pace::PerSecond(rate) => Rhythm::Even { per_second: rate },
        };
        let (turn, of) = (client as u64, self.senders as u64);
        Sends::At(Schedule::in_turn(turn, of, rhythm, self.duration))
    }

    /// Messages of one burst, all clients together.
    fn burst(&self, rate: u32) -> u64 {
        let micros = u64::try_from(self.every.as_micros()).expect("a day at most");
        u64::from(rate) * micros / 1_000_000
    }
}

/// What was given, or what is usual; an error when it was given in vain.
fn unless_meaningless<T>(
    option: &str,
    given: Option<T>,
    usual: Option<T>,
    scenario: Scenario,
) -> Result<Option<T>, LoadError> {
    if given.is_some() && usual.is_none() {
        let name = scenario.name();
        return Err(senseless(format!("--{option} means nothing in {name}")));
    }
    Ok(given.or(usual))
}

fn senseless(why: String) -> LoadError {
    LoadError::Senseless(why)
}

#[cfg(test)]
mod tests {
    use std::collections::{BTreeMap, HashSet};

    use super::*;

    fn options(scenario: Scenario) -> Options {
        Options {
            scenario,
            duration: Duration::from_secs(30),
            ..Options::default()
        }
    }

    fn plan(options: &Options) -> Plan {
        Plan::new(options).unwrap()
    }

    fn refusal(options: &Options) -> String {
        Plan::new(options).unwrap_err().to_string()
    }

    #[test]
    fn every_scenario_has_a_sensible_usual_size() {
        for scenario in Scenario::value_variants() {
            let plan = plan(&options(*scenario));
            let sending = (0..plan.clients())
                .filter(|client| !matches!(plan.part(*client).sends, Sends::Never));
            assert!(sending.count() > 0, "nobody sends in {scenario:?}");
            let called = scenario.to_possible_value().unwrap();
            assert_eq!(called.get_name(), scenario.name());
        }
    }

    #[test]
    fn every_room_has_all_its_members_and_nobody_sits_in_one_twice() {
        for (rooms, members, follow) in [(20, 50, 1), (7, 5, 3), (3, 4, 3), (10, 3, 4)] {
            let plan = plan(&Options {
                rooms: Some(rooms),
                members: Some(members),
                follow: Some(follow),
                ..options(Scenario::ManyRooms)
            });
            let mut seats = BTreeMap::new();
            for client in 0..plan.clients() {
                let own: Vec<Seat> = plan.seats(client).collect();
                let rooms: HashSet<usize> = own.iter().map(|seat| seat.room).collect();
                assert!(!own.is_empty() && rooms.len() == own.len());
                for Seat { room, place } in own {
                    assert_eq!(plan.client_at(Seat { room, place }), client);
                    assert!(seats.insert((room, place), client).is_none());
                }
            }
            assert_eq!(seats.len(), (rooms * members) as usize);
            assert_eq!(
                seats.keys().last(),
                Some(&(rooms as usize - 1, members as usize - 1))
            );
        }
    }

    #[test]
    fn the_members_of_a_room_are_on_all_addresses() {
        for rooms in [1, 2, 3, 20] {
            let plan = plan(&Options {
                rooms: Some(rooms),
                members: Some(6),
                ..options(Scenario::Steady)
            });
            let mut used: BTreeMap<usize, HashSet<usize>> = BTreeMap::new();
            for client in 0..plan.clients() {
                for seat in plan.seats(client) {
                    used.entry(seat.room)
                        .or_default()
                        .insert(plan.address(client, 2));
                }
            }
            assert!(
                used.values().all(|addresses| addresses.len() == 2),
                "{rooms} rooms"
            );
        }
    }

    #[test]
    fn all_senders_together_send_at_the_rate() {
        for scenario in [Scenario::Steady, Scenario::Burst] {
            let plan = plan(&Options {
                senders: Some(7),
                pace: Some(Pace::PerSecond(30)),
                ..options(scenario)
            });
            let mut sends = 0;
            for client in 0..plan.clients() {
                if let Sends::At(schedule) = plan.part(client).sends {
                    sends += schedule.left();
                }
            }
            assert_eq!(sends, 30 * 30, "{scenario:?}");
        }
    }

    #[test]
    fn slow_readers_sit_in_every_room_and_only_read() {
        let plan = plan(&options(Scenario::SlowReaders));
        let mut rooms: BTreeMap<usize, usize> = BTreeMap::new();
        for client in 0..plan.clients() {
            let part = plan.part(client);
            if part.reading != Reading::AtOnce {
                assert!(matches!(part.sends, Sends::Never) && part.comes_back);
                for seat in plan.seats(client) {
                    *rooms.entry(seat.room).or_default() += 1;
                }
            }
        }
        assert_eq!(rooms, (0..4).map(|room| (room, 5)).collect());
    }

    #[test]
    fn a_storm_is_for_all_and_churn_for_some() {
        let leaving = |scenario| {
            let plan = plan(&options(scenario));
            let leaves = |client: &usize| plan.part(*client).breaks.next().is_some();
            (0..plan.clients()).filter(leaves).count()
        };
        assert_eq!(leaving(Scenario::ReconnectStorm), 1000);
        assert_eq!(leaving(Scenario::Churn), 500);
        assert_eq!(leaving(Scenario::Steady), 0);
    }

    #[test]
    fn what_makes_no_sense_is_refused_in_a_sentence() {
        let second = Some(Duration::from_secs(1));
        let steady = options(Scenario::Steady);
        let told = refusal(&Options {
            every: second,
            ..steady.clone()
        });
        assert_eq!(told, "--every means nothing in steady");
        let told = refusal(&Options {
            read_every: second,
            ..options(Scenario::Churn)
        });
        assert_eq!(told, "--read-every means nothing in churn");
        let told = refusal(&Options {
            rooms: Some(2),
            follow: Some(5),
            ..steady.clone()
        });
        assert_eq!(told, "a client cannot follow 5 rooms where there are 2");
        let told = refusal(&Options {
            senders: Some(1001),
            ..steady
        });
        assert_eq!(told, "1001 clients cannot send where 1000 can");
        let told = refusal(&Options {
            share: Some(100),
            ..options(Scenario::SlowReaders)
        });
        assert_eq!(told, "nobody sends where all read slowly");
        let told = refusal(&Options {
            every: Some(Duration::from_secs(30)),
            ..options(Scenario::ReconnectStorm)
        });
        assert_eq!(told, "nobody leaves every 30s in a run of 30s");
        let told = refusal(&Options {
            pace: Some(Pace::InFlight(1)),
            ..options(Scenario::Burst)
        });
        assert_eq!(told, "a burst has a rate; it cannot saturate");
        let told = refusal(&Options {
            pace: Some(Pace::PerSecond(1)),
            every: Some(Duration::from_millis(500)),
            ..options(Scenario::Burst)
        });
        assert_eq!(told, "1 a second are less than one message in 500ms");
    }
}
