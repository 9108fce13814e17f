//! Storing new messages: a batch over many rooms in one call of one function, one round trip, one
//! flush. The function itself, and what it promises, is in
//! `migrations/postgres/0005_store_messages.sql`.
//!
//! Around it: rooms whose head another node holds are left out and then waited for, each alone, so
//! that they delay nobody; a message sent twice within one batch is given once and then again, to be
//! found like any other repeat; a batch that fails is given again item by item, so that what the
//! database cannot store is refused alone.

use super::failure::is_passing;
use super::pool::{Pool, one};
use super::rows::{self, Cells};
use super::{messages, upkeep};
use crate::models::message::MessageKind;
use crate::models::{ClientId, Draft, Message, MessageId, RoomId, Timestamp, UserId};
use crate::store::{Denied, Posted, Result, StoreError};
use sqlx::Row as _;
use sqlx::postgres::PgRow;
use std::collections::{BTreeMap, HashMap, HashSet};

/// What became of one draft.
type Outcome = std::result::Result<Posted, Denied>;

/// An outcome, or the id of the message that the draft repeats.
enum Found {
    Outcome(Box<Outcome>),
    Repeats(MessageId),
    Busy,
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
    rows: Vec<PgRow>,
    outcomes: &mut [Option<Outcome>],
) -> Result<Vec<usize>> {
    let mut busy = Vec::new();
    let mut repeats = Vec::new();
    for row in &rows {
        let place: i32 = row.try_get(0)?;
        let at = usize::try_from(place - 1)
            .ok()
            .and_then(|place| items.get(place).copied())
            .ok_or_else(|| corrupt("an outcome is of no draft"))?;
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
    Ok(Message {
        id,
        room_id: draft.room,
        seq,
        rev_seq: seq,
        mentions: cells.take()?,
        author: rows::author(cells)?,
        reply_to: cells.optional(8, rows::excerpt)?,
        client_id: draft.client_id.as_ref().map(|id| id.as_str().to_owned()),
        kind: MessageKind::Text,
        content: draft.body.as_str().to_owned(),
        reactions: Vec::new(),
        created_at: draft.at,
        edited_at: None,
        deleted_at: None,
        metadata: draft.metadata.as_map().clone(),
    })
}

/// Calls the function, a second time if a month had no partition.
///
/// All rows are fetched to the end, for only after the last of them comes the word that they are
/// committed.
async fn call(
    pool: &Pool,
    batch: &[Draft],
    items: &[usize],
    wait: bool,
) -> sqlx::Result<Vec<PgRow>> {
    let columns = Columns::of(items.iter().map(|&at| &batch[at]))?;
    match columns.call(pool, wait).await {
        Err(error) if upkeep::make_missing(pool, &error).await? => columns.call(pool, wait).await,
        outcome => outcome,
    }
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
    fn of(drafts: impl Iterator<Item = &'a Draft>) -> sqlx::Result<Self> {
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
        #[cfg(feature = "planted")]
        super::planted::before_append(pool, &self.rooms).await?;
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
        #[cfg(feature = "planted")]
        if realtime::planted::is("publish-before-commit") {
            return super::planted::commit_later(pool, call).await;
        }
        one!(pool, db => call.fetch_all(db))
    }
}

fn corrupt(what: &str) -> StoreError {
    StoreError::Corrupt(what.to_owned())
}
