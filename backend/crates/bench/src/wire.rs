//! WebSocket, seen from a client: text out, frames in.
//!
//! Only what servers say to this driver is understood. Frames are looked at where they were read;
//! nothing is copied.

use memchr::memmem;

use crate::failure::{Failure, Result};

/// How a message that counts begins.
const DELIVERY: &[u8] = br#"42["message_received","#;
const MASKED: u8 = 0x80;
/// Lengths that say where the length is.
const LENGTH_IN_TWO: u8 = 0x7e;
const LENGTH_IN_EIGHT: u8 = 0x7f;
const RESET: &[u8] = br#"42["room_reset""#;
/// Clients must mask what they send. It protects proxies, and there is none here.
const MASK: [u8; 4] = [0x37, 0xfa, 0x21, 0x3d];
const END_OF_HEAD: &[u8] = b"\r\n\r\n";
/// No server here has so much to say in one frame.
const LARGEST: usize = 1 << 24;

/// One frame of the server.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Frame<'a> {
    Text(&'a [u8]),
    Close(&'a [u8]),
    /// Of WebSocket, which nobody here uses; Engine.IO has its own.
    Control,
}

/// What a text of the server means.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Packet<'a> {
    Open,
    Ping,
    Connected,
    ConnectError(&'a [u8]),
    Delivery(&'a [u8]),
    Acknowledgement {
        number: u32,
        answer: &'a [u8],
    },
    /// A feed has ended, since its reader was too far behind.
    Reset,
    /// Presence and the like.
    Other,
}

pub(crate) fn upgrade_request(authority: &str) -> String {
    format!(
        "GET /socket.io/?EIO=4&transport=websocket HTTP/1.1\r\nHost: {authority}\r\n\
         Connection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 13\r\n\
         Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n"
    )
}

/// How long the answer to the upgrade is; `None` while it is not whole.
pub(crate) fn upgraded(bytes: &[u8]) -> Result<Option<usize>> {
    let Some(end) = memmem::find(bytes, END_OF_HEAD) else {
        return Ok(None);
    };
    if bytes.starts_with(b"HTTP/1.1 101") {
        return Ok(Some(end + END_OF_HEAD.len()));
    }
    let answer = String::from_utf8_lossy(&bytes[..end]);
    Err(Failure::Protocol(format!(
        "the upgrade was answered {answer}"
    )))
}

/// Appends one text frame.
pub(crate) fn put_text(out: &mut Vec<u8>, text: &[u8]) {
    out.push(0x81);
    match u16::try_from(text.len()) {
        Ok(length) if length < 126 => out.push(MASKED | length.to_le_bytes()[0]),
        Ok(length) => {
            out.push(MASKED | LENGTH_IN_TWO);
            out.extend_from_slice(&length.to_be_bytes());
        }
        Err(_) => {
            out.push(MASKED | LENGTH_IN_EIGHT);
            out.extend_from_slice(&(text.len() as u64).to_be_bytes());
        }
    }
    out.extend_from_slice(&MASK);
    out.extend(
        text.iter()
            .zip(MASK.iter().cycle())
            .map(|(byte, mask)| byte ^ mask),
    );
}

/// The first frame, and its length with its header; `None` while it is not whole.
pub(crate) fn first_frame(bytes: &[u8]) -> Result<Option<(Frame<'_>, usize)>> {
    let Some((&[first, second], rest)) = bytes.split_first_chunk() else {
        return Ok(None);
    };
    let (length, extended) = match second {
        LENGTH_IN_TWO => match rest.first_chunk() {
            Some(length) => (usize::from(u16::from_be_bytes(*length)), 2),
            None => return Ok(None),
        },
        LENGTH_IN_EIGHT => match rest.first_chunk() {
            Some(length) => (
                usize::try_from(u64::from_be_bytes(*length)).unwrap_or(usize::MAX),
                8,
            ),
            None => return Ok(None),
        },
        length => (usize::from(length), 0),
    };
    if length > LARGEST {
        return Err(Failure::Protocol(format!("a frame claims {length} bytes")));
    }
    let start = 2 + extended;
    let Some(payload) = bytes.get(start..start + length) else {
        return Ok(None);
    };
    let frame = match first {
        0x81 => Frame::Text(payload),
        0x88 => Frame::Close(payload),
        0x89 | 0x8a => Frame::Control,
        other => return Err(Failure::Protocol(format!("a frame begins with {other:#x}"))),
    };
    Ok(Some((frame, start + length)))
}

pub(crate) fn packet(text: &[u8]) -> Packet<'_> {
    if text.starts_with(DELIVERY) {
        return Packet::Delivery(text);
    }
    match text {
        [b'0', ..] => Packet::Open,
        [b'2', ..] => Packet::Ping,
        [b'4', b'0', ..] => Packet::Connected,
        [b'4', b'4', rest @ ..] => Packet::ConnectError(rest),
        [b'4', b'3', rest @ ..] => acknowledgement(rest).unwrap_or(Packet::Other),
        other if other.starts_with(RESET) => Packet::Reset,
        _ => Packet::Other,
    }
}

fn acknowledgement(rest: &[u8]) -> Option<Packet<'_>> {
    let digits = rest.iter().take_while(|byte| byte.is_ascii_digit()).count();
    let (number, answer) = rest.split_at(digits);
    let number = std::str::from_utf8(number).ok()?.parse().ok()?;
    Some(Packet::Acknowledgement { number, answer })
}

/// The arguments of a delivery, which are JSON.
pub(crate) fn arguments(delivery: &[u8]) -> &[u8] {
    &delivery[2..]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_frame_is_taken_when_it_is_whole() {
        for length in [0_usize, 125, 126, 65_535, 65_536] {
            let mut bytes = vec![0x81];
            match length {
                0..126 => bytes.push(u8::try_from(length).unwrap()),
                126..65_536 => {
                    bytes.push(126);
                    bytes.extend_from_slice(&u16::try_from(length).unwrap().to_be_bytes());
                }
                _ => {
                    bytes.push(127);
                    bytes.extend_from_slice(&(length as u64).to_be_bytes());
                }
            }
            let whole = bytes.len() + length;
            bytes.resize(whole, b'x');
            assert_eq!(first_frame(&bytes[..whole - 1]).unwrap(), None);
            bytes.push(0x81);
            let (frame, taken) = first_frame(&bytes).unwrap().unwrap();
            assert_eq!(taken, whole);
            assert_eq!(frame, Frame::Text(&vec![b'x'; length]));
        }
    }

    #[test]
    fn an_acknowledgement_says_for_what() {
        let Packet::Acknowledgement { number, answer } = packet(br#"4317[{"ok":true}]"#) else {
            panic!("not taken for an acknowledgement");
        };
        assert_eq!((number, answer), (17, br#"[{"ok":true}]"#.as_slice()));
    }

    #[test]
    fn only_messages_are_deliveries() {
        assert!(matches!(
            packet(br#"42["message_received",{}]"#),
            Packet::Delivery(_)
        ));
        assert_eq!(packet(br#"42["presence_changed",{}]"#), Packet::Other);
        assert_eq!(packet(b"2"), Packet::Ping);
    }
}
