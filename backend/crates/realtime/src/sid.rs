//! Session ids: 120 random bits as 20 characters, unguessable and held without an allocation.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;

const LEN: usize = 20;

/// A session id.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(crate) struct Sid([u8; LEN]);

impl Sid {
    pub(crate) fn random() -> Sid {
        let mut sid = [0; LEN];
        URL_SAFE_NO_PAD
            .encode_slice(rand::random::<[u8; 15]>(), &mut sid)
            .expect("15 bytes are 20 characters");
        Sid(sid)
    }

    /// What a client sent back, if it can be one.
    pub(crate) fn parse(text: &str) -> Option<Sid> {
        text.as_bytes().try_into().ok().map(Sid)
    }

    pub(crate) fn as_str(&self) -> &str {
        std::str::from_utf8(&self.0).unwrap_or_default()
    }
}
