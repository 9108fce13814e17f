//! What a message of the driver says: who sent it, as which of the sender's in this room, and when.
//!
//! It stands at fixed places of the text, so that it is found without reading JSON.

use memchr::memmem;

/// Before the stamp in every server's frame.
const BEFORE: &[u8] = br#""content":"s"#;
const SENDER: usize = 5;
const NUMBER: usize = 8;
const NANOS: usize = 15;
const LENGTH: usize = SENDER + 1 + NUMBER + 1 + NANOS;

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Stamp {
    pub(crate) sender: u32,
    /// 0, 1, 2 … for each sender in each room.
    pub(crate) number: u32,
    /// Since the driver began.
    pub(crate) nanos: u64,
}

impl Stamp {
    /// The text of the message.
    pub(crate) fn content(self) -> String {
        let Stamp {
            sender,
            number,
            nanos,
        } = self;
        format!("s{sender:0SENDER$} {number:0NUMBER$} {nanos:0NANOS$} says hello")
    }

    /// Reads it from the frame of a delivery.
    pub(crate) fn find(frame: &[u8]) -> Option<Stamp> {
        let start = memmem::find(frame, BEFORE)? + BEFORE.len();
        Stamp::read(frame.get(start..start + LENGTH)?)
    }

    /// Reads it from the text of a message.
    pub(crate) fn of_content(content: &str) -> Option<Stamp> {
        Stamp::read(content.as_bytes().get(1..=LENGTH)?)
    }

    fn read(text: &[u8]) -> Option<Stamp> {
        let (sender, rest) = text.split_at_checked(SENDER)?;
        let (number, rest) = rest.get(1..)?.split_at_checked(NUMBER)?;
        let nanos = rest.get(1..)?;
        Some(Stamp {
            sender: u32::try_from(digits(sender)?).ok()?,
            number: u32::try_from(digits(number)?).ok()?,
            nanos: digits(nanos)?,
        })
    }
}

fn digits(text: &[u8]) -> Option<u64> {
    text.iter().try_fold(0_u64, |sum, byte| {
        let digit = byte.checked_sub(b'0').filter(|digit| *digit < 10)?;
        Some(sum * 10 + u64::from(digit))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_stamp_is_found_in_a_frame_and_in_a_text() {
        let stamp = Stamp {
            sender: 812,
            number: 40_551,
            nanos: 98_765_432_100,
        };
        let content = stamp.content();
        let frame = format!(r#"42["message_received",{{"seq":3,"content":"{content}"}}]"#);
        assert_eq!(Stamp::find(frame.as_bytes()), Some(stamp));
        assert_eq!(Stamp::of_content(&content), Some(stamp));
        assert_eq!(
            Stamp::of_content("sxxxxx says hello, and nothing of a number"),
            None
        );
    }
}
