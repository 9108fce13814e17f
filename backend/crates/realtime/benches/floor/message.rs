//! What members are sent, padded to the size that every server in a comparison sends.

use serde::{Deserialize, Serialize};

use crate::wire::{header_bytes, put_frame};

/// What a client says with `send_message`.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Said<'a> {
    pub(crate) room_id: &'a str,
    pub(crate) client_id: &'a str,
    pub(crate) content: &'a str,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Received<'a> {
    room_id: &'a str,
    seq: u64,
    client_id: &'a str,
    content: &'a str,
    padding: &'a str,
}

/// How the text ends, after the padding.
const END: &[u8] = br#""}]"#;

/// Appends the frame of one message.
pub(crate) fn put(out: &mut Vec<u8>, said: &Said<'_>, seq: u64, frame_bytes: usize) {
    let received = Received {
        room_id: said.room_id,
        seq,
        client_id: said.client_id,
        content: said.content,
        padding: "",
    };
    let mut text = Vec::with_capacity(frame_bytes);
    text.extend_from_slice(b"42");
    serde_json::to_writer(&mut text, &("message_received", received))
        .expect("strings and numbers are JSON, and memory takes all");
    let padded = frame_bytes.saturating_sub(header_bytes(frame_bytes));
    if text.len() < padded {
        text.truncate(text.len() - END.len());
        text.resize(padded - END.len(), b' ');
        text.extend_from_slice(END);
    }
    put_frame(out, &text);
}
