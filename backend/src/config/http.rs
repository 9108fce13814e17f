//! Where the server listens and how it is reached.

use super::{Network, Origin, setting::section};
use std::net::{Ipv4Addr, SocketAddr};
use std::time::Duration;

section! {
    /// Where the server listens and how it is reached.
    http: Http, "Address" {
        /// The address and port to listen on. Port 0 takes any free one.
        "listen" => listen: SocketAddr = SocketAddr::from((Ipv4Addr::LOCALHOST, 3000));

        /// The address people type, such as `https://chat.example.org`. Needed behind a proxy that
        /// ends TLS; with `https` cookies become `Secure` and browsers are told to keep to it.
        "public_url" => public_url: Option<Origin> = None;

        /// Addresses or networks of reverse proxies, such as `10.0.0.0/8`. Only from these are
        /// `X-Forwarded-For`, `Forwarded`, `X-Forwarded-Proto` and `X-Forwarded-Host` believed.
        "trusted_proxies" => trusted_proxies: Vec<Network> = Vec::new();

        /// Other sites whose pages may call this server, such as `https://intranet.example.org`.
        "allowed_origins" => allowed_origins: Vec<Origin> = Vec::new();

        /// Whether messages and first pages of a kilobyte and more travel compressed to clients that
        /// offer `permessage-deflate`, as browsers do. `off` saves a little of the processor.
        "compression" => compression: bool = true;

        /// How long a stopping server lets work in flight finish.
        "shutdown_grace" => shutdown_grace: Duration = Duration::from_secs(15);
    }
}
