//! Reads the frames of a client (RFC 6455 section 5), without I/O.
//!
//! Bytes go in, whole messages come out. Everything a server must refuse is refused: unmasked
//! frames, reserved bits and opcodes, fragmented or long control frames, stray continuations,
//! lengths that are not minimal, text that is not UTF-8, and anything larger than allowed, which
//! is refused by its header before a byte of it is kept. What is compressed is as bounded in both
//! forms.

use bytes::Bytes;

use super::deflate::{InflateError, inflate};
use super::frame::{COMPRESSED, Opcode};

/// The longest payload of a control frame.
const MAX_CONTROL: usize = 125;

/// Something a client said.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Message {
    Text(String),
    Binary(Bytes),
    Ping(Bytes),
    Pong,
    /// With the code it gave, if it gave one.
    Close(Option<u16>),
}

/// Why a client's bytes are refused. Nothing can be read after it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum DecodeError {
    Protocol,
    TooLarge,
    InvalidText,
}

/// The reading side of a WebSocket.
#[derive(Debug)]
pub(crate) struct Decoder {
    /// The largest message, and so the largest frame.
    limit: usize,
    buffer: Vec<u8>,
    /// How much of the buffer has been read.
    read: usize,
    /// Whether messages may be compressed.
    inflates: bool,
    fragments: Option<Fragments>,
}

/// What there is of a message so far.
#[derive(Debug)]
struct Fragments {
    text: bool,
    compressed: bool,
    payload: Vec<u8>,
}

/// The head of a frame.
#[derive(Debug, Clone, Copy)]
struct Head {
    fin: bool,
    compressed: bool,
    opcode: Opcode,
    mask: [u8; 4],
    /// Where the payload starts, counted from the start of the frame.
    start: usize,
    len: usize,
}

impl Decoder {
    pub(crate) fn new(limit: usize) -> Decoder {
        Decoder {
            limit,
            buffer: Vec::new(),
            read: 0,
            inflates: false,
            fragments: None,
        }
    }

    /// The same for a client that may compress its messages.
    pub(crate) fn inflating(self) -> Decoder {
        Decoder {
            inflates: true,
            ..self
        }
    }

    /// Takes what was received. Call [`Decoder::next`] until it has nothing before feeding more:
    /// then at most one frame is kept here besides what is fed.
    pub(crate) fn feed(&mut self, bytes: &[u8]) {
        self.buffer.extend_from_slice(bytes);
    }

    /// The next message, if it is there completely.
    pub(crate) fn next(&mut self) -> Result<Option<Message>, DecodeError> {
        while let Some(head) = self.head()? {
            let frame = &self.buffer[self.read..];
            let Some(payload) = frame.get(head.start..head.start + head.len) else {
                break;
            };
            let mut payload = payload.to_vec();
            unmask(&mut payload, head.mask);
            self.read += head.start + head.len;
            if let Some(message) = self.take(head, payload)? {
                return Ok(Some(message));
            }
        }
        self.settle();
        Ok(None)
    }

    /// Reads the head of the next frame, once it is there.
    fn head(&self) -> Result<Option<Head>, DecodeError> {
        let bytes = &self.buffer[self.read..];
        let &[first, second, ..] = bytes else {
            return Ok(None);
        };
        let opcode = Opcode::parse(first & 0x0f).ok_or(DecodeError::Protocol)?;
        let fin = first & 0x80 != 0;
        let compressed = first & COMPRESSED != 0;
        // Said once a message, by its first frame.
        let may = self.inflates && matches!(opcode, Opcode::Text | Opcode::Binary);
        let reserved = first & 0x30 != 0 || (compressed && !may);
        let masked = second & 0x80 != 0;
        if reserved || !masked {
            return Err(DecodeError::Protocol);
        }
        let (len, at) = match second & 0x7f {
            126 => {
                let Some(len) = bytes.get(2..).and_then(<[u8]>::first_chunk) else {
                    return Ok(None);
                };
                (minimal(u16::from_be_bytes(*len).into(), 126)?, 4)
            }
            127 => {
                let Some(len) = bytes.get(2..).and_then(<[u8]>::first_chunk) else {
                    return Ok(None);
                };
                (minimal(u64::from_be_bytes(*len), 1 << 16)?, 10)
            }
            short => (u64::from(short), 2),
        };
        let len = usize::try_from(len).map_err(|_| DecodeError::TooLarge)?;
        self.check(fin, opcode, len)?;
        let Some(mask) = bytes.get(at..).and_then(<[u8]>::first_chunk) else {
            return Ok(None);
        };
        Ok(Some(Head {
            fin,
            compressed,
            opcode,
            mask: *mask,
            start: at + 4,
            len,
        }))
    }

    /// Whether a frame may come now, and be this large.
    fn check(&self, fin: bool, opcode: Opcode, len: usize) -> Result<(), DecodeError> {
        if opcode.is_control() {
            let legal = fin && len <= MAX_CONTROL;
            return if legal {
                Ok(())
            } else {
                Err(DecodeError::Protocol)
            };
        }
        let before = match (&self.fragments, opcode) {
            (Some(fragments), Opcode::Continuation) => fragments.payload.len(),
            (None, Opcode::Text | Opcode::Binary) => 0,
            _ => return Err(DecodeError::Protocol),
        };
        if len > self.limit - before {
            Err(DecodeError::TooLarge)
        } else {
            Ok(())
        }
    }

    /// Takes a whole frame, which may complete a message.
    fn take(&mut self, head: Head, payload: Vec<u8>) -> Result<Option<Message>, DecodeError> {
        match head.opcode {
            Opcode::Ping => return Ok(Some(Message::Ping(payload.into()))),
            Opcode::Pong => return Ok(Some(Message::Pong)),
            Opcode::Close => return close(&payload).map(Some),
            Opcode::Text | Opcode::Binary | Opcode::Continuation => {}
        }
        let message = match self.fragments.take() {
            None => Fragments {
                text: head.opcode == Opcode::Text,
                compressed: head.compressed,
                payload,
            },
            Some(mut fragments) => {
                fragments.payload.extend_from_slice(&payload);
                fragments
            }
        };
        if head.fin {
            message.whole(self.limit).map(Some)
        } else {
            self.fragments = Some(message);
            Ok(None)
        }
    }

    /// How many bytes are kept.
    #[cfg(any(test, feature = "fuzzing"))]
    pub(crate) fn kept(&self) -> usize {
        let fragments = self.fragments.as_ref();
        self.buffer.len() + fragments.map_or(0, |fragments| fragments.payload.len())
    }

    /// Forgets what has been read, and the memory with it: most connections are quiet most of the
    /// time.
    fn settle(&mut self) {
        if self.read == self.buffer.len() {
            self.buffer = Vec::new();
        } else {
            self.buffer.drain(..self.read);
        }
        self.read = 0;
    }
}

impl Fragments {
    /// The message, now that all of it is there.
    fn whole(self, limit: usize) -> Result<Message, DecodeError> {
        let payload = if self.compressed {
            inflate(&self.payload, limit).map_err(|error| match error {
                InflateError::Invalid => DecodeError::Protocol,
                InflateError::TooLarge => DecodeError::TooLarge,
            })?
        } else {
            self.payload
        };
        if self.text {
            let text = String::from_utf8(payload).map_err(|_| DecodeError::InvalidText)?;
            Ok(Message::Text(text))
        } else {
            Ok(Message::Binary(payload.into()))
        }
    }
}

/// A length must be written in as few bytes as possible.
fn minimal(len: u64, least: u64) -> Result<u64, DecodeError> {
    if len < least {
        Err(DecodeError::Protocol)
    } else {
        Ok(len)
    }
}

fn unmask(payload: &mut [u8], mask: [u8; 4]) {
    let (words, rest) = payload.as_chunks_mut::<4>();
    for word in words {
        for (byte, mask) in word.iter_mut().zip(mask) {
            *byte ^= mask;
        }
    }
    for (byte, mask) in rest.iter_mut().zip(mask) {
        *byte ^= mask;
    }
}

/// The payload of a close frame: nothing, or a code and a reason (RFC 6455 section 7.4).
fn close(payload: &[u8]) -> Result<Message, DecodeError> {
    if payload.is_empty() {
        return Ok(Message::Close(None));
    }
    let (code, reason) = payload.split_first_chunk().ok_or(DecodeError::Protocol)?;
    let code = u16::from_be_bytes(*code);
    if !matches!(code, 1000..=1003 | 1007..=1014 | 3000..=4999) {
        return Err(DecodeError::Protocol);
    }
    std::str::from_utf8(reason).map_err(|_| DecodeError::InvalidText)?;
    Ok(Message::Close(Some(code)))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::websocket::deflate::deflate;

    const LIMIT: usize = 70_000;

    /// A frame as a client sends it.
    fn frame(fin: bool, opcode: u8, payload: &[u8]) -> Vec<u8> {
        let mask = [0x11, 0x22, 0x33, 0x44];
        let mut bytes = vec![u8::from(fin) << 7 | opcode];
        match payload.len() {
            len @ 0..126 => bytes.push(0x80 | u8::try_from(len).unwrap()),
            len @ 126..65_536 => {
                bytes.push(0xfe);
                bytes.extend(u16::try_from(len).unwrap().to_be_bytes());
            }
            len => {
                bytes.push(0xff);
                bytes.extend((len as u64).to_be_bytes());
            }
        }
        bytes.extend(mask);
        bytes.extend(
            payload
                .iter()
                .zip(mask.iter().cycle())
                .map(|(byte, mask)| byte ^ mask),
        );
        bytes
    }

    fn decode(bytes: &[u8]) -> Result<Vec<Message>, DecodeError> {
        decode_in(bytes, bytes.len().max(1))
    }

    fn decode_in(bytes: &[u8], piece: usize) -> Result<Vec<Message>, DecodeError> {
        decode_with(Decoder::new(LIMIT), bytes, piece)
    }

    fn inflate_all(bytes: &[u8]) -> Result<Vec<Message>, DecodeError> {
        decode_with(Decoder::new(LIMIT).inflating(), bytes, 100)
    }

    fn decode_with(
        mut decoder: Decoder,
        bytes: &[u8],
        piece: usize,
    ) -> Result<Vec<Message>, DecodeError> {
        let mut messages = Vec::new();
        for piece in bytes.chunks(piece) {
            decoder.feed(piece);
            while let Some(message) = decoder.next()? {
                messages.push(message);
            }
        }
        Ok(messages)
    }

    fn text(text: &str) -> Message {
        Message::Text(text.to_owned())
    }

    #[test]
    fn messages_come_out_whole_however_the_bytes_arrive() {
        let mut bytes = frame(true, 1, b"hello");
        bytes.extend(frame(true, 2, &[7; 300]));
        bytes.extend(frame(true, 9, b"you there?"));
        bytes.extend(frame(true, 1, "x".repeat(LIMIT).as_bytes()));
        let expected = [
            text("hello"),
            Message::Binary(vec![7; 300].into()),
            Message::Ping(Bytes::from_static(b"you there?")),
            text(&"x".repeat(LIMIT)),
        ];
        for piece in [1, 3, 1000, bytes.len()] {
            assert_eq!(decode_in(&bytes, piece).unwrap(), expected);
        }
    }

    #[test]
    fn control_frames_may_stand_between_fragments() {
        let mut bytes = frame(false, 1, "hä".as_bytes().split_at(2).0);
        bytes.extend(frame(true, 10, b""));
        bytes.extend(frame(false, 0, "hä".as_bytes().split_at(2).1));
        bytes.extend(frame(true, 0, b"!"));
        assert_eq!(decode(&bytes).unwrap(), [Message::Pong, text("hä!")]);
    }

    #[test]
    fn what_breaks_the_protocol_is_refused() {
        let unmasked = vec![0x81, 2, b'h', b'i'];
        let reserved = vec![0xc1, 0x80, 0, 0, 0, 0];
        let not_minimal = vec![0x82, 0xfe, 0, 5, 0, 0, 0, 0];
        let not_minimal_either = vec![0x82, 0xff, 0, 0, 0, 0, 0, 0, 0xff, 0xff];
        let opcode = frame(true, 3, b"");
        let fragmented_ping = frame(false, 9, b"");
        let long_ping = frame(true, 9, &[0; 126]);
        let stray = frame(true, 0, b"");
        let interrupted = [frame(false, 1, b"a"), frame(true, 1, b"b")].concat();
        let short_close = frame(true, 8, &[3]);
        let odd_close = frame(true, 8, &1005_u16.to_be_bytes());
        for bytes in [
            unmasked,
            reserved,
            not_minimal,
            not_minimal_either,
            opcode,
            fragmented_ping,
            long_ping,
            stray,
            interrupted,
            short_close,
            odd_close,
        ] {
            assert_eq!(decode(&bytes), Err(DecodeError::Protocol), "{bytes:?}");
        }
    }

    #[test]
    fn what_is_too_large_is_refused_by_its_header() {
        let mut head = frame(true, 2, &vec![0; LIMIT + 1]);
        head.truncate(10);
        assert_eq!(decode(&head), Err(DecodeError::TooLarge));
        let huge = [&[0x82, 0xff][..], &u64::MAX.to_be_bytes()].concat();
        assert_eq!(decode(&huge), Err(DecodeError::TooLarge));
        let pieces = [frame(false, 2, &vec![0; LIMIT]), frame(true, 0, &[0])].concat();
        assert_eq!(decode(&pieces), Err(DecodeError::TooLarge));
    }

    #[test]
    fn a_compressed_message_may_come_in_pieces_with_pings_between() {
        let long = "häppy ".repeat(10_000);
        let short = deflate(long.as_bytes()).unwrap();
        let (first, rest) = short.split_at(10);
        let mut bytes = frame(false, 0x41, first);
        bytes.extend(frame(true, 9, b"?"));
        bytes.extend(frame(false, 0, b""));
        bytes.extend(frame(true, 0, rest));
        bytes.extend(frame(true, 1, b"plain"));
        bytes.extend(frame(true, 0x42, &[0]));
        let expected = [
            Message::Ping(Bytes::from_static(b"?")),
            text(&long),
            text("plain"),
            Message::Binary(Bytes::new()),
        ];
        assert_eq!(inflate_all(&bytes).unwrap(), expected);
    }

    #[test]
    fn only_the_first_frame_of_a_message_says_that_it_is_compressed() {
        let hello = [0xf2, 0x48, 0xcd, 0xc9, 0xc9, 0x07, 0x00];
        for opcode in [0x41, 0x42] {
            let bytes = frame(true, opcode, &hello);
            assert_eq!(decode(&bytes), Err(DecodeError::Protocol), "not agreed on");
        }
        let in_the_middle = [frame(false, 1, b"a"), frame(true, 0x40, &hello)].concat();
        let twice = [frame(false, 0x41, &hello), frame(true, 0x40, b"")].concat();
        let ping = frame(true, 0x49, b"");
        let close = frame(true, 0x48, b"");
        let others = [
            frame(true, 0x21, b""),
            frame(true, 0x11, b""),
            frame(true, 0x61, &hello),
        ];
        for bytes in [in_the_middle, twice, ping, close].iter().chain(&others) {
            assert_eq!(inflate_all(bytes), Err(DecodeError::Protocol), "{bytes:x?}");
        }
    }

    #[test]
    fn what_is_compressed_is_as_bounded_and_as_much_text() {
        let bomb = deflate(&vec![b'x'; LIMIT + 1]).unwrap();
        assert_eq!(
            inflate_all(&frame(true, 0x41, &bomb)),
            Err(DecodeError::TooLarge)
        );
        let noise = frame(true, 0x41, &[0xff; 10]);
        assert_eq!(inflate_all(&noise), Err(DecodeError::Protocol));
        let not_text = deflate(&[0xff; 50]).unwrap();
        assert_eq!(
            inflate_all(&frame(true, 0x41, &not_text)),
            Err(DecodeError::InvalidText)
        );
    }

    #[test]
    fn text_is_utf_8() {
        assert_eq!(
            decode(&frame(true, 1, &[0xff])),
            Err(DecodeError::InvalidText)
        );
        let reason = [&1000_u16.to_be_bytes()[..], &[0xff]].concat();
        assert_eq!(
            decode(&frame(true, 8, &reason)),
            Err(DecodeError::InvalidText)
        );
    }

    #[test]
    fn a_close_says_why() {
        assert_eq!(
            decode(&frame(true, 8, b"")).unwrap(),
            [Message::Close(None)]
        );
        let payload = [&4001_u16.to_be_bytes()[..], b"bye"].concat();
        assert_eq!(
            decode(&frame(true, 8, &payload)).unwrap(),
            [Message::Close(Some(4001))]
        );
    }

    #[test]
    fn a_quiet_decoder_holds_no_memory() {
        let mut decoder = Decoder::new(LIMIT);
        decoder.feed(&frame(true, 2, &[0; 5000]));
        assert!(decoder.next().unwrap().is_some());
        assert!(decoder.next().unwrap().is_none());
        assert_eq!(decoder.buffer.capacity(), 0);
    }

    proptest! {
        #[test]
        fn no_bytes_make_it_panic_or_hoard(
            bytes in prop::collection::vec(any::<u8>(), 0..600),
            piece in 1..100_usize,
            inflates: bool,
        ) {
            let mut decoder = Decoder::new(200);
            if inflates {
                decoder = decoder.inflating();
            }
            'fed: for piece in bytes.chunks(piece) {
                decoder.feed(piece);
                loop {
                    match decoder.next() {
                        Ok(Some(_)) => {}
                        Ok(None) => break,
                        Err(_) => break 'fed,
                    }
                }
                prop_assert!(decoder.buffer.len() <= 214);
                prop_assert!(decoder.fragments.as_ref().is_none_or(|got| got.payload.len() <= 200));
            }
        }

        #[test]
        fn what_a_client_says_is_heard(
            parts in prop::collection::vec(prop::collection::vec(any::<u8>(), 0..300), 1..5),
            piece in 1..400_usize,
        ) {
            let last = parts.len() - 1;
            let frames = parts.iter().enumerate().flat_map(|(at, part)| {
                frame(at == last, if at == 0 { 2 } else { 0 }, part)
            });
            let bytes: Vec<u8> = frames.collect();
            let whole = Message::Binary(parts.concat().into());
            prop_assert_eq!(decode_in(&bytes, piece).unwrap(), vec![whole]);
        }
    }
}
