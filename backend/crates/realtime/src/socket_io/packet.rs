//! Packets of Socket.IO 5, as a client sends them: `type[attachments-][/namespace,][id][json]`.
//!
//! Encoding is in [`crate::packet`].

use serde_json::value::RawValue;

/// Binary attachments of one packet.
pub(crate) const MAX_ATTACHMENTS: usize = 16;
/// Arguments of one event.
const MAX_ARGS: usize = 64;
/// The longest name of a namespace.
const MAX_NAMESPACE: usize = 128;
/// Names that mean something else to every Socket.IO library.
const RESERVED: [&str; 6] = [
    "connect",
    "connect_error",
    "disconnect",
    "disconnecting",
    "newListener",
    "removeListener",
];

/// A packet from a client.
#[derive(Debug)]
pub(crate) struct Received<'a> {
    /// `/` for the main one.
    pub(crate) namespace: &'a str,
    pub(crate) body: Body,
}

/// What a packet says.
#[derive(Debug)]
pub(crate) enum Body {
    Connect { auth: Option<Box<RawValue>> },
    Disconnect,
    Event(Said),
    Ack(Answer),
}

/// An event, which is complete when its attachments have arrived.
#[derive(Debug)]
pub(crate) struct Said {
    pub(crate) id: Option<u64>,
    pub(crate) name: String,
    pub(crate) args: Vec<Box<RawValue>>,
    pub(crate) attachments: usize,
}

/// The answer to a question of ours.
#[derive(Debug)]
pub(crate) struct Answer {
    pub(crate) id: u64,
    pub(crate) args: Vec<Box<RawValue>>,
    pub(crate) attachments: usize,
}

/// What a client sent is no packet it may send.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Malformed;

impl<'a> Received<'a> {
    /// Reads a packet, without the Engine.IO type in front.
    pub(crate) fn parse(packet: &'a str) -> Result<Received<'a>, Malformed> {
        let kind = *packet.as_bytes().first().ok_or(Malformed)?;
        // The first byte is a whole character: anything else is not a kind.
        if !kind.is_ascii_digit() {
            return Err(Malformed);
        }
        let rest = &packet[1..];
        let (attachments, rest) = match kind {
            b'5' | b'6' => split_attachments(rest)?,
            _ => (0, rest),
        };
        let (namespace, rest) = split_namespace(rest)?;
        let (id, json) = split_id(rest)?;
        let body = match kind {
            b'0' if id.is_none() => Body::Connect {
                auth: connect_auth(json)?,
            },
            b'1' if id.is_none() && json.is_empty() => Body::Disconnect,
            b'2' | b'5' => {
                let mut args = array(json)?;
                if args.is_empty() {
                    return Err(Malformed);
                }
                let name = event_name(&args.remove(0))?;
                Body::Event(Said {
                    id,
                    name,
                    args,
                    attachments,
                })
            }
            b'3' | b'6' => Body::Ack(Answer {
                id: id.ok_or(Malformed)?,
                args: array(json)?,
                attachments,
            }),
            // CONNECT_ERROR is the server's.
            _ => return Err(Malformed),
        };
        Ok(Received { namespace, body })
    }
}

fn split_attachments(text: &str) -> Result<(usize, &str), Malformed> {
    let (count, rest) = text.split_once('-').ok_or(Malformed)?;
    let count = digits(count)?.ok_or(Malformed)?;
    let count = usize::try_from(count).map_err(|_| Malformed)?;
    if count > MAX_ATTACHMENTS {
        Err(Malformed)
    } else {
        Ok((count, rest))
    }
}

fn split_namespace(text: &str) -> Result<(&str, &str), Malformed> {
    if !text.starts_with('/') {
        return Ok(("/", text));
    }
    let (namespace, rest) = text.split_once(',').unwrap_or((text, ""));
    if namespace.len() > MAX_NAMESPACE {
        Err(Malformed)
    } else {
        Ok((namespace, rest))
    }
}

fn split_id(text: &str) -> Result<(Option<u64>, &str), Malformed> {
    let end = text
        .bytes()
        .position(|byte| !byte.is_ascii_digit())
        .unwrap_or(text.len());
    let (id, rest) = text.split_at(end);
    Ok((digits(id)?, rest))
}

/// A number, or nothing.
fn digits(text: &str) -> Result<Option<u64>, Malformed> {
    if text.is_empty() {
        return Ok(None);
    }
    if !text.bytes().all(|byte| byte.is_ascii_digit()) {
        return Err(Malformed);
    }
    text.parse().map(Some).map_err(|_| Malformed)
}

fn connect_auth(json: &str) -> Result<Option<Box<RawValue>>, Malformed> {
    if json.is_empty() {
        return Ok(None);
    }
    if !json.starts_with('{') {
        return Err(Malformed);
    }
    serde_json::from_str(json).map(Some).map_err(|_| Malformed)
}

fn array(json: &str) -> Result<Vec<Box<RawValue>>, Malformed> {
    let args: Vec<&RawValue> = serde_json::from_str(json).map_err(|_| Malformed)?;
    if args.len() > MAX_ARGS {
        return Err(Malformed);
    }
    Ok(args.into_iter().map(RawValue::to_owned).collect())
}

fn event_name(json: &RawValue) -> Result<String, Malformed> {
    let name: String = serde_json::from_str(json.get()).map_err(|_| Malformed)?;
    if RESERVED.contains(&name.as_str()) {
        Err(Malformed)
    } else {
        Ok(name)
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn event(packet: &str) -> (String, Said) {
        let received = Received::parse(packet).unwrap_or_else(|_| panic!("{packet}"));
        let Body::Event(said) = received.body else {
            panic!("{packet} is no event")
        };
        (received.namespace.to_owned(), said)
    }

    fn texts(args: &[Box<RawValue>]) -> Vec<&str> {
        args.iter().map(|arg| arg.get()).collect()
    }

    #[test]
    fn events_are_read() {
        let (namespace, said) = event(r#"2["hi",1,{"a":[true]}]"#);
        assert_eq!(
            (namespace.as_str(), said.name.as_str(), said.id),
            ("/", "hi", None)
        );
        assert_eq!(texts(&said.args), ["1", r#"{"a":[true]}"#]);
        let (namespace, said) = event(r#"2/custom,17["hi"]"#);
        assert_eq!((namespace.as_str(), said.id), ("/custom", Some(17)));
        let (_, said) = event(r#"52-/x,7["b",{"_placeholder":true,"num":0}]"#);
        assert_eq!((said.attachments, said.id), (2, Some(7)));
    }

    #[test]
    fn connects_disconnects_and_answers_are_read() {
        let auth = |packet| match Received::parse(packet).unwrap().body {
            Body::Connect { auth } => auth.map(|auth| auth.get().to_owned()),
            other => panic!("{other:?}"),
        };
        assert_eq!(auth("0"), None);
        assert_eq!(auth("0/custom"), None);
        assert_eq!(
            auth(r#"0/custom,{"token":"a"}"#).as_deref(),
            Some(r#"{"token":"a"}"#)
        );
        let left = Received::parse("1/custom,").unwrap();
        assert!(matches!(left.body, Body::Disconnect) && left.namespace == "/custom");
        let Body::Ack(answer) = Received::parse(r"312[1,2]").unwrap().body else {
            panic!()
        };
        assert_eq!((answer.id, texts(&answer.args)), (12, vec!["1", "2"]));
    }

    #[test]
    fn what_is_no_packet_is_refused() {
        for packet in [
            "",
            "abc",
            "é",
            "7",
            "2",
            "2{}",
            "2[]",
            "2[1]",
            "2[null,1]",
            r#"2["a"]x"#,
            r#"2["a""#,
            r#"2abc["a"]"#,
            r#"299999999999999999999["a"]"#,
            r#"2["connect"]"#,
            "3[1]",
            "31{}",
            "31",
            "0[]",
            "0abc",
            "0{",
            "01",
            "1{}",
            "4{}",
            r#"5["a"]"#,
            r#"5-["a"]"#,
            r#"5x-["a"]"#,
            r#"517-["a"]"#,
            r#"599999999999999999999-["a"]"#,
            r#"5+1-["a"]"#,
        ] {
            assert!(Received::parse(packet).is_err(), "{packet}");
        }
        let namespace = format!("0/{},", "x".repeat(MAX_NAMESPACE));
        assert!(Received::parse(&namespace).is_err());
        let many = format!("2[\"a\"{}]", ",1".repeat(MAX_ARGS));
        assert!(Received::parse(&many).is_err());
    }

    #[test]
    fn deep_nesting_is_only_long_text() {
        let deep = format!("2[\"a\",{}{}]", "[".repeat(50_000), "]".repeat(50_000));
        assert_eq!(event(&deep).1.args.len(), 1);
    }

    proptest! {
        #[test]
        fn no_text_makes_it_panic(packet in any::<String>()) {
            let _ = Received::parse(&packet);
        }

        #[test]
        fn nothing_packet_like_makes_it_panic(
            packet in r#"[0-7][0-9]{0,3}-?(/[a-zé]{0,3},?)?[0-9]{0,25}[\[{"a-z,\]}é]{0,12}"#,
        ) {
            let _ = Received::parse(&packet);
        }

        #[test]
        fn what_we_would_send_is_read_back(
            namespace in "/[a-z]{0,8}",
            name in "[a-z_]{1,12}é?",
            data in any::<(i64, String, bool)>(),
        ) {
            let packet = crate::Packet::event(&namespace, &name, &data);
            let text = std::str::from_utf8(&packet.text()[1..]).unwrap();
            let (read, said) = event(text);
            prop_assert_eq!((read, said.name), (namespace, name));
            let read: (i64, String, bool) = serde_json::from_str(said.args[0].get()).unwrap();
            prop_assert_eq!(read, data);
        }
    }
}
