//! Packets of Engine.IO 4, as a client sends them.

use bytes::Bytes;

/// A packet from a client.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Received {
    /// A text message; the type character is still in front, see [`Received::text`].
    Text(String),
    Binary(Bytes),
    Pong,
    Close,
    Noop,
}

/// What a client sent is no packet it may send.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Malformed;

impl Received {
    /// Reads a text packet: one character for its type, then its content.
    pub(crate) fn parse(packet: String) -> Result<Received, Malformed> {
        match (packet.as_bytes().first(), packet.len()) {
            (Some(b'4'), _) => Ok(Received::Text(packet)),
            (Some(b'3'), _) => Ok(Received::Pong),
            (Some(b'1'), 1) => Ok(Received::Close),
            (Some(b'6'), 1) => Ok(Received::Noop),
            // `open` and `ping` are the server's, `upgrade` belongs to the probe.
            _ => Err(Malformed),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_what_a_client_may_send_is_taken() {
        assert_eq!(
            Received::parse("4hi".to_owned()),
            Ok(Received::Text("4hi".to_owned()))
        );
        assert_eq!(Received::parse("3".to_owned()), Ok(Received::Pong));
        assert_eq!(Received::parse("1".to_owned()), Ok(Received::Close));
        assert_eq!(Received::parse("6".to_owned()), Ok(Received::Noop));
        for packet in ["", "0{}", "2", "2probe", "5", "7", "abc", "é"] {
            assert_eq!(
                Received::parse(packet.to_owned()),
                Err(Malformed),
                "{packet}"
            );
        }
    }
}
