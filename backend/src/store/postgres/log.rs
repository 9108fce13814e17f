//! The log of a room: entries written, and read back as pages, and as what happened since.

use super::head::Head;
use super::members::Place;
use super::rows::{self, Cells};
use super::scene::{load_scene, read_written};
use super::values::{bound, int};
use super::{messages, statements};
use crate::models::ids::moment;
use crate::models::{Change, Entry, Message, RoomId, Timestamp};
use crate::store::entry::{Event, Written};
use crate::store::joining::Part;
use crate::store::{Anchor, Denied, Feed, LogPage, MessagePage, Result, StoreError};
use sqlx::PgConnection;
use sqlx::postgres::PgRow;
use uuid::Uuid;

/// Writes the next entry, moves the head and answers the entry as a reader now sees it.
pub(super) async fn record(
    db: &mut PgConnection,
    head: &Head,
    now: Timestamp,
    event: &Event<'_>,
) -> Result<Entry> {
    let place = write(db, head, now, event).await?;
    show(db, head, place).await
}

/// Writes the next entry and moves the head.
pub(super) async fn write(
    db: &mut PgConnection,
    head: &Head,
    now: Timestamp,
    event: &Event<'_>,
) -> Result<Place> {
    let row = sqlx::query(
        "SELECT entry_seq, entry FROM append_change($1, $2, $3, $4, $5, $6, $7, $8, $9)",
    )
    .bind(head.room)
    .bind(now)
    .bind(event.kind)
    .bind(event.message)
    .bind(event.user)
    .bind(event.by)
    .bind(event.emoji)
    .bind(event.role)
    .bind(event.joined_at)
    .fetch_one(db)
    .await?;
    let mut cells = Cells::of(&row);
    Ok(Place {
        seq: cells.number()?,
        id: cells.take()?,
    })
}

/// The entry just written at this place, as a reader now sees it.
pub(super) async fn show(db: &mut PgConnection, head: &Head, place: Place) -> Result<Entry> {
    let range = Range {
        from: place.id,
        until: after(place.id),
    };
    let mut written = changes_after(db, head.room, place.seq - 1, 1, range).await?;
    let written = written.pop().ok_or_else(|| gap(head.room, place.seq))?;
    let scene = load_scene(db, head.room, &[], std::slice::from_ref(&written)).await?;
    Ok(Entry {
        room: head.room,
        seq: place.seq,
        change: scene.show(written)?,
    })
}

/// Ids from one, which is included, until another, which is not.
#[derive(Clone, Copy)]
struct Range {
    from: Uuid,
    until: Uuid,
}

impl Range {
    /// What is before this many milliseconds, and the rest.
    fn split(self, ms: u64) -> (Self, Self) {
        // Not `clamp`: the range may be empty, beginning after its end.
        let middle = bound(ms).max(self.from).min(self.until);
        let earlier = Self {
            until: middle,
            ..self
        };
        let later = Self {
            from: middle,
            ..self
        };
        (earlier, later)
    }
}

/// Milliseconds around a place within which a page is looked for first: at most three months.
const NEARBY: u64 = 31 * 24 * 60 * 60 * 1000;

/// The id that follows.
fn after(id: Uuid) -> Uuid {
    Uuid::from_u128(id.as_u128().saturating_add(1))
}

/// Columns of [`Ends::of`], of a room `r` and its head `h`.
macro_rules! ends_columns {
    () => {
        "h.last_seq, h.min_seq, h.last_ms, id_bound(epoch_ms(r.created_at))"
    };
}
pub(super) use ends_columns;

/// The end of a log, and where its ids lie.
pub(super) struct Ends {
    pub(super) last_seq: u64,
    /// The oldest place that is still kept.
    pub(super) min_seq: u64,
    ids: Range,
}

impl Ends {
    async fn find(db: &mut PgConnection, room: RoomId) -> Result<Self> {
        let found = sqlx::query(concat!(
            "SELECT ",
            ends_columns!(),
            " FROM room_heads h
             JOIN rooms r ON r.id = h.room_id
             WHERE h.room_id = $1"
        ))
        .bind(room)
        .fetch_optional(db)
        .await?;
        Ok(Self::of(&mut Cells::of(&found.ok_or(Denied::NoRoom)?))?)
    }

    /// Of [`ends_columns`].
    pub(super) fn of(cells: &mut Cells<'_>) -> sqlx::Result<Self> {
        Ok(Self {
            last_seq: cells.number()?,
            min_seq: cells.number()?,
            ids: Range {
                until: bound(cells.number()? + 1),
                from: cells.take()?,
            },
        })
    }

    fn keeps_all_after(&self, since: u64) -> bool {
        since.saturating_add(1) >= self.min_seq
    }
}

async fn changes_after(
    db: &mut PgConnection,
    room: RoomId,
    since: u64,
    limit: u64,
    ids: Range,
) -> Result<Vec<Written>> {
    let found = sqlx::query(statements::CHANGES_AFTER_PLACE)
        .bind(room)
        .bind(ids.from)
        .bind(ids.until)
        .bind(int(limit))
        .bind(int(since))
        .fetch_all(db)
        .await?;
    Ok(rows::list(&found, read_written)?)
}

/// Exactly the entries after `since` up to `until`, ascending, shown as of now.
async fn entries(
    db: &mut PgConnection,
    room: RoomId,
    since: u64,
    until: u64,
    ends: &Ends,
) -> Result<Vec<Entry>> {
    if since >= until {
        return Ok(Vec::new());
    }
    let ids = narrow(db, room, since, until, ends.ids).await?;
    let limit = until - since;
    let made = sqlx::query(statements::MESSAGES_AFTER_PLACE)
        .bind(room)
        .bind(ids.from)
        .bind(ids.until)
        .bind(int(limit))
        .bind(int(since))
        .fetch_all(&mut *db)
        .await?;
    let mut made = messages::complete(db, &made).await?;
    made.retain(|message| message.seq <= until);
    let mut written = changes_after(db, room, since, limit, ids).await?;
    written.retain(|written| written.seq <= until);

    let scene = load_scene(db, room, &made, &written).await?;
    let mut entries = Vec::with_capacity(made.len() + written.len());
    for written in written {
        entries.push(Entry {
            room,
            seq: written.seq,
            change: scene.show(written)?,
        });
    }
    entries.extend(made.into_iter().map(|message| Entry {
        room,
        seq: message.seq,
        change: Change::MessageReceived(Box::new(message)),
    }));
    entries.sort_unstable_by_key(|entry| entry.seq);
    // Nobody is told a log with a hole in it.
    let mut expected = since + 1..=until;
    if entries
        .iter()
        .all(|entry| expected.next() == Some(entry.seq))
        && expected.is_empty()
    {
        Ok(entries)
    } else {
        Err(gap(room, since))
    }
}

fn gap(room: RoomId, since: u64) -> StoreError {
    StoreError::Corrupt(format!("the log of room {room} has a hole after {since}"))
}

/// The ids between which these places lie, by the marks around them.
async fn narrow(
    db: &mut PgConnection,
    room: RoomId,
    since: u64,
    until: u64,
    ids: Range,
) -> Result<Range> {
    let (from, end): (Option<Uuid>, Option<Uuid>) = sqlx::query_as(statements::MARKS_AROUND)
        .bind(room)
        .bind(int(since))
        .bind(int(until))
        .fetch_one(db)
        .await?;
    Ok(Range {
        from: from.unwrap_or(ids.from),
        until: end.unwrap_or(ids.until),
    })
}

pub(super) async fn changes(
    db: &mut PgConnection,
    room: RoomId,
    since: u64,
    limit: u32,
) -> Result<LogPage> {
    let ends = Ends::find(db, room).await?;
    if !ends.keeps_all_after(since) {
        return Err(Denied::Forgotten.into());
    }
    let until = since.saturating_add(u64::from(limit)).min(ends.last_seq);
    Ok(LogPage {
        entries: entries(db, room, since, until, &ends).await?,
        last_seq: ends.last_seq,
    })
}

/// What somebody who joins needs of the log.
pub(super) async fn part(
    db: &mut PgConnection,
    room: RoomId,
    ends: &Ends,
    part: Part,
) -> Result<Feed> {
    Ok(match part {
        Part::Nothing => Feed::AtHand,
        Part::Since(since) => Feed::Changes(entries(db, room, since, ends.last_seq, ends).await?),
        Part::Newest(limit) => {
            let (messages, has_before) = before(db, room, ends.ids, limit).await?;
            Feed::Newest {
                messages,
                has_before,
            }
        }
    })
}

pub(super) async fn heads(db: &mut PgConnection, rooms: &[RoomId]) -> Result<Vec<(RoomId, u64)>> {
    let heads = sqlx::query("SELECT room_id, last_seq FROM room_heads WHERE room_id = ANY ($1)")
        .bind(rooms)
        .fetch_all(db)
        .await?;
    Ok(rows::list(&heads, |cells| {
        Ok((cells.take()?, cells.number()?))
    })?)
}

pub(super) async fn page(
    db: &mut PgConnection,
    room: RoomId,
    anchor: Anchor,
    limit: u32,
) -> Result<MessagePage> {
    let Ends { last_seq, ids, .. } = Ends::find(db, room).await?;
    if let Anchor::Before(message) | Anchor::After(message) | Anchor::Around(message) = anchor {
        messages::State::find(db, room, message)
            .await?
            .ok_or(Denied::NoMessage)?;
    }
    let middle = match anchor {
        Anchor::Newest => return newest(db, room, ids, last_seq, limit).await,
        Anchor::Before(message) => {
            let until = message.0;
            let (messages, has_before) = before(db, room, Range { until, ..ids }, limit).await?;
            return Ok(MessagePage {
                messages,
                last_seq,
                has_before,
                has_after: true,
            });
        }
        Anchor::After(message) => {
            let from = after(message.0);
            let (messages, has_after) = starting(db, room, Range { from, ..ids }, limit).await?;
            return Ok(MessagePage {
                messages,
                last_seq,
                has_before: true,
                has_after,
            });
        }
        Anchor::Around(message) => message.0,
        Anchor::At(moment) => bound(u64::try_from(moment.0).unwrap_or_default()).max(ids.from),
    };
    let later = Range {
        from: middle,
        ..ids
    };
    let (mut messages, mut has_after) = starting(db, room, later, limit - limit / 2).await?;
    if messages.is_empty() {
        return newest(db, room, ids, last_seq, limit).await;
    }
    let earlier = Range {
        until: middle,
        ..ids
    };
    let (mut page, has_before) = before(db, room, earlier, limit / 2).await?;
    let rest = limit - u32::try_from(page.len()).unwrap_or(limit);
    if has_after && rest > limit - limit / 2 {
        (messages, has_after) = starting(db, room, later, rest).await?;
    }
    page.extend(messages);
    Ok(MessagePage {
        messages: page,
        last_seq,
        has_before,
        has_after,
    })
}

async fn newest(
    db: &mut PgConnection,
    room: RoomId,
    ids: Range,
    last_seq: u64,
    limit: u32,
) -> Result<MessagePage> {
    let (messages, has_before) = before(db, room, ids, limit).await?;
    Ok(MessagePage {
        messages,
        last_seq,
        has_before,
        has_after: false,
    })
}

/// The newest messages in this range, ascending, and whether there are more before them.
async fn before(
    db: &mut PgConnection,
    room: RoomId,
    ids: Range,
    limit: u32,
) -> Result<(Vec<Message>, bool)> {
    let (far, near) = ids.split(moment(ids.until).saturating_sub(NEARBY));
    let ranges = [near, far];
    let mut found = read(db, statements::MESSAGES_BEFORE, room, ranges, limit).await?;
    let more = cut(&mut found, limit);
    found.reverse();
    Ok((messages::complete(db, &found).await?, more))
}

/// The oldest messages in this range, ascending, and whether there are more after them.
async fn starting(
    db: &mut PgConnection,
    room: RoomId,
    ids: Range,
    limit: u32,
) -> Result<(Vec<Message>, bool)> {
    let (near, far) = ids.split(moment(ids.from).saturating_add(NEARBY));
    let ranges = [near, far];
    let mut found = read(db, statements::MESSAGES_FROM, room, ranges, limit).await?;
    let more = cut(&mut found, limit);
    Ok((messages::complete(db, &found).await?, more))
}

/// What this statement finds in these ranges, one after the other, until there is one more than
/// `limit`. Most pages are full before the second, which may be years long: planning a statement
/// over all of them takes longer than reading the page.
async fn read(
    db: &mut PgConnection,
    statement: &'static str,
    room: RoomId,
    ranges: [Range; 2],
    limit: u32,
) -> Result<Vec<PgRow>> {
    let mut wanted = i64::from(limit) + 1;
    let mut found = Vec::new();
    for ids in ranges {
        if wanted > 0 && ids.from < ids.until {
            let part = sqlx::query(statement)
                .bind(room)
                .bind(ids.from)
                .bind(ids.until)
                .bind(wanted)
                .fetch_all(&mut *db)
                .await?;
            wanted -= i64::try_from(part.len()).unwrap_or(wanted);
            found.extend(part);
        }
    }
    Ok(found)
}

/// Takes off the one too many that was asked for to know whether there is more.
pub(super) fn cut<T>(found: &mut Vec<T>, limit: u32) -> bool {
    let limit = usize::try_from(limit).unwrap_or(usize::MAX);
    let more = found.len() > limit;
    found.truncate(limit);
    more
}
