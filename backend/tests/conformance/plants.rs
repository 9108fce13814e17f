//! Flaws to plant in the history that `audit.rs` makes: for each of them, what breaks that one
//! promise and no other.

use super::audit::lobby;
use roost::store::audit::Flaw;

/// What breaks it in SQLite, and in PostgreSQL; nothing where it cannot be.
type Plant = (Option<&'static str>, Option<&'static str>);

const fn both(statements: &'static str) -> Plant {
    (Some(statements), Some(statements))
}

const fn each(sqlite: &'static str, postgres: &'static str) -> Plant {
    (Some(sqlite), Some(postgres))
}

const fn in_postgres(statements: &'static str) -> Plant {
    (None, Some(statements))
}

/// The message with this text.
macro_rules! message {
    ($text:literal) => {
        concat!("(SELECT id FROM messages WHERE content = '", $text, "')")
    };
}

macro_rules! user {
    ($name:literal) => {
        concat!("(SELECT id FROM users WHERE username = '", $name, "')")
    };
}

/// Where the cases are listed, so that a new flaw needs its plant.
pub(super) fn plants(flaw: Flaw) -> &'static [Plant] {
    match flaw {
        Flaw::Damaged => DAMAGED,
        Flaw::NoEpoch => NO_EPOCH,
        Flaw::NoServerOwner => NO_SERVER_OWNER,
        Flaw::WordUnknown => WORD_UNKNOWN,
        Flaw::RoomUnknown => ROOM_UNKNOWN,
        Flaw::UserUnknown => USER_UNKNOWN,
        Flaw::MessageUnknown => MESSAGE_UNKNOWN,
        Flaw::NoHead => NO_HEAD,
        Flaw::Ends => ENDS,
        Flaw::Hole => HOLE,
        Flaw::Doubled => DOUBLED,
        Flaw::Beyond => BEYOND,
        Flaw::OutOfOrder => OUT_OF_ORDER,
        Flaw::Misplaced => MISPLACED,
        Flaw::LastMoment => LAST_MOMENT,
        Flaw::LastActivity => LAST_ACTIVITY,
        Flaw::LastMessage => LAST_MESSAGE,
        Flaw::Mark => MARK,
        Flaw::Unreadable => UNREADABLE,
        Flaw::Archiving => ARCHIVING,
        Flaw::Revision => REVISION,
        Flaw::Deletion => DELETION,
        Flaw::Remains => REMAINS,
        Flaw::ClientId => CLIENT_ID,
        Flaw::Mention => MENTION,
        Flaw::Reaction => REACTION,
        Flaw::Membership => MEMBERSHIP,
        Flaw::MemberCount => MEMBER_COUNT,
        Flaw::ReadMarker => READ_MARKER,
        Flaw::NoOwner => NO_OWNER,
        Flaw::People => PEOPLE,
    }
}

const DAMAGED: &[Plant] = &[(
    Some(
        "CREATE TABLE extra (cell TEXT);
         INSERT INTO extra VALUES (NULL);
         PRAGMA writable_schema = on;
         UPDATE sqlite_schema SET sql = 'CREATE TABLE extra (cell TEXT NOT NULL)'
         WHERE name = 'extra';",
    ),
    None,
)];

const NO_EPOCH: &[Plant] = &[both("DELETE FROM meta WHERE key = 'epoch'")];

const NO_SERVER_OWNER: &[Plant] = &[both("UPDATE users SET role = 'member'")];

const WORD_UNKNOWN: &[Plant] = &[
    both("UPDATE users SET role = 'king' WHERE username = 'dov'"),
    both("UPDATE rooms SET kind = 'secret' WHERE name = 'old'"),
    both("UPDATE memberships SET notify = 'perhaps' WHERE role = 'admin'"),
];

const ROOM_UNKNOWN: &[Plant] = &[
    each(
        "INSERT INTO mentions (room_id, user_id, seq, author_id)
         SELECT randomblob(16), id, 1, id FROM users LIMIT 1",
        "INSERT INTO mentions (room_id, user_id, seq, author_id)
         SELECT gen_random_uuid(), id, 1, id FROM users LIMIT 1",
    ),
    each(
        "INSERT INTO room_changes (room_id, seq, kind, created_at)
         VALUES (randomblob(16), 1, 'room_updated', 0)",
        "INSERT INTO room_changes (id, room_id, seq, kind, created_at)
         SELECT entry_id(last_ms, 1, 0), gen_random_uuid(), 1, 'room_updated', now()
         FROM room_heads LIMIT 1",
    ),
    in_postgres(
        "INSERT INTO room_marks (room_id, seq, id)
         VALUES (gen_random_uuid(), 512, gen_random_uuid())",
    ),
];

const USER_UNKNOWN: &[Plant] = &[
    each(
        "UPDATE sessions SET user_id = randomblob(16)",
        "UPDATE sessions SET user_id = gen_random_uuid()",
    ),
    each(
        "UPDATE messages SET author_id = randomblob(16) WHERE content = 'filler 7'",
        "UPDATE messages SET author_id = gen_random_uuid() WHERE content = 'filler 7'",
    ),
    each(
        "UPDATE room_changes SET by_id = randomblob(16) WHERE kind = 'member_removed'",
        "UPDATE room_changes SET by_id = gen_random_uuid() WHERE kind = 'member_removed'",
    ),
    both("INSERT INTO user_moves (user_id, moves) SELECT room_id, 1 FROM room_heads LIMIT 1"),
];

const MESSAGE_UNKNOWN: &[Plant] = &[
    each(
        "UPDATE messages SET reply_to = randomblob(16) WHERE content = 'reply'",
        "UPDATE messages SET reply_to = gen_random_uuid() WHERE content = 'reply'",
    ),
    // A reply to what comes after, and to what is in another room.
    both(concat!(
        "UPDATE messages SET reply_to = ",
        message!("last"),
        " WHERE content = 'reply'"
    )),
    both(concat!(
        "UPDATE messages SET reply_to = ",
        message!("between us"),
        " WHERE content = 'last'"
    )),
    each(
        "INSERT INTO reactions (message_id, emoji, user_id, position)
         SELECT randomblob(16), 'x', id, 1 FROM users LIMIT 1",
        "INSERT INTO reactions (message_id, emoji, user_id, position)
         SELECT gen_random_uuid(), 'x', id, 1 FROM users LIMIT 1",
    ),
];

const NO_HEAD: &[Plant] = &[both(concat!(
    "DELETE FROM room_heads WHERE room_id = ",
    lobby!()
))];

const ENDS: &[Plant] = &[
    both(concat!(
        "UPDATE room_heads SET min_seq = 0 WHERE room_id = ",
        lobby!()
    )),
    both(concat!(
        "UPDATE room_heads SET min_seq = 9999 WHERE room_id = ",
        lobby!()
    )),
    both(concat!(
        "UPDATE room_heads SET last_seq = -1 WHERE room_id = ",
        lobby!()
    )),
];

const HOLE: &[Plant] = &[
    both(
        "DELETE FROM room_changes
          WHERE seq = (SELECT min(seq) FROM room_changes WHERE kind = 'room_updated')
            AND kind = 'room_updated'",
    ),
    both("DELETE FROM messages WHERE content = 'filler 100'"),
    both("DELETE FROM messages WHERE content LIKE 'filler 20_'"),
    both(concat!(
        "UPDATE room_heads SET last_seq = last_seq + 2 WHERE room_id = ",
        lobby!()
    )),
];

const DOUBLED: &[Plant] = &[each(
    "INSERT INTO room_changes (room_id, seq, kind, created_at)
     SELECT room_id, seq, 'room_updated', created_at FROM messages WHERE content = 'filler 7'",
    "INSERT INTO room_changes (id, room_id, seq, kind, created_at)
     SELECT entry_id(epoch_ms(created_at), seq, 17179869183), room_id, seq, 'room_updated',
         created_at
     FROM messages
     WHERE content = 'filler 7'",
)];

const BEYOND: &[Plant] = &[each(
    concat!(
        "INSERT INTO room_changes (room_id, seq, kind, created_at)
         SELECT room_id, last_seq + 2, 'room_updated', last_ms
         FROM room_heads
         WHERE room_id = ",
        lobby!()
    ),
    concat!(
        "INSERT INTO room_changes (id, room_id, seq, kind, created_at)
         SELECT entry_id(last_ms, last_seq + 2, 0), room_id, last_seq + 2, 'room_updated', now()
         FROM room_heads
         WHERE room_id = ",
        lobby!()
    ),
)];

/// The moment of a later message, at its own place.
const OUT_OF_ORDER: &[Plant] = &[each(
    concat!(
        "UPDATE messages
         SET id = unhex(substr(hex(",
        message!("filler 9"),
        "), 1, 12) || substr(hex(id), 13))
         WHERE content = 'filler 7'"
    ),
    concat!(
        "UPDATE messages
         SET id = (left(",
        message!("filler 9"),
        "::text, 13) || substr(id::text, 14))::uuid
         WHERE content = 'filler 7'"
    ),
)];

/// Between version and variant begins the place.
const MISPLACED: &[Plant] = &[each(
    "UPDATE messages
     SET id = unhex(substr(hex(id), 1, 15) || '1' || substr(hex(id), 17))
     WHERE content = 'filler 7'",
    "UPDATE messages
     SET id = (left(id::text, 17) || '1' || substr(id::text, 19))::uuid
     WHERE content = 'filler 7'",
)];

const LAST_MOMENT: &[Plant] = &[
    both(concat!(
        "UPDATE room_heads SET last_ms = last_ms - 1 WHERE room_id = ",
        lobby!()
    )),
    both(concat!(
        "UPDATE room_heads SET last_ms = last_ms + 1 WHERE room_id = ",
        lobby!()
    )),
];

const LAST_ACTIVITY: &[Plant] = &[each(
    "UPDATE rooms SET last_activity_at = last_activity_at + 1 WHERE name = 'lobby'",
    concat!(
        "UPDATE room_heads SET last_activity_at = last_activity_at + interval '1 ms'
         WHERE room_id = ",
        lobby!()
    ),
)];

const LAST_MESSAGE: &[Plant] = &[
    in_postgres(concat!(
        "UPDATE room_heads SET last_message_id = ",
        message!("first"),
        " WHERE room_id = ",
        lobby!()
    )),
    in_postgres(concat!(
        "UPDATE room_heads SET last_message_id = NULL WHERE room_id = ",
        lobby!()
    )),
];

const MARK: &[Plant] = &[
    in_postgres("DELETE FROM room_marks"),
    in_postgres(concat!("UPDATE room_marks SET id = ", message!("first"))),
    in_postgres(
        "INSERT INTO room_marks (room_id, seq, id)
         SELECT room_id, seq, id FROM messages WHERE content = 'first'",
    ),
    in_postgres(
        "INSERT INTO room_marks (room_id, seq, id) SELECT room_id, 1024, id FROM room_marks",
    ),
];

const UNREADABLE: &[Plant] = &[
    both("UPDATE room_changes SET kind = 'mystery' WHERE kind = 'room_updated'"),
    both("UPDATE room_changes SET by_id = NULL WHERE kind = 'member_removed'"),
    both("UPDATE messages SET kind = 'song' WHERE content = 'first'"),
    both("UPDATE messages SET metadata = '[]' WHERE content = 'first'"),
];

const ARCHIVING: &[Plant] = &[
    both("UPDATE rooms SET archived_at = created_at WHERE name = 'lobby'"),
    both("UPDATE rooms SET archived_at = NULL WHERE name = 'old'"),
];

const REVISION: &[Plant] = &[
    both("UPDATE messages SET rev_seq = rev_seq + 1 WHERE content = 'first'"),
    both("UPDATE messages SET rev_seq = seq WHERE content = 'after @cleo'"),
    both("UPDATE messages SET rev_seq = rev_seq + 1 WHERE content = 'last'"),
];

const DELETION: &[Plant] = &[
    both("UPDATE messages SET deleted_at = created_at, content = '' WHERE content = 'filler 7'"),
    // The one that nobody had reacted to.
    both(
        "UPDATE messages SET deleted_at = NULL
         WHERE seq = (SELECT max(seq) FROM messages WHERE deleted_at IS NOT NULL)
           AND deleted_at IS NOT NULL",
    ),
];

const REMAINS: &[Plant] = &[
    both("UPDATE messages SET content = 'secret' WHERE deleted_at IS NOT NULL"),
    both("UPDATE messages SET metadata = '{\"a\":1}' WHERE deleted_at IS NOT NULL"),
];

const CLIENT_ID: &[Plant] = &[each(
    "UPDATE messages SET client_id = 'a name' WHERE content = 'last'",
    "DROP INDEX messages_2026_11_client_id;
     UPDATE messages SET client_id = 'a name' WHERE content = 'last'",
)];

const MENTION: &[Plant] = &[
    both("DELETE FROM mentions WHERE user_id = author_id OR seq < 10"),
    both(
        "INSERT INTO mentions (room_id, user_id, seq, author_id)
         SELECT room_id, author_id, seq, author_id FROM messages WHERE content = 'first'",
    ),
    both(
        "UPDATE mentions SET author_id = user_id
         WHERE seq = (SELECT seq FROM messages WHERE content = 'after @cleo')",
    ),
];

const REACTION: &[Plant] = &[
    both("DELETE FROM reactions"),
    both("UPDATE reactions SET position = position + 1"),
    both(concat!(
        "INSERT INTO reactions (message_id, emoji, user_id, position) SELECT message_id, emoji, ",
        user!("cleo"),
        ", position + 1 FROM reactions"
    )),
];

const MEMBERSHIP: &[Plant] = &[
    both(concat!(
        "UPDATE memberships SET role = 'admin' WHERE role = 'member' AND room_id = ",
        lobby!()
    )),
    each(
        "UPDATE memberships SET joined_at = joined_at + 1 WHERE role = 'admin'",
        "UPDATE memberships SET joined_at = joined_at + interval '1 ms' WHERE role = 'admin'",
    ),
    both(
        "DELETE FROM memberships WHERE role = 'admin';
         UPDATE rooms SET member_count = member_count - 1 WHERE name = 'lobby'",
    ),
    each(
        "INSERT INTO memberships (room_id, user_id, role, joined_at, last_read_seq)
         SELECT r.id, u.id, 'member', r.created_at + 1, 0
         FROM rooms r
         JOIN users u ON u.username = 'dov'
         WHERE r.name = 'lobby';
         UPDATE rooms SET member_count = member_count + 1 WHERE name = 'lobby'",
        "INSERT INTO memberships (room_id, user_id, role, joined_at, last_read_seq,
                                  last_read_bound)
         SELECT r.id, u.id, 'member', now(), 0, id_bound(epoch_ms(r.created_at))
         FROM rooms r
         JOIN users u ON u.username = 'dov'
         WHERE r.name = 'lobby';
         UPDATE rooms SET member_count = member_count + 1 WHERE name = 'lobby'",
    ),
];

const MEMBER_COUNT: &[Plant] = &[both(
    "UPDATE rooms SET member_count = member_count + 1 WHERE name = 'lobby'",
)];

const READ_MARKER: &[Plant] = &[
    both("UPDATE memberships SET last_read_seq = 9999 WHERE role = 'admin'"),
    both("UPDATE memberships SET last_read_seq = last_read_seq - 1 WHERE role = 'admin'"),
    both("UPDATE memberships SET last_read_seq = 5, last_read_id = NULL WHERE role = 'admin'"),
    in_postgres(concat!(
        "UPDATE memberships SET last_read_bound = ",
        message!("first"),
        " WHERE role = 'admin'"
    )),
];

const NO_OWNER: &[Plant] = &[both(concat!(
    "UPDATE memberships SET role = 'admin' WHERE role = 'owner' AND room_id = ",
    lobby!()
))];

const PEOPLE: &[Plant] = &[
    each(
        "UPDATE rooms SET direct_key = x'00' WHERE kind = 'direct'",
        "UPDATE rooms SET direct_key = '00' WHERE kind = 'direct'",
    ),
    each(
        "UPDATE rooms SET direct_key = x'00' WHERE name = 'lobby'",
        "UPDATE rooms SET direct_key = '00' WHERE name = 'lobby'",
    ),
    both("UPDATE rooms SET direct_key = NULL WHERE kind = 'direct'"),
];
