//! DEFLATE of whole messages (RFC 7692 section 7.2), without I/O.
//!
//! Every message is compressed by itself, so nothing is kept for a connection between two of them,
//! and one compressed form serves everybody.

use std::cell::RefCell;

use flate2::{Compress, Compression, Decompress, FlushCompress, FlushDecompress, Status};

/// What a compressed message ends with, and is sent without.
const TAIL: [u8; 4] = [0, 0, 0xff, 0xff];
/// The tail, and an empty last block behind it: only what ends where a block ends gets past it.
const END: [u8; 9] = [0, 0, 0xff, 0xff, 1, 0, 0, 0xff, 0xff];
/// Small effort: the next more thorough levels cost up to three times as much and save a tenth.
const LEVEL: u32 = 2;

thread_local! {
    /// Its 300 KiB are made once a thread; it is reset for every message.
    static DEFLATER: RefCell<Compress> = RefCell::new(Compress::new(Compression::new(LEVEL), false));
}

/// Why a compressed message is refused.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum InflateError {
    /// It is not DEFLATE.
    Invalid,
    /// It is larger than allowed.
    TooLarge,
}

/// Compresses a message, unless that does not make it smaller.
pub(crate) fn deflate(message: &[u8]) -> Option<Vec<u8>> {
    let mut out = Vec::with_capacity(message.len());
    DEFLATER
        .with_borrow_mut(|deflater| {
            deflater.reset();
            deflater.compress_vec(message, &mut out, FlushCompress::Sync)
        })
        .ok()?;
    // What filled all of its space may not be complete, and saved nothing.
    if out.len() >= message.len() {
        return None;
    }
    let len = out.strip_suffix(&TAIL)?.len();
    out.truncate(len);
    Some(out)
}

/// Restores a message of at most `limit` bytes; no more than that is ever produced.
pub(crate) fn inflate(message: &[u8], limit: usize) -> Result<Vec<u8>, InflateError> {
    let mut out = Vec::with_capacity(message.len().saturating_mul(4).min(limit) + 1);
    if message.is_empty() {
        return Ok(out);
    }
    let mut inflater = Decompress::new(false);
    let (mut rest, mut last) = (message, false);
    loop {
        let (read, written) = (inflater.total_in(), out.len());
        let status = inflater
            .decompress_vec(rest, &mut out, FlushDecompress::None)
            .map_err(|_| InflateError::Invalid)?;
        let read = usize::try_from(inflater.total_in() - read).expect("no more than there is");
        rest = &rest[read..];
        if out.len() > limit {
            return Err(InflateError::TooLarge);
        }
        match status {
            Status::StreamEnd if last && rest.is_empty() => return Ok(out),
            // A block may say that it is the last one, and others follow (section 7.2.3.4).
            Status::StreamEnd => inflater.reset(false),
            Status::Ok | Status::BufError if out.len() == out.capacity() => {
                out.reserve_exact(out.len().min(limit + 1 - out.len()));
            }
            Status::Ok | Status::BufError if read > 0 || out.len() > written => {}
            Status::Ok | Status::BufError if last => return Err(InflateError::Invalid),
            Status::Ok | Status::BufError => (rest, last) = (&END, true),
        }
    }
}

#[cfg(test)]
mod tests {
    use miniz_oxide::deflate::compress_to_vec;
    use miniz_oxide::inflate::decompress_to_vec;
    use proptest::prelude::*;

    use super::*;

    /// The examples of RFC 7692 sections 7.2.3.1 to 7.2.3.6.
    #[test]
    fn the_examples_of_the_rfc_are_understood() {
        let one_block = [0xf2, 0x48, 0xcd, 0xc9, 0xc9, 0x07, 0x00];
        let not_compressed = [0, 5, 0, 0xfa, 0xff, b'H', b'e', b'l', b'l', b'o', 0];
        let last_block = [0xf3, 0x48, 0xcd, 0xc9, 0xc9, 0x07, 0x00, 0x00];
        let two_blocks = [
            0xf2, 0x48, 0x05, 0, 0, 0, 0xff, 0xff, 0xca, 0xc9, 0xc9, 0x07, 0x00,
        ];
        for message in [&one_block[..], &not_compressed, &last_block, &two_blocks] {
            assert_eq!(inflate(message, 5).unwrap(), b"Hello", "{message:?}");
        }
        assert_eq!(inflate(&[0], 5).unwrap(), b"");
        assert_eq!(inflate(&[], 5).unwrap(), b"");
    }

    #[test]
    fn what_is_not_deflate_is_refused() {
        let reserved_block = [0x06];
        let wrong_length = [0, 5, 0, 5, 0, b'H', b'e', b'l', b'l', b'o', 0];
        let broken_off = [0xf2, 0x48, 0xcd, 0xc9];
        let too_far_back = [0x02, 0x02, 0, 0];
        let behind_the_last = [0xf3, 0x48, 0xcd, 0xc9, 0xc9, 0x07, 0x00, 0xff];
        let no_padding = [0xf3, 0x48, 0xcd, 0xc9, 0xc9, 0x07, 0x00];
        for message in [
            &reserved_block[..],
            &wrong_length,
            &broken_off,
            &too_far_back,
            &behind_the_last,
            &no_padding,
        ] {
            let refused = inflate(message, 100);
            assert_eq!(refused, Err(InflateError::Invalid), "{message:x?}");
        }
    }

    #[test]
    fn a_bomb_is_refused_before_it_goes_off() {
        let bomb = deflate(&vec![0; 10_000_000]).unwrap();
        assert!(bomb.len() < 70_000);
        assert_eq!(inflate(&bomb, 1000), Err(InflateError::TooLarge));
        let exact = deflate(&[7; 1000]).unwrap();
        assert_eq!(inflate(&exact, 1000).unwrap(), [7; 1000]);
        assert_eq!(inflate(&exact, 999), Err(InflateError::TooLarge));
        assert!(inflate(&exact, 1000).unwrap().capacity() <= 1001);
    }

    #[test]
    fn what_would_not_get_smaller_is_left_alone() {
        assert_eq!(deflate(b""), None);
        assert_eq!(deflate(b"Hello"), None);
        let noise: Vec<u8> = std::iter::repeat_with(rand::random).take(5000).collect();
        assert_eq!(deflate(&noise), None);
    }

    /// Text as it is: words that come again, and some that do not.
    fn message() -> impl Strategy<Value = Vec<u8>> {
        let word = prop_oneof![
            Just(b"\"roomId\":\"0197\",".to_vec()),
            prop::collection::vec(any::<u8>(), 0..60),
            (any::<u8>(), 0..2000_usize).prop_map(|(byte, times)| vec![byte; times]),
        ];
        prop::collection::vec(word, 0..60).prop_map(|words| words.concat())
    }

    proptest! {
        #[test]
        fn what_is_compressed_comes_back(message in message()) {
            if let Some(short) = deflate(&message) {
                prop_assert!(short.len() < message.len());
                prop_assert_eq!(&inflate(&short, message.len()).unwrap(), &message);
                // By somebody else's hand, too.
                let whole = [&short[..], &END].concat();
                prop_assert_eq!(decompress_to_vec(&whole).unwrap(), message);
            }
        }

        #[test]
        fn what_others_compress_is_understood(message in message(), level in 0..10_u8) {
            // Closed by a block that says it is the last; the padding is ours to add.
            let mut other = compress_to_vec(&message, level);
            other.push(0);
            prop_assert_eq!(inflate(&other, message.len()).unwrap(), message);
        }

        #[test]
        fn no_bytes_make_it_panic_or_hoard(
            bytes in prop::collection::vec(any::<u8>(), 0..300),
            limit in 0..2000_usize,
        ) {
            if let Ok(message) = inflate(&bytes, limit) {
                prop_assert!(message.len() <= limit);
            }
        }
    }
}
