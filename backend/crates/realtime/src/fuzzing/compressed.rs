//! Compressed messages: what a client compressed, and what we would.
//!
//! The first two bytes are the limit.

use crate::websocket::deflate::{deflate, inflate};

pub(super) fn run(data: &[u8]) {
    let Some((limit, bytes)) = data.split_first_chunk() else {
        return;
    };
    let limit = usize::from(u16::from_be_bytes(*limit));
    if let Ok(message) = inflate(bytes, limit) {
        assert!(message.len() <= limit, "no more than allowed");
        assert!(message.capacity() <= limit + 1, "nor space for it");
        comes_back(&message);
    }
    comes_back(bytes);
}

fn comes_back(message: &[u8]) {
    let Some(short) = deflate(message) else {
        return;
    };
    assert!(short.len() < message.len(), "or it is left alone");
    let restored = inflate(&short, message.len());
    assert_eq!(restored.as_deref(), Ok(message));
    assert!(inflate(&short, message.len() - 1).is_err(), "too large");
}
