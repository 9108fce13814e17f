//! Frames of a WebSocket, whole and in pieces, compressed or not, under any limit.
//!
//! The first byte chooses the limit and whether messages may be compressed, the second how the
//! rest is cut into pieces.

use bytes::Bytes;

use crate::websocket::decoder::{DecodeError, Decoder, Message};

const LIMITS: [usize; 8] = [0, 1, 125, 126, 200, 65_535, 65_536, 128 * 1024];
/// The longest head of a client's frame.
const MAX_HEAD: usize = 14;
/// Any mask does.
const MASK: [u8; 4] = [0x9a, 0x00, 0xff, 0x41];

pub(super) fn run(data: &[u8]) {
    let [choice, piece, bytes @ ..] = data else {
        return;
    };
    let limit = LIMITS[usize::from(*choice) % LIMITS.len()];
    let inflates = usize::from(*choice) >= LIMITS.len();
    let decode = |bytes, piece| decode(bytes, limit, inflates, piece);
    let piece = usize::from(*piece).max(1);
    let whole = decode(bytes, bytes.len().max(1));
    let pieces = decode(bytes, piece);
    assert_eq!(whole, pieces, "pieces come to the same");
    for message in &whole.0 {
        assert!(size(message) <= limit.max(125), "larger than allowed");
    }
    let again: Vec<u8> = whole.0.iter().flat_map(frame).collect();
    let read = decode(&again, piece);
    assert_eq!(read, (whole.0, None), "what was read is written and read");
}

/// The messages up to what is refused, and why that is.
fn decode(
    bytes: &[u8],
    limit: usize,
    inflates: bool,
    piece: usize,
) -> (Vec<Message>, Option<DecodeError>) {
    let mut decoder = Decoder::new(limit);
    if inflates {
        decoder = decoder.inflating();
    }
    let mut messages = Vec::new();
    for piece in bytes.chunks(piece) {
        decoder.feed(piece);
        loop {
            match decoder.next() {
                Ok(Some(message)) => messages.push(message),
                Ok(None) => break,
                Err(error) => return (messages, Some(error)),
            }
        }
        let most = limit.max(125) + MAX_HEAD + limit;
        assert!(decoder.kept() <= most, "a frame and its message, no more");
    }
    (messages, None)
}

fn size(message: &Message) -> usize {
    match message {
        Message::Text(text) => text.len(),
        Message::Binary(data) | Message::Ping(data) => data.len(),
        Message::Pong | Message::Close(_) => 0,
    }
}

/// A message as a client would send it.
fn frame(message: &Message) -> Vec<u8> {
    let (opcode, payload) = match message {
        Message::Text(text) => (1, Bytes::copy_from_slice(text.as_bytes())),
        Message::Binary(data) => (2, data.clone()),
        Message::Close(code) => (8, code.map_or_else(Bytes::new, close)),
        Message::Ping(data) => (9, data.clone()),
        Message::Pong => (10, Bytes::new()),
    };
    let mut frame = vec![0x80 | opcode];
    match (u8::try_from(payload.len()), u16::try_from(payload.len())) {
        (Ok(len), _) if len < 126 => frame.push(0x80 | len),
        (_, Ok(len)) => {
            frame.push(0xfe);
            frame.extend(len.to_be_bytes());
        }
        _ => {
            frame.push(0xff);
            frame.extend((payload.len() as u64).to_be_bytes());
        }
    }
    frame.extend(MASK);
    let masked = payload.iter().zip(MASK.iter().cycle());
    frame.extend(masked.map(|(byte, mask)| byte ^ mask));
    frame
}

fn close(code: u16) -> Bytes {
    Bytes::copy_from_slice(&code.to_be_bytes())
}
