//! `roost serve`: the server, from its settings to the signal that stops it.

use super::{Choices, Failure, print};
use crate::config::Origin;
use crate::server;
use crate::telemetry;
use std::future::Future;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};
use std::time::Duration;
use tokio::runtime::Runtime;
use tokio::signal::unix::{SignalKind, signal};

/// How long threads that still work are waited for after the server has stopped. What they do is
/// no longer needed by anybody.
const LAST_WAIT: Duration = Duration::from_secs(1);

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
        let stop = stop_signal()?;
        server::run(config, ready, stop)
            .await
            .map_err(Failure::from)
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

/// Ends when somebody asks the process to: Ctrl-C, or the supervisor's SIGTERM.
fn stop_signal() -> Result<impl Future<Output = ()>, Failure> {
    let mut interrupt = signal(SignalKind::interrupt())?;
    let mut terminate = signal(SignalKind::terminate())?;
    Ok(async move {
        tokio::select! {
            _ = interrupt.recv() => {}
            _ = terminate.recv() => {}
        }
        tracing::info!("stopping");
    })
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
