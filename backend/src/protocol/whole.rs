//! Whole numbers from outside, of any size.

use serde::{Deserialize, Deserializer, de};
use std::fmt;
use utoipa::ToSchema;

/// A whole number as a client wrote it. One too big for 64 bits is kept as the nearest that fits,
/// so that it is refused as out of bounds, by name, and not as unreadable.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ToSchema)]
#[schema(value_type = i64)]
pub struct Whole(pub i64);

impl<'de> Deserialize<'de> for Whole {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Visitor;

        impl de::Visitor<'_> for Visitor {
            type Value = Whole;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a whole number")
            }

            fn visit_i64<E: de::Error>(self, number: i64) -> Result<Whole, E> {
                Ok(Whole(number))
            }

            fn visit_u64<E: de::Error>(self, number: u64) -> Result<Whole, E> {
                Ok(Whole(i64::try_from(number).unwrap_or(i64::MAX)))
            }

            #[expect(
                clippy::cast_possible_truncation,
                reason = "the cast saturates, which is what is wanted"
            )]
            fn visit_f64<E: de::Error>(self, number: f64) -> Result<Whole, E> {
                if number.fract() == 0.0 {
                    Ok(Whole(number as i64))
                } else {
                    Err(E::invalid_value(de::Unexpected::Float(number), &self))
                }
            }
        }

        deserializer.deserialize_any(Visitor)
    }
}

/// The same in a query string, where every value is text.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct InQuery(pub Whole);

impl From<InQuery> for Whole {
    fn from(number: InQuery) -> Self {
        number.0
    }
}

impl<'de> Deserialize<'de> for InQuery {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = String::deserialize(deserializer)?;
        let digits = text.strip_prefix('-').unwrap_or(&text);
        if digits.is_empty() || !digits.bytes().all(|b| b.is_ascii_digit()) {
            return Err(de::Error::invalid_value(
                de::Unexpected::Str(&text),
                &"a whole number",
            ));
        }
        let most = if text.starts_with('-') {
            i64::MIN
        } else {
            i64::MAX
        };
        Ok(Self(Whole(text.parse().unwrap_or(most))))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_number_of_any_size_is_read_and_a_fraction_is_not() {
        let read = |json: &str| {
            serde_json::from_str::<Whole>(json)
                .map(|whole| whole.0)
                .ok()
        };
        assert_eq!(read("-3"), Some(-3));
        assert_eq!(read("18446744073709551615"), Some(i64::MAX));
        assert_eq!(read("1e30"), Some(i64::MAX));
        assert_eq!(read("1.5"), None);
        assert_eq!(read("\"1\""), None);
        assert_eq!(read("true"), None);
    }

    #[test]
    fn in_a_query_it_is_text() {
        let read = |text: &str| {
            serde_json::from_value::<InQuery>(text.into())
                .map(|whole| whole.0.0)
                .ok()
        };
        assert_eq!(read("-3"), Some(-3));
        assert_eq!(read("99999999999999999999"), Some(i64::MAX));
        for refused in ["", "-", "x", "1.5", "+1", " 1"] {
            assert_eq!(read(refused), None, "{refused:?}");
        }
    }
}
