//! `roost serve`: the server, from its settings to the signal that stops it, and the second one that
//! stops it at once.

use super::{Choices, Failure, print};
use crate::config::Origin;
use crate::server;
use crate::telemetry;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};
use std::time::Duration;
use tokio::runtime::Runtime;
use tokio::signal::unix::{Signal, SignalKind, signal};
use tokio_util::sync::CancellationToken;

/// How long threads that still work are waited for after the server has stopped. What they do is
/// no longer needed by anybody.
const LAST_WAIT: Duration = Duration::from_secs(1);

/// What is said when the server was asked to stop once more.
const CUT_OFF: &str = "stopped at once, as asked: what was in flight is cut off";

pub(super) fn run(choices: Choices) -> Result<(), Failure> {
    let config = choices.load()?;
    let public_url = config.http.public_url.clone();
    let ready = move |address| {
        // Nobody may be reading; the server runs all the same.
        let _ = print(&greeting(address, public_url.as_ref()));
    };
    let runtime = Runtime::new()?;
    let outcome = runtime.block_on(async {
        let _telling = telemetry::start(&config.log, &config.telemetry)?;
        let mut signals = Signals::listen()?;
        let stop = CancellationToken::new();
        let running = server::run(config, ready, stop.clone().cancelled_owned());
        let asked_twice = async {
            signals.next().await;
            tracing::info!("stopping");
            stop.cancel();
            signals.next().await;
        };
        tokio::select! {
            outcome = running => outcome.map_err(Failure::from),
            () = asked_twice => Err(Failure(CUT_OFF.to_owned())),
        }
    });
    runtime.shutdown_timeout(LAST_WAIT);
    outcome
}

/// The one line on standard output: where to point a browser.
fn greeting(address: SocketAddr, public_url: Option<&Origin>) -> String {
    let host = match address.ip() {
        IpAddr::V4(Ipv4Addr::UNSPECIFIED) => Ipv4Addr::LOCALHOST.into(),
        IpAddr::V6(Ipv6Addr::UNSPECIFIED) => Ipv6Addr::LOCALHOST.into(),
        host => host,
    };
    let local = SocketAddr::new(host, address.port());
    let public = public_url.map_or(String::new(), |url| format!(" ({url})"));
    format!("Roost is at http://{local}{public}\n")
}

/// Being asked to stop: Ctrl-C, or the supervisor's SIGTERM.
struct Signals {
    interrupt: Signal,
    terminate: Signal,
}

impl Signals {
    fn listen() -> Result<Self, Failure> {
        Ok(Self {
            interrupt: signal(SignalKind::interrupt())?,
            terminate: signal(SignalKind::terminate())?,
        })
    }

    async fn next(&mut self) {
        tokio::select! {
            _ = self.interrupt.recv() => {}
            _ = self.terminate.recv() => {}
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_printed_address_can_be_opened() {
        for (address, printed) in [
            ("127.0.0.1:3000", "Roost is at http://127.0.0.1:3000\n"),
            ("0.0.0.0:80", "Roost is at http://127.0.0.1:80\n"),
            ("[::]:80", "Roost is at http://[::1]:80\n"),
        ] {
            assert_eq!(greeting(address.parse().unwrap(), None), printed);
        }
        let public = Origin::parse("https://chat.example.org");
        let printed = greeting("127.0.0.1:3000".parse().unwrap(), public.as_ref());
        assert_eq!(
            printed,
            "Roost is at http://127.0.0.1:3000 (https://chat.example.org)\n"
        );
    }
}
