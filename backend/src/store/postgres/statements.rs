//! The statements that read over months of messages. They are here, and public, because the tests
//! examine their plans: each must stop after the first partition that fills it, by the index on
//! `(room_id, id)`.
//!
//! `$1` is the room. Both ends of every range of ids are bounded, from the room's beginning to its
//! head, and planned anew with their values, so that months outside are not even opened.

/// Settings of every connection of the pool. Plans are made anew with the values bound, because
/// only they tell which months to open: a generic plan locks every partition there is. Rows of one
/// room lie scattered among those of others, but mostly in memory: PostgreSQL's default, for disks
/// that turn, would rather read a month through. Compiling plans costs more than any of these
/// statements takes. What takes far longer than any step should is ended, and a node that vanished
/// in the middle of one holds no room for long.
pub const SETTINGS: [(&str, &str); 6] = [
    ("plan_cache_mode", "force_custom_plan"),
    ("random_page_cost", "1.1"),
    ("jit", "off"),
    ("statement_timeout", "10s"),
    ("lock_timeout", "5s"),
    ("idle_in_transaction_session_timeout", "10s"),
];

/// Settings of the connection that looks for flaws: it cannot write whatever it is asked, and it may
/// take its time.
pub const AUDIT_SETTINGS: [(&str, &str); 6] = [
    ("default_transaction_read_only", "on"),
    ("plan_cache_mode", "force_custom_plan"),
    ("random_page_cost", "1.1"),
    ("jit", "off"),
    ("statement_timeout", "1h"),
    ("lock_timeout", "10s"),
];

/// A message `m` with its author `a`; what it answers and its reactions are looked up after.
macro_rules! message_columns {
    () => {
        "SELECT m.id, m.room_id, m.seq, m.rev_seq,
                a.id, a.username, a.display_name, a.avatar_url, a.is_bot,
                m.client_id, m.kind, m.content, m.mentions, m.metadata,
                m.created_at, m.edited_at, m.deleted_at, m.reply_to "
    };
}

/// The newest messages with ids in `[$2, $3)`, newest first, at most `$4`.
pub const MESSAGES_BEFORE: &str = concat!(
    message_columns!(),
    "FROM (
         SELECT * FROM messages
         WHERE room_id = $1 AND id >= $2 AND id < $3
         ORDER BY id DESC
         LIMIT $4
     ) m
     JOIN users a ON a.id = m.author_id
     ORDER BY m.id DESC"
);

/// The oldest messages with ids in `[$2, $3)`, oldest first, at most `$4`.
pub const MESSAGES_FROM: &str = concat!(
    message_columns!(),
    "FROM (
         SELECT * FROM messages
         WHERE room_id = $1 AND id >= $2 AND id < $3
         ORDER BY id
         LIMIT $4
     ) m
     JOIN users a ON a.id = m.author_id
     ORDER BY m.id"
);

/// The messages made after the place `$5`, with ids in `[$2, $3)`, at most `$4`.
///
/// `OFFSET 0` keeps the place out of the planner's sight: it would guess that few rows have it, and
/// read and sort all months between the marks instead of stopping when the page is full.
pub const MESSAGES_AFTER_PLACE: &str = concat!(
    message_columns!(),
    "FROM (
         SELECT * FROM (
             SELECT * FROM messages
             WHERE room_id = $1 AND id >= $2 AND id < $3
             ORDER BY id
             OFFSET 0
         ) ordered
         WHERE seq > $5
         ORDER BY id
         LIMIT $4
     ) m
     JOIN users a ON a.id = m.author_id
     ORDER BY m.id"
);

/// The other entries after the place `$5`, with ids in `[$2, $3)`, at most `$4`.
pub const CHANGES_AFTER_PLACE: &str =
    "SELECT seq, kind, message_id, user_id, by_id, emoji, role, joined_at
     FROM (
         SELECT * FROM room_changes
         WHERE room_id = $1 AND id >= $2 AND id < $3
         ORDER BY id
         OFFSET 0
     ) ordered
     WHERE seq > $5
     ORDER BY id
     LIMIT $4";

/// The marks around the places after `$2` up to `$3`: the ids between which they lie.
pub const MARKS_AROUND: &str = "SELECT (SELECT id FROM room_marks
             WHERE room_id = $1 AND seq <= $2
             ORDER BY seq DESC
             LIMIT 1),
            (SELECT id FROM room_marks
             WHERE room_id = $1 AND seq > $3
             ORDER BY seq
             LIMIT 1)";

/// These messages.
pub const MESSAGES_BY_ID: &str = concat!(
    message_columns!(),
    "FROM messages m
     JOIN users a ON a.id = m.author_id
     WHERE m.id = ANY ($1)"
);

/// For each of the members `$4` of the rooms `$1` with the markers at `$2` (ids) and `$3` (places),
/// what they have not read of others: messages, and those that call them, each counted to `$5` at
/// most. All ids are in `[$6, $7)`; `$8` stands for everybody.
pub const UNREAD: &str = "SELECT given.room_id, given.user_id,
            (SELECT count(*)
             FROM (SELECT
                   FROM messages m
                   WHERE m.room_id = given.room_id
                     AND m.id > given.read_id
                     AND m.id >= $6
                     AND m.id < $7
                     AND m.author_id <> given.user_id
                     AND m.deleted_at IS NULL
                   ORDER BY m.id
                   LIMIT $5) unread),
            (SELECT count(*)
             FROM ((SELECT n.seq
                    FROM mentions n
                    WHERE n.room_id = given.room_id
                      AND n.user_id = given.user_id
                      AND n.seq > given.read_seq
                      AND n.author_id <> given.user_id
                    ORDER BY n.seq
                    LIMIT $5)
                   UNION
                   (SELECT n.seq
                    FROM mentions n
                    WHERE n.room_id = given.room_id
                      AND n.user_id = $8
                      AND n.seq > given.read_seq
                      AND n.author_id <> given.user_id
                    ORDER BY n.seq
                    LIMIT $5)) called)
     FROM unnest($1::uuid[], $2::uuid[], $3::bigint[], $4::uuid[])
         given (room_id, read_id, read_seq, user_id)";
