//! Storing new messages when all is as it mostly is: nothing is refused and nothing repeated. What
//! is not stored whole is not stored at all, and left to [`super::append`]. The procedures called, and
//! what they promise, are in `migrations/postgres/0008_post_messages.sql`.

use super::append::{corrupt, fetch};
use super::pool::Pool;
use super::rows::Cells;
use crate::models::message::MessageKind;
use crate::models::{
    Author, ClientId, Draft, Excerpt, Message, MessageId, RoomId, Timestamp, UserId,
};
use crate::store::Result;
use crate::store::repeats::month_to_look_in;
use sqlx::postgres::PgRow;
use sqlx::{Row as _, ValueRef as _};
use std::collections::HashMap;

/// What a procedure answered that has stored its messages.
pub(super) enum Stored {
    One(PgRow),
    Many(PgRow),
}

impl Stored {
    /// The messages that these drafts became; the rooms of the others were busy.
    pub(super) fn read(&self, drafts: &[&Draft]) -> Result<Vec<Option<Message>>> {
        match self {
            Self::One(row) => Ok(vec![Some(read_one(row, drafts[0])?)]),
            Self::Many(row) => read_many(row, drafts),
        }
    }
}

/// Has these drafts stored, of which none repeats another, or nothing. Rooms that are busy are left
/// out, unless it is to `wait` for them.
pub(super) async fn call(
    pool: &Pool,
    drafts: &[&Draft],
    wait: bool,
) -> sqlx::Result<Option<Stored>> {
    let (row, stored): (_, fn(PgRow) -> Stored) = match drafts {
        [draft] if wait && is_plain(draft) => (call_one(pool, draft).await?, Stored::One),
        _ => (Columns::of(drafts)?.call(pool, wait).await?, Stored::Many),
    };
    let is_stored = !row.try_get_raw(0)?.is_null();
    Ok(is_stored.then(|| stored(row)))
}

/// Whether it calls nobody and answers nothing.
fn is_plain(draft: &Draft) -> bool {
    let mentioned = draft.body.mentioned();
    draft.reply_to.is_none() && mentioned.names.is_empty() && !mentioned.everyone
}

async fn call_one(pool: &Pool, draft: &Draft) -> sqlx::Result<PgRow> {
    let (month, end) = month_to_look_in(draft.at);
    let call = sqlx::query(
        "CALL post_message(
             $1, $2, $3, $4, $5, $6, $7, $8, $9, NULL, NULL, NULL, NULL, NULL, NULL
         )",
    )
    .bind(draft.room)
    .bind(draft.author)
    .bind(draft.client_id.as_ref().map(ClientId::as_str))
    .bind(draft.body.as_str())
    .bind(metadata(draft)?)
    .bind(draft.at)
    .bind(draft.at.0)
    .bind(month.0)
    .bind(end.0);
    only(fetch(pool, call).await?)
}

fn only(rows: Vec<PgRow>) -> sqlx::Result<PgRow> {
    rows.into_iter().next().ok_or(sqlx::Error::RowNotFound)
}

fn read_one(row: &PgRow, draft: &Draft) -> Result<Message> {
    let mut cells = Cells::of(row);
    let id = cells.take()?;
    let seq = cells.number()?;
    let author = Author {
        id: draft.author,
        username: cells.take()?,
        display_name: cells.take()?,
        avatar_url: cells.take()?,
        is_bot: cells.take()?,
    };
    Ok(made(draft, id, seq, author))
}

fn read_many(row: &PgRow, drafts: &[&Draft]) -> Result<Vec<Option<Message>>> {
    let mut cells = Cells::of(row);
    let _: bool = cells.take()?;
    let items = list::<i32>(&mut cells)?;
    let ids = list::<MessageId>(&mut cells)?;
    let seqs = list::<i64>(&mut cells)?;
    let read_items = list::<i32>(&mut cells)?;
    let readers = read_items
        .into_iter()
        .map(|item| place(item, drafts.len()).map(|at| drafts[at].author));
    let readers = readers.collect::<Result<Vec<_>>>()?;
    let authors: HashMap<UserId, Author> = take_authors(&mut cells, readers)?
        .map(|author| (author.id, author))
        .collect();
    let mut called: HashMap<i32, Vec<UserId>> = HashMap::new();
    let mention_items = list::<i32>(&mut cells)?;
    for (item, user) in mention_items.into_iter().zip(list::<UserId>(&mut cells)?) {
        called.entry(item).or_default().push(user);
    }
    let target_items = list::<i32>(&mut cells)?;
    let target_seqs = list::<i64>(&mut cells)?;
    let target_contents = list::<String>(&mut cells)?;
    let target_authors = list::<UserId>(&mut cells)?;
    let mut targets: HashMap<i32, (i64, String, Author)> = target_items
        .into_iter()
        .zip(target_seqs)
        .zip(target_contents)
        .zip(take_authors(&mut cells, target_authors)?)
        .map(|(((item, seq), content), author)| (item, (seq, content, author)))
        .collect();

    let mut stored = vec![None; drafts.len()];
    for ((item, id), seq) in items.into_iter().zip(ids).zip(seqs) {
        let at = place(item, drafts.len())?;
        let draft = drafts[at];
        let author = authors.get(&draft.author).cloned();
        let author = author.ok_or_else(|| corrupt("a message is of nobody"))?;
        let mut message = made(draft, id, unsigned(seq)?, author);
        message.mentions = called.remove(&item).unwrap_or_default();
        if let (Some(id), Some((seq, content, author))) = (draft.reply_to, targets.remove(&item)) {
            message.reply_to = Some(Excerpt {
                id,
                seq: unsigned(seq)?,
                excerpt: Excerpt::cut(&content),
                author,
            });
        }
        stored[at] = Some(message);
    }
    Ok(stored)
}

/// An array; there is none where nothing would be in it.
fn list<T>(cells: &mut Cells<'_>) -> Result<Vec<T>>
where
    Vec<T>: for<'r> sqlx::Decode<'r, sqlx::Postgres> + sqlx::Type<sqlx::Postgres>,
{
    Ok(cells.take::<Option<Vec<T>>>()?.unwrap_or_default())
}

/// The authors with these ids, of four columns: username, display name, avatar, whether a program.
fn take_authors(cells: &mut Cells<'_>, ids: Vec<UserId>) -> Result<impl Iterator<Item = Author>> {
    let usernames = list::<String>(cells)?;
    let display_names = list::<String>(cells)?;
    let avatar_urls = list::<Option<String>>(cells)?;
    let are_bots = list::<bool>(cells)?;
    Ok(ids
        .into_iter()
        .zip(usernames)
        .zip(display_names)
        .zip(avatar_urls)
        .zip(are_bots)
        .map(
            |((((id, username), display_name), avatar_url), is_bot)| Author {
                id,
                username,
                display_name,
                avatar_url,
                is_bot,
            },
        ))
}

/// Where an item, counted from 1, stands among so many.
pub(super) fn place(item: i32, many: usize) -> Result<usize> {
    usize::try_from(item - 1)
        .ok()
        .filter(|at| *at < many)
        .ok_or_else(|| corrupt("an outcome is of no draft"))
}

fn unsigned(seq: i64) -> Result<u64> {
    u64::try_from(seq).map_err(|_| corrupt("a place is before the first"))
}

/// The message that a draft became, if it calls nobody and answers nothing.
pub(super) fn made(draft: &Draft, id: MessageId, seq: u64, author: Author) -> Message {
    Message {
        id,
        room_id: draft.room,
        seq,
        rev_seq: seq,
        author,
        reply_to: None,
        client_id: draft.client_id.as_ref().map(|id| id.as_str().to_owned()),
        kind: MessageKind::Text,
        content: draft.body.as_str().to_owned(),
        mentions: Vec::new(),
        reactions: Vec::new(),
        created_at: draft.at,
        edited_at: None,
        deleted_at: None,
        metadata: draft.metadata.as_map().clone(),
    }
}

/// Null for nothing, which spares reading it.
fn metadata(draft: &Draft) -> sqlx::Result<Option<String>> {
    let map = draft.metadata.as_map();
    if map.is_empty() {
        return Ok(None);
    }
    serde_json::to_string(map)
        .map(Some)
        .map_err(|error| sqlx::Error::Encode(error.into()))
}

/// Drafts, turned into one array for each parameter of the procedure for many.
struct Columns<'a> {
    rooms: Vec<RoomId>,
    ends: Vec<i32>,
    places: Vec<i32>,
    ranks: Vec<i64>,
    mss: Vec<i64>,
    reads: Vec<i32>,
    authors: Vec<UserId>,
    client_ids: Vec<Option<&'a str>>,
    contents: Vec<&'a str>,
    replies: Vec<Option<MessageId>>,
    metadatas: Vec<Option<String>>,
    everyone: Vec<bool>,
    times: Vec<Timestamp>,
    called_items: Vec<i32>,
    called_names: Vec<String>,
}

impl<'a> Columns<'a> {
    fn of(drafts: &[&'a Draft]) -> sqlx::Result<Self> {
        let mut rooms: Vec<RoomId> = drafts.iter().map(|draft| draft.room).collect();
        rooms.sort_unstable();
        rooms.dedup();
        let many = drafts.len();
        let mut columns = Self {
            ends: vec![0; rooms.len()],
            places: Vec::with_capacity(many),
            ranks: Vec::with_capacity(many),
            mss: Vec::with_capacity(many),
            reads: Vec::new(),
            authors: drafts.iter().map(|draft| draft.author).collect(),
            client_ids: Vec::with_capacity(many),
            contents: drafts.iter().map(|draft| draft.body.as_str()).collect(),
            replies: drafts.iter().map(|draft| draft.reply_to).collect(),
            metadatas: Vec::with_capacity(many),
            everyone: Vec::with_capacity(many),
            times: drafts.iter().map(|draft| draft.at).collect(),
            called_items: Vec::new(),
            called_names: Vec::new(),
            rooms,
        };
        // How many there are of each room so far, and the latest moment of them.
        let mut so_far = vec![(0, i64::MIN); columns.rooms.len()];
        let mut last = HashMap::with_capacity(many);
        for (item, draft) in (1..).zip(drafts) {
            let room = columns.rooms.partition_point(|room| *room < draft.room);
            let (rank, ms) = &mut so_far[room];
            *rank += 1;
            *ms = draft.at.0.max(*ms);
            columns.ranks.push(*rank);
            columns.mss.push(*ms);
            let place = number(room + 1)?;
            columns.places.push(place);
            columns.ends[room] = item;
            last.insert((place, draft.author), item);
            let client_id = draft.client_id.as_ref().map(ClientId::as_str);
            columns.client_ids.push(client_id);
            columns.metadatas.push(metadata(draft)?);
            let mentioned = draft.body.mentioned();
            columns.everyone.push(mentioned.everyone);
            for name in mentioned.names {
                columns.called_items.push(item);
                columns.called_names.push(name);
            }
        }
        let reads = drafts.iter().zip(&columns.places);
        columns.reads = reads
            .map(|(draft, place)| last[&(*place, draft.author)])
            .collect();
        Ok(columns)
    }

    async fn call(&self, pool: &Pool, wait: bool) -> sqlx::Result<PgRow> {
        let first = self.times.iter().min().copied().unwrap_or(Timestamp(0));
        let (month, end) = month_to_look_in(first);
        let replies = self.replies.iter().any(Option::is_some);
        let metadatas = self.metadatas.iter().any(Option::is_some);
        let everyone = self.everyone.contains(&true);
        let called = !self.called_items.is_empty();
        let call = sqlx::query(
            "CALL post_messages(
                 $1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, $18,
                 $19, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL,
                 NULL, NULL, NULL, NULL, NULL, NULL
             )",
        )
        .bind(&self.rooms)
        .bind(&self.ends)
        .bind(&self.places)
        .bind(&self.ranks)
        .bind(&self.mss)
        .bind(&self.reads)
        .bind(&self.authors)
        .bind(&self.client_ids)
        .bind(&self.contents)
        .bind(replies.then_some(&self.replies))
        .bind(metadatas.then_some(&self.metadatas))
        .bind(everyone.then_some(&self.everyone))
        .bind(&self.times)
        .bind(called.then_some(&self.called_items))
        .bind(called.then_some(&self.called_names))
        .bind(self.mss.iter().max())
        .bind(month.0)
        .bind(end.0)
        .bind(wait);
        only(fetch(pool, call).await?)
    }
}

fn number(place: usize) -> sqlx::Result<i32> {
    i32::try_from(place).map_err(|error| sqlx::Error::Encode(error.into()))
}
