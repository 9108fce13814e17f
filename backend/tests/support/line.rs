//! A line to a server, which can be cut and mended, fall silent, and be led elsewhere.

use std::sync::Arc;
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::watch;
use tokio::task::AbortHandle;
use tokio_util::task::TaskTracker;

/// Passes on what comes to an address of its own. Ends when dropped.
#[derive(Debug)]
pub(crate) struct Line {
    port: u16,
    state: Arc<watch::Sender<State>>,
    accepting: AbortHandle,
}

#[derive(Clone, Copy, Debug)]
struct State {
    /// Where it leads.
    target: u16,
    way: Way,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Way {
    Open,
    /// Nothing is passed on, and nobody is told.
    Silent,
    Cut,
}

impl Line {
    /// A line to a port of this machine.
    pub(crate) async fn to(target: u16) -> Self {
        let listener = TcpListener::bind(("127.0.0.1", 0))
            .await
            .expect("ports are not used up");
        let port = listener.local_addr().expect("it is bound").port();
        let way = Way::Open;
        let state = Arc::new(watch::Sender::new(State { target, way }));
        let shared = Arc::clone(&state);
        let tasks = TaskTracker::new();
        let passing = tasks.clone();
        let accepting = tasks.spawn(async move {
            while let Ok((near, _)) = listener.accept().await {
                passing.spawn(pass_on(near, shared.subscribe()));
            }
        });
        Self {
            port,
            state,
            accepting: accepting.abort_handle(),
        }
    }

    pub(crate) fn port(&self) -> u16 {
        self.port
    }

    /// Breaks every connection, and every one that is tried.
    pub(crate) fn cut(&self) {
        self.state.send_modify(|state| state.way = Way::Cut);
    }

    /// Those that come from now on are passed on; the others are broken.
    pub(crate) fn mend(&self) {
        self.state.send_modify(|state| state.way = Way::Open);
    }

    /// Passes on nothing more, while every connection stays, and every one that is tried is taken.
    pub(crate) fn fall_silent(&self) {
        self.state.send_modify(|state| state.way = Way::Silent);
    }

    /// Breaks every connection, and leads those that come to another port of this machine.
    pub(crate) fn lead_to(&self, target: u16) {
        let way = Way::Open;
        self.state.send_replace(State { target, way });
    }
}

impl Drop for Line {
    fn drop(&mut self) {
        self.cut();
        self.accepting.abort();
    }
}

async fn pass_on(mut near: TcpStream, mut state: watch::Receiver<State>) {
    let State { target, way } = *state.borrow_and_update();
    if way == Way::Cut {
        return;
    }
    let far = TcpStream::connect(("127.0.0.1", target)).await;
    let Ok(mut far) = far else { return };
    if way == Way::Open {
        tokio::select! {
            // However it ends, both ends see it.
            _ = tokio::io::copy_bidirectional(&mut near, &mut far) => return,
            _ = state.changed() => {}
        }
    }
    // What was on its way is lost, so it never goes on.
    if state.borrow_and_update().way == Way::Silent {
        let _ = state.changed().await;
    }
}
