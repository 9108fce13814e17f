//! People: each with a device or two, which come and go as devices do.

use super::node::Node;
use super::world::{Mood, World};
use crate::models::{RoomId, Status, UserId};
use crate::presence::Presence;
use crate::simulation::Dice;
use std::collections::BTreeSet;
use std::sync::Arc;
use std::time::Duration;
use tokio::time::{sleep, timeout};
use tokio_util::sync::CancellationToken;
use uuid::Uuid;

/// Between two doings of a device, at most.
pub(super) const IDLE: Duration = Duration::from_secs(6);
/// How long it tries one node before it tries another.
const TRIES: Duration = Duration::from_secs(2);

pub(super) fn users() -> [UserId; 4] {
    [1, 2, 3, 4].map(|n| UserId(Uuid::from_u128(n)))
}

pub(super) fn rooms() -> [RoomId; 2] {
    [1, 2].map(|n| RoomId(Uuid::from_u128(n)))
}

/// Everybody comes.
pub(super) fn come(world: &Arc<World>) {
    let mut dice = Dice::of(world.seed, 10);
    let mut number = 0;
    for user in users() {
        for _ in 0..=dice.roll(2) {
            number += 1;
            let device = Device {
                world: Arc::clone(world),
                user,
                dice: Dice::of(world.seed, 100 + number),
                rooms: BTreeSet::new(),
            };
            world.tasks.spawn(device.live());
        }
    }
}

struct Device {
    world: Arc<World>,
    user: UserId,
    dice: Dice,
    /// Those it shows.
    rooms: BTreeSet<RoomId>,
}

/// A connection of a device, and what ends it.
struct Connection {
    id: u64,
    node: Arc<Node>,
    broken: CancellationToken,
}

impl Device {
    async fn live(mut self) {
        while self.world.mood() != Mood::Leaving {
            let Some(connection) = self.connect().await else {
                self.idle(Duration::from_secs(1)).await;
                continue;
            };
            let broken = connection.broken.clone();
            let by_itself = broken.run_until_cancelled(self.use_it(&connection)).await;
            self.part(&connection);
            if by_itself.is_some() {
                let away = self.time_away();
                sleep(away).await;
                self.until_lively().await;
            } else {
                // On whichever node it finds.
                self.idle(self.world.spans.grace / 2).await;
            }
        }
    }

    async fn connect(&mut self) -> Option<Connection> {
        let mut nodes = self.world.living();
        nodes.retain(|node| node.lets_in());
        let node = self.dice.pick(&nodes)?;
        timeout(TRIES, node.pulse.awake()).await.ok()?;
        if !node.lets_in() {
            return None;
        }
        let connection = Connection {
            id: self.world.next_connection(),
            broken: node.connections(),
            node,
        };
        let Connection { id, node, .. } = &connection;
        node.presence.connected(self.user, *id).await;
        self.world.judge.connected(*id, self.user, node.id());
        for room in self.rooms.clone() {
            self.enter(&connection, room).await;
        }
        Some(connection)
    }

    /// Until it is closed.
    async fn use_it(&mut self, connection: &Connection) {
        let (world, id, node) = (Arc::clone(&self.world), connection.id, &connection.node);
        loop {
            self.idle(IDLE).await;
            if world.mood() == Mood::Leaving {
                return;
            }
            node.pulse.awake().await;
            let room = self.dice.pick(&rooms()).expect("there are some");
            match self.dice.roll(8) {
                0 => {
                    node.presence.set_status(id, Status::Away).await;
                    world.judge.said(id, true);
                }
                1 => {
                    node.presence.set_status(id, Status::Online).await;
                    world.judge.said(id, false);
                }
                2..=4 => {
                    self.rooms.insert(room);
                    self.enter(connection, room).await;
                }
                5 => {
                    self.rooms.remove(&room);
                    world.judge.left(id, room);
                    node.presence.left(room, id).await;
                }
                _ => return,
            }
        }
    }

    async fn enter(&self, connection: &Connection, room: RoomId) {
        self.world.judge.entered(connection.id, room);
        connection.node.presence.entered(room, connection.id).await;
    }

    /// It has ended here; the node notices when it runs.
    fn part(&self, connection: &Connection) {
        let (id, node) = (connection.id, Arc::clone(&connection.node));
        self.world.judge.disconnected(id);
        self.world.tasks.spawn(async move {
            node.pulse.awake().await;
            node.presence.disconnected(id).await;
        });
    }

    /// Short of the grace, about as long, or much longer.
    fn time_away(&mut self) -> Duration {
        let grace = self.world.spans.grace;
        match self.dice.roll(4) {
            0 | 1 => self.dice.span(Duration::ZERO, grace / 2),
            2 => self.dice.span(grace / 2, grace * 2),
            _ => self.dice.span(grace, grace * 8),
        }
    }

    /// Some time, and for as long as nobody may do anything.
    async fn idle(&mut self, most: Duration) {
        let span = self.dice.span(Duration::from_millis(1), most);
        sleep(span).await;
        self.until_lively().await;
    }

    async fn until_lively(&self) {
        self.world.until(|| self.world.mood() != Mood::Still).await;
    }
}
