//! Scheme, host and port: the part of an address that browsers keep apart from others.

use super::value::Value;
use std::fmt;
use std::net::{Ipv4Addr, Ipv6Addr};

/// An origin, written one way: lower case, without the default port.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Origin {
    https: bool,
    host: String,
    port: u16,
}

impl Origin {
    /// The origin this text names, or `None`: `null`, another scheme, a path, a user name.
    /// One `/` at the end is forgiven.
    pub fn parse(text: &str) -> Option<Self> {
        let (scheme, rest) = text.split_once("://")?;
        let https = match scheme.to_ascii_lowercase().as_str() {
            "https" => true,
            "http" => false,
            _ => return None,
        };
        Self::new(https, rest.strip_suffix('/').unwrap_or(rest))
    }

    /// The origin of a request to `authority`, that is, its `Host` header.
    pub fn new(https: bool, authority: &str) -> Option<Self> {
        let (host, port) = match authority.rsplit_once(':') {
            // The colons within `[::1]` are not the one before a port.
            Some((host, port)) if !port.ends_with(']') => (host, Some(port)),
            _ => (authority, None),
        };
        let port = match port {
            None => default_port(https),
            // `parse` would take a sign.
            Some(digits) if digits.bytes().all(|byte| byte.is_ascii_digit()) => {
                digits.parse().ok().filter(|port| *port != 0)?
            }
            Some(_) => return None,
        };
        Some(Self {
            https,
            host: host_name(host)?,
            port,
        })
    }

    pub fn is_https(&self) -> bool {
        self.https
    }

    /// The same place for a WebSocket, as a content security policy names it.
    pub fn websocket(&self) -> String {
        let scheme = if self.https { "wss" } else { "ws" };
        format!("{scheme}://{}", self.authority())
    }

    fn authority(&self) -> String {
        if self.port == default_port(self.https) {
            self.host.clone()
        } else {
            format!("{}:{}", self.host, self.port)
        }
    }
}

fn default_port(https: bool) -> u16 {
    if https { 443 } else { 80 }
}

/// The host in its one spelling, or `None` when it is no host.
fn host_name(host: &str) -> Option<String> {
    if let Some(inner) = host.strip_prefix('[') {
        let address: Ipv6Addr = inner.strip_suffix(']')?.parse().ok()?;
        return Some(format!("[{address}]"));
    }
    if let Ok(address) = host.parse::<Ipv4Addr>() {
        return Some(address.to_string());
    }
    let fits = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'.' | b'_');
    if host.is_empty() || host.len() > 253 || !host.bytes().all(fits) {
        return None;
    }
    Some(host.to_ascii_lowercase())
}

impl fmt::Display for Origin {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let scheme = if self.https { "https" } else { "http" };
        write!(f, "{scheme}://{}", self.authority())
    }
}

impl Value for Origin {
    fn read(text: &str) -> Result<Self, String> {
        Self::parse(text).ok_or_else(|| {
            "`http://` or `https://`, a host, perhaps a port, and no path".to_owned()
        })
    }

    fn show(&self) -> Option<toml::Value> {
        Some(self.to_string().into())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_origin_has_one_spelling() {
        for (written, meant) in [
            ("https://Chat.Example.org", "https://chat.example.org"),
            ("https://chat.example.org:443/", "https://chat.example.org"),
            ("http://chat.example.org:443", "http://chat.example.org:443"),
            ("http://[::1]:3000", "http://[::1]:3000"),
            ("http://[0:0::1]", "http://[::1]"),
            ("http://127.0.0.1:80", "http://127.0.0.1"),
        ] {
            assert_eq!(Origin::parse(written).unwrap().to_string(), meant);
        }
    }

    #[test]
    fn what_is_no_origin_is_refused() {
        for refused in [
            "",
            "null",
            "chat.example.org",
            "ftp://a",
            "https://",
            "https://a/b",
            "https://a@b",
            "https://a:0",
            "https://a:+1",
            "https://a:65536",
            "https://a:",
            "https://[::1",
            "https://a b",
            "https://a//",
            "https://::1",
            "file://",
        ] {
            assert_eq!(Origin::parse(refused), None, "{refused:?}");
        }
    }

    #[test]
    fn the_socket_of_a_secure_page_is_secure() {
        assert_eq!(
            Origin::parse("https://a.org").unwrap().websocket(),
            "wss://a.org"
        );
        assert_eq!(
            Origin::parse("http://a.org:8080").unwrap().websocket(),
            "ws://a.org:8080"
        );
    }
}
