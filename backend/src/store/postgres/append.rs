//! Storing new messages: a batch over many rooms in one call of one function, one round trip, one
//! flush. Mostly that is one of [`super::post`]. When something is refused or repeated, it has
//! stored nothing, and the function here says what becomes of each; what that promises is in
//! `migrations/postgres/0005_store_messages.sql`.
//!
//! Around both: rooms whose head another node holds are left out and then waited for, each alone, so
//! that they delay nobody; a message sent twice within one batch is given once and then again, to be
//! found like any other repeat; a batch that fails is given again item by item, so that what the
//! database cannot store is refused alone.

use super::failure::is_passing;
use super::pool::{Pool, STEP_TIMEOUT, one};
use super::rows::{self, Cells};
use super::{messages, post, upkeep};
use crate::models::{ClientId, Draft, Message, MessageId, RoomId, Timestamp, UserId};
use crate::store::{Denied, Posted, Result, StoreError};
use sqlx::postgres::{PgArguments, PgRow};
use sqlx::query::Query;
use sqlx::{Postgres, Row as _};
use std::collections::{BTreeMap, HashMap, HashSet};

/// What became of one draft.
type Outcome = std::result::Result<Posted, Denied>;

/// An outcome, or the id of the message that the draft repeats.
enum Found {
    Outcome(Box<Outcome>),
    Repeats(MessageId),
    Busy,
}

/// What a function answered: that it stored them, or a row for each.
enum Answer {
    Stored(post::Stored),
    Judged(Vec<PgRow>),
}

pub(super) async fn append(pool: &Pool, batch: &[Draft]) -> Result<Vec<Outcome>> {
    let (firsts, repeats) = apart(batch, 0..batch.len());
    let mut outcomes: Vec<Option<Outcome>> = vec![None; batch.len()];
    let one_room = batch.windows(2).all(|pair| pair[0].room == pair[1].room);
    let busy = settle(pool, batch, &firsts, one_room, &mut outcomes).await?;

    let mut waiting: BTreeMap<RoomId, Vec<usize>> = BTreeMap::new();
    for at in busy.into_iter().chain(repeats) {
        waiting.entry(batch[at].room).or_default().push(at);
    }
    for (room, items) in waiting {
        if let Err(error) = settle_in_turn(pool, batch, &items, &mut outcomes).await {
            // The others of the batch are stored, and are told so.
            tracing::error!(room.id = %room, %error, messages = items.len(), "a busy room was given up");
            for item in items {
                outcomes[item].get_or_insert(Err(Denied::Unknown));
            }
        }
    }
    outcomes
        .into_iter()
        .map(|outcome| outcome.ok_or_else(|| corrupt("a draft was left without an outcome")))
        .collect()
}

/// These items of the batch, those apart that carry the client id of one before them.
fn apart(batch: &[Draft], items: impl Iterator<Item = usize>) -> (Vec<usize>, Vec<usize>) {
    let mut known = HashSet::new();
    items.partition(|&at| {
        let draft = &batch[at];
        let id = draft.client_id.as_ref();
        id.is_none_or(|id| known.insert((draft.room, draft.author, id)))
    })
}

/// Stores these items of one room, each after those it repeats.
async fn settle_in_turn(
    pool: &Pool,
    batch: &[Draft],
    items: &[usize],
    outcomes: &mut [Option<Outcome>],
) -> Result<()> {
    let mut items = items.to_vec();
    items.sort_unstable();
    while !items.is_empty() {
        let (firsts, repeats) = apart(batch, items.into_iter());
        settle(pool, batch, &firsts, true, outcomes).await?;
        items = repeats;
    }
    Ok(())
}

/// Stores these items of the batch, of which none repeats another, all at once or, if that fails,
/// one by one. Answers the items of rooms that were busy, which can only be when it was not to
/// `wait`.
async fn settle(
    pool: &Pool,
    batch: &[Draft],
    items: &[usize],
    wait: bool,
    outcomes: &mut [Option<Outcome>],
) -> Result<Vec<usize>> {
    match call(pool, batch, items, wait).await {
        Ok(found) => record(pool, batch, items, found, outcomes).await,
        Err(error) if is_passing(&error) => Err(error.into()),
        Err(error) => {
            tracing::error!(
                messages = items.len(),
                cause = %error,
                "a batch of messages was refused as a whole; storing them one by one"
            );
            for item in items {
                let alone = std::slice::from_ref(item);
                match call(pool, batch, alone, true).await {
                    Ok(found) => {
                        record(pool, batch, alone, found, outcomes).await?;
                    }
                    Err(error) if is_passing(&error) => return Err(error.into()),
                    Err(error) => {
                        let room = batch[*item].room;
                        tracing::error!(room.id = %room, cause = %error, "a message was refused");
                        outcomes[*item] = Some(Err(Denied::Unstorable));
                    }
                }
            }
            Ok(Vec::new())
        }
    }
}

/// Writes what was found into the places of these items; those that were busy come back.
async fn record(
    pool: &Pool,
    batch: &[Draft],
    items: &[usize],
    answer: Answer,
    outcomes: &mut [Option<Outcome>],
) -> Result<Vec<usize>> {
    let mut busy = Vec::new();
    let mut repeats = Vec::new();
    let rows = match answer {
        Answer::Judged(rows) => rows,
        Answer::Stored(stored) => {
            let messages = stored.read(&among(batch, items))?;
            for (&at, message) in items.iter().zip(messages) {
                match message {
                    Some(message) => {
                        let duplicate = false;
                        outcomes[at] = Some(Ok(Posted { message, duplicate }));
                    }
                    None => busy.push(at),
                }
            }
            Vec::new()
        }
    };
    for row in &rows {
        let at = items[post::place(row.try_get(0)?, items.len())?];
        match found(row, &batch[at])? {
            Found::Outcome(outcome) => outcomes[at] = Some(*outcome),
            Found::Repeats(message) => repeats.push((at, message)),
            Found::Busy => busy.push(at),
        }
    }
    if !repeats.is_empty() {
        let ids: Vec<MessageId> = repeats.iter().map(|(_, message)| *message).collect();
        let originals: Result<_> = one!(pool, db => messages::list_by_id(db, &ids));
        let originals: HashMap<MessageId, Message> = originals?
            .into_iter()
            .map(|message| (message.id, message))
            .collect();
        for (at, message) in repeats {
            let message = originals
                .get(&message)
                .cloned()
                .ok_or_else(|| corrupt("a repeated message is gone"))?;
            outcomes[at] = Some(Ok(Posted {
                message,
                duplicate: true,
            }));
        }
    }
    busy.sort_unstable();
    Ok(busy)
}

fn found(row: &PgRow, draft: &Draft) -> Result<Found> {
    let mut cells = Cells::of(row);
    let _: i32 = cells.take()?;
    let status: &str = cells.take()?;
    let denied = match status {
        "posted" => {
            let message = posted(&mut cells, draft)?;
            return Ok(Found::Outcome(Box::new(Ok(Posted {
                message,
                duplicate: false,
            }))));
        }
        "duplicate" => return Ok(Found::Repeats(cells.take()?)),
        "busy" => return Ok(Found::Busy),
        "no_room" => Denied::NoRoom,
        "not_member" => Denied::NotMember,
        "archived" => Denied::Archived,
        "no_message" => Denied::NoMessage,
        other => return Err(corrupt(&format!("{other:?} is no outcome of a draft"))),
    };
    Ok(Found::Outcome(Box::new(Err(denied))))
}

/// The message as it was just stored.
fn posted(cells: &mut Cells<'_>, draft: &Draft) -> sqlx::Result<Message> {
    let id = cells.take()?;
    let seq = cells.number()?;
    let mentions = cells.take()?;
    let author = rows::author(cells)?;
    Ok(Message {
        mentions,
        reply_to: cells.optional(8, rows::excerpt)?,
        ..post::made(draft, id, seq, author)
    })
}

/// Calls the functions, a second time if a month had no partition.
async fn call(pool: &Pool, batch: &[Draft], items: &[usize], wait: bool) -> sqlx::Result<Answer> {
    let drafts = among(batch, items);
    match call_once(pool, &drafts, wait).await {
        Err(error) if upkeep::make_missing(pool, &error).await? => {
            call_once(pool, &drafts, wait).await
        }
        outcome => outcome,
    }
}

async fn call_once(pool: &Pool, drafts: &[&Draft], wait: bool) -> sqlx::Result<Answer> {
    #[cfg(feature = "planted")]
    super::planted::before_append(pool, drafts).await?;
    if let Some(stored) = post::call(pool, drafts, wait).await? {
        return Ok(Answer::Stored(stored));
    }
    let columns = Columns::of(drafts)?;
    Ok(Answer::Judged(columns.call(pool, wait).await?))
}

fn among<'a>(batch: &'a [Draft], items: &[usize]) -> Vec<&'a Draft> {
    items.iter().map(|&at| &batch[at]).collect()
}

/// All rows are fetched to the end, for only after the last of them comes the word that they are
/// committed.
pub(super) async fn fetch(
    pool: &Pool,
    call: Query<'_, Postgres, PgArguments>,
) -> sqlx::Result<Vec<PgRow>> {
    #[cfg(feature = "planted")]
    if realtime::planted::is("publish-before-commit") {
        return super::planted::commit_later(pool, call).await;
    }
    let mut lent = pool.lend_again().await?;
    let rows = tokio::time::timeout(STEP_TIMEOUT, call.fetch_all(lent.db())).await;
    let rows = lent.end(rows);
    // One that failed is tried before it is used again.
    if rows.is_ok() {
        pool.keep(lent);
    }
    rows
}

/// Drafts, turned into one array for each parameter of the function.
#[derive(Default)]
struct Columns<'a> {
    rooms: Vec<RoomId>,
    authors: Vec<UserId>,
    client_ids: Vec<Option<&'a str>>,
    contents: Vec<&'a str>,
    replies: Vec<Option<MessageId>>,
    metadatas: Vec<String>,
    everyone: Vec<bool>,
    times: Vec<Timestamp>,
    called_items: Vec<i32>,
    called_names: Vec<String>,
}

impl<'a> Columns<'a> {
    fn of(drafts: &[&'a Draft]) -> sqlx::Result<Self> {
        let mut columns = Self::default();
        for (place, draft) in (1..).zip(drafts) {
            let mentioned = draft.body.mentioned();
            let metadata = serde_json::to_string(draft.metadata.as_map())
                .map_err(|error| sqlx::Error::Encode(error.into()))?;
            columns.rooms.push(draft.room);
            columns.authors.push(draft.author);
            let client_id = draft.client_id.as_ref().map(ClientId::as_str);
            columns.client_ids.push(client_id);
            columns.contents.push(draft.body.as_str());
            columns.replies.push(draft.reply_to);
            columns.metadatas.push(metadata);
            columns.everyone.push(mentioned.everyone);
            columns.times.push(draft.at);
            for name in mentioned.names {
                columns.called_items.push(place);
                columns.called_names.push(name);
            }
        }
        Ok(columns)
    }

    async fn call(&self, pool: &Pool, wait: bool) -> sqlx::Result<Vec<PgRow>> {
        let call = sqlx::query(
            "SELECT item, status, message_id, seq, mentions,
                    author_id, username, display_name, avatar_url, is_bot,
                    reply_id, reply_seq, reply_content,
                    reply_author, reply_username, reply_display_name, reply_avatar_url,
                    reply_is_bot
             FROM store_messages($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11)",
        )
        .bind(&self.rooms)
        .bind(&self.authors)
        .bind(&self.client_ids)
        .bind(&self.contents)
        .bind(&self.replies)
        .bind(&self.metadatas)
        .bind(&self.everyone)
        .bind(&self.times)
        .bind(&self.called_items)
        .bind(&self.called_names)
        .bind(wait);
        fetch(pool, call).await
    }
}

pub(super) fn corrupt(what: &str) -> StoreError {
    StoreError::Corrupt(what.to_owned())
}
