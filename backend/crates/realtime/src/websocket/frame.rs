//! Headers of the frames a server writes (RFC 6455 section 5.2): whole messages, never masked.

/// The longest header a server writes.
pub(crate) const MAX_HEADER: usize = 10;

/// The bit of a message's first frame that says it is compressed.
pub(crate) const COMPRESSED: u8 = 0x40;

/// What a frame is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[repr(u8)]
pub(crate) enum Opcode {
    Continuation = 0,
    Text = 1,
    Binary = 2,
    Close = 8,
    Ping = 9,
    Pong = 10,
}

impl Opcode {
    /// The opcode of a header's low four bits, unless it is one of the reserved.
    pub(crate) fn parse(bits: u8) -> Option<Opcode> {
        Some(match bits {
            0 => Opcode::Continuation,
            1 => Opcode::Text,
            2 => Opcode::Binary,
            8 => Opcode::Close,
            9 => Opcode::Ping,
            10 => Opcode::Pong,
            _ => return None,
        })
    }

    /// Control frames are short, whole, and may stand between the fragments of a message.
    pub(crate) fn is_control(self) -> bool {
        self as u8 >= 8
    }
}

/// A header on the stack.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Header {
    bytes: [u8; MAX_HEADER],
    len: usize,
}

impl std::ops::Deref for Header {
    type Target = [u8];

    fn deref(&self) -> &[u8] {
        &self.bytes[..self.len]
    }
}

impl Header {
    /// The same, of a message that is compressed (RFC 7692 section 6).
    pub(crate) fn compressed(mut self) -> Header {
        self.bytes[0] |= COMPRESSED;
        self
    }
}

/// The header of a whole message of `len` bytes.
pub(crate) fn header(opcode: Opcode, len: usize) -> Header {
    let mut bytes = [0; MAX_HEADER];
    bytes[0] = 0x80 | opcode as u8;
    let len = match (u8::try_from(len), u16::try_from(len)) {
        (Ok(short), _) if short < 126 => {
            bytes[1] = short;
            2
        }
        (_, Ok(medium)) => {
            bytes[1] = 126;
            bytes[2..4].copy_from_slice(&medium.to_be_bytes());
            4
        }
        _ => {
            bytes[1] = 127;
            bytes[2..10].copy_from_slice(&(len as u64).to_be_bytes());
            10
        }
    };
    Header { bytes, len }
}
