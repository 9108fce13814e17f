//! How far back a message that is sent again is known.

use crate::models::Timestamp;
use std::time::Duration;
use time::{Date, OffsetDateTime, Time};

/// How long a client id is remembered at least.
const REMEMBERED: Duration = Duration::from_hours(7 * 24);

/// The month in which the first repeats lie that are still looked for at this moment: its beginning
/// and its end, by UTC.
pub(super) fn month_to_look_in(at: Timestamp) -> (Timestamp, Timestamp) {
    let day = at.minus(REMEMBERED).to_datetime().date();
    let midnight =
        |date: Date| Timestamp::from_datetime(OffsetDateTime::new_utc(date, Time::MIDNIGHT));
    let first = day.replace_day(1).unwrap_or(day);
    let last = day
        .replace_day(day.month().length(day.year()))
        .unwrap_or(day);
    (midnight(first), midnight(last.next_day().unwrap_or(last)))
}
