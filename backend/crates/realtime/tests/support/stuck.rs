//! Clients that do not read, and the engine's numbers that tell of it.

use realtime::Metrics;

use super::{Client, Running, soon};

impl Running {
    /// A client that follows topic 5 and does not read: its sockets are full, and what it asked
    /// for waits behind them.
    pub(crate) async fn stuck(&self) -> Client {
        let mut client = self.client().await;
        client.ask(1, r#"["join",5]"#).await;
        let before = self.engine.metrics().blocked;
        // Larger than the socket's buffers, smaller than the outbox.
        client.send(r#"422["much",900000]"#).await;
        let blocked = |metrics: &Metrics| metrics.blocked > before;
        self.counted("a full socket", blocked).await;
        client
    }

    /// Waits until the engine's numbers are as they should be. They move just after what they
    /// count.
    pub(crate) async fn counted(&self, what: &str, is_so: impl Fn(&Metrics) -> bool) -> Metrics {
        soon(what, async {
            loop {
                let metrics = self.engine.metrics();
                if is_so(&metrics) {
                    return metrics;
                }
                tokio::task::yield_now().await;
            }
        })
        .await
    }
}
