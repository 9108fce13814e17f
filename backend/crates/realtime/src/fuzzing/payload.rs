//! Bodies of polling requests, and the packets in them.

use crate::engine_io::packet::{Malformed, Received};
use crate::engine_io::payload::{Payload, SEPARATOR};
use crate::packet::Packet;

pub(super) fn run(data: &[u8]) {
    let alone = data.split(|byte| *byte == SEPARATOR).map(read);
    let alone: Result<Vec<_>, Malformed> = alone.collect();
    let packets = read(data);
    assert_eq!(packets, alone.map(|packets| packets.concat()));
    if let Ok(packets) = packets {
        let written = write(&packets);
        assert_eq!(read(&written), Ok(packets), "they read the same");
    }
}

fn read(data: &[u8]) -> Result<Vec<Received>, Malformed> {
    let mut payload = Payload::new(data.to_vec())?;
    let mut packets = Vec::new();
    while let Some(packet) = payload.next() {
        packets.push(packet?);
        assert!(packets.len() <= data.len() + 1, "it comes to an end");
    }
    assert!(payload.next().is_none(), "the end stays the end");
    Ok(packets)
}

/// As we would write them ourselves.
fn write(packets: &[Received]) -> Vec<u8> {
    let mut payload = Vec::new();
    for packet in packets {
        let packet = match packet {
            Received::Text(text) => Packet::text_message(text.strip_prefix('4').unwrap_or(text)),
            Received::Binary(data) => Packet::binary_message(data),
            Received::Pong => Packet::engine("3"),
            Received::Close => Packet::engine("1"),
            Received::Noop => Packet::engine("6"),
        };
        packet.put_payload(&mut payload);
    }
    payload
}
