//! A line to a server that can be made as bad as lines get: slow, narrow, standing still, cut in
//! the middle, closed on one side, or swallowing what is said into it.
//!
//! TCP turns loss into delay, so what is not cut is never changed: bytes arrive in order or the
//! connection breaks. Loopback only.

use std::{
    collections::BTreeMap,
    io,
    net::{Ipv4Addr, SocketAddr},
    sync::{
        Arc, Mutex, MutexGuard, PoisonError,
        atomic::{AtomicU64, Ordering},
    },
    time::Duration,
};

use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::{
        TcpListener, TcpSocket, TcpStream,
        tcp::{ReadHalf, WriteHalf},
    },
    sync::watch,
    task::AbortHandle,
    time::{sleep, timeout},
};
use tokio_util::task::TaskTracker;

use super::dice::Dice;

/// Bytes passed on at a time.
const CHUNK: usize = 16 * 1024;
/// Connections through one line; more are refused.
const LINKS: usize = 4096;
/// Connections the kernel keeps for us to accept.
const BACKLOG: u32 = 1024;
/// How long the server at the far end may take to take a connection.
const REACHING: Duration = Duration::from_secs(5);

/// What it is like on a line.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub(crate) struct Weather {
    /// Everything there is breaks, and so does everything that is tried.
    pub(crate) shut: bool,
    pub(crate) to_server: Flow,
    pub(crate) to_client: Flow,
}

/// What it is like in one direction.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub(crate) struct Flow {
    /// Nothing is read: the sender's window fills up. Nothing is lost.
    pub(crate) stopped: bool,
    pub(crate) delay: Duration,
    /// Up to so much more delay.
    pub(crate) jitter: Duration,
    pub(crate) bytes_per_second: Option<u32>,
    /// The connection breaks after so many bytes.
    pub(crate) cut_after: Option<usize>,
}

impl Weather {
    /// The same in both directions.
    pub(crate) fn both(flow: Flow) -> Self {
        Self {
            shut: false,
            to_server: flow,
            to_client: flow,
        }
    }

    pub(crate) fn shut() -> Self {
        Self {
            shut: true,
            ..Self::default()
        }
    }
}

/// A line. Ends, with everything on it, when dropped.
#[derive(Debug)]
pub(crate) struct Proxy {
    port: u16,
    line: Arc<Line>,
    accepting: AbortHandle,
}

#[derive(Debug)]
struct Line {
    /// The port of the server, when there is one.
    target: Mutex<Option<u16>>,
    weather: watch::Sender<Weather>,
    links: Mutex<BTreeMap<u64, watch::Sender<Fate>>>,
    made: AtomicU64,
    buffers: Option<u32>,
    tasks: TaskTracker,
}

/// What becomes of one connection, whatever the weather.
#[derive(Clone, Copy, Debug, PartialEq)]
enum Fate {
    Goes,
    /// Both ends get a reset.
    Breaks,
    /// This direction is closed; the other goes on.
    HalfCloses(Direction),
    /// What either end says is swallowed, and neither is told.
    Swallows,
}

#[derive(Clone, Copy, Debug, PartialEq)]
enum Direction {
    ToServer,
    ToClient,
}

/// The connection is to end with a reset.
struct Broken;

impl Proxy {
    /// A line to a server of this machine. With `buffers`, the kernel keeps no more than about so
    /// many bytes at each end, so that a client that does not read is soon felt.
    pub(crate) fn start(target: Option<u16>, buffers: Option<u32>) -> io::Result<Self> {
        let listener = listen(buffers)?;
        let port = listener.local_addr()?.port();
        let line = Arc::new(Line {
            target: Mutex::new(target),
            weather: watch::Sender::new(Weather::default()),
            links: Mutex::default(),
            made: AtomicU64::new(0),
            buffers,
            tasks: TaskTracker::new(),
        });
        let accepting = line.tasks.spawn(accept(listener, Arc::clone(&line)));
        Ok(Self {
            port,
            line,
            accepting: accepting.abort_handle(),
        })
    }

    pub(crate) fn port(&self) -> u16 {
        self.port
    }

    /// Where new connections go from now on.
    pub(crate) fn lead_to(&self, target: Option<u16>) {
        *lock(&self.line.target) = target;
    }

    pub(crate) fn set(&self, weather: Weather) {
        self.line.weather.send_replace(weather);
        if weather.shut {
            self.reset_all();
        }
    }

    /// Fair weather. Connections that have swallowed something cannot go on and break.
    pub(crate) fn mend(&self) {
        self.set(Weather::default());
        for fate in lock(&self.line.links).values() {
            fate.send_if_modified(|fate| {
                let lost = *fate == Fate::Swallows;
                if lost {
                    *fate = Fate::Breaks;
                }
                lost
            });
        }
    }

    /// Breaks every connection there is.
    pub(crate) fn reset_all(&self) {
        for fate in lock(&self.line.links).values() {
            fate.send_replace(Fate::Breaks);
        }
    }

    /// Closes one direction of every connection, whichever it is.
    pub(crate) fn half_close(&self, dice: &mut Dice) {
        for fate in lock(&self.line.links).values() {
            let direction = if dice.one_in(2) {
                Direction::ToServer
            } else {
                Direction::ToClient
            };
            fate.send_replace(Fate::HalfCloses(direction));
        }
    }

    /// Makes about half of the connections swallow what is said.
    pub(crate) fn swallow(&self, dice: &mut Dice) {
        for fate in lock(&self.line.links).values() {
            if dice.one_in(2) {
                fate.send_replace(Fate::Swallows);
            }
        }
    }
}

impl Drop for Proxy {
    fn drop(&mut self) {
        self.accepting.abort();
        self.reset_all();
    }
}

fn listen(buffers: Option<u32>) -> io::Result<TcpListener> {
    let socket = TcpSocket::new_v4()?;
    if let Some(bytes) = buffers {
        // What is accepted inherits them.
        socket.set_recv_buffer_size(bytes)?;
        socket.set_send_buffer_size(bytes)?;
    }
    socket.bind(SocketAddr::from((Ipv4Addr::LOCALHOST, 0)))?;
    socket.listen(BACKLOG)
}

async fn accept(listener: TcpListener, line: Arc<Line>) {
    loop {
        let Ok((near, _peer)) = listener.accept().await else {
            // Out of files, most likely: some will be closed.
            sleep(Duration::from_millis(50)).await;
            continue;
        };
        let refused = line.weather.borrow().shut || lock(&line.links).len() >= LINKS;
        if refused {
            reset(&near);
            continue;
        }
        let number = line.made.fetch_add(1, Ordering::Relaxed);
        let (fate, watched) = watch::channel(Fate::Goes);
        lock(&line.links).insert(number, fate);
        let own = Arc::clone(&line);
        line.tasks.spawn(async move {
            carry(near, &own, watched, number).await;
            lock(&own.links).remove(&number);
        });
    }
}

async fn carry(mut near: TcpStream, line: &Line, mut fate: watch::Receiver<Fate>, number: u64) {
    let target = *lock(&line.target);
    let reaching = timeout(REACHING, reach(target, line.buffers));
    let Ok(Ok(mut far)) = reaching.await else {
        reset(&near);
        return;
    };
    // All delay is to be ours. A socket that is gone already says so when it is read.
    let _ = (near.set_nodelay(true), far.set_nodelay(true));
    let broken = {
        let (near_read, near_write) = near.split();
        let (far_read, far_write) = far.split();
        let pump = |direction| Pump {
            direction,
            weather: line.weather.subscribe(),
            fate: fate.clone(),
            dice: Dice::of(number, direction as usize),
            passed: 0,
        };
        let to_server = pump(Direction::ToServer);
        let to_client = pump(Direction::ToClient);
        tokio::select! {
            outcome = async {
                tokio::try_join!(
                    to_server.run(near_read, far_write),
                    to_client.run(far_read, near_write),
                )
            } => outcome.is_err(),
            _ = fate.wait_for(|fate| *fate == Fate::Breaks) => true,
        }
    };
    if broken {
        reset(&near);
        reset(&far);
    }
}

async fn reach(target: Option<u16>, buffers: Option<u32>) -> io::Result<TcpStream> {
    let port = target.ok_or(io::ErrorKind::ConnectionRefused)?;
    let socket = TcpSocket::new_v4()?;
    if let Some(bytes) = buffers {
        socket.set_recv_buffer_size(bytes)?;
    }
    socket
        .connect(SocketAddr::from((Ipv4Addr::LOCALHOST, port)))
        .await
}

/// Has the kernel send a reset when the socket is dropped.
fn reset(stream: &TcpStream) {
    // One that is gone already needs none.
    let _ = stream.set_zero_linger();
}

/// One direction of one connection.
struct Pump {
    direction: Direction,
    weather: watch::Receiver<Weather>,
    fate: watch::Receiver<Fate>,
    dice: Dice,
    /// Bytes since they were last without a limit.
    passed: usize,
}

impl Pump {
    /// Ends well when this direction is closed, by whoever.
    async fn run(mut self, mut from: ReadHalf<'_>, mut to: WriteHalf<'_>) -> Result<(), Broken> {
        let mut buffer = vec![0; CHUNK];
        loop {
            let flow = self.flowing().await;
            if *self.fate.borrow_and_update() == Fate::HalfCloses(self.direction) {
                // The far end may have gone.
                let _ = to.shutdown().await;
                return Ok(());
            }
            let most = flow.bytes_per_second.map_or(CHUNK, |bytes| {
                // Ten portions a second.
                usize::try_from(bytes / 10).map_or(CHUNK, |portion| portion.clamp(1, CHUNK))
            });
            let read = tokio::select! {
                read = from.read(&mut buffer[..most]) => read.map_err(|_gone| Broken)?,
                changed = self.fate.changed() => match changed {
                    Ok(()) => continue,
                    Err(_ended) => return Err(Broken),
                },
            };
            if *self.fate.borrow() == Fate::Swallows {
                if read == 0 {
                    // Nobody is told of this either; mending breaks it.
                    std::future::pending::<()>().await;
                }
                continue;
            }
            // It may have stopped while this was waited for.
            let flow = self.flowing().await;
            if read == 0 {
                let _ = to.shutdown().await;
                return Ok(());
            }
            self.hold_back(flow, read).await;
            self.pass(flow, &buffer[..read], &mut to).await?;
        }
    }

    /// Waits while nothing flows.
    async fn flowing(&mut self) -> Flow {
        let direction = self.direction;
        let flow = |weather: &Weather| match direction {
            Direction::ToServer => weather.to_server,
            Direction::ToClient => weather.to_client,
        };
        match self.weather.wait_for(|now| !flow(now).stopped).await {
            Ok(now) => flow(&now),
            // The line is being taken down, and breaks everything on it.
            Err(_ended) => Flow::default(),
        }
    }

    async fn hold_back(&mut self, flow: Flow, bytes: usize) {
        let jitter = u64::try_from(flow.jitter.as_millis()).unwrap_or(u64::MAX);
        let mut wait = flow.delay + self.dice.millis(0, jitter.max(1));
        if let Some(per_second) = flow.bytes_per_second {
            let bytes = u32::try_from(bytes).expect("a chunk is small");
            wait += Duration::from_secs(1) * bytes / per_second.max(1);
        }
        if !wait.is_zero() {
            sleep(wait).await;
        }
    }

    async fn pass(
        &mut self,
        flow: Flow,
        bytes: &[u8],
        to: &mut WriteHalf<'_>,
    ) -> Result<(), Broken> {
        let Some(limit) = flow.cut_after else {
            self.passed = 0;
            return to.write_all(bytes).await.map_err(|_gone| Broken);
        };
        let left = limit.saturating_sub(self.passed);
        self.passed += bytes.len();
        let part = &bytes[..bytes.len().min(left)];
        to.write_all(part).await.map_err(|_gone| Broken)?;
        if part.len() < bytes.len() {
            return Err(Broken);
        }
        Ok(())
    }
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    // Nothing here is left half changed, so a panic elsewhere spoils nothing.
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A server that sends back what it gets, and a line to it.
    async fn echo() -> Proxy {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await.unwrap();
        let port = listener.local_addr().unwrap().port();
        let proxy = Proxy::start(Some(port), None).unwrap();
        proxy.line.tasks.spawn(async move {
            let tasks = TaskTracker::new();
            while let Ok((mut stream, _peer)) = listener.accept().await {
                tasks.spawn(async move {
                    let (mut from, mut to) = stream.split();
                    let _ = tokio::io::copy(&mut from, &mut to).await;
                    let _ = to.shutdown().await;
                });
            }
        });
        proxy
    }

    async fn connect(proxy: &Proxy) -> TcpStream {
        TcpStream::connect((Ipv4Addr::LOCALHOST, proxy.port()))
            .await
            .unwrap()
    }

    async fn comes_back(stream: &mut TcpStream, what: &[u8]) {
        stream.write_all(what).await.unwrap();
        let mut back = vec![0; what.len()];
        stream.read_exact(&mut back).await.unwrap();
        assert_eq!(back, what);
    }

    async fn is_reset(stream: &mut TcpStream) {
        let error = stream.read_u8().await.unwrap_err();
        assert_eq!(error.kind(), io::ErrorKind::ConnectionReset);
    }

    fn stopped() -> Weather {
        Weather::both(Flow {
            stopped: true,
            ..Flow::default()
        })
    }

    #[tokio::test]
    async fn in_bad_weather_nothing_is_changed_or_lost() {
        let proxy = echo().await;
        let mut stream = connect(&proxy).await;
        let long: Vec<u8> = (0..100_000_u32).map(|at| at.to_le_bytes()[0]).collect();
        comes_back(&mut stream, &long).await;
        proxy.set(Weather::both(Flow {
            delay: Duration::from_millis(1),
            jitter: Duration::from_millis(3),
            bytes_per_second: Some(3_000_000),
            ..Flow::default()
        }));
        comes_back(&mut stream, &long).await;
        proxy.set(stopped());
        stream.write_all(b"waiting").await.unwrap();
        assert!(stream.try_read(&mut [0; 7]).is_err(), "nothing moves");
        proxy.mend();
        let mut back = [0; 7];
        stream.read_exact(&mut back).await.unwrap();
        assert_eq!(&back, b"waiting");
    }

    #[tokio::test]
    async fn a_shut_line_resets_what_there_is_and_what_is_tried() {
        let proxy = echo().await;
        let mut stream = connect(&proxy).await;
        comes_back(&mut stream, b"hello").await;
        proxy.set(Weather::shut());
        is_reset(&mut stream).await;
        is_reset(&mut connect(&proxy).await).await;
        proxy.mend();
        comes_back(&mut connect(&proxy).await, b"hello").await;
        proxy.lead_to(None);
        is_reset(&mut connect(&proxy).await).await;
    }

    #[tokio::test]
    async fn a_line_breaks_after_as_many_bytes_as_it_was_told() {
        let proxy = echo().await;
        proxy.set(Weather {
            to_client: Flow {
                cut_after: Some(10),
                ..Flow::default()
            },
            ..Weather::default()
        });
        let mut stream = connect(&proxy).await;
        stream.write_all(b"0123456789abcdef").await.unwrap();
        let mut back = Vec::new();
        let error = stream.read_to_end(&mut back).await.unwrap_err();
        assert_eq!(error.kind(), io::ErrorKind::ConnectionReset);
        assert!(back.len() <= 10, "{back:?}");
    }

    #[tokio::test]
    async fn what_was_swallowed_is_never_heard_and_mending_breaks_the_connection() {
        let proxy = echo().await;
        let mut stream = connect(&proxy).await;
        comes_back(&mut stream, b"hello").await;
        for fate in lock(&proxy.line.links).values() {
            fate.send_replace(Fate::Swallows);
        }
        stream.write_all(b"lost").await.unwrap();
        proxy.mend();
        is_reset(&mut stream).await;
    }

    #[tokio::test]
    async fn half_a_connection_can_be_closed() {
        let proxy = echo().await;
        let mut stream = connect(&proxy).await;
        comes_back(&mut stream, b"hello").await;
        for fate in lock(&proxy.line.links).values() {
            fate.send_replace(Fate::HalfCloses(Direction::ToClient));
        }
        assert_eq!(stream.read(&mut [0; 1]).await.unwrap(), 0);
        stream.write_all(b"into the void").await.unwrap();
    }
}
