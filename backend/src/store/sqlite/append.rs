//! Storing new messages: a batch over many rooms in one step of the writer.
//!
//! What the drafts of a batch have in common is looked at and written once: the head of a room, an
//! author in a room and how far they have read. Nothing is read back: a message is what its draft,
//! its author and its place make of it.

use super::head::Head;
use super::messages::{call, called, find, find_mentioned, json};
use super::rows::{self, Cells};
use super::values::int;
use crate::models::message::MessageKind;
use crate::models::{Author, ClientId, Draft, Excerpt, Message, MessageId, RoomId, UserId, ids};
use crate::store::repeats::month_to_look_in;
use crate::store::{Denied, Posted, Result, StoreError};
use rusqlite::{Connection, OptionalExtension as _, params};
use std::collections::HashMap;
use std::collections::hash_map::Entry as Slot;

/// Gives each draft its place.
pub(super) fn append(
    db: &Connection,
    batch: &[Draft],
) -> Result<Vec<std::result::Result<Posted, Denied>>> {
    let mut known = Known::default();
    let mut outcomes = Vec::with_capacity(batch.len());
    for draft in batch {
        outcomes.push(match place(db, &mut known, draft) {
            Ok(posted) => Ok(posted),
            // Refusals come before the first write of an item.
            Err(StoreError::Denied(denied)) => Err(denied),
            Err(error) => return Err(error),
        });
    }
    known.save(db)?;
    Ok(outcomes)
}

/// What the drafts of a batch have in common. What there is not is remembered as well.
#[derive(Default)]
struct Known {
    heads: HashMap<RoomId, Option<Head>>,
    members: HashMap<(RoomId, UserId), Option<Member>>,
}

/// Somebody who writes in a room.
struct Member {
    author: Author,
    /// The last message they wrote: they have read up to there.
    wrote: Option<(u64, MessageId)>,
}

impl Known {
    /// The head of the draft's room, and who wrote the draft.
    fn look_up(&mut self, db: &Connection, draft: &Draft) -> Result<(&mut Head, &mut Member)> {
        let head = match self.heads.entry(draft.room) {
            Slot::Occupied(known) => known.into_mut(),
            Slot::Vacant(unknown) => unknown.insert(Head::find(db, draft.room)?),
        };
        let member = match self.members.entry((draft.room, draft.author)) {
            Slot::Occupied(known) => known.into_mut(),
            Slot::Vacant(unknown) => unknown.insert(Member::find(db, draft.room, draft.author)?),
        };
        let head = head.as_mut().ok_or(Denied::NoRoom)?;
        Ok((head, member.as_mut().ok_or(Denied::NotMember)?))
    }

    /// Stores how far the rooms have come, and those who wrote in them.
    fn save(&self, db: &Connection) -> Result<()> {
        for head in self.heads.values().flatten() {
            head.save(db)?;
        }
        let mut mark = db.prepare_cached(
            "UPDATE memberships
             SET last_read_seq = ?3, last_read_id = ?4
             WHERE room_id = ?1 AND user_id = ?2",
        )?;
        for ((room, user), member) in &self.members {
            if let Some((seq, message)) = member.as_ref().and_then(|member| member.wrote) {
                mark.execute(params![room, user, int(seq), message])?;
            }
        }
        Ok(())
    }
}

impl Member {
    fn find(db: &Connection, room: RoomId, user: UserId) -> Result<Option<Self>> {
        let author = db
            .prepare_cached(
                "SELECT u.id, u.username, u.display_name, u.avatar_url, u.is_bot
                 FROM memberships s
                 JOIN users u ON u.id = s.user_id
                 WHERE s.room_id = ?1 AND s.user_id = ?2",
            )?
            .query_row(params![room, user], |row| rows::author(&mut Cells::of(row)))
            .optional()?;
        Ok(author.map(|author| Self {
            author,
            wrote: None,
        }))
    }
}

/// Stores one draft, or finds that it is stored already.
fn place(db: &Connection, known: &mut Known, draft: &Draft) -> Result<Posted> {
    let (head, member) = known.look_up(db, draft)?;
    // Before the archiving: whoever asks again what became of their message is told.
    if let Some(message) = find_repeated(db, draft)? {
        return Ok(Posted {
            message,
            duplicate: true,
        });
    }
    if head.archived {
        return Err(Denied::Archived.into());
    }
    let reply_to = match draft.reply_to {
        None => None,
        Some(answered) => {
            let answered = find(db, draft.room, answered)?.ok_or(Denied::NoMessage)?;
            Some(Excerpt {
                id: answered.id,
                seq: answered.seq,
                excerpt: Excerpt::cut(&answered.content),
                author: answered.author,
            })
        }
    };

    let (seq, id) = head.next(draft.at);
    let mentioned = draft.body.mentioned();
    let mentions = find_mentioned(db, draft.room, &mentioned)?;
    db.prepare_cached(
        "INSERT INTO messages (id, room_id, seq, rev_seq, author_id, client_id, kind, content,
                               reply_to, mentions, mentions_all, metadata, created_at)
         VALUES (?1, ?2, ?3, ?3, ?4, ?5, 'text', ?6, ?7, ?8, ?9, ?10, ?11)",
    )?
    .execute(params![
        id,
        draft.room,
        int(seq),
        draft.author,
        draft.client_id.as_ref().map(ClientId::as_str),
        draft.body.as_str(),
        draft.reply_to,
        json(&mentions)?,
        mentioned.everyone,
        json(draft.metadata.as_map())?,
        draft.at,
    ])?;
    let called = called(&mentions, mentioned.everyone);
    call(db, draft.room, seq, draft.author, &called)?;
    member.wrote = Some((seq, id));
    let message = Message {
        id,
        room_id: draft.room,
        seq,
        rev_seq: seq,
        author: member.author.clone(),
        client_id: draft.client_id.as_ref().map(|id| id.as_str().to_owned()),
        kind: MessageKind::Text,
        content: draft.body.as_str().to_owned(),
        reply_to,
        reactions: Vec::new(),
        mentions,
        created_at: draft.at,
        edited_at: None,
        deleted_at: None,
        metadata: draft.metadata.as_map().clone(),
    };
    Ok(Posted {
        message,
        duplicate: false,
    })
}

/// The message its author sent to this room under the draft's client id, if that is remembered:
/// back to the start of the month seven days ago, as in PostgreSQL, which looks at two partitions.
fn find_repeated(db: &Connection, draft: &Draft) -> Result<Option<Message>> {
    let Some(client_id) = &draft.client_id else {
        return Ok(None);
    };
    let (month, _) = month_to_look_in(draft.at);
    let month = u64::try_from(month.0).unwrap_or_default();
    let first: Option<MessageId> = db
        .prepare_cached(
            "SELECT id
             FROM messages
             WHERE room_id = ?1 AND author_id = ?2 AND client_id = ?3 AND id >= ?4
             ORDER BY id DESC
             LIMIT 1",
        )?
        .query_row(
            params![
                draft.room,
                draft.author,
                client_id.as_str(),
                MessageId(ids::lower_bound(month)),
            ],
            |row| row.get(0),
        )
        .optional()?;
    let Some(first) = first else {
        return Ok(None);
    };
    let message = find(db, draft.room, first)?.ok_or_else(|| {
        StoreError::Corrupt(format!("message {first} is gone in its own transaction"))
    })?;
    Ok(Some(message))
}
