//! A moment, to the millisecond, in UTC.

use serde::{Deserialize, Deserializer, Serialize, Serializer, de::Error as _};
use std::fmt;
use std::time::Duration;
use time::{OffsetDateTime, format_description::well_known::Rfc3339};
use utoipa::ToSchema;

/// A moment without its digits.
const TEXT: &[u8; 24] = b"0000-00-00T00:00:00.000Z";

/// Milliseconds since 1970. Travels as RFC 3339 with milliseconds and `Z`.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash, ToSchema)]
#[schema(value_type = String, format = DateTime, example = "2026-11-22T14:02:11.042Z")]
pub struct Timestamp(pub i64);

impl Timestamp {
    /// The moment as the databases' drivers take it.
    pub fn to_datetime(self) -> OffsetDateTime {
        OffsetDateTime::from_unix_timestamp_nanos(i128::from(self.0) * 1_000_000)
            .unwrap_or(OffsetDateTime::UNIX_EPOCH)
    }

    /// The moment, cut to the millisecond.
    pub fn from_datetime(moment: OffsetDateTime) -> Self {
        Self(i64::try_from(moment.unix_timestamp_nanos().div_euclid(1_000_000)).unwrap_or_default())
    }

    /// Reads RFC 3339, any offset.
    pub fn parse(text: &str) -> Option<Self> {
        OffsetDateTime::parse(text, &Rfc3339)
            .ok()
            .map(Self::from_datetime)
    }

    /// The moment `span` later.
    #[must_use]
    pub fn plus(self, span: Duration) -> Self {
        Self(
            self.0
                .saturating_add(i64::try_from(span.as_millis()).unwrap_or(i64::MAX)),
        )
    }

    /// The moment `span` earlier.
    #[must_use]
    pub fn minus(self, span: Duration) -> Self {
        Self(
            self.0
                .saturating_sub(i64::try_from(span.as_millis()).unwrap_or(i64::MAX)),
        )
    }

    /// This moment, or the first one after `earlier` when this is not after it.
    #[must_use]
    pub fn or_after(self, earlier: Option<Self>) -> Self {
        earlier.map_or(self, |earlier| {
            self.max(earlier.plus(Duration::from_millis(1)))
        })
    }

    /// How long after `earlier` this is; nothing if it is not.
    pub fn since(self, earlier: Self) -> Duration {
        Duration::from_millis(u64::try_from(self.0.saturating_sub(earlier.0)).unwrap_or_default())
    }
}

impl Timestamp {
    /// RFC 3339. An answer may have hundreds of moments: the digits are set by hand instead of each
    /// number going through the formatter.
    fn text(self) -> [u8; TEXT.len()] {
        let t = self.to_datetime();
        let mut text = *TEXT;
        let mut set = |end: usize, mut number: u32| {
            let mut place = end;
            while number > 0 {
                place -= 1;
                text[place] += u8::try_from(number % 10).expect("a digit");
                number /= 10;
            }
        };
        set(4, t.year().unsigned_abs());
        set(7, u8::from(t.month()).into());
        set(10, t.day().into());
        set(13, t.hour().into());
        set(16, t.minute().into());
        set(19, t.second().into());
        set(23, t.millisecond().into());
        text
    }
}

impl fmt::Display for Timestamp {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(str::from_utf8(&self.text()).expect("digits are ASCII"))
    }
}

impl Serialize for Timestamp {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(str::from_utf8(&self.text()).expect("digits are ASCII"))
    }
}

impl<'de> Deserialize<'de> for Timestamp {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = String::deserialize(deserializer)?;
        Self::parse(&text).ok_or_else(|| D::Error::custom("not an RFC 3339 time"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_moment_is_written_in_utc_with_milliseconds_and_read_back() {
        let moment = Timestamp(1_795_356_131_042);
        assert_eq!(moment.to_string(), "2026-11-22T14:02:11.042Z");
        assert_eq!(
            serde_json::to_string(&Timestamp(0)).unwrap(),
            "\"1970-01-01T00:00:00.000Z\""
        );
        assert_eq!(
            Timestamp::parse("2026-11-22T15:02:11.042+01:00"),
            Some(moment)
        );
        assert_eq!(Timestamp::parse("yesterday"), None);
    }
}
