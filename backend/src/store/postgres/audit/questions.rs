//! What is asked of PostgreSQL to find flaws: every row that comes back is one.
//!
//! Rows are `(room, seq, id, about)`. Questions about rooms are asked for many at once, `$1`. What
//! retention has cut away (places from 1 to before `min_seq`) is left out.

use crate::store::audit::Flaw;

/// The question about some rooms.
pub(super) fn of_rooms(flaw: Flaw) -> Option<&'static str> {
    Some(match flaw {
        Flaw::UserUnknown => USER_UNKNOWN,
        Flaw::MessageUnknown => MESSAGE_UNKNOWN,
        Flaw::LastMessage => LAST_MESSAGE,
        Flaw::Mark => MARK,
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
        // Asked of the whole, seen while walking, or (a damaged file) for PostgreSQL to see.
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
        | Flaw::Archiving => return None,
    })
}

/// The questions about what belongs to no room.
pub(super) const OF_THE_WHOLE: &[(Flaw, &str)] = &[
    (
        Flaw::NoEpoch,
        "SELECT NULL::uuid, NULL::bigint, NULL::uuid, NULL::text
         WHERE NOT EXISTS (SELECT FROM meta WHERE key = 'epoch' AND value <> '')",
    ),
    (
        Flaw::NoServerOwner,
        "SELECT NULL::uuid, NULL::bigint, NULL::uuid, NULL::text
         WHERE EXISTS (SELECT FROM users)
           AND NOT EXISTS (SELECT FROM users WHERE role = 'owner')",
    ),
    (
        Flaw::WordUnknown,
        "SELECT NULL::uuid, NULL::bigint, id, format('the role %L', role)
         FROM users
         WHERE role NOT IN ('owner', 'admin', 'member', 'guest')
         UNION ALL
         SELECT id, NULL, NULL, format('the kind %L', kind)
         FROM rooms
         WHERE kind NOT IN ('public', 'private', 'direct')
         UNION ALL
         SELECT room_id, NULL, user_id, format('the role %L', role)
         FROM memberships
         WHERE role NOT IN ('owner', 'admin', 'member')
         UNION ALL
         SELECT room_id, NULL, user_id, format('the choice %L', notify)
         FROM memberships
         WHERE notify NOT IN ('all', 'mentions', 'none')",
    ),
    (
        Flaw::RoomUnknown,
        "SELECT found.room_id, NULL::bigint, NULL::uuid, format('%s %s', found.rows, found.what)
         FROM (
             SELECT room_id, count(*) AS rows, 'heads' AS what FROM room_heads GROUP BY room_id
             UNION ALL
             SELECT room_id, count(*), 'messages' FROM messages GROUP BY room_id
             UNION ALL
             SELECT room_id, count(*), 'changes' FROM room_changes GROUP BY room_id
             UNION ALL
             SELECT room_id, count(*), 'marks' FROM room_marks GROUP BY room_id
             UNION ALL
             SELECT room_id, count(*), 'mentions' FROM mentions GROUP BY room_id
             UNION ALL
             SELECT room_id, count(*), 'memberships' FROM memberships GROUP BY room_id
         ) found
         WHERE NOT EXISTS (SELECT FROM rooms r WHERE r.id = found.room_id)",
    ),
    (
        Flaw::UserUnknown,
        "SELECT NULL::uuid, NULL::bigint, found.user_id, found.what
         FROM (
             SELECT user_id, 'a session' AS what FROM sessions
             UNION ALL
             SELECT user_id, 'a counter of moves' FROM user_moves
             UNION ALL
             SELECT user_id, 'a reaction' FROM reactions
         ) found
         WHERE NOT EXISTS (SELECT FROM users u WHERE u.id = found.user_id)",
    ),
    (
        Flaw::MessageUnknown,
        "SELECT NULL::uuid, NULL::bigint, r.message_id, format('the reaction %s', r.emoji)
         FROM reactions r
         WHERE NOT EXISTS (SELECT FROM messages m WHERE m.id = r.message_id)",
    ),
];

const USER_UNKNOWN: &str = "
    SELECT found.room_id, found.seq, found.user_id, found.what
    FROM (
        SELECT room_id, seq, author_id AS user_id, 'the author of a message' AS what
        FROM messages
        WHERE room_id = ANY ($1)
        UNION ALL
        SELECT room_id, seq, user_id, 'the subject of a change'
        FROM room_changes
        WHERE room_id = ANY ($1) AND user_id IS NOT NULL
        UNION ALL
        SELECT room_id, seq, by_id, 'the actor of a change'
        FROM room_changes
        WHERE room_id = ANY ($1) AND by_id IS NOT NULL
        UNION ALL
        SELECT room_id, NULL, user_id, 'a member'
        FROM memberships
        WHERE room_id = ANY ($1)
        UNION ALL
        SELECT room_id, seq, user_id, 'the one called by a message'
        FROM mentions
        WHERE room_id = ANY ($1) AND user_id <> '00000000-0000-0000-0000-000000000000'
    ) found
    WHERE NOT EXISTS (SELECT FROM users u WHERE u.id = found.user_id)";

const MESSAGE_UNKNOWN: &str = "
    SELECT found.room_id, found.seq, found.message_id, found.what
    FROM (
        SELECT room_id, seq, reply_to AS message_id, 'a reply' AS what
        FROM messages
        WHERE room_id = ANY ($1) AND reply_to IS NOT NULL
        UNION ALL
        SELECT room_id, seq, message_id, kind
        FROM room_changes
        WHERE room_id = ANY ($1) AND message_id IS NOT NULL
    ) found
    JOIN room_heads h ON h.room_id = found.room_id
    LEFT JOIN messages m
        ON m.id = found.message_id
       AND m.room_id = found.room_id
       AND m.seq < found.seq
       AND m.room_id = ANY ($1)
    WHERE found.seq >= h.min_seq AND m.id IS NULL";

const LAST_MESSAGE: &str = "
    SELECT h.room_id, NULL::bigint, h.last_message_id, NULL::text
    FROM room_heads h
    LEFT JOIN LATERAL (
        SELECT m.id
        FROM messages m
        WHERE m.room_id = h.room_id AND m.seq >= h.min_seq AND m.seq <= h.last_seq
        ORDER BY m.id DESC
        LIMIT 1
    ) newest ON true
    WHERE h.room_id = ANY ($1)
      AND h.last_message_id IS DISTINCT FROM newest.id
      AND (newest.id IS NOT NULL OR h.min_seq = 1)";

const MARK: &str = "
    WITH due AS (
        SELECT e.room_id, e.seq, e.id
        FROM (
            SELECT room_id, seq, id FROM messages WHERE room_id = ANY ($1)
            UNION ALL
            SELECT room_id, seq, id FROM room_changes WHERE room_id = ANY ($1)
        ) e
        JOIN room_heads h ON h.room_id = e.room_id
        WHERE e.seq % 512 = 0 AND e.seq >= h.min_seq AND e.seq <= h.last_seq
    ),
    kept AS (
        SELECT k.room_id, k.seq, k.id
        FROM room_marks k
        JOIN room_heads h ON h.room_id = k.room_id
        WHERE k.room_id = ANY ($1) AND k.seq NOT BETWEEN 1 AND h.min_seq - 1
    )
    SELECT coalesce(due.room_id, kept.room_id), coalesce(due.seq, kept.seq), kept.id,
        CASE WHEN kept.id IS NULL THEN 'there is none' END
    FROM due
    FULL JOIN kept ON kept.room_id = due.room_id AND kept.seq = due.seq
    WHERE due.id IS DISTINCT FROM kept.id";

const UNREADABLE: &str = "
    SELECT room_id, seq, id, format('a message of the kind %L', kind)
    FROM messages
    WHERE room_id = ANY ($1) AND kind NOT IN ('text', 'system')
    UNION ALL
    SELECT room_id, seq, id, 'its metadata'
    FROM messages
    WHERE room_id = ANY ($1) AND json_typeof(metadata) <> 'object'
    UNION ALL
    SELECT room_id, seq, id, format('a change of the kind %L', kind)
    FROM room_changes
    WHERE room_id = ANY ($1)
      AND NOT CASE
          WHEN kind IN ('message_updated', 'message_deleted') THEN message_id IS NOT NULL
          WHEN kind IN ('reaction_added', 'reaction_removed')
          THEN message_id IS NOT NULL AND user_id IS NOT NULL AND emoji IS NOT NULL
          WHEN kind IN ('member_added', 'member_changed')
          THEN user_id IS NOT NULL AND joined_at IS NOT NULL
              AND coalesce(role IN ('owner', 'admin', 'member'), false)
          WHEN kind = 'member_removed' THEN user_id IS NOT NULL AND by_id IS NOT NULL
          ELSE kind IN ('room_updated', 'room_archived')
      END";

const REVISION: &str = "
    WITH touched AS (
        SELECT message_id, max(seq) AS seq
        FROM room_changes
        WHERE room_id = ANY ($1) AND message_id IS NOT NULL
        GROUP BY message_id
    )
    SELECT m.room_id, m.seq, m.id, format('%s instead of %s', m.rev_seq, coalesce(t.seq, m.seq))
    FROM messages m
    JOIN room_heads h ON h.room_id = m.room_id
    LEFT JOIN touched t ON t.message_id = m.id
    WHERE m.room_id = ANY ($1)
      AND m.seq >= h.min_seq
      AND m.rev_seq <> coalesce(t.seq, m.seq)";

const DELETION: &str = "
    WITH told AS (
        SELECT DISTINCT message_id
        FROM room_changes
        WHERE room_id = ANY ($1) AND kind = 'message_deleted'
    )
    SELECT m.room_id, m.seq, m.id, NULL::text
    FROM messages m
    JOIN room_heads h ON h.room_id = m.room_id
    LEFT JOIN told ON told.message_id = m.id
    WHERE m.room_id = ANY ($1)
      AND m.seq >= h.min_seq
      AND (m.deleted_at IS NULL) <> (told.message_id IS NULL)";

const REMAINS: &str = "
    SELECT m.room_id, m.seq, m.id, NULL::text
    FROM messages m
    WHERE m.room_id = ANY ($1)
      AND m.deleted_at IS NOT NULL
      AND (m.content <> '' OR m.metadata::text <> '{}' OR m.mentions <> '{}' OR m.mentions_all)";

const CLIENT_ID: &str = "
    SELECT room_id, seq, id, client_id
    FROM (
        SELECT room_id, seq, id, client_id, created_at,
            lag(created_at) OVER (PARTITION BY room_id, author_id, client_id ORDER BY id) AS before
        FROM messages
        WHERE room_id = ANY ($1) AND client_id IS NOT NULL
    ) m
    WHERE created_at < before + interval '7 days'";

const MENTION: &str = "
    WITH called AS (
        SELECT m.room_id, m.seq, m.author_id, c.user_id
        FROM messages m
        JOIN room_heads h ON h.room_id = m.room_id
        CROSS JOIN LATERAL (
            SELECT unnest(m.mentions) AS user_id
            UNION ALL
            SELECT '00000000-0000-0000-0000-000000000000'::uuid WHERE m.mentions_all
        ) c
        WHERE m.room_id = ANY ($1) AND m.seq >= h.min_seq
    ),
    counted AS (
        SELECT n.room_id, n.seq, n.author_id, n.user_id
        FROM mentions n
        JOIN room_heads h ON h.room_id = n.room_id
        WHERE n.room_id = ANY ($1) AND n.seq NOT BETWEEN 1 AND h.min_seq - 1
    )
    SELECT coalesce(called.room_id, counted.room_id), coalesce(called.seq, counted.seq),
        coalesce(called.user_id, counted.user_id),
        CASE WHEN counted.room_id IS NULL THEN 'called' ELSE 'counted' END
    FROM called
    FULL JOIN counted
        ON counted.room_id = called.room_id
       AND counted.seq = called.seq
       AND counted.user_id = called.user_id
       AND counted.author_id = called.author_id
    WHERE called.room_id IS NULL OR counted.room_id IS NULL";

const REACTION: &str = "
    WITH told AS (
        SELECT DISTINCT ON (c.message_id, c.emoji, c.user_id)
            c.room_id, c.message_id, c.emoji, c.user_id, c.seq, c.kind
        FROM room_changes c
        JOIN room_heads h ON h.room_id = c.room_id
        WHERE c.room_id = ANY ($1)
          AND c.seq >= h.min_seq
          AND c.kind IN ('reaction_added', 'reaction_removed')
        ORDER BY c.message_id, c.emoji, c.user_id, c.seq DESC
    ),
    due AS (
        SELECT told.*
        FROM told
        JOIN messages m ON m.id = told.message_id AND m.room_id = ANY ($1)
        WHERE told.kind = 'reaction_added' AND m.deleted_at IS NULL
    ),
    kept AS (
        SELECT m.room_id, r.message_id, r.emoji, r.user_id, r.position
        FROM messages m
        JOIN room_heads h ON h.room_id = m.room_id
        JOIN reactions r ON r.message_id = m.id
        WHERE m.room_id = ANY ($1) AND r.position NOT BETWEEN 1 AND h.min_seq - 1
    )
    SELECT coalesce(due.room_id, kept.room_id), coalesce(due.seq, kept.position),
        coalesce(due.message_id, kept.message_id),
        format(CASE WHEN due.seq IS NULL THEN 'kept: %s' ELSE 'told: %s' END,
            coalesce(due.emoji, kept.emoji))
    FROM due
    FULL JOIN kept
        ON kept.message_id = due.message_id
       AND kept.emoji = due.emoji
       AND kept.user_id = due.user_id
       AND kept.position = due.seq
    WHERE due.seq IS NULL OR kept.position IS NULL";

/// Whom the log never tells of was there when the room was made, or is told of before `min_seq`.
const MEMBERSHIP: &str = "
    WITH told AS (
        SELECT DISTINCT ON (c.room_id, c.user_id)
            c.room_id, c.user_id, c.seq, c.kind, c.role, c.joined_at
        FROM room_changes c
        JOIN room_heads h ON h.room_id = c.room_id
        WHERE c.room_id = ANY ($1)
          AND c.seq >= h.min_seq
          AND c.kind IN ('member_added', 'member_changed', 'member_removed')
        ORDER BY c.room_id, c.user_id, c.seq DESC
    )
    SELECT told.room_id, told.seq, told.user_id, told.kind
    FROM told
    LEFT JOIN memberships s ON s.room_id = told.room_id AND s.user_id = told.user_id
    WHERE CASE
        WHEN told.kind = 'member_removed' THEN s.user_id IS NOT NULL
        ELSE s.role IS DISTINCT FROM told.role OR s.joined_at IS DISTINCT FROM told.joined_at
    END
    UNION ALL
    SELECT s.room_id, NULL, s.user_id, 'never told of'
    FROM memberships s
    JOIN rooms r ON r.id = s.room_id
    JOIN room_heads h ON h.room_id = s.room_id
    LEFT JOIN told ON told.room_id = s.room_id AND told.user_id = s.user_id
    WHERE s.room_id = ANY ($1)
      AND told.user_id IS NULL
      AND h.min_seq = 1
      AND s.joined_at <> r.created_at";

const MEMBER_COUNT: &str = "
    SELECT r.id, NULL::bigint, NULL::uuid, format('%s instead of %s', r.member_count, has.members)
    FROM rooms r
    CROSS JOIN LATERAL (
        SELECT count(*) AS members FROM memberships s WHERE s.room_id = r.id
    ) has
    WHERE r.id = ANY ($1) AND r.member_count <> has.members";

const READ_MARKER: &str = "
    SELECT s.room_id, s.last_read_seq, s.user_id,
        CASE WHEN s.last_read_seq > h.last_seq
            THEN format('the log ends at %s', h.last_seq)
        END
    FROM memberships s
    JOIN room_heads h ON h.room_id = s.room_id
    JOIN rooms r ON r.id = s.room_id
    WHERE s.room_id = ANY ($1)
      AND s.last_read_seq NOT BETWEEN 1 AND h.min_seq - 1
      AND NOT CASE
          WHEN s.last_read_seq > h.last_seq THEN false
          WHEN s.last_read_id IS NOT NULL
          THEN s.last_read_bound = s.last_read_id AND EXISTS (
              SELECT
              FROM messages m
              WHERE m.id = s.last_read_id AND m.room_id = s.room_id AND m.seq = s.last_read_seq
          )
          WHEN s.last_read_seq = 0 THEN s.last_read_bound = id_bound(epoch_ms(r.created_at))
          ELSE EXISTS (
              SELECT
              FROM room_changes c
              WHERE c.id = s.last_read_bound
                AND c.room_id = s.room_id
                AND c.seq = s.last_read_seq
                AND c.user_id = s.user_id
                AND c.kind = 'member_added'
          )
      END";

const NO_OWNER: &str = "
    SELECT r.id, NULL::bigint, NULL::uuid, NULL::text
    FROM rooms r
    WHERE r.id = ANY ($1)
      AND r.kind <> 'direct'
      AND EXISTS (SELECT FROM memberships s WHERE s.room_id = r.id)
      AND NOT EXISTS (SELECT FROM memberships s WHERE s.room_id = r.id AND s.role = 'owner')";

const PEOPLE: &str = "
    SELECT r.id, NULL::bigint, NULL::uuid, NULL::text
    FROM rooms r
    WHERE r.id = ANY ($1)
      AND r.direct_key IS DISTINCT FROM CASE WHEN r.kind = 'direct' THEN (
          SELECT string_agg(replace(s.user_id::text, '-', ''), '' ORDER BY s.user_id)
          FROM memberships s
          WHERE s.room_id = r.id
      ) END";
