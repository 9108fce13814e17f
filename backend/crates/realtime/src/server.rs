//! A listener with the socket options and limits a server of many long connections needs.
//!
//! It knows nothing of the engine: it serves any HTTP service, and hands upgrades through.

use std::collections::HashMap;
use std::convert::Infallible;
use std::error::Error;
use std::io;
use std::net::{IpAddr, SocketAddr};
use std::sync::Arc;
use std::time::Duration;

use bytes::Buf;
use futures_util::FutureExt;
use hyper::body::Incoming;
use hyper::service::service_fn;
use hyper_util::rt::{TokioIo, TokioTimer};
use socket2::{SockRef, TcpKeepalive};
use tokio::net::{TcpListener, TcpSocket, TcpStream};
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;

use crate::lock;
use crate::sync::Mutex;

/// Connections that wait to be accepted; the kernel may allow fewer. When thousands come back at once,
/// whoever finds no room here has to try again.
const BACKLOG: u32 = 16 * 1024;
/// What the kernel keeps of written and unsent bytes (it doubles the number).
const SEND_BUFFER: usize = 128 * 1024;
/// How long written bytes may go unacknowledged by the peer's kernel.
const USER_TIMEOUT: Duration = Duration::from_secs(20);
/// From the first byte of a request to the end of its head.
const HEADER_TIMEOUT: Duration = Duration::from_secs(10);
/// The largest request head.
const MAX_HEAD: usize = 32 * 1024;
/// The most header fields.
const MAX_HEADERS: usize = 64;
/// After the process ran out of file descriptors or the like.
const ACCEPT_PAUSE: Duration = Duration::from_millis(50);

/// A TCP listener that serves HTTP/1.1 with upgrades.
///
/// The head of a request is at most 32 KiB and 64 fields and comes within 10 s. Written bytes are
/// acknowledged by the peer's kernel within 20 s (on Linux), and 128 KiB of them wait for that at
/// most, which the kernel doubles; a silent peer is probed from 30 s on.
#[derive(Debug)]
pub struct Server {
    listener: TcpListener,
    connections_per_address: Option<usize>,
}

impl Server {
    /// Listens on an address; port 0 takes a free one.
    #[expect(
        clippy::unused_async,
        reason = "to listen takes a runtime, which whoever awaits this has"
    )]
    pub async fn bind(address: SocketAddr) -> io::Result<Server> {
        let socket = match address {
            SocketAddr::V4(_) => TcpSocket::new_v4()?,
            SocketAddr::V6(_) => TcpSocket::new_v6()?,
        };
        // Else a server that was just stopped keeps the port for a while.
        socket.set_reuseaddr(true)?;
        socket.bind(address)?;
        let listener = socket.listen(BACKLOG)?;
        Ok(Server {
            listener,
            connections_per_address: None,
        })
    }

    /// Bounds the TCP connections from one address; more are closed at once.
    #[must_use]
    pub fn connections_per_address(mut self, most: Option<usize>) -> Server {
        self.connections_per_address = most;
        self
    }

    /// Where it listens.
    pub fn local_addr(&self) -> io::Result<SocketAddr> {
        self.listener.local_addr()
    }

    /// Serves until `stop`, then accepts no more and returns when the requests under way are
    /// answered. Bound that by a time-out: dropping the future drops the connections. Upgraded
    /// connections are not waited for, see [`crate::Engine::drain`].
    pub async fn serve<S, F, B>(self, service: S, stop: CancellationToken)
    where
        S: Fn(http::Request<Incoming>, SocketAddr) -> F + Clone + Send + 'static,
        F: Future<Output = http::Response<B>> + Send + 'static,
        B: http_body::Body + Send + 'static,
        B::Data: Buf + Send,
        B::Error: Into<Box<dyn Error + Send + Sync>>,
    {
        let tasks = TaskTracker::new();
        let dropped = CancellationToken::new();
        let _dropped = dropped.clone().drop_guard();
        let addresses = Arc::new(Addresses::default());
        loop {
            let accepted = tokio::select! {
                () = stop.cancelled() => break,
                accepted = self.listener.accept() => accepted,
            };
            let (stream, peer) = match accepted {
                Ok(accepted) => accepted,
                Err(error) => {
                    tracing::warn!(%error, "a connection could not be accepted");
                    tokio::time::sleep(ACCEPT_PAUSE).await;
                    continue;
                }
            };
            let most = self.connections_per_address.unwrap_or(usize::MAX);
            let Some(place) = addresses.take(peer.ip(), most) else {
                continue;
            };
            if let Err(error) = prepare(&stream) {
                tracing::debug!(%error, "a connection broke before it was served");
                continue;
            }
            let service = service.clone();
            let stop = stop.clone();
            let dropped = dropped.clone();
            tasks.spawn(async move {
                let _place = place;
                tokio::select! {
                    () = dropped.cancelled() => {}
                    () = serve_stream(stream, peer, service, stop) => {}
                }
            });
        }
        drop(self.listener);
        tasks.close();
        tasks.wait().await;
    }
}

async fn serve_stream<S, F, B>(
    stream: TcpStream,
    peer: SocketAddr,
    service: S,
    stop: CancellationToken,
) where
    S: Fn(http::Request<Incoming>, SocketAddr) -> F + Send + 'static,
    F: Future<Output = http::Response<B>> + Send + 'static,
    B: http_body::Body + Send + 'static,
    B::Data: Buf + Send,
    B::Error: Into<Box<dyn Error + Send + Sync>>,
{
    let service = service_fn(move |request| {
        let mut response = Box::pin(service(request, peer));
        // hyper drops what it has not begun when the peer is gone by then, but a poll that is
        // broken off must be seen, however soon that was.
        let begun = (&mut response).now_or_never();
        async move {
            Ok::<_, Infallible>(match begun {
                Some(response) => response,
                None => response.await,
            })
        }
    });
    let connection = hyper::server::conn::http1::Builder::new()
        .timer(TokioTimer::new())
        .header_read_timeout(HEADER_TIMEOUT)
        .max_buf_size(MAX_HEAD)
        .max_headers(MAX_HEADERS)
        .serve_connection(TokioIo::new(stream), service)
        .with_upgrades();
    tokio::pin!(connection);
    let ended = tokio::select! {
        ended = &mut connection => ended,
        () = stop.cancelled() => {
            connection.as_mut().graceful_shutdown();
            connection.await
        }
    };
    if let Err(error) = ended {
        tracing::debug!(%error, %peer, "an HTTP connection broke");
    }
}

fn prepare(stream: &TcpStream) -> io::Result<()> {
    stream.set_nodelay(true)?;
    let socket = SockRef::from(stream);
    socket.set_send_buffer_size(SEND_BUFFER)?;
    let keepalive = TcpKeepalive::new()
        .with_time(Duration::from_secs(30))
        .with_interval(Duration::from_secs(10));
    socket.set_tcp_keepalive(&keepalive)?;
    #[cfg(target_os = "linux")]
    socket.set_tcp_user_timeout(Some(USER_TIMEOUT))?;
    Ok(())
}

/// How many connections each address has.
#[derive(Debug, Default)]
struct Addresses(Mutex<HashMap<IpAddr, usize>>);

impl Addresses {
    fn take(self: &Arc<Self>, address: IpAddr, most: usize) -> Option<Place> {
        let mut open = lock(&self.0);
        let count = open.entry(address).or_default();
        if *count >= most {
            return None;
        }
        *count += 1;
        Some(Place {
            addresses: Arc::clone(self),
            address,
        })
    }
}

/// One connection's place among those of its address.
struct Place {
    addresses: Arc<Addresses>,
    address: IpAddr,
}

impl Drop for Place {
    fn drop(&mut self) {
        let mut open = lock(&self.addresses.0);
        if let Some(count) = open.get_mut(&self.address) {
            *count -= 1;
            if *count == 0 {
                open.remove(&self.address);
            }
        }
    }
}
