//! Packets: encoded once, shared by everyone who is sent them.
//!
//! A packet holds the bytes of its WebSocket frames, and the text a polling client gets is a slice
//! of the same bytes. Its compressed form is made when the first client wants it, and shared like
//! the other. Decoding is elsewhere (`socket_io`, `engine_io`).

use std::fmt;
use std::sync::{Arc, OnceLock};

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use bytes::{BufMut, Bytes, BytesMut};
use serde::Serialize;
use serde_json::value::RawValue;

use crate::websocket::deflate::deflate;
use crate::websocket::extension::Compressed;
use crate::websocket::frame::{self, MAX_HEADER, Opcode};

/// An encoded packet. Cheap to clone: everyone shares the same bytes.
#[derive(Clone)]
pub struct Packet(Arc<Encoded>);

struct Encoded {
    /// All WebSocket frames of the packet, back to back.
    wire: Box<[u8]>,
    /// Where the text of the first frame stands in `wire`. Empty for frames that only exist on a
    /// WebSocket (pong, close).
    text: (u32, u32),
    /// Where the payloads of the binary frames stand in `wire`.
    binary: Box<[(u32, u32)]>,
    /// The frames compressed, unless that makes them no smaller.
    deflated: OnceLock<Option<Box<[u8]>>>,
}

/// A numbered packet: one entry of a topic's log.
#[derive(Debug, Clone)]
pub struct Frame {
    /// Its place in the log: 1, 2, 3 without a gap.
    pub seq: u64,
    /// What readers are sent.
    pub packet: Packet,
}

impl Packet {
    /// The EVENT packet (type 2) `["name",data]` of a namespace.
    ///
    /// # Panics
    ///
    /// When `data` cannot be JSON (a map with keys that are no strings).
    pub fn event<T: Serialize + ?Sized>(namespace: &str, name: &str, data: &T) -> Packet {
        Packet::build(|text| {
            put_head(text, *b"42", namespace, None);
            put_json(text, &(name, data));
        })
    }

    /// The EVENT packet (type 2, or 5 with attachments) of a namespace with arguments that are JSON
    /// already, and binary attachments for the placeholders `{"_placeholder":true,"num":N}` in
    /// them. As many as are given: whether they fit the placeholders is not looked at.
    ///
    /// # Panics
    ///
    /// Never: raw values are JSON already.
    pub fn event_with(
        namespace: &str,
        name: &str,
        args: &[Box<RawValue>],
        attachments: &[Bytes],
    ) -> Packet {
        Packet::with_attachments(attachments, |text| {
            let kind: &[u8] = if attachments.is_empty() { b"42" } else { b"45" };
            text.put_slice(kind);
            put_attachment_count(text, attachments.len());
            put_namespace(text, namespace);
            text.put_u8(b'[');
            put_json(text, name);
            for arg in args {
                text.put_u8(b',');
                text.put_slice(arg.get().as_bytes());
            }
            text.put_u8(b']');
        })
    }

    /// A text message of Engine.IO (type 4), for engines without Socket.IO on top.
    pub fn text_message(text: &str) -> Packet {
        Packet::build(|out| {
            out.put_u8(b'4');
            out.put_slice(text.as_bytes());
        })
    }

    /// A binary message of Engine.IO: a binary frame, or `b` and base64 in a polling payload.
    pub fn binary_message(data: &[u8]) -> Packet {
        let mut wire = BytesMut::with_capacity(MAX_HEADER + data.len());
        let span = put_frame(&mut wire, Opcode::Binary, data);
        Packet::new(&wire, (0, 0), [span].into())
    }

    /// How many bytes it takes on a WebSocket that does not compress, headers included.
    pub fn len(&self) -> usize {
        self.0.wire.len()
    }

    /// Never: a packet has a header at least.
    pub fn is_empty(&self) -> bool {
        self.0.wire.is_empty()
    }

    /// The Engine.IO text of the packet, as in `42["name",{}]`.
    pub fn text(&self) -> &[u8] {
        let (from, to) = self.0.text;
        &self.0.wire[from as usize..to as usize]
    }

    /// An acknowledgement: `43[nsp,]id[...args]`.
    pub(crate) fn ack<T: Serialize + ?Sized>(namespace: &str, id: u64, value: &T) -> Packet {
        Packet::build(|text| {
            put_head(text, *b"43", namespace, Some(id));
            put_json(text, &[value]);
        })
    }

    /// An acknowledgement with several arguments and attachments.
    pub(crate) fn ack_with(
        namespace: &str,
        id: u64,
        args: &[Box<RawValue>],
        attachments: &[Bytes],
    ) -> Packet {
        Packet::with_attachments(attachments, |text| {
            let kind: &[u8] = if attachments.is_empty() { b"43" } else { b"46" };
            text.put_slice(kind);
            put_attachment_count(text, attachments.len());
            put_namespace(text, namespace);
            text.put_slice(id.to_string().as_bytes());
            put_json(text, args);
        })
    }

    /// An EVENT that asks for an acknowledgement.
    pub(crate) fn event_asking<T: Serialize + ?Sized>(
        namespace: &str,
        id: u64,
        name: &str,
        data: &T,
    ) -> Packet {
        Packet::build(|text| {
            put_head(text, *b"42", namespace, Some(id));
            put_json(text, &(name, data));
        })
    }

    /// A Socket.IO packet of `kind` (with the `4` before it) whose payload is `value`.
    pub(crate) fn control<T: Serialize + ?Sized>(
        kind: [u8; 2],
        namespace: &str,
        value: Option<&T>,
    ) -> Packet {
        Packet::build(|text| {
            put_head(text, kind, namespace, None);
            if let Some(value) = value {
                put_json(text, value);
            }
        })
    }

    /// An Engine.IO packet of text, its type character included.
    pub(crate) fn engine(text: &str) -> Packet {
        Packet::build(|out| out.put_slice(text.as_bytes()))
    }

    /// A frame that only a WebSocket knows: pong and close.
    pub(crate) fn websocket(opcode: Opcode, payload: &[u8]) -> Packet {
        let mut wire = BytesMut::with_capacity(MAX_HEADER + payload.len());
        put_frame(&mut wire, opcode, payload);
        Packet::new(&wire, (0, 0), Box::default())
    }

    /// The frames for a WebSocket, as they are.
    pub(crate) fn wire(&self) -> &[u8] {
        &self.0.wire
    }

    /// The frames for a WebSocket that is sent such packets compressed. Never longer than
    /// [`Packet::len`], and for one WebSocket always the same bytes.
    pub(crate) fn wire_for(&self, compressed: Compressed) -> &[u8] {
        if !compressed.covers(self.len()) {
            return &self.0.wire;
        }
        let deflated = self.0.deflated.get_or_init(|| self.deflate());
        deflated.as_deref().unwrap_or(&self.0.wire)
    }

    /// How many bytes of memory it may come to take, both of its forms.
    pub(crate) fn weight(&self, compressed: Compressed) -> usize {
        let len = self.len();
        len + if compressed.covers(len) { len } else { 0 }
    }

    /// As how many packets it stands in a polling payload.
    pub(crate) fn parts(&self) -> usize {
        usize::from(!self.text().is_empty()) + self.binaries().count()
    }

    /// How many bytes it takes in a polling payload, without a separator.
    pub(crate) fn payload_len(&self) -> usize {
        let text = self.text().len();
        let binary = self.binaries().map(|data| 2 + data.len().div_ceil(3) * 4);
        text + binary.sum::<usize>()
    }

    /// Appends it to a polling payload, in front of it a separator if something is there already.
    pub(crate) fn put_payload(&self, payload: &mut Vec<u8>) {
        if !self.text().is_empty() {
            separate(payload);
            payload.extend_from_slice(self.text());
        }
        for data in self.binaries() {
            separate(payload);
            payload.push(b'b');
            payload.extend_from_slice(STANDARD.encode(data).as_bytes());
        }
    }

    fn binaries(&self) -> impl Iterator<Item = &[u8]> {
        let spans = self.0.binary.iter();
        spans.map(|&(from, to)| &self.0.wire[from as usize..to as usize])
    }

    /// Compresses its frames, unless that does not make them smaller. Pongs and the like never are.
    fn deflate(&self) -> Option<Box<[u8]>> {
        let text = (!self.text().is_empty()).then(|| (Opcode::Text, self.text()));
        let binary = self.binaries().map(|data| (Opcode::Binary, data));
        let mut wire = BytesMut::with_capacity(self.len());
        for (opcode, payload) in text.into_iter().chain(binary) {
            if let Some(short) = deflate(payload) {
                wire.put_slice(&frame::header(opcode, short.len()).compressed());
                wire.put_slice(&short);
            } else {
                put_frame(&mut wire, opcode, payload);
            }
        }
        (!wire.is_empty() && wire.len() < self.len()).then(|| wire[..].into())
    }

    /// Copies the frames: a packet may live long in a topic's tail, without what growing left over.
    fn new(wire: &[u8], text: (u32, u32), binary: Box<[(u32, u32)]>) -> Packet {
        Packet(Arc::new(Encoded {
            wire: wire.into(),
            text,
            binary,
            deflated: OnceLock::new(),
        }))
    }

    fn build(write: impl FnOnce(&mut BytesMut)) -> Packet {
        Packet::with_attachments(&[], write)
    }

    /// Writes the text behind room for the largest header, then puts the header right before it:
    /// no second buffer, no copy of the text.
    fn with_attachments(attachments: &[Bytes], write: impl FnOnce(&mut BytesMut)) -> Packet {
        let mut wire = BytesMut::with_capacity(256);
        wire.put_bytes(0, MAX_HEADER);
        write(&mut wire);
        let text_len = wire.len() - MAX_HEADER;
        let header = frame::header(Opcode::Text, text_len);
        let start = MAX_HEADER - header.len();
        wire[start..MAX_HEADER].copy_from_slice(&header);
        let spans = attachments
            .iter()
            .map(|data| put_frame(&mut wire, Opcode::Binary, data));
        let spans = spans
            .map(|(from, to)| (from - offset(start), to - offset(start)))
            .collect();
        let text = (
            offset(MAX_HEADER - start),
            offset(MAX_HEADER - start + text_len),
        );
        Packet::new(&wire[start..], text, spans)
    }
}

impl fmt::Debug for Packet {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Packet")
            .field(&String::from_utf8_lossy(self.text()))
            .finish()
    }
}

fn put_frame(wire: &mut BytesMut, opcode: Opcode, payload: &[u8]) -> (u32, u32) {
    wire.put_slice(&frame::header(opcode, payload.len()));
    let from = offset(wire.len());
    wire.put_slice(payload);
    (from, offset(wire.len()))
}

fn offset(at: usize) -> u32 {
    u32::try_from(at).expect("a packet is smaller than 4 GiB")
}

fn separate(payload: &mut Vec<u8>) {
    if !payload.is_empty() {
        payload.push(crate::engine_io::payload::SEPARATOR);
    }
}

fn put_head(text: &mut BytesMut, kind: [u8; 2], namespace: &str, id: Option<u64>) {
    text.put_slice(&kind);
    put_namespace(text, namespace);
    if let Some(id) = id {
        text.put_slice(id.to_string().as_bytes());
    }
}

fn put_attachment_count(text: &mut BytesMut, count: usize) {
    if count > 0 {
        text.put_slice(count.to_string().as_bytes());
        text.put_u8(b'-');
    }
}

fn put_namespace(text: &mut BytesMut, namespace: &str) {
    if namespace != "/" {
        text.put_slice(namespace.as_bytes());
        text.put_u8(b',');
    }
}

fn put_json<T: Serialize + ?Sized>(text: &mut BytesMut, value: &T) {
    serde_json::to_writer(text.writer(), value).expect("what is sent can be written as JSON");
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::websocket::deflate::inflate;

    fn text(packet: &Packet) -> String {
        String::from_utf8(packet.text().to_vec()).expect("packets are text")
    }

    #[test]
    fn an_event_is_framed_once_for_websocket_and_polling() {
        let packet = Packet::event("/", "greeting", &serde_json::json!({"to": "you"}));
        assert_eq!(text(&packet), r#"42["greeting",{"to":"you"}]"#);
        assert_eq!(
            packet.wire()[..2],
            [0x81, u8::try_from(packet.text().len()).unwrap()]
        );
        assert_eq!(&packet.wire()[2..], packet.text());
    }

    #[test]
    fn a_long_event_has_a_long_header() {
        for length in [125, 126, 65_535, 65_536, 100_000] {
            let data = "x".repeat(length);
            let packet = Packet::event("/", "e", &data);
            let header = frame::header(Opcode::Text, packet.text().len());
            assert_eq!(packet.len(), header.len() + packet.text().len());
            assert!(packet.wire().starts_with(&header));
            assert!(packet.wire().ends_with(packet.text()));
        }
    }

    #[test]
    fn a_packet_is_compressed_once_and_for_those_who_take_it() {
        let packet = Packet::event("/", "e", &"word ".repeat(100));
        let short = packet.wire_for(Compressed::at_least(packet.len()));
        assert_eq!(short[0], 0xc1);
        assert!(short.len() < 50);
        let text = inflate(&short[2..], packet.text().len()).unwrap();
        assert_eq!(text, packet.text());
        let again = packet.clone();
        assert_eq!(
            again.wire_for(Compressed::at_least(0)).as_ptr(),
            short.as_ptr()
        );
        for others in [Compressed::NOTHING, Compressed::at_least(packet.len() + 1)] {
            assert_eq!(packet.wire_for(others), packet.wire());
        }
    }

    #[test]
    fn what_does_not_get_smaller_is_sent_as_it_is() {
        let all = Compressed::at_least(0);
        for packet in [
            Packet::engine("2"),
            Packet::event("/", "e", "hello"),
            Packet::binary_message(&[7]),
            Packet::websocket(Opcode::Pong, &[b'x'; 125]),
            Packet::websocket(Opcode::Close, &[]),
        ] {
            assert_eq!(packet.wire_for(all), packet.wire());
        }
    }

    #[test]
    fn attachments_are_compressed_each_by_itself() {
        let text = RawValue::from_string(r#""no""#.to_owned()).unwrap();
        let attachments = [Bytes::from(vec![7; 5000]), Bytes::from_static(&[1, 2])];
        let packet = Packet::event_with("/", "b", &[text], &attachments);
        let short = packet.wire_for(Compressed::at_least(0));
        let mut expected = vec![0x81, u8::try_from(packet.text().len()).unwrap()];
        expected.extend(packet.text());
        assert!(short.starts_with(&expected));
        assert!(short.ends_with(&[0x82, 2, 1, 2]));
        let middle = &short[expected.len()..short.len() - 4];
        assert_eq!(middle[0], 0xc2);
        assert_eq!(inflate(&middle[2..], 5000).unwrap(), [7; 5000]);
    }

    #[test]
    fn another_namespace_stands_in_front() {
        assert_eq!(
            text(&Packet::event("/custom", "a", &1)),
            r#"42/custom,["a",1]"#
        );
        assert_eq!(
            text(&Packet::ack("/custom", 7, "yes")),
            r#"43/custom,7["yes"]"#
        );
        assert_eq!(text(&Packet::ack("/", 7, "yes")), r#"437["yes"]"#);
        assert_eq!(
            text(&Packet::control::<()>(*b"41", "/custom", None)),
            "41/custom,"
        );
    }

    #[test]
    fn attachments_follow_as_binary_frames_and_as_base64_in_a_payload() {
        let hole = RawValue::from_string(r#"{"_placeholder":true,"num":0}"#.to_owned()).unwrap();
        let packet = Packet::event_with("/", "b", &[hole], &[Bytes::from_static(&[1, 2, 3, 4])]);
        let expected = r#"451-["b",{"_placeholder":true,"num":0}]"#;
        assert_eq!(text(&packet), expected);
        assert!(packet.wire().ends_with(&[0x82, 4, 1, 2, 3, 4]));
        let mut payload = b"4first".to_vec();
        packet.put_payload(&mut payload);
        assert_eq!(
            payload,
            format!("4first\x1e{expected}\x1ebAQIDBA==").into_bytes()
        );
        assert!(packet.payload_len() >= expected.len() + 9);
    }
}
