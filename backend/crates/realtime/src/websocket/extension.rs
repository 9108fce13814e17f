//! Negotiates `permessage-deflate` (RFC 7692 sections 5 and 7.1).
//!
//! Neither side keeps anything between two messages. An offer that asks for what we do not do, or
//! that is not written as it should be, is declined: the WebSocket opens without it.

use http::{HeaderMap, HeaderValue, header};

/// The largest window, as the exponent of its size.
const WINDOW_BITS: u8 = 15;

/// Which packets a WebSocket is sent compressed, by their size.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Compressed {
    /// Smaller ones do not pay.
    from: usize,
    /// In larger ones something may stand further back than the client remembers. Seldom less
    /// than all: browsers remember as much as there is to.
    to: usize,
}

/// What was agreed on with a client.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Agreed {
    /// The value of our `Sec-WebSocket-Extensions`.
    pub(crate) answer: HeaderValue,
    pub(crate) compressed: Compressed,
}

/// One extension a client offers.
#[derive(Debug, PartialEq, Eq)]
struct Offer<'a> {
    name: &'a str,
    parameters: Vec<(&'a str, Option<String>)>,
}

impl Compressed {
    /// None at all.
    pub(crate) const NOTHING: Compressed = Compressed {
        from: usize::MAX,
        to: 0,
    };

    /// All of at least this size.
    pub(crate) fn at_least(from: usize) -> Compressed {
        Compressed {
            from,
            to: usize::MAX,
        }
    }

    /// Whether a packet of this size is.
    pub(crate) fn covers(self, len: usize) -> bool {
        len >= self.from && len <= self.to
    }

    /// Whether none of the packets up to this size is.
    pub(crate) fn begins_after(self, longest: usize) -> bool {
        self.from > longest
    }
}

/// Agrees to the first offer we can keep, to compress packets of at least `from` bytes.
pub(crate) fn agree(headers: &HeaderMap, from: usize) -> Option<Agreed> {
    headers
        .get_all(header::SEC_WEBSOCKET_EXTENSIONS)
        .iter()
        .filter_map(|value| Reader(value.to_str().ok()?).offers())
        .flatten()
        .find_map(|offer| offer.accept(from))
}

impl Offer<'_> {
    fn accept(&self, from: usize) -> Option<Agreed> {
        if self.name != "permessage-deflate" {
            return None;
        }
        let mut answer =
            "permessage-deflate; server_no_context_takeover; client_no_context_takeover".to_owned();
        let mut compressed = Compressed::at_least(from);
        let mut seen = Vec::new();
        for (name, value) in &self.parameters {
            if seen.contains(name) {
                return None;
            }
            seen.push(*name);
            match (*name, value.as_deref()) {
                (
                    "server_no_context_takeover"
                    | "client_no_context_takeover"
                    | "client_max_window_bits",
                    None,
                ) => {}
                // Whatever it compresses with, we remember more.
                ("client_max_window_bits", Some(bits)) => {
                    window_bits(bits)?;
                }
                ("server_max_window_bits", Some(bits)) => {
                    let bits = window_bits(bits)?;
                    answer.push_str("; server_max_window_bits=");
                    answer.push_str(&bits.to_string());
                    if bits < WINDOW_BITS {
                        compressed.to = 1 << bits;
                    }
                }
                _ => return None,
            }
        }
        Some(Agreed {
            answer: HeaderValue::try_from(answer).expect("words and digits are a header value"),
            compressed,
        })
    }
}

/// 8 to 15, without leading zeros.
fn window_bits(text: &str) -> Option<u8> {
    (8..=WINDOW_BITS).find(|bits| bits.to_string() == text)
}

/// What is left of a header's value.
struct Reader<'a>(&'a str);

impl<'a> Reader<'a> {
    /// All of it (RFC 6455 section 9.1), or nothing if any of it is not as it should be.
    fn offers(mut self) -> Option<Vec<Offer<'a>>> {
        let mut offers = Vec::new();
        loop {
            // Lists may have empty places (RFC 9110 section 5.6.1.2).
            while self.eat(',') {}
            if self.0.is_empty() {
                return Some(offers);
            }
            let name = self.token()?;
            let mut parameters = Vec::new();
            while self.eat(';') {
                let name = self.token()?;
                let value = if self.eat('=') {
                    Some(self.value()?)
                } else {
                    None
                };
                parameters.push((name, value));
            }
            if !self.0.is_empty() && !self.eat(',') {
                return None;
            }
            offers.push(Offer { name, parameters });
        }
    }

    /// A token, or one between quotes.
    fn value(&mut self) -> Option<String> {
        if !self.eat('"') {
            return self.token().map(str::to_owned);
        }
        let mut value = String::new();
        let mut chars = self.0.chars();
        loop {
            match chars.next()? {
                '"' => break,
                '\\' => value.push(chars.next()?),
                char => value.push(char),
            }
        }
        self.0 = chars.as_str();
        self.skip_space();
        (!value.is_empty() && value.bytes().all(is_token)).then_some(value)
    }

    fn token(&mut self) -> Option<&'a str> {
        self.skip_space();
        let end = self.0.bytes().position(|byte| !is_token(byte));
        let (token, rest) = self.0.split_at(end.unwrap_or(self.0.len()));
        self.0 = rest;
        self.skip_space();
        (!token.is_empty()).then_some(token)
    }

    fn eat(&mut self, char: char) -> bool {
        self.skip_space();
        let rest = self.0.strip_prefix(char);
        self.0 = rest.unwrap_or(self.0);
        rest.is_some()
    }

    fn skip_space(&mut self) {
        self.0 = self.0.trim_start_matches([' ', '\t']);
    }
}

/// RFC 9110 section 5.6.2.
fn is_token(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || b"!#$%&'*+-.^_`|~".contains(&byte)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    const PLAIN: &str =
        "permessage-deflate; server_no_context_takeover; client_no_context_takeover";

    fn answer(offers: &[&str]) -> Option<Agreed> {
        let mut headers = HeaderMap::new();
        for offer in offers {
            let value = HeaderValue::from_str(offer).unwrap();
            headers.append(header::SEC_WEBSOCKET_EXTENSIONS, value);
        }
        agree(&headers, 1000)
    }

    #[test]
    fn offers_we_can_keep_are_agreed_to() {
        for offer in [
            // Firefox; Chrome, Safari, aiohttp, ws; gorilla.
            "permessage-deflate",
            "permessage-deflate; client_max_window_bits",
            "permessage-deflate; server_no_context_takeover; client_no_context_takeover",
            "permessage-deflate;client_max_window_bits=9",
            "permessage-deflate ; client_max_window_bits = \"1\\0\" ",
            "x-webkit-deflate-frame, permessage-deflate",
            ", permessage-deflate,,",
            // The second keeps what the first cannot.
            "permessage-deflate; server_max_window_bits=7, permessage-deflate",
            "permessage-deflate; unheard_of, permessage-deflate; client_max_window_bits",
        ] {
            let agreed = answer(&[offer]).expect(offer);
            assert_eq!(agreed.answer, PLAIN, "{offer}");
            assert!(agreed.compressed.covers(1000) && agreed.compressed.covers(usize::MAX));
            assert!(!agreed.compressed.covers(999));
        }
    }

    #[test]
    fn a_client_that_remembers_less_is_sent_less_compressed() {
        for (bits, most) in [("8", 256), ("12", 4096), ("14", 16384)] {
            let offer = format!(
                "permessage-deflate; server_max_window_bits={bits}; client_max_window_bits={bits}"
            );
            let agreed = answer(&[&offer]).unwrap();
            let expected = format!("{PLAIN}; server_max_window_bits={bits}");
            assert_eq!(agreed.answer, expected);
            assert!(!agreed.compressed.covers(most + 1));
            assert_eq!(agreed.compressed.covers(most), most >= 1000);
        }
        let all = answer(&["permessage-deflate; server_max_window_bits=15"]).unwrap();
        assert!(all.compressed.covers(usize::MAX));
    }

    #[test]
    fn other_offers_are_declined() {
        for offer in [
            "",
            "deflate",
            "permessage-bzip2",
            "permessage-deflate; unheard_of",
            "permessage-deflate; server_no_context_takeover=1",
            "permessage-deflate; client_no_context_takeover=true",
            "permessage-deflate; server_max_window_bits",
            "permessage-deflate; server_max_window_bits=7",
            "permessage-deflate; server_max_window_bits=16",
            "permessage-deflate; server_max_window_bits=08",
            "permessage-deflate; server_max_window_bits=+9",
            "permessage-deflate; server_max_window_bits=271",
            "permessage-deflate; client_max_window_bits=7",
            "permessage-deflate; client_max_window_bits=\"\"",
            "permessage-deflate; client_max_window_bits; client_max_window_bits",
            "permessage-deflate; server_max_window_bits=9; server_max_window_bits=9",
            // Not written as it should be.
            "permessage-deflate;",
            "permessage-deflate; ;",
            "permessage-deflate; client_max_window_bits=",
            "permessage-deflate; client_max_window_bits=\"10",
            "permessage-deflate client_max_window_bits",
            "permessage-deflate; client_max_window_bits=10 11",
            "permessage-deflate, @",
        ] {
            assert_eq!(answer(&[offer]), None, "{offer}");
        }
    }

    #[test]
    fn offers_may_come_in_several_headers() {
        let agreed = answer(&[
            "something-else; with=parameters",
            "permessage-deflate; wrong, @",
            "permessage-deflate; server_max_window_bits=10, permessage-deflate",
        ]);
        let expected = format!("{PLAIN}; server_max_window_bits=10");
        assert_eq!(agreed.unwrap().answer, expected);
        assert_eq!(answer(&[]), None);
    }

    proptest! {
        #[test]
        fn no_offer_makes_it_panic(
            offer in prop_oneof![
                "[ -~\t]{0,80}",
                "(permessage-deflate|;|,|=|\"|\\\\| |1[0-5]|(client|server)_max_window_bits){0,20}",
            ],
        ) {
            if let Some(agreed) = answer(&[&offer]) {
                prop_assert!(agreed.answer.to_str().unwrap().starts_with(PLAIN));
            }
        }
    }
}
