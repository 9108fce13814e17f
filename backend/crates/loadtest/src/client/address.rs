//! Where a server is: `http://host:port` and nothing after it.

use std::fmt;

use super::ClientError;

/// The base address of a server. Plain HTTP only: TLS is the business of a
/// proxy, which this client does not test.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Address {
    authority: String,
}

impl Address {
    /// Reads `http://host:port`, with or without a final slash.
    pub fn parse(url: &str) -> Result<Self, ClientError> {
        let wrong = || ClientError::Address(url.to_owned());
        let rest = url.strip_prefix("http://").ok_or_else(wrong)?;
        let authority = rest.strip_suffix('/').unwrap_or(rest);
        if authority.is_empty() || authority.contains(['/', '?', '#', '@', ' ']) {
            return Err(wrong());
        }
        let has_port = authority
            .rsplit_once(':')
            .is_some_and(|(host, port)| !host.is_empty() && port.parse::<u16>().is_ok());
        let authority = if has_port {
            authority.to_owned()
        } else {
            format!("{authority}:80")
        };
        Ok(Self { authority })
    }

    /// `host:port`, as it stands in a `Host` header.
    pub fn authority(&self) -> &str {
        &self.authority
    }
}

impl fmt::Display for Address {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "http://{}", self.authority)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_address_is_http_host_and_port() {
        assert_eq!(
            Address::parse("http://127.0.0.1:3000/")
                .unwrap()
                .authority(),
            "127.0.0.1:3000"
        );
        assert_eq!(
            Address::parse("http://chat.example").unwrap().authority(),
            "chat.example:80"
        );
        for wrong in [
            "127.0.0.1:3000",
            "https://x",
            "http://",
            "http://x/path",
            "http://u@x",
        ] {
            assert!(
                Address::parse(wrong).is_err(),
                "{wrong} was taken for an address"
            );
        }
    }
}
