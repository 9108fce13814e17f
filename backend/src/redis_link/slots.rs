//! Where a key lies in a Redis Cluster.

/// Parts into which keys and channels are divided. A cluster spreads them over its servers.
pub const PARTITIONS: u16 = 128;
/// Slots of every Redis Cluster.
const SLOTS: u16 = 16_384;

/// The hash tag of a partition: keys with the same one lie together.
pub fn tag(partition: u16) -> String {
    format!("{{p{partition}}}")
}

/// The hash tag of whatever has this id. Random bits of ids of versions 4 and 7 are their last.
pub fn tag_of(id: u128) -> String {
    let [low, high, ..] = id.to_le_bytes();
    tag(u16::from_le_bytes([low, high]) % PARTITIONS)
}

/// The slot of a key: CRC16 of its hash tag, else of all of it
/// (<https://redis.io/docs/latest/operate/oss_and_stack/reference/cluster-spec/#hash-tags>).
pub(super) fn slot_of(key: &str) -> u16 {
    let hashed = key
        .split_once('{')
        .and_then(|(_, rest)| rest.split_once('}'))
        .map(|(tag, _)| tag)
        .filter(|tag| !tag.is_empty());
    crc16(hashed.unwrap_or(key).as_bytes()) % SLOTS
}

/// CRC16/XMODEM.
fn crc16(bytes: &[u8]) -> u16 {
    bytes.iter().fold(0, |crc, byte| {
        (0..8).fold(crc ^ (u16::from(*byte) << 8), |crc: u16, _| {
            let carry = crc & 0x8000 != 0;
            (crc << 1) ^ if carry { 0x1021 } else { 0 }
        })
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::HashSet;

    #[test]
    fn slots_are_those_of_the_specification() {
        assert_eq!(crc16(b"123456789"), 0x31C3);
        assert_eq!(slot_of("foo"), 12_182);
        assert_eq!(slot_of("{foo}.bar"), slot_of("foo"));
        assert_eq!(slot_of("a{}b"), crc16(b"a{}b") % SLOTS);
    }

    #[test]
    fn partitions_lie_in_slots_of_their_own() {
        let slots: HashSet<u16> = (0..PARTITIONS).map(|p| slot_of(&tag(p))).collect();
        assert_eq!(slots.len(), usize::from(PARTITIONS));
        for master in 0..3 {
            let its = slots.iter().filter(|slot| **slot / 5462 == master).count();
            assert!(its > 20, "a cluster of three shares them: {its}");
        }
    }
}
