//! A line to a server, which can be cut and mended.

use std::sync::Arc;
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::watch;
use tokio::task::AbortHandle;
use tokio_util::task::TaskTracker;

/// Passes on what comes to an address of its own. Ends when dropped.
#[derive(Debug)]
pub(crate) struct Line {
    port: u16,
    up: Arc<watch::Sender<bool>>,
    accepting: AbortHandle,
}

impl Line {
    /// A line to a port of this machine.
    pub(crate) async fn to(target: u16) -> Self {
        let listener = TcpListener::bind(("127.0.0.1", 0))
            .await
            .expect("ports are not used up");
        let port = listener.local_addr().expect("it is bound").port();
        let up = Arc::new(watch::Sender::new(true));
        let state = Arc::clone(&up);
        let tasks = TaskTracker::new();
        let passing = tasks.clone();
        let accepting = tasks.spawn(async move {
            while let Ok((near, _)) = listener.accept().await {
                let mut up = state.subscribe();
                if *up.borrow_and_update() {
                    passing.spawn(async move {
                        tokio::select! {
                            () = pass_on(near, target) => {}
                            _ = up.changed() => {}
                        }
                    });
                }
            }
        });
        Self {
            port,
            up,
            accepting: accepting.abort_handle(),
        }
    }

    pub(crate) fn port(&self) -> u16 {
        self.port
    }

    /// Breaks every connection, and every one that is tried.
    pub(crate) fn cut(&self) {
        self.up.send_replace(false);
    }

    pub(crate) fn mend(&self) {
        self.up.send_replace(true);
    }
}

impl Drop for Line {
    fn drop(&mut self) {
        self.cut();
        self.accepting.abort();
    }
}

async fn pass_on(mut near: TcpStream, target: u16) {
    if let Ok(mut far) = TcpStream::connect(("127.0.0.1", target)).await {
        // However it ends, both ends see it.
        let _ = tokio::io::copy_bidirectional(&mut near, &mut far).await;
    }
}
