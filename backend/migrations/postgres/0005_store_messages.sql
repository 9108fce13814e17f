-- Storing a batch of messages by few, plain statements, planned once for each connection: rows are
-- wide only where they are written. `append_messages` stays for nodes of the version before, which
-- run beside this one during an upgrade.

-- The milliseconds of a moment, exactly; by UTC, which makes it immutable in the eyes of the planner
-- too, so that it becomes part of the statement that calls it.
CREATE OR REPLACE FUNCTION epoch_ms(moment timestamptz) RETURNS bigint
LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE
RETURN floor(extract(epoch FROM moment AT TIME ZONE 'UTC') * 1000)::bigint;

-- Whom this item calls, of pairs of an item and a user; null if there are no pairs.
CREATE FUNCTION called_by(item bigint, items integer[], users uuid[]) RETURNS uuid[]
LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE
RETURN (
    SELECT array_agg(c.called ORDER BY c.place)
    FROM unnest(items, users) WITH ORDINALITY AS c (item, called, place)
    WHERE c.item = called_by.item
);

-- Gives each item of a batch over many rooms the next place in its room. No client id comes twice
-- from one author in one room. One row comes back per item with a status:
--   posted      stored; with what is needed to show it
--   duplicate   the client id was known; `message_id` is the first message
--   no_room, not_member, archived, no_message (the reply's target)   refused
--   busy        another transaction has the room's head, and `wait` is false
-- `called_item` (from 1) and `called_name` are the usernames each item calls.
--
-- The heads are locked first, in the order of rooms. Each later statement has a snapshot of its
-- own, taken after that wait, so that what it reads of a room is all there is.
CREATE FUNCTION store_messages(
    rooms uuid[],
    authors uuid[],
    client_ids text[],
    contents text[],
    replies uuid[],
    metadatas text[],
    everyone boolean[],
    times timestamptz[],
    called_item integer[],
    called_name text[],
    wait boolean
) RETURNS TABLE (
    item integer,
    status text,
    message_id uuid,
    seq bigint,
    mentions uuid[],
    author_id uuid,
    username text,
    display_name text,
    avatar_url text,
    is_bot boolean,
    reply_id uuid,
    reply_seq bigint,
    reply_content text,
    reply_author uuid,
    reply_username text,
    reply_display_name text,
    reply_avatar_url text,
    reply_is_bot boolean
)
LANGUAGE plpgsql
-- Planning anew would take most of the time of a call. A plan that is kept may have been made when
-- the tables were empty, and must suit them when they are not: every look-up is by an index.
SET plan_cache_mode = force_generic_plan
SET enable_seqscan = off
SET enable_hashjoin = off
SET enable_mergejoin = off
AS $$
#variable_conflict use_column
DECLARE
    held uuid[];
    held_ms bigint;
    last timestamptz;
    repeats_from uuid;
    month_from uuid;
    repeat_items integer[];
    repeat_ids uuid[];
    looked boolean := false;
    target_items integer[];
    target_seqs bigint[];
    target_authors uuid[];
    target_contents text[];
    targets_from uuid;
    targets_to uuid;
    mention_items integer[];
    mention_users uuid[];
    -- Of each item, in the order of items.
    verdicts text[];
    seqs bigint[];
    mss bigint[];
    ids uuid[];
BEGIN
    IF wait THEN
        SELECT array_agg(h.room_id), max(h.last_ms) INTO held, held_ms
        FROM (
            SELECT room_id, last_ms FROM room_heads
            WHERE room_id = ANY (rooms)
            ORDER BY room_id
            FOR NO KEY UPDATE
        ) h;
    ELSE
        SELECT array_agg(h.room_id), max(h.last_ms) INTO held, held_ms
        FROM (
            SELECT room_id, last_ms FROM room_heads
            WHERE room_id = ANY (rooms)
            ORDER BY room_id
            FOR NO KEY UPDATE SKIP LOCKED
        ) h;
    END IF;

    -- Repeats among the messages of the same month are found by its unique index. It reaches back
    -- to the start of the month, so a week of months before is looked through as well.
    SELECT id_bound(epoch_ms(month_start(min(t) - interval '7 days'))),
        greatest(max(t), to_timestamp(held_ms / 1000.0))
    INTO repeats_from, last
    FROM unnest(times) t;
    month_from := id_bound(epoch_ms(month_start(last)));
    IF repeats_from < month_from THEN
        SELECT array_agg(r.item), array_agg(r.message)
        INTO repeat_items, repeat_ids
        FROM find_repeats(rooms, authors, client_ids, repeats_from, month_from) r;
    END IF;

    IF array_remove(replies, NULL) <> '{}' THEN
        SELECT (array_agg(r ORDER BY r))[1], (array_agg(r ORDER BY r DESC))[1]
        INTO targets_from, targets_to
        FROM unnest(replies) r
        WHERE r IS NOT NULL;
        SELECT array_agg(t.item), array_agg(t.place), array_agg(t.author), array_agg(t.beginning)
        INTO target_items, target_seqs, target_authors, target_contents
        FROM find_targets(rooms, replies, targets_from, targets_to) t;
    END IF;

    IF called_item <> '{}' THEN
        SELECT array_agg(c.item ORDER BY c.place), array_agg(u.id ORDER BY c.place)
        INTO mention_items, mention_users
        FROM unnest(called_item, called_name) WITH ORDINALITY AS c (item, name, place)
        JOIN users u ON u.username = c.name
        JOIN memberships m ON m.room_id = rooms[c.item] AND m.user_id = u.id;
    END IF;

    LOOP
        SELECT array_agg(p.verdict), array_agg(p.seq), array_agg(p.ms),
            array_agg(
                CASE p.verdict
                    WHEN 'posted' THEN entry_id(p.ms, p.seq, (random() * 17179869184)::bigint)
                    WHEN 'duplicate' THEN p.repeat_id
                END
            )
        INTO verdicts, seqs, mss, ids
        FROM (
            SELECT j.verdict, j.repeat_id,
                h.last_seq + count(*) FILTER (WHERE j.verdict = 'posted') OVER room AS seq,
                greatest(
                    h.last_ms,
                    max(epoch_ms(j.at)) FILTER (WHERE j.verdict = 'posted') OVER room
                ) AS ms
            FROM (
                SELECT g.item, g.room_id, g.at, d.id AS repeat_id,
                    CASE
                        WHEN r.id IS NULL THEN 'no_room'
                        WHEN (g.room_id = ANY (held)) IS NOT TRUE THEN 'busy'
                        WHEN m.user_id IS NULL THEN 'not_member'
                        WHEN d.id IS NOT NULL THEN 'duplicate'
                        WHEN r.archived_at IS NOT NULL THEN 'archived'
                        WHEN g.reply_to IS NOT NULL AND (g.item = ANY (target_items)) IS NOT TRUE
                            THEN 'no_message'
                        ELSE 'posted'
                    END AS verdict
                FROM unnest(rooms, authors, replies, times)
                    WITH ORDINALITY AS g (room_id, author_id, reply_to, at, item)
                LEFT JOIN rooms r ON r.id = g.room_id
                LEFT JOIN memberships m ON m.room_id = g.room_id AND m.user_id = g.author_id
                LEFT JOIN unnest(repeat_items, repeat_ids) d (item, id) ON d.item = g.item
            ) j
            LEFT JOIN room_heads h ON h.room_id = j.room_id
            WINDOW room AS (PARTITION BY j.room_id ORDER BY j.item)
            ORDER BY j.item
        ) p;

        -- What is refused may have been stored before there was a reason to.
        IF looked OR NOT verdicts && ARRAY['archived', 'no_message'] THEN
            BEGIN
                INSERT INTO messages (
                    id, room_id, seq, rev_seq, author_id, client_id, content, reply_to,
                    mentions, mentions_all, metadata, created_at
                )
                SELECT p.id, p.room_id, p.seq, p.seq, p.author_id, p.client_id, p.content,
                    p.reply_to, coalesce(called_by(p.item, mention_items, mention_users), '{}'),
                    p.everyone, p.metadata::json, p.at
                FROM unnest(
                    verdicts, ids, seqs, rooms, authors, client_ids, contents, replies, everyone,
                    metadatas, times
                ) WITH ORDINALITY AS p (
                    verdict, id, seq, room_id, author_id, client_id, content, reply_to, everyone,
                    metadata, at, item
                )
                WHERE p.verdict = 'posted';
                EXIT;
            EXCEPTION WHEN unique_violation THEN
                IF looked THEN
                    RAISE;
                END IF;
            END;
        END IF;

        -- Somebody repeats something, which is seldom: only now is it looked for.
        looked := true;
        SELECT array_agg(r.item), array_agg(r.message)
        INTO repeat_items, repeat_ids
        FROM find_repeats(
            rooms, authors, client_ids, repeats_from, id_bound(epoch_ms(last) + 1)
        ) r;
    END LOOP;

    IF mention_items IS NOT NULL OR true = ANY (everyone) THEN
        INSERT INTO mentions (room_id, user_id, seq, author_id)
        SELECT rooms[c.item], c.user_id, seqs[c.item], authors[c.item]
        FROM (
            SELECT * FROM unnest(mention_items, mention_users)
            UNION ALL
            SELECT e.item, '00000000-0000-0000-0000-000000000000'
            FROM unnest(everyone) WITH ORDINALITY AS e (called, item)
            WHERE e.called
        ) c (item, user_id)
        WHERE verdicts[c.item] = 'posted';
    END IF;

    INSERT INTO room_marks (room_id, seq, id)
    SELECT p.room_id, p.seq, p.id
    FROM unnest(verdicts, rooms, seqs, ids) AS p (verdict, room_id, seq, id)
    WHERE p.verdict = 'posted' AND p.seq % 512 = 0;

    UPDATE room_heads h
    SET last_seq = l.seq, last_ms = l.ms, last_message_id = l.id, last_activity_at = l.at
    FROM (
        SELECT DISTINCT ON (p.room_id) p.room_id, p.seq, p.ms, p.id, p.at
        FROM unnest(verdicts, rooms, seqs, mss, ids, times)
            AS p (verdict, room_id, seq, ms, id, at)
        WHERE p.verdict = 'posted'
        ORDER BY p.room_id, p.seq DESC
    ) l
    WHERE h.room_id = l.room_id;

    UPDATE memberships m
    SET last_read_seq = l.seq, last_read_id = l.id, last_read_bound = l.id
    FROM (
        SELECT DISTINCT ON (p.room_id, p.author_id) p.room_id, p.author_id, p.seq, p.id
        FROM unnest(verdicts, rooms, authors, seqs, ids)
            AS p (verdict, room_id, author_id, seq, id)
        WHERE p.verdict = 'posted'
        ORDER BY p.room_id, p.author_id, p.seq DESC
    ) l
    WHERE m.room_id = l.room_id AND m.user_id = l.author_id;

    RETURN QUERY
    SELECT p.item::integer, p.verdict, p.id, p.seq,
        coalesce(called_by(p.item, mention_items, mention_users), '{}'),
        u.id, u.username, u.display_name, u.avatar_url, u.is_bot,
        p.reply_to, t.seq, t.content,
        a.id, a.username, a.display_name, a.avatar_url, a.is_bot
    FROM unnest(verdicts, ids, seqs, authors, replies)
        WITH ORDINALITY AS p (verdict, id, seq, author_id, reply_to, item)
    LEFT JOIN users u ON u.id = p.author_id
    LEFT JOIN unnest(target_items, target_seqs, target_authors, target_contents)
        AS t (item, seq, author_id, content) ON t.item = p.item
    LEFT JOIN users a ON a.id = t.author_id;
END
$$;
