//! Payloads of HTTP long-polling: packets one after the other, binary ones in base64.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;

use super::packet::{Malformed, Received};

/// Stands between two packets.
pub(crate) const SEPARATOR: u8 = 0x1e;

/// The packets of a request body, read one by one.
#[derive(Debug)]
pub(crate) struct Payload {
    body: String,
    /// Where the next packet starts; past the end when there is none.
    at: usize,
}

impl Payload {
    /// A body is text.
    pub(crate) fn new(body: Vec<u8>) -> Result<Payload, Malformed> {
        let body = String::from_utf8(body).map_err(|_| Malformed)?;
        Ok(Payload { body, at: 0 })
    }

    /// The next packet.
    pub(crate) fn next(&mut self) -> Option<Result<Received, Malformed>> {
        let rest = self.body.get(self.at..)?;
        let packet = rest.split(char::from(SEPARATOR)).next().unwrap_or_default();
        self.at += packet.len() + 1;
        Some(match packet.strip_prefix('b') {
            Some(data) => STANDARD
                .decode(data)
                .map(|data| Received::Binary(data.into()))
                .map_err(|_| Malformed),
            None => Received::parse(packet.to_owned()),
        })
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn all(body: &str) -> Result<Vec<Received>, Malformed> {
        let mut payload = Payload::new(body.as_bytes().to_vec())?;
        std::iter::from_fn(|| payload.next()).collect()
    }

    #[test]
    fn packets_come_in_order() {
        let packets = all("4one\x1ebAQIDBA==\x1e3\x1e4").unwrap();
        let binary = Received::Binary(vec![1, 2, 3, 4].into());
        let text = |text: &str| Received::Text(text.to_owned());
        assert_eq!(packets, [text("4one"), binary, Received::Pong, text("4")]);
    }

    #[test]
    fn a_body_that_is_no_payload_is_refused() {
        for body in ["", "abc", "4a\x1e", "\x1e4a", "b!", "4a\x1e\x1e4b"] {
            assert_eq!(all(body), Err(Malformed), "{body:?}");
        }
        assert!(Payload::new(vec![0xff]).is_err());
    }

    proptest! {
        #[test]
        fn no_body_makes_it_panic(body in prop::collection::vec(any::<u8>(), 0..300)) {
            if let Ok(mut payload) = Payload::new(body) {
                while let Some(Ok(_)) = payload.next() {}
            }
        }

        #[test]
        fn messages_survive(texts in prop::collection::vec("[^\x1e]{0,20}", 1..6)) {
            let body = texts.iter().map(|text| format!("4{text}")).collect::<Vec<_>>();
            let expected: Vec<_> = body.iter().cloned().map(Received::Text).collect();
            prop_assert_eq!(all(&body.join("\x1e")).unwrap(), expected);
        }
    }
}
