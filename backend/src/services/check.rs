//! Values from outside that are not models: bounds, ids and cursors.

use super::ChatError;
use crate::models::{RoomId, Timestamp, UserId};
use crate::protocol::whole::Whole;
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use uuid::Uuid;

/// A page's size: within `1..=most`, `usual` if absent.
///
/// # Errors
/// [`ChatError::Invalid`] when it is out of bounds.
pub fn limit(given: Option<impl Into<Whole>>, usual: u32, most: u32) -> Result<u32, ChatError> {
    match given.map(Into::into) {
        None => Ok(usual),
        Some(Whole(number)) => u32::try_from(number)
            .ok()
            .filter(|number| (1..=most).contains(number))
            .ok_or_else(|| ChatError::invalid("limit", format!("limit must be 1 to {most}"))),
    }
}

/// A page of what was found, which is one more than asked for when there is a next page. Tells the last
/// of it, after which that one begins.
pub fn cut<T>(found: &mut Vec<T>, limit: u32) -> Option<&T> {
    let limit = usize::try_from(limit).unwrap_or(usize::MAX);
    let more = found.len() > limit;
    found.truncate(limit);
    found.last().filter(|_| more)
}

/// A moment.
///
/// # Errors
/// [`ChatError::Invalid`] when it is none.
pub fn moment(field: &'static str, text: &str) -> Result<Timestamp, ChatError> {
    Timestamp::parse(text)
        .ok_or_else(|| ChatError::invalid(field, format!("{field} must be an RFC 3339 time")))
}

/// The same where it may be absent.
///
/// # Errors
/// [`ChatError::Invalid`] when it is there and is none.
pub fn maybe_moment(
    field: &'static str,
    text: Option<&str>,
) -> Result<Option<Timestamp>, ChatError> {
    text.map(|text| moment(field, text)).transpose()
}

/// A place in a log, or 0 for its beginning.
///
/// # Errors
/// [`ChatError::Invalid`] when it is negative.
pub fn place(given: impl Into<Whole>) -> Result<u64, ChatError> {
    u64::try_from(given.into().0)
        .map_err(|_| ChatError::invalid("since", "since must not be negative"))
}

/// The ids of people, each once, at most `most`.
///
/// # Errors
/// [`ChatError::Invalid`] when there are none or too many; [`ChatError::NotFound`] for one that
/// cannot be anybody's.
pub fn people(given: &[String], most: usize) -> Result<Vec<UserId>, ChatError> {
    if given.is_empty() || given.len() > most {
        return Err(ChatError::invalid(
            "userIds",
            format!("userIds must name 1 to {most} people"),
        ));
    }
    let mut people = Vec::with_capacity(given.len());
    for text in given {
        let user = UserId::parse(text).ok_or(ChatError::NotFound("user"))?;
        if !people.contains(&user) {
            people.push(user);
        }
    }
    Ok(people)
}

/// Where a page of rooms ended, as clients carry it.
pub fn room_cursor((at, room): (Timestamp, RoomId)) -> String {
    rank_cursor((at.0, room))
}

/// The same of rooms that are ordered by a number.
pub fn rank_cursor((rank, room): (i64, RoomId)) -> String {
    let mut bytes = rank.to_be_bytes().to_vec();
    bytes.extend_from_slice(room.0.as_bytes());
    URL_SAFE_NO_PAD.encode(bytes)
}

/// Reads what [`room_cursor`] wrote.
///
/// # Errors
/// [`ChatError::Invalid`] for anything else.
pub fn parse_room_cursor(text: &str) -> Result<(Timestamp, RoomId), ChatError> {
    let (at, room) = parse_rank_cursor(text)?;
    Ok((Timestamp(at), room))
}

/// Reads what [`rank_cursor`] wrote.
///
/// # Errors
/// [`ChatError::Invalid`] for anything else.
pub fn parse_rank_cursor(text: &str) -> Result<(i64, RoomId), ChatError> {
    let refused = || ChatError::invalid("cursor", "cursor must be one that the server gave");
    let bytes = URL_SAFE_NO_PAD.decode(text).map_err(|_| refused())?;
    let (rank, room) = bytes.split_first_chunk::<8>().ok_or_else(refused)?;
    let room = Uuid::from_slice(room).map_err(|_| refused())?;
    Ok((i64::from_be_bytes(*rank), RoomId(room)))
}

/// Where a page of names ended, as clients carry it.
pub fn name_cursor(name: &str) -> String {
    URL_SAFE_NO_PAD.encode(name)
}

/// Reads what [`name_cursor`] wrote.
///
/// # Errors
/// [`ChatError::Invalid`] for anything else.
pub fn parse_name_cursor(text: &str) -> Result<String, ChatError> {
    let refused = || ChatError::invalid("cursor", "cursor must be one that the server gave");
    let bytes = URL_SAFE_NO_PAD.decode(text).map_err(|_| refused())?;
    String::from_utf8(bytes)
        .ok()
        .filter(|name| !name.contains('\0'))
        .ok_or_else(refused)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_limit_out_of_bounds_is_refused_and_never_clamped() {
        assert_eq!(limit(None::<Whole>, 50, 200), Ok(50));
        assert_eq!(limit(Some(Whole(200)), 50, 200), Ok(200));
        for refused in [0, -1, 201, i64::MAX] {
            assert!(limit(Some(Whole(refused)), 50, 200).is_err(), "{refused}");
        }
    }

    #[test]
    fn a_page_tells_its_last_when_there_is_a_next_one() {
        let mut three = vec![1, 2, 3];
        assert_eq!(cut(&mut three, 2).copied(), Some(2));
        assert_eq!(three, [1, 2]);
        assert_eq!(cut(&mut three, 2), None);
        assert_eq!(three, [1, 2]);
    }

    #[test]
    fn a_cursor_reads_back_and_a_made_up_one_is_refused() {
        let end = (Timestamp(1_795_356_131_042), RoomId(Uuid::from_u128(7)));
        assert_eq!(parse_room_cursor(&room_cursor(end)), Ok(end));
        assert_eq!(parse_name_cursor(&name_cursor("ana")), Ok("ana".to_owned()));
        assert!(parse_room_cursor("!").is_err());
        assert!(parse_room_cursor("AAAA").is_err());
        assert!(parse_name_cursor("AA").is_err());
    }
}
