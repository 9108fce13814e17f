//! The text packets of Engine.IO 4 and Socket.IO 5, main namespace only.
//!
//! Reading borrows from the frame and leaves JSON unread, so that a load client
//! can look at a name and two numbers without building a tree.

use serde_json::Value;

/// Between packets in a polling payload.
pub const SEPARATOR: char = '\u{1e}';

/// One Engine.IO packet.
#[derive(Debug, PartialEq, Eq)]
pub enum EnginePacket<'a> {
    Open(&'a str),
    Close,
    Ping(&'a str),
    Pong(&'a str),
    Message(&'a str),
    Upgrade,
    Noop,
}

/// One Socket.IO packet of the main namespace.
#[derive(Debug, PartialEq, Eq)]
pub enum Packet<'a> {
    Connect(&'a str),
    Disconnect,
    /// The arguments are a JSON array whose first element is the event's name.
    Event {
        ack: Option<u64>,
        arguments: &'a str,
    },
    /// The arguments are a JSON array.
    Ack {
        id: u64,
        arguments: &'a str,
    },
    ConnectError(&'a str),
}

/// Reads one Engine.IO packet, or `None` when it is not one.
pub fn read_engine(text: &str) -> Option<EnginePacket<'_>> {
    let rest = text.get(1..)?;
    match text.as_bytes().first()? {
        b'0' => Some(EnginePacket::Open(rest)),
        b'1' if rest.is_empty() => Some(EnginePacket::Close),
        b'2' => Some(EnginePacket::Ping(rest)),
        b'3' => Some(EnginePacket::Pong(rest)),
        b'4' => Some(EnginePacket::Message(rest)),
        b'5' if rest.is_empty() => Some(EnginePacket::Upgrade),
        b'6' if rest.is_empty() => Some(EnginePacket::Noop),
        _ => None,
    }
}

/// Reads one Socket.IO packet, or `None` when it is not one of the main namespace.
pub fn read(text: &str) -> Option<Packet<'_>> {
    let rest = text.get(1..)?;
    match text.as_bytes().first()? {
        b'0' => Some(Packet::Connect(rest)),
        b'1' if rest.is_empty() => Some(Packet::Disconnect),
        b'2' => {
            let (ack, arguments) = split_ack(rest)?;
            arguments
                .starts_with('[')
                .then_some(Packet::Event { ack, arguments })
        }
        b'3' => {
            let (ack, arguments) = split_ack(rest)?;
            arguments.starts_with('[').then_some(Packet::Ack {
                id: ack?,
                arguments,
            })
        }
        b'4' => Some(Packet::ConnectError(rest)),
        _ => None,
    }
}

fn split_ack(text: &str) -> Option<(Option<u64>, &str)> {
    let digits = text.bytes().take_while(u8::is_ascii_digit).count();
    let (number, arguments) = text.split_at(digits);
    if number.is_empty() {
        return Some((None, arguments));
    }
    Some((Some(number.parse().ok()?), arguments))
}

/// Splits an event's arguments into its name and the JSON of its first
/// argument, without reading that JSON. `None` when there is no such pair, or
/// the name holds an escape, as none of the protocol does.
pub fn split_event(arguments: &str) -> Option<(&str, &str)> {
    let rest = arguments.strip_prefix("[\"")?.strip_suffix(']')?;
    let (name, payload) = rest.split_once('"')?;
    if name.contains('\\') {
        return None;
    }
    Some((name, payload.strip_prefix(',')?))
}

/// Writes an event as one Engine.IO message.
pub fn write_event(event: &str, payload: &Value, ack: Option<u64>) -> String {
    let name = Value::from(event);
    match ack {
        Some(ack) => format!("42{ack}[{name},{payload}]"),
        None => format!("42[{name},{payload}]"),
    }
}

/// Writes CONNECT to the main namespace.
pub fn write_connect(auth: Option<&Value>) -> String {
    auth.map_or_else(|| "40".to_owned(), |auth| format!("40{auth}"))
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn engine_packets_are_told_apart_by_their_first_digit() {
        assert_eq!(
            read_engine("0{\"sid\":\"x\"}"),
            Some(EnginePacket::Open("{\"sid\":\"x\"}"))
        );
        assert_eq!(read_engine("1"), Some(EnginePacket::Close));
        assert_eq!(read_engine("2"), Some(EnginePacket::Ping("")));
        assert_eq!(read_engine("3probe"), Some(EnginePacket::Pong("probe")));
        assert_eq!(
            read_engine("42[\"a\"]"),
            Some(EnginePacket::Message("2[\"a\"]"))
        );
        assert_eq!(read_engine("6"), Some(EnginePacket::Noop));
        for wrong in ["", "7", "1x", "é", "x"] {
            assert_eq!(read_engine(wrong), None, "{wrong:?} was read as a packet");
        }
    }

    #[test]
    fn events_and_acks_keep_their_number_and_their_json() {
        assert_eq!(
            read("2[\"a\",1]"),
            Some(Packet::Event {
                ack: None,
                arguments: "[\"a\",1]"
            })
        );
        assert_eq!(
            read("217[\"a\"]"),
            Some(Packet::Event {
                ack: Some(17),
                arguments: "[\"a\"]"
            })
        );
        assert_eq!(
            read("30[{}]"),
            Some(Packet::Ack {
                id: 0,
                arguments: "[{}]"
            })
        );
        assert_eq!(read("0{\"sid\":1}"), Some(Packet::Connect("{\"sid\":1}")));
        assert_eq!(read("1"), Some(Packet::Disconnect));
        assert_eq!(read("4{}"), Some(Packet::ConnectError("{}")));
        for wrong in [
            "",
            "2",
            "2{}",
            "3[]",
            "2/admin,[]",
            "399999999999999999999[]",
            "9",
        ] {
            assert_eq!(read(wrong), None, "{wrong:?} was read as a packet");
        }
    }

    #[test]
    fn an_event_is_split_without_reading_its_payload() {
        assert_eq!(
            split_event("[\"message_received\",{\"a\":[1,\"]\"]}]"),
            Some(("message_received", "{\"a\":[1,\"]\"]}"))
        );
        for wrong in ["[]", "[1]", "[\"a\"]", "[\"a\\\"b\",1]", "{}"] {
            assert_eq!(split_event(wrong), None, "{wrong:?} was split");
        }
    }

    #[test]
    fn what_is_written_is_read_back() {
        let text = write_event("send_message", &json!({ "content": "a \"b\"" }), Some(3));
        assert_eq!(text, "423[\"send_message\",{\"content\":\"a \\\"b\\\"\"}]");
        let Some(EnginePacket::Message(message)) = read_engine(&text) else {
            panic!("not a message")
        };
        assert!(matches!(
            read(message),
            Some(Packet::Event { ack: Some(3), .. })
        ));
        assert_eq!(write_connect(None), "40");
        assert_eq!(
            write_connect(Some(&json!({ "token": "t" }))),
            "40{\"token\":\"t\"}"
        );
    }
}
