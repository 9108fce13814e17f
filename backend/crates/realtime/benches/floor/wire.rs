//! As much of HTTP, WebSocket, Engine.IO and Socket.IO as a driver of loads says and hears.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use sha1::{Digest, Sha1};

const KEY_SUFFIX: &[u8] = b"258EAFA5-E914-47DA-95CA-C5AB0DC85B11";
const TEXT: u8 = 0x81;
const MASKED: u8 = 0x80;
const MASK_BYTES: usize = 4;

/// The answer to the request that opens a WebSocket, and the packet that opens Engine.IO.
pub(crate) fn opening(request: &[u8]) -> Option<Vec<u8>> {
    let request = std::str::from_utf8(request).ok()?;
    let key = request.lines().find_map(|line| {
        let (name, value) = line.split_once(':')?;
        name.eq_ignore_ascii_case("sec-websocket-key")
            .then(|| value.trim())
    })?;
    let accept = STANDARD.encode(
        Sha1::new()
            .chain_update(key)
            .chain_update(KEY_SUFFIX)
            .finalize(),
    );
    let mut answer = format!(
        "HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n\
         Sec-WebSocket-Accept: {accept}\r\n\r\n"
    )
    .into_bytes();
    let open = br#"0{"sid":"floor","upgrades":[],"pingInterval":20000,"pingTimeout":15000,"maxPayload":131072}"#;
    put_frame(&mut answer, open);
    Some(answer)
}

/// Appends one text frame.
pub(crate) fn put_frame(out: &mut Vec<u8>, text: &[u8]) {
    out.push(TEXT);
    match u16::try_from(text.len()) {
        Ok(length) if length < 126 => out.push(length.to_le_bytes()[0]),
        Ok(length) => {
            out.push(126);
            out.extend_from_slice(&length.to_be_bytes());
        }
        Err(_) => {
            out.push(127);
            out.extend_from_slice(&(text.len() as u64).to_be_bytes());
        }
    }
    out.extend_from_slice(text);
}

/// How many bytes of a frame with so much text are not text.
pub(crate) fn header_bytes(text: usize) -> usize {
    match text {
        0..126 => 2,
        126..65_536 => 4,
        _ => 10,
    }
}

/// Takes the first frame from what a client sent, unmasked in place: what it says, and how many
/// bytes it was. `None` while it is not whole.
pub(crate) fn take_frame(bytes: &mut [u8]) -> Option<(&[u8], usize)> {
    let (&[_, second], rest) = bytes.split_first_chunk()?;
    let (length, extended) = match second & !MASKED {
        126 => (usize::from(u16::from_be_bytes(*rest.first_chunk()?)), 2),
        127 => (
            usize::try_from(u64::from_be_bytes(*rest.first_chunk()?)).ok()?,
            8,
        ),
        length => (usize::from(length), 0),
    };
    let start = 2 + extended + MASK_BYTES;
    let end = start.checked_add(length)?;
    if bytes.len() < end {
        return None;
    }
    let (head, text) = bytes[..end].split_at_mut(start);
    let mask: [u8; MASK_BYTES] = *head.last_chunk()?;
    for (byte, mask) in text.iter_mut().zip(mask.iter().cycle()) {
        *byte ^= mask;
    }
    Some((text, end))
}

/// An event of a client, and the number it wants an answer for.
pub(crate) fn event(packet: &str) -> Option<(u64, &str)> {
    let digits = packet.bytes().take_while(u8::is_ascii_digit).count();
    let (number, arguments) = packet.split_at(digits);
    Some((number.parse().ok()?, arguments))
}
