//! A node: the chat, the socket and the engine as they ship, without a network.

use super::bus::BusEnd;
use super::store::DatabaseEnd;
use super::world::World;
use crate::auth::Passwords;
use crate::clock::Clock;
use crate::config::Http;
use crate::models::NodeId;
use crate::presence::LocalPresence;
use crate::services::limits::Limits;
use crate::services::{Chat, Parts, Policy};
use crate::simulation::{Dice, Pulse};
use crate::socket::Socket;
use crate::store::Store;
use crate::web::Front;
use bytes::Bytes;
use futures_util::future::BoxFuture;
use http::Method;
use http_body_util::{BodyExt, Full};
use realtime::Engine;
use std::net::{Ipv4Addr, SocketAddr};
use std::num::NonZeroU32;
use std::ops::RangeInclusive;
use std::sync::{Arc, Mutex};
use std::time::Duration;
use tokio::time::sleep;
use uuid::Uuid;

const GRACE: Duration = Duration::from_secs(5);
const TICK: Duration = Duration::from_millis(500);
/// Longer than any history.
const LONG: Duration = Duration::from_hours(24);

#[derive(Debug)]
pub(super) struct Node {
    pub(super) pulse: Arc<Pulse>,
    pub(super) bus: Arc<BusEnd>,
    pub(super) chat: Arc<Chat>,
    pub(super) engine: Engine,
}

impl Node {
    /// Starts a node; nothing when the database does not answer.
    pub(super) async fn start(world: &Arc<World>) -> Option<Arc<Self>> {
        let pulse = Arc::new(Pulse::new(world.next_node()));
        let number = pulse.number;
        let bus = BusEnd::new(world, &pulse);
        let store: Arc<dyn Store> = Arc::new(DatabaseEnd::new(world, &pulse));
        let clock: Arc<dyn Clock> = Arc::clone(world) as _;
        let parts = Parts {
            store,
            presence: Arc::new(LocalPresence::new(Arc::clone(&clock), GRACE)),
            bus: Arc::clone(&bus) as _,
            clock,
            passwords: Passwords::new(NonZeroU32::MIN),
            limits: Limits::off(),
            policy: Policy {
                registration_open: false,
                session_idle: LONG,
                session_lifetime: LONG,
                commit_shards: 2,
                one_of_many: true,
            },
            node: NodeId(Uuid::from_u128(number.into())),
        };
        let chat = Chat::open(parts).await.ok()?;
        let front = Arc::new(Front::new(Http::default()));
        let socket = Arc::new(Socket::new(Arc::clone(&chat), front));
        let mut dice = Dice::of(world.seed, 3_000 + number);
        let config = realtime::Config {
            // Little is kept, so that readers fall off it; nobody is asked whether they are there.
            tail_frames: 4,
            max_behind: 8 + dice.roll(20),
            backfill_page: 6,
            ping_interval: LONG,
            connect_timeout: LONG,
            ..realtime::Config::default()
        };
        let engine = Engine::new(config, socket);
        chat.feed().connect(engine.clone());
        let node = Arc::new(Self {
            pulse,
            bus,
            chat,
            engine,
        });
        node.work(world);
        world.add(Arc::clone(&node));
        Some(node)
    }

    /// What a server does again and again.
    fn work(self: &Arc<Self>, world: &World) {
        let spawn = |work: BoxFuture<'static, ()>| {
            let life = self.pulse.life().clone();
            world.tasks.spawn(life.run_until_cancelled_owned(work));
        };
        spawn(Box::pin(Arc::clone(&self.chat).spread_presence()));
        spawn(Box::pin(Arc::clone(&self.chat).listen()));
        let dice = Mutex::new(Dice::of(world.seed, 4_000 + self.pulse.number));
        let chance = move |range: RangeInclusive<f64>| {
            let part = dice.lock().unwrap().roll(1_000);
            let part = f64::from(u32::try_from(part).unwrap()) / 1_000.0;
            range.start() + part * (range.end() - range.start())
        };
        spawn(Box::pin(Arc::clone(&self.chat).keep_comparing(chance)));
        let node = Arc::clone(self);
        spawn(Box::pin(async move {
            loop {
                sleep(TICK).await;
                node.pulse.awake().await;
                node.chat.tick_presence().await;
            }
        }));
    }

    /// Answers a request, unless the node crashes.
    pub(super) async fn answer(
        &self,
        method: Method,
        session: &str,
        body: String,
    ) -> Option<Bytes> {
        let request = http::Request::builder()
            .method(method)
            .uri(format!("/socket.io/?EIO=4&transport=polling{session}"))
            .body(Full::new(Bytes::from(body)))
            .unwrap();
        let peer = SocketAddr::from((Ipv4Addr::LOCALHOST, 1));
        let answered = async {
            self.pulse.awake().await;
            let response = self.engine.handle(request, peer).await;
            let well = response.status().is_success();
            let body = response.into_body().collect().await.ok()?.to_bytes();
            self.pulse.awake().await;
            well.then_some(body)
        };
        let life = self.pulse.life();
        life.run_until_cancelled(answered).await.flatten()
    }

    /// The process is gone from one moment to the next.
    pub(super) fn crash(&self, world: &World) {
        world
            .judge
            .note(|| format!("node {} crashes", self.pulse.number));
        self.pulse.life().cancel();
    }
}
