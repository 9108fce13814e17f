//! Carrying out a plan: breaking what it says, and mending it after.

use std::{collections::BTreeMap, sync::Arc, time::Duration};

use tokio::{
    sync::Mutex,
    time::{Instant, sleep, sleep_until, timeout},
};
use tokio_util::{sync::CancellationToken, task::TaskTracker};

use super::{
    busy::Busy,
    client::{Handle, Order},
    dice::Dice,
    local::{Broken, Cluster, Node},
    plan::{Kind, Plan, Step},
    proxy::{Flow, Proxy, Weather},
    world::World,
};

/// How long an acknowledgement is waited for, to kill a node after it.
const UNTOLD: Duration = Duration::from_secs(4);
/// So many: the first may be of something that was told before the line was cut.
const ACKNOWLEDGEMENTS: u64 = 3;
/// How long answers are held up before a node is killed.
const HELD_UP: Duration = Duration::from_millis(400);
/// Sends at once, of all who are not held up, so that there is something to fall behind of. Some of it
/// the kernel takes; the rest is more than a node keeps at hand, and less than it gives up on.
const BURST: usize = 1000;
/// The same on somebody else's cluster, where rates apply.
const GENTLE_BURST: usize = 100;
const FEW_BYTES_PER_SECOND: u32 = 30_000;

/// Breaks things. What it tells of each fault goes to `tell`.
pub(crate) struct Injector {
    pub(crate) world: Arc<World>,
    pub(crate) cluster: Option<Arc<Cluster>>,
    pub(crate) clients: Vec<Handle>,
    pub(crate) busy: Busy,
    pub(crate) tell: Arc<dyn Fn(&str) + std::marker::Send + Sync>,
    pub(crate) done: Mutex<BTreeMap<Kind, u64>>,
    pub(crate) trouble: Mutex<Option<Broken>>,
    /// No new faults.
    pub(crate) stop: CancellationToken,
}

impl Injector {
    /// Carries out the plan; returns when all of it is mended. When it is stopped, it begins
    /// nothing new.
    pub(crate) async fn carry_out(self: &Arc<Self>, plan: &Plan) {
        let begun = Instant::now();
        let tasks = TaskTracker::new();
        for (number, step) in plan.steps.iter().enumerate() {
            let due = sleep_until(begun + step.at);
            if self.stop.run_until_cancelled(due).await.is_none() {
                break;
            }
            let own = Arc::clone(self);
            let step = *step;
            let dice = Dice::of(plan.seed, number);
            let parts = plan.parts(step);
            let over = self.world.over.clone();
            tasks.spawn(async move {
                let holding = own.stop.run_until_cancelled(own.busy.hold(parts));
                let Some(_held) = holding.await else { return };
                let now = own.world.now().as_secs_f64();
                (own.tell)(&format!("{now:>8.1} s  {step}"));
                // When the run is over, the whole cluster is mended or taken down.
                let outcome = over
                    .run_until_cancelled(own.carry_out_one(step, dice))
                    .await;
                match outcome {
                    Some(Ok(())) => *own.done.lock().await.entry(step.kind).or_default() += 1,
                    Some(Err(trouble)) => {
                        own.trouble.lock().await.get_or_insert(trouble);
                        own.stop.cancel();
                    }
                    None => {}
                }
            });
        }
        tasks.close();
        tasks.wait().await;
    }

    async fn carry_out_one(&self, step: Step, dice: Dice) -> Result<(), Broken> {
        let lasting = step.lasting;
        match step.kind {
            Kind::SlowReader => {
                self.clients[step.target].order(Order::StopReading(lasting));
                self.burst(|client| client == step.target);
                sleep(lasting).await;
            }
            Kind::CrashClient => self.clients[step.target].order(Order::Crash),
            Kind::OtherHistory => self.clients[step.target].order(Order::ForgetHistory),
            _ => {
                let cluster = self.cluster.as_deref();
                let cluster = cluster.expect("other faults are planned for clusters of our own");
                self.break_cluster(cluster, step, dice).await?;
            }
        }
        Ok(())
    }

    async fn break_cluster(
        &self,
        cluster: &Cluster,
        step: Step,
        mut dice: Dice,
    ) -> Result<(), Broken> {
        let lasting = step.lasting;
        let node = &cluster.nodes[step.target];
        match step.kind {
            Kind::KillNode => {
                node.kill().await;
                sleep(lasting).await;
                node.start().await?;
            }
            Kind::KillUntold => self.kill_untold(node, step).await?,
            Kind::KillUnanswered => {
                node.door.set(Weather {
                    to_client: stopped(),
                    ..Weather::default()
                });
                sleep(HELD_UP).await;
                node.kill().await;
                node.door.mend();
                sleep(lasting).await;
                node.start().await?;
            }
            Kind::PauseNode => {
                node.pause().await;
                sleep(lasting).await;
                node.go_on().await;
            }
            Kind::RollingRestart => {
                for node in &cluster.nodes {
                    node.stop().await;
                    node.start().await?;
                }
            }
            Kind::KillRedis => {
                cluster.kill_redis().await;
                sleep(lasting).await;
                cluster.start_redis().await?;
            }
            Kind::PauseRedis => {
                cluster.pause_redis().await;
                sleep(lasting).await;
                cluster.let_redis_go_on().await;
            }
            Kind::CrashPostgres => {
                cluster.crash_postgres().await;
                sleep(lasting).await;
                cluster.start_postgres().await?;
            }
            Kind::ResetEverybody => {
                for node in &cluster.nodes {
                    node.door.reset_all();
                }
            }
            Kind::ResetClients => node.door.reset_all(),
            Kind::HalfCloseClients => node.door.half_close(&mut dice),
            Kind::LoseClients => {
                node.door.swallow(&mut dice);
                sleep(lasting).await;
                node.door.mend();
            }
            _ => self.spoil(node, step, dice).await,
        }
        Ok(())
    }

    /// Bad weather on some of a node's lines.
    async fn spoil(&self, node: &Node, step: Step, mut dice: Dice) {
        let bad = |flow: Flow| Weather::both(flow);
        let slow = Flow {
            delay: dice.millis(10, 120),
            jitter: dice.millis(10, 200),
            ..Flow::default()
        };
        let breaking = Flow {
            cut_after: Some(200 + dice.place(20_000)),
            ..Flow::default()
        };
        let (lines, weather): (&[&Proxy], Weather) = match step.kind {
            Kind::CutRedis => (&[&node.to_redis], Weather::shut()),
            Kind::CutPostgres => (&[&node.to_postgres], Weather::shut()),
            Kind::CutBoth => (&[&node.to_redis, &node.to_postgres], Weather::shut()),
            Kind::SilenceRedis => (&[&node.to_redis], bad(stopped())),
            Kind::SilencePostgres => (&[&node.to_postgres], bad(stopped())),
            Kind::SlowRedis => (&[&node.to_redis], bad(slow)),
            Kind::SlowPostgres => (&[&node.to_postgres], bad(slow)),
            Kind::BreakRedis => (&[&node.to_redis], bad(breaking)),
            Kind::BreakPostgres => (&[&node.to_postgres], bad(breaking)),
            Kind::StallClients => (&[&node.door], bad(stopped())),
            Kind::DelayClients => (&[&node.door], bad(slow)),
            Kind::BreakClients => (&[&node.door], bad(breaking)),
            Kind::NarrowClients => {
                let narrow = Flow {
                    bytes_per_second: Some(FEW_BYTES_PER_SECOND),
                    ..Flow::default()
                };
                let weather = Weather {
                    to_client: narrow,
                    ..Weather::default()
                };
                (&[&node.door], weather)
            }
            other => unreachable!("{other:?} is no weather"),
        };
        for line in lines {
            line.set(weather);
        }
        if matches!(step.kind, Kind::StallClients | Kind::NarrowClients) {
            self.burst(|client| self.clients[client].shared().door == Some(step.target));
        }
        sleep(step.lasting).await;
        for line in lines {
            line.mend();
        }
    }

    /// What the node stores now it tells nobody; somebody knows that it is stored.
    async fn kill_untold(&self, node: &Node, step: Step) -> Result<(), Broken> {
        node.to_redis.set(Weather::shut());
        let mut acknowledged = self.world.doors[step.target].acknowledged.subscribe();
        let enough = *acknowledged.borrow_and_update() + ACKNOWLEDGEMENTS;
        // A node that nobody reaches at the moment is killed all the same.
        let _ = timeout(UNTOLD, acknowledged.wait_for(|count| *count >= enough)).await;
        node.kill().await;
        node.to_redis.mend();
        sleep(step.lasting).await;
        node.start().await
    }

    /// Has those who are not held up send a lot at once.
    fn burst(&self, held_up: impl Fn(usize) -> bool) {
        // Every other client has many on their way.
        let busy = (0..self.clients.len()).step_by(2);
        let is_free =
            |client: &usize| self.clients[*client].shared().state.connected && !held_up(*client);
        let free: Vec<usize> = busy.filter(is_free).collect();
        let gentle = self.cluster.is_none();
        let burst = if gentle { GENTLE_BURST } else { BURST };
        for client in &free {
            self.clients[*client].order(Order::Burst(burst / free.len()));
        }
    }
}

fn stopped() -> Flow {
    Flow {
        stopped: true,
        ..Flow::default()
    }
}
