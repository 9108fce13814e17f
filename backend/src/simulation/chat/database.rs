//! What is stored: people, two rooms and their logs, in this history and in those before it.

use crate::auth::Token;
use crate::models::message::MessageKind;
use crate::models::{
    Author, Change, Draft, Entry, MemberFact, MemberRole, Membership, Message, MessageId, Notify,
    Role, Room, RoomId, RoomKind, Session, SessionId, Timestamp, TokenHash, User, UserId, ids,
};
use crate::store::{Belongings, Denied, Joining, LogPage, Login, Posted, Snapshot};
use std::collections::BTreeMap;
use std::ops::RangeInclusive;
use uuid::Uuid;

/// When every history begins.
pub(super) const BEGINNING: Timestamp = Timestamp(1_800_000_000_000);

/// People, by their numbers. The first owns the rooms, and is never removed.
const PEOPLE: u128 = 3;
pub(super) const ROOMS: usize = 2;

#[derive(Debug)]
pub(super) struct Database {
    /// All histories there were; the last one counts.
    histories: Vec<History>,
    tokens: Vec<Token>,
    minted: u64,
}

/// The logs of all rooms.
#[derive(Clone, Debug)]
struct History {
    logs: BTreeMap<RoomId, Vec<Entry>>,
    sent: BTreeMap<(RoomId, UserId, String), u64>,
}

pub(super) fn people() -> impl Iterator<Item = UserId> {
    (1..=PEOPLE).map(|n| UserId(Uuid::from_u128(n)))
}

pub(super) fn rooms() -> impl Iterator<Item = RoomId> {
    (1..).take(ROOMS).map(|n| RoomId(Uuid::from_u128(100 + n)))
}

/// Who owns the rooms.
pub(super) fn owner() -> UserId {
    UserId(Uuid::from_u128(1))
}

impl Database {
    /// Everybody is a member of every room.
    pub(super) fn new() -> Self {
        let mut database = Self {
            histories: vec![History {
                logs: rooms().map(|room| (room, Vec::new())).collect(),
                sent: BTreeMap::new(),
            }],
            tokens: people().map(|_| Token::random()).collect(),
            minted: 0,
        };
        for room in rooms() {
            let everybody: Vec<UserId> = people().collect();
            database.add_members(room, &everybody, BEGINNING);
        }
        database
    }

    // ── Histories ──────────────────────────────────────────────────────────────

    /// The number of this history.
    pub(super) fn epoch(&self) -> String {
        format!("history {}", self.histories.len())
    }

    /// An older copy takes over: the end of each log is `lost`, and never what every history begins
    /// with.
    pub(super) fn go_back(&mut self, lost: [u64; ROOMS]) {
        let mut history = self.now().clone();
        for (log, lost) in history.logs.values_mut().zip(lost) {
            let kept = log.len().saturating_sub(usize::try_from(lost).unwrap());
            log.truncate(kept.max(people().count()));
        }
        let logs = &history.logs;
        history
            .sent
            .retain(|(room, _, _), seq| *seq <= logs[room].len() as u64);
        self.histories.push(history);
    }

    fn now(&self) -> &History {
        self.histories.last().expect("there is one")
    }

    fn now_mut(&mut self) -> &mut History {
        self.histories.last_mut().expect("there is one")
    }

    /// An entry of a history that was or is.
    pub(super) fn find_entry(&self, epoch: &str, room: RoomId, seq: u64) -> Option<&Entry> {
        let number = epoch.strip_prefix("history ")?.parse::<usize>().ok()?;
        let log = self.histories.get(number - 1)?.logs.get(&room)?;
        log.get(usize::try_from(seq).ok()?.checked_sub(1)?)
    }

    /// Whether a message is, or was, at this place in any history.
    pub(super) fn was_stored(&self, room: RoomId, seq: u64, id: &str) -> bool {
        let place = usize::try_from(seq).unwrap() - 1;
        self.histories.iter().any(|history| {
            let entry = history.logs[&room].get(place);
            matches!(entry.map(|entry| &entry.change), Some(Change::MessageReceived(message))
                if message.id.to_string() == id)
        })
    }

    pub(super) fn log(&self, room: RoomId) -> &[Entry] {
        &self.now().logs[&room]
    }

    pub(super) fn head(&self, room: RoomId) -> u64 {
        self.log(room).len() as u64
    }

    // ── People ─────────────────────────────────────────────────────────────────

    pub(super) fn token(&self, user: UserId) -> String {
        self.tokens[number(user) - 1].expose()
    }

    pub(super) fn find_session(&self, hash: TokenHash) -> Option<Login> {
        let place = self.tokens.iter().position(|token| token.hash() == hash)?;
        let user = people().nth(place)?;
        let session = Session {
            id: session_of(user),
            user_id: user,
            user_agent: String::new(),
            created_at: BEGINNING,
            last_used_at: Timestamp(i64::MAX / 2),
            expires_at: Timestamp(i64::MAX),
        };
        Some(Login {
            session,
            user: find_user(user),
            moves: self.moves(user),
        })
    }

    // ── Members ────────────────────────────────────────────────────────────────

    /// Who was a member after the entry at `seq`, and in what role.
    pub(super) fn role_at(&self, room: RoomId, user: UserId, seq: u64) -> Option<MemberRole> {
        let log = &self.log(room)[..usize::try_from(seq).unwrap()];
        log.iter().rev().find_map(|entry| match &entry.change {
            Change::MemberAdded(fact) if fact.user.id == user => Some(Some(fact.role)),
            Change::MemberRemoved { user: gone, .. } if *gone == user => Some(None),
            _ => None,
        })?
    }

    /// Whether somebody was removed by one of these entries.
    pub(super) fn is_removed(
        &self,
        room: RoomId,
        user: UserId,
        mut seqs: RangeInclusive<u64>,
    ) -> bool {
        seqs.any(|seq| {
            let entry = self.find_entry(&self.epoch(), room, seq);
            matches!(entry.map(|entry| &entry.change),
                Some(Change::MemberRemoved { user: gone, .. }) if *gone == user)
        })
    }

    pub(super) fn role(&self, room: RoomId, user: UserId) -> Option<MemberRole> {
        self.role_at(room, user, self.head(room))
    }

    pub(super) fn members(&self, room: RoomId) -> Vec<MemberFact> {
        let members = people().filter_map(|user| Some((user, self.role(room, user)?)));
        let facts = members.map(|(user, role)| MemberFact {
            user: find_user(user),
            role,
            joined_at: BEGINNING,
        });
        facts.collect()
    }

    /// How often a membership of this user came or went.
    pub(super) fn moves(&self, user: UserId) -> u64 {
        let all = self.now().logs.values().flatten();
        let own = all.filter(|entry| match &entry.change {
            Change::MemberAdded(fact) => fact.user.id == user,
            Change::MemberRemoved { user: gone, .. } => *gone == user,
            _ => false,
        });
        own.count() as u64
    }

    pub(super) fn belongings(&self, user: UserId) -> Belongings {
        let rooms = rooms().filter(|room| self.role(*room, user).is_some());
        Belongings {
            moves: self.moves(user),
            role: Some(Role::Member),
            rooms: rooms.collect(),
            sessions: vec![session_of(user)],
        }
    }

    /// Those of them who were not members yet.
    pub(super) fn add_members(
        &mut self,
        room: RoomId,
        users: &[UserId],
        now: Timestamp,
    ) -> Vec<Entry> {
        let mut added = Vec::new();
        for user in users {
            if self.role(room, *user).is_some() {
                continue;
            }
            let owns = *user == owner();
            let fact = MemberFact {
                user: find_user(*user),
                role: if owns {
                    MemberRole::Owner
                } else {
                    MemberRole::Member
                },
                joined_at: now,
            };
            added.push(self.enter(room, |_| Change::MemberAdded(Box::new(fact))));
        }
        added
    }

    pub(super) fn remove_member(&mut self, room: RoomId, user: UserId, by: UserId) -> Vec<Entry> {
        if self.role(room, user).is_none() {
            return Vec::new();
        }
        vec![self.enter(room, |_| Change::MemberRemoved { user, by })]
    }

    // ── Logs ───────────────────────────────────────────────────────────────────

    pub(super) fn append(&mut self, draft: &Draft) -> Result<Posted, Denied> {
        let (room, author) = (draft.room, draft.author);
        if self.role(room, author).is_none() {
            return Err(Denied::NotMember);
        }
        let client_id = draft.client_id.as_ref().map(|id| id.as_str().to_owned());
        let key = client_id.clone().map(|id| (room, author, id));
        if let Some(seq) = key.as_ref().and_then(|key| self.now().sent.get(key)) {
            let entry = &self.log(room)[usize::try_from(*seq - 1).unwrap()];
            let Change::MessageReceived(message) = &entry.change else {
                unreachable!("a client id names a message");
            };
            return Ok(Posted {
                message: Message::clone(message),
                duplicate: true,
            });
        }
        self.minted += 1;
        let minted = self.minted;
        let user = find_user(author);
        let entry = self.enter(room, |seq| {
            let message = Message {
                id: MessageId(ids::mint(1_800_000_000_000, seq, minted)),
                room_id: room,
                seq,
                rev_seq: seq,
                author: Author {
                    id: user.id,
                    username: user.username,
                    display_name: user.display_name,
                    avatar_url: None,
                    is_bot: false,
                },
                client_id,
                kind: MessageKind::Text,
                content: draft.body.as_str().to_owned(),
                reply_to: None,
                reactions: Vec::new(),
                mentions: Vec::new(),
                created_at: draft.at,
                edited_at: None,
                deleted_at: None,
                metadata: serde_json::Map::new(),
            };
            Change::MessageReceived(Box::new(message))
        });
        if let Some(key) = key {
            self.now_mut().sent.insert(key, entry.seq);
        }
        let Change::MessageReceived(message) = entry.change else {
            unreachable!("it was made just now");
        };
        Ok(Posted {
            message: *message,
            duplicate: false,
        })
    }

    pub(super) fn changes(&self, room: RoomId, since: u64, limit: u32) -> LogPage {
        let after = self.log(room).iter().filter(|entry| entry.seq > since);
        LogPage {
            entries: after.take(limit as usize).cloned().collect(),
            last_seq: self.head(room),
        }
    }

    pub(super) fn snapshot(&self, joining: &Joining) -> Result<Snapshot, Denied> {
        let Joining {
            room,
            viewer,
            since,
            behind,
            messages: limit,
            at_hand,
        } = *joining;
        let shown = self.find_room(room, viewer);
        if shown.membership.is_none() {
            return Err(Denied::NotMember);
        }
        let head = self.head(room);
        let near = |since: &u64| *since <= head && head - since <= u64::from(behind);
        let feed = if let Some(since) = since.filter(near) {
            if at_hand {
                crate::store::Feed::AtHand
            } else {
                crate::store::Feed::Changes(self.changes(room, since, u32::MAX).entries)
            }
        } else {
            let messages = self
                .log(room)
                .iter()
                .filter_map(|entry| match &entry.change {
                    Change::MessageReceived(message) => Some(Message::clone(message)),
                    _ => None,
                });
            let messages: Vec<Message> = messages.collect();
            let first = messages.len().saturating_sub(limit as usize);
            crate::store::Feed::Newest {
                has_before: first > 0,
                messages: messages[first..].to_vec(),
            }
        };
        Ok(Snapshot {
            room: shown,
            members: self.members(room).into(),
            feed,
        })
    }

    pub(super) fn find_room(&self, room: RoomId, viewer: UserId) -> Room {
        let membership = self.role(room, viewer).map(|role| Membership {
            role,
            joined_at: BEGINNING,
            last_read_seq: 0,
            last_read_id: None,
            unread: 0,
            mentions: 0,
            notify: Notify::All,
            muted_until: None,
        });
        Room {
            id: room,
            kind: RoomKind::Private,
            name: None,
            topic: None,
            owner_id: Some(owner()),
            member_count: self.members(room).len() as u64,
            last_seq: self.head(room),
            last_activity_at: BEGINNING,
            created_at: BEGINNING,
            archived_at: None,
            people: Vec::new(),
            membership,
            last_message: None,
        }
    }

    /// Gives something the next place in a log.
    fn enter(&mut self, room: RoomId, change: impl FnOnce(u64) -> Change) -> Entry {
        let seq = self.head(room) + 1;
        let change = change(seq);
        let entry = Entry { room, seq, change };
        let log = self.now_mut().logs.get_mut(&room).expect("there are two");
        log.push(entry.clone());
        entry
    }
}

pub(super) fn find_user(user: UserId) -> User {
    User {
        id: user,
        username: format!("user{}", number(user)),
        display_name: String::new(),
        avatar_url: None,
        is_bot: false,
        role: Role::Member,
        created_at: BEGINNING,
        last_seen_at: None,
        last_seen_visible: true,
        deactivated: false,
    }
}

fn session_of(user: UserId) -> SessionId {
    SessionId(user.0)
}

pub(super) fn number(user: UserId) -> usize {
    usize::try_from(user.0.as_u128()).unwrap()
}
