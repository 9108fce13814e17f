//! What is asked of SQLite to find flaws: every row that comes back is one.
//!
//! Rows are `(room, seq, id, about)`. Questions about rooms are asked for one at a time, `?1`. What
//! retention has cut away (places from 1 to before `min_seq`) is left out.

use crate::store::audit::Flaw;

/// The question about one room.
pub(super) fn of_room(flaw: Flaw) -> Option<&'static str> {
    Some(match flaw {
        Flaw::UserUnknown => USER_UNKNOWN,
        Flaw::MessageUnknown => MESSAGE_UNKNOWN,
        Flaw::Unreadable => UNREADABLE,
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
        // Asked of the whole, seen while walking, or (newest messages and marks) not kept here.
        Flaw::Damaged
        | Flaw::NoEpoch
        | Flaw::NoServerOwner
        | Flaw::WordUnknown
        | Flaw::RoomUnknown
        | Flaw::NoHead
        | Flaw::Ends
        | Flaw::Hole
        | Flaw::Doubled
        | Flaw::Beyond
        | Flaw::OutOfOrder
        | Flaw::Misplaced
        | Flaw::LastMoment
        | Flaw::LastActivity
        | Flaw::LastMessage
        | Flaw::Mark
        | Flaw::Archiving => return None,
    })
}

/// The questions about what belongs to no room.
pub(super) const OF_THE_WHOLE: &[(Flaw, &str)] = &[
    (
        Flaw::Damaged,
        "SELECT NULL, NULL, NULL, integrity_check
         FROM pragma_integrity_check
         WHERE integrity_check <> 'ok'",
    ),
    (
        Flaw::NoEpoch,
        "SELECT NULL, NULL, NULL, NULL
         WHERE NOT EXISTS (SELECT 1 FROM meta WHERE key = 'epoch' AND value <> '')",
    ),
    (
        Flaw::NoServerOwner,
        "SELECT NULL, NULL, NULL, NULL
         WHERE EXISTS (SELECT 1 FROM users)
           AND NOT EXISTS (SELECT 1 FROM users WHERE role = 'owner')",
    ),
    (
        Flaw::WordUnknown,
        "SELECT NULL, NULL, id, format('the role %Q', role)
         FROM users
         WHERE role NOT IN ('owner', 'admin', 'member', 'guest')
         UNION ALL
         SELECT id, NULL, NULL, format('the kind %Q', kind)
         FROM rooms
         WHERE kind NOT IN ('public', 'private', 'direct')
         UNION ALL
         SELECT room_id, NULL, user_id, format('the role %Q', role)
         FROM memberships
         WHERE role NOT IN ('owner', 'admin', 'member')
         UNION ALL
         SELECT room_id, NULL, user_id, format('the choice %Q', notify)
         FROM memberships
         WHERE notify NOT IN ('all', 'mentions', 'none')",
    ),
    (
        Flaw::RoomUnknown,
        "SELECT found.room_id, NULL, NULL, format('%d %s', found.number, found.what)
         FROM (
             SELECT room_id, count(*) AS number, 'heads' AS what FROM room_heads GROUP BY room_id
             UNION ALL
             SELECT room_id, count(*), 'messages' FROM messages GROUP BY room_id
             UNION ALL
             SELECT room_id, count(*), 'changes' FROM room_changes GROUP BY room_id
             UNION ALL
             SELECT room_id, count(*), 'mentions' FROM mentions GROUP BY room_id
             UNION ALL
             SELECT room_id, count(*), 'memberships' FROM memberships GROUP BY room_id
         ) found
         WHERE NOT EXISTS (SELECT 1 FROM rooms r WHERE r.id = found.room_id)",
    ),
    (
        Flaw::UserUnknown,
        "SELECT NULL, NULL, found.user_id, found.what
         FROM (
             SELECT user_id, 'a session' AS what FROM sessions
             UNION ALL
             SELECT user_id, 'a counter of moves' FROM user_moves
             UNION ALL
             SELECT user_id, 'a reaction' FROM reactions
         ) found
         WHERE NOT EXISTS (SELECT 1 FROM users u WHERE u.id = found.user_id)",
    ),
    (
        Flaw::MessageUnknown,
        "SELECT NULL, NULL, r.message_id, format('the reaction %s', r.emoji)
         FROM reactions r
         WHERE NOT EXISTS (SELECT 1 FROM messages m WHERE m.id = r.message_id)",
    ),
];

const USER_UNKNOWN: &str = "
    SELECT ?1, found.seq, found.user_id, found.what
    FROM (
        SELECT seq, author_id AS user_id, 'the author of a message' AS what
        FROM messages
        WHERE room_id = ?1
        UNION ALL
        SELECT seq, user_id, 'the subject of a change'
        FROM room_changes
        WHERE room_id = ?1 AND user_id IS NOT NULL
        UNION ALL
        SELECT seq, by_id, 'the actor of a change'
        FROM room_changes
        WHERE room_id = ?1 AND by_id IS NOT NULL
        UNION ALL
        SELECT NULL, user_id, 'a member'
        FROM memberships
        WHERE room_id = ?1
        UNION ALL
        SELECT seq, user_id, 'the one called by a message'
        FROM mentions
        WHERE room_id = ?1 AND user_id <> zeroblob(16)
    ) found
    WHERE NOT EXISTS (SELECT 1 FROM users u WHERE u.id = found.user_id)";

const MESSAGE_UNKNOWN: &str = "
    SELECT ?1, found.seq, found.message_id, found.what
    FROM (
        SELECT seq, reply_to AS message_id, 'a reply' AS what
        FROM messages
        WHERE room_id = ?1 AND reply_to IS NOT NULL
        UNION ALL
        SELECT seq, message_id, kind
        FROM room_changes
        WHERE room_id = ?1 AND message_id IS NOT NULL
    ) found
    LEFT JOIN messages m ON m.id = found.message_id AND m.room_id = ?1 AND m.seq < found.seq
    WHERE found.seq >= (SELECT min_seq FROM room_heads WHERE room_id = ?1)
      AND m.id IS NULL";

const UNREADABLE: &str = "
    SELECT ?1, seq, id, format('a message of the kind %Q', kind)
    FROM messages
    WHERE room_id = ?1 AND kind NOT IN ('text', 'system')
    UNION ALL
    SELECT ?1, seq, id, 'its metadata or mentions'
    FROM messages
    WHERE room_id = ?1
      AND NOT (json_valid(metadata) AND json_type(metadata) = 'object'
               AND json_valid(mentions) AND json_type(mentions) = 'array')
    UNION ALL
    SELECT ?1, seq, NULL, format('a change of the kind %Q', kind)
    FROM room_changes
    WHERE room_id = ?1
      AND NOT CASE
          WHEN kind IN ('message_updated', 'message_deleted') THEN message_id IS NOT NULL
          WHEN kind IN ('reaction_added', 'reaction_removed')
          THEN message_id IS NOT NULL AND user_id IS NOT NULL AND emoji IS NOT NULL
          WHEN kind IN ('member_added', 'member_changed')
          THEN user_id IS NOT NULL AND joined_at IS NOT NULL
              AND coalesce(role IN ('owner', 'admin', 'member'), 0)
          WHEN kind = 'member_removed' THEN user_id IS NOT NULL AND by_id IS NOT NULL
          ELSE kind IN ('room_updated', 'room_archived')
      END";

const REVISION: &str = "
    WITH touched AS MATERIALIZED (
        SELECT message_id, max(seq) AS seq
        FROM room_changes
        WHERE room_id = ?1 AND message_id IS NOT NULL
        GROUP BY message_id
    )
    SELECT ?1, m.seq, m.id, format('%d instead of %d', m.rev_seq, coalesce(t.seq, m.seq))
    FROM messages m
    LEFT JOIN touched t ON t.message_id = m.id
    WHERE m.room_id = ?1
      AND m.seq >= (SELECT min_seq FROM room_heads WHERE room_id = ?1)
      AND m.rev_seq <> coalesce(t.seq, m.seq)";

const DELETION: &str = "
    WITH told AS MATERIALIZED (
        SELECT DISTINCT message_id
        FROM room_changes
        WHERE room_id = ?1 AND kind = 'message_deleted'
    )
    SELECT ?1, m.seq, m.id, NULL
    FROM messages m
    LEFT JOIN told ON told.message_id = m.id
    WHERE m.room_id = ?1
      AND m.seq >= (SELECT min_seq FROM room_heads WHERE room_id = ?1)
      AND (m.deleted_at IS NULL) <> (told.message_id IS NULL)";

const REMAINS: &str = "
    SELECT ?1, m.seq, m.id, NULL
    FROM messages m
    WHERE m.room_id = ?1
      AND m.deleted_at IS NOT NULL
      AND (m.content <> '' OR m.metadata <> '{}' OR m.mentions <> '[]' OR m.mentions_all)";

const CLIENT_ID: &str = "
    SELECT ?1, seq, id, client_id
    FROM (
        SELECT seq, id, client_id, created_at,
            lag(created_at) OVER (PARTITION BY author_id, client_id ORDER BY id) AS before
        FROM messages
        WHERE room_id = ?1 AND client_id IS NOT NULL
    )
    WHERE created_at < before + 7 * 86400000";

/// Mentions are written as UUIDs are, with hyphens. What two lists do not share is found by adding
/// them up: SQLite takes the product of both for a `FULL JOIN`.
const MENTION: &str = "
    SELECT ?1, seq, user_id, iif(sum(side) > 0, 'called', 'counted')
    FROM (
        SELECT m.seq, unhex(c.value, '-') AS user_id, m.author_id, 1 AS side
        FROM messages m
        JOIN json_each(iif(json_valid(m.mentions), m.mentions, '[]')) c
        WHERE m.room_id = ?1 AND m.seq >= (SELECT min_seq FROM room_heads WHERE room_id = ?1)
        UNION ALL
        SELECT m.seq, zeroblob(16), m.author_id, 1
        FROM messages m
        WHERE m.room_id = ?1
          AND m.seq >= (SELECT min_seq FROM room_heads WHERE room_id = ?1)
          AND m.mentions_all
        UNION ALL
        SELECT n.seq, n.user_id, n.author_id, -1
        FROM mentions n
        JOIN room_heads h ON h.room_id = n.room_id
        WHERE n.room_id = ?1 AND n.seq NOT BETWEEN 1 AND h.min_seq - 1
    )
    GROUP BY seq, user_id, author_id
    HAVING sum(side) <> 0";

/// Beside `max(seq)`, SQLite takes the other columns from the row that has it.
const REACTION: &str = "
    WITH told AS (
        SELECT message_id, emoji, user_id, max(seq) AS seq, kind
        FROM room_changes
        WHERE room_id = ?1
          AND seq >= (SELECT min_seq FROM room_heads WHERE room_id = ?1)
          AND kind IN ('reaction_added', 'reaction_removed')
        GROUP BY message_id, emoji, user_id
    )
    SELECT ?1, seq, message_id, format(iif(sum(side) > 0, 'told: %s', 'kept: %s'), emoji)
    FROM (
        SELECT told.seq, told.message_id, told.emoji, told.user_id, 1 AS side
        FROM told
        JOIN messages m ON m.id = told.message_id
        WHERE told.kind = 'reaction_added' AND m.deleted_at IS NULL
        UNION ALL
        SELECT r.position, r.message_id, r.emoji, r.user_id, -1
        FROM messages m
        JOIN room_heads h ON h.room_id = m.room_id
        JOIN reactions r ON r.message_id = m.id
        WHERE m.room_id = ?1 AND r.position NOT BETWEEN 1 AND h.min_seq - 1
    )
    GROUP BY seq, message_id, emoji, user_id
    HAVING sum(side) <> 0";

/// Whom the log never tells of was there when the room was made, or is told of before `min_seq`.
/// Columns beside `max(seq)` as above.
const MEMBERSHIP: &str = "
    WITH told AS MATERIALIZED (
        SELECT user_id, max(seq) AS seq, kind, role, joined_at
        FROM room_changes
        WHERE room_id = ?1
          AND seq >= (SELECT min_seq FROM room_heads WHERE room_id = ?1)
          AND kind IN ('member_added', 'member_changed', 'member_removed')
        GROUP BY user_id
    )
    SELECT ?1, told.seq, told.user_id, told.kind
    FROM told
    LEFT JOIN memberships s ON s.room_id = ?1 AND s.user_id = told.user_id
    WHERE CASE
        WHEN told.kind = 'member_removed' THEN s.user_id IS NOT NULL
        ELSE s.role IS NOT told.role OR s.joined_at IS NOT told.joined_at
    END
    UNION ALL
    SELECT ?1, NULL, s.user_id, 'never told of'
    FROM memberships s
    JOIN rooms r ON r.id = s.room_id
    JOIN room_heads h ON h.room_id = s.room_id
    LEFT JOIN told ON told.user_id = s.user_id
    WHERE s.room_id = ?1
      AND told.user_id IS NULL
      AND h.min_seq = 1
      AND s.joined_at <> r.created_at";

const MEMBER_COUNT: &str = "
    SELECT id, NULL, NULL, format('%d instead of %d', member_count, members)
    FROM (
        SELECT r.id, r.member_count,
            (SELECT count(*) FROM memberships s WHERE s.room_id = r.id) AS members
        FROM rooms r
        WHERE r.id = ?1
    )
    WHERE member_count <> members";

const READ_MARKER: &str = "
    SELECT ?1, s.last_read_seq, s.user_id,
        iif(s.last_read_seq > h.last_seq, format('the log ends at %d', h.last_seq), NULL)
    FROM memberships s
    JOIN room_heads h ON h.room_id = s.room_id
    WHERE s.room_id = ?1
      AND s.last_read_seq NOT BETWEEN 1 AND h.min_seq - 1
      AND NOT CASE
          WHEN s.last_read_seq > h.last_seq THEN 0
          WHEN s.last_read_id IS NOT NULL
          THEN EXISTS (
              SELECT 1
              FROM messages m
              WHERE m.id = s.last_read_id AND m.room_id = ?1 AND m.seq = s.last_read_seq
          )
          WHEN s.last_read_seq = 0 THEN 1
          ELSE EXISTS (
              SELECT 1
              FROM room_changes c
              WHERE c.room_id = ?1
                AND c.seq = s.last_read_seq
                AND c.user_id = s.user_id
                AND c.kind = 'member_added'
          )
      END";

const NO_OWNER: &str = "
    SELECT r.id, NULL, NULL, NULL
    FROM rooms r
    WHERE r.id = ?1
      AND r.kind <> 'direct'
      AND EXISTS (SELECT 1 FROM memberships s WHERE s.room_id = r.id)
      AND NOT EXISTS (SELECT 1 FROM memberships s WHERE s.room_id = r.id AND s.role = 'owner')";

const PEOPLE: &str = "
    SELECT r.id, NULL, NULL, NULL
    FROM rooms r
    WHERE r.id = ?1
      AND hex(r.direct_key) <> CASE WHEN r.kind = 'direct' THEN (
          SELECT coalesce(group_concat(hex(s.user_id), '' ORDER BY s.user_id), '')
          FROM memberships s
          WHERE s.room_id = r.id
      ) ELSE '' END";
