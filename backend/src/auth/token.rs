//! Tokens: what a client shows to be somebody.

use crate::models::TokenHash;
use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};
use sha2::{Digest as _, Sha256};
use std::fmt;

/// 256 random bits. Only its hash is stored, so a stolen database logs nobody in.
#[derive(Clone, PartialEq, Eq)]
pub struct Token([u8; 32]);

impl Token {
    /// A new one.
    pub fn random() -> Self {
        Self(rand::random())
    }

    /// The token a client shows, or `None` when this cannot be one.
    pub fn parse(text: &str) -> Option<Self> {
        // One spelling only: padding and stray bits at the end are refused.
        let bytes = URL_SAFE_NO_PAD.decode(text).ok()?;
        bytes.try_into().ok().map(Self)
    }

    /// The text to give to its owner, and to nobody else: 43 characters of base64url.
    pub fn expose(&self) -> String {
        URL_SAFE_NO_PAD.encode(self.0)
    }

    /// What is stored and looked up. The token is random, so a plain hash is enough.
    pub fn hash(&self) -> TokenHash {
        TokenHash(Sha256::digest(self.0).into())
    }
}

impl fmt::Debug for Token {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Token(***)")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_token_reads_as_it_was_given() {
        let token = Token::random();
        let text = token.expose();
        assert_eq!(text.len(), 43);
        assert_eq!(Token::parse(&text), Some(token.clone()));
        assert_eq!(Token::parse(&text).unwrap().hash(), token.hash());
        assert_ne!(Token::random(), token);
        assert!(!format!("{token:?}").contains(&text));
    }

    #[test]
    fn what_is_no_token_is_refused() {
        let text = Token([0; 32]).expose();
        let one_more_bit = format!("{}B", &text[..42]);
        let padded = format!("{text}=");
        for refused in [
            "",
            "junk",
            &text[..42],
            &padded,
            &one_more_bit,
            "ü",
            &"A".repeat(1_000),
        ] {
            assert_eq!(Token::parse(refused), None, "{refused:?}");
        }
    }
}
