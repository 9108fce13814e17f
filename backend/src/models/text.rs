//! What a person may write, checked once at the door.

/// Why a value was not accepted: a sentence for the person who typed it.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{0}")]
pub struct Refused(pub String);

impl Refused {
    /// A refusal with this sentence.
    pub fn new(reason: impl Into<String>) -> Self {
        Self(reason.into())
    }
}

/// Accepts text of `min..=max` characters without NUL, which PostgreSQL cannot store.
///
/// # Errors
/// Says which bound was missed, naming the value `what`.
pub fn bounded(what: &str, text: &str, min: usize, max: usize) -> Result<(), Refused> {
    let length = text.chars().count();
    if length < min {
        return Err(Refused(if min == 1 {
            format!("{what} must not be empty")
        } else {
            format!("{what} must have at least {min} characters")
        }));
    }
    if length > max {
        return Err(Refused(format!(
            "{what} must have at most {max} characters"
        )));
    }
    if text.contains('\0') {
        return Err(Refused(format!("{what} must not contain NUL")));
    }
    Ok(())
}

/// Like [`bounded`], for names shown to others: also no control characters and no characters that
/// turn the direction of the text around them, with which one name can be dressed up as another.
///
/// # Errors
/// Says what was wrong, naming the value `what`.
pub fn visible(what: &str, text: &str, min: usize, max: usize) -> Result<(), Refused> {
    bounded(what, text, min, max)?;
    let turns = |c: char| matches!(c, '\u{200e}' | '\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}');
    if text.chars().any(|c| c.is_control() || turns(c)) {
        return Err(Refused(format!(
            "{what} must not contain control characters"
        )));
    }
    Ok(())
}
