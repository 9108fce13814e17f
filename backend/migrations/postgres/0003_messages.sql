-- The log of each room: `messages` and `room_changes`, merged by `seq`. Both are partitioned by
-- the month that the id begins with; ids of a room ascend with `seq`, so the index on
-- (room_id, id) serves both orders. No foreign keys: they would lock the referenced rows for every
-- message and both tables for every new partition; users and rooms are never deleted.
CREATE TABLE messages (
    id uuid NOT NULL,
    room_id uuid NOT NULL,
    seq bigint NOT NULL,
    rev_seq bigint NOT NULL,
    author_id uuid NOT NULL,
    client_id text COLLATE "C",
    kind text NOT NULL DEFAULT 'text',
    content text NOT NULL,
    reply_to uuid,
    mentions uuid[] NOT NULL DEFAULT '{}',
    mentions_all boolean NOT NULL DEFAULT false,
    metadata json NOT NULL DEFAULT '{}',
    created_at timestamptz NOT NULL,
    edited_at timestamptz,
    deleted_at timestamptz,
    PRIMARY KEY (id)
) PARTITION BY RANGE (id);

CREATE INDEX messages_of_room ON messages (room_id, id);

-- Entries that are not the making of a message. Role and date of joining are as of then, for
-- members who have left since.
CREATE TABLE room_changes (
    id uuid NOT NULL,
    room_id uuid NOT NULL,
    seq bigint NOT NULL,
    kind text NOT NULL,
    message_id uuid,
    user_id uuid,
    by_id uuid,
    emoji text,
    role text,
    joined_at timestamptz,
    created_at timestamptz NOT NULL,
    PRIMARY KEY (id)
) PARTITION BY RANGE (id);

CREATE INDEX room_changes_of_room ON room_changes (room_id, id);

-- Every 512th entry of a room: turns a place into an id, and so into a month, in one probe.
CREATE TABLE room_marks (
    room_id uuid NOT NULL,
    seq bigint NOT NULL,
    id uuid NOT NULL,
    PRIMARY KEY (room_id, seq)
);

-- Who is called by which message, for counting. The nil id stands for everybody.
CREATE TABLE mentions (
    room_id uuid NOT NULL,
    user_id uuid NOT NULL,
    seq bigint NOT NULL,
    author_id uuid NOT NULL,
    PRIMARY KEY (room_id, user_id, seq)
);

-- `position` is the seq of the entry that put it there.
CREATE TABLE reactions (
    message_id uuid NOT NULL,
    emoji text COLLATE "C" NOT NULL,
    user_id uuid NOT NULL,
    position bigint NOT NULL,
    PRIMARY KEY (message_id, emoji, user_id)
);

-- The milliseconds of a moment, exactly.
CREATE FUNCTION epoch_ms(moment timestamptz) RETURNS bigint
LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE
RETURN floor(extract(epoch FROM moment) * 1000)::bigint;

-- The id of a log entry: 48 bits of milliseconds, version and variant, 40 bits of `seq`, 34 random
-- bits. The same layout as `models::ids::mint`.
CREATE FUNCTION entry_id(ms bigint, seq bigint, random bigint) RETURNS uuid
LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE
RETURN (
    lpad(to_hex(ms), 12, '0')
    || to_hex(28672 | ((seq >> 28) & 4095))
    || to_hex((-9223372036854775807 - 1) | ((seq & 268435455) << 34) | (random & 17179869183))
)::uuid;

-- The smallest id an entry made at or after this moment can have.
CREATE FUNCTION id_bound(ms bigint) RETURNS uuid
LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE
RETURN entry_id(ms, 0, 0);

-- The moment at which the month of this one began, everywhere by UTC.
CREATE FUNCTION month_start(moment timestamptz) RETURNS timestamptz
LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE
RETURN date_trunc('month', moment AT TIME ZONE 'UTC') AT TIME ZONE 'UTC';

-- Whether this table has this partition, as committed by now: asked of the tables of the catalogue,
-- since its caches may still say what was so before a lock was waited for.
CREATE FUNCTION has_partition(parent text, partition text) RETURNS boolean
LANGUAGE plpgsql AS $$
BEGIN
    RETURN EXISTS (
        SELECT
        FROM pg_inherits i
        JOIN pg_class c ON c.oid = i.inhrelid
        WHERE i.inhparent = parent::regclass AND c.relname = partition
    );
END
$$;

-- Makes the partitions that are missing for the months of these two moments and between them;
-- how many. A table of its own is built and then attached, because `PARTITION OF` would wait for
-- every open writer and hold up all others meanwhile; attaching neither waits nor holds up.
CREATE FUNCTION make_partitions(first timestamptz, last timestamptz) RETURNS integer
LANGUAGE plpgsql AS $$
DECLARE
    parent text;
    name text;
    month timestamptz;
    next_month timestamptz;
    made integer := 0;
    locked boolean := false;
BEGIN
    FOREACH parent IN ARRAY ARRAY['messages', 'room_changes'] LOOP
        month := month_start(first);
        WHILE month <= last LOOP
            next_month := (month AT TIME ZONE 'UTC' + interval '1 month') AT TIME ZONE 'UTC';
            name := parent || to_char(month AT TIME ZONE 'UTC', '_YYYY_MM');
            IF NOT has_partition(parent, name) AND NOT locked THEN
                -- One maker at a time; the others find it made when they look again.
                PERFORM pg_advisory_xact_lock(hashtext('roost partitions'));
                locked := true;
            END IF;
            IF NOT has_partition(parent, name) THEN
                EXECUTE format(
                    'CREATE TABLE %I (LIKE %I INCLUDING ALL, CONSTRAINT bounds CHECK (id >= %L AND id < %L))',
                    name, parent, id_bound(epoch_ms(month)), id_bound(epoch_ms(next_month))
                );
                IF parent = 'messages' THEN
                    -- The second line behind looking for repeats; the parent cannot have it, for
                    -- it lacks the partition key.
                    EXECUTE format(
                        'CREATE UNIQUE INDEX %I ON %I (room_id, author_id, client_id)',
                        name || '_client_id', name
                    );
                END IF;
                EXECUTE format(
                    'ALTER TABLE %I ATTACH PARTITION %I FOR VALUES FROM (%L) TO (%L)',
                    parent, name, id_bound(epoch_ms(month)), id_bound(epoch_ms(next_month))
                );
                -- It has spared the scan; from here on the partition's bounds say the same.
                EXECUTE format('ALTER TABLE %I DROP CONSTRAINT bounds', name);
                made := made + 1;
            END IF;
            month := next_month;
        END LOOP;
    END LOOP;
    RETURN made;
END
$$;

-- Gives an entry that is not the making of a message the next place in its room, whose head the
-- caller has locked, and makes its month's partition if there is none.
CREATE FUNCTION append_change(
    room uuid,
    at timestamptz,
    kind text,
    message uuid,
    subject uuid,
    by uuid,
    emoji text,
    role text,
    joined timestamptz
) RETURNS TABLE (entry_seq bigint, entry uuid)
LANGUAGE plpgsql AS $$
DECLARE
    ms bigint;
BEGIN
    UPDATE room_heads h
    SET last_seq = h.last_seq + 1,
        last_ms = greatest(h.last_ms, epoch_ms(at)),
        last_activity_at = at
    WHERE h.room_id = room
    RETURNING h.last_seq, h.last_ms INTO STRICT entry_seq, ms;
    entry := entry_id(ms, entry_seq, (random() * 17179869184)::bigint);
    FOR attempt IN 1..2 LOOP
        BEGIN
            INSERT INTO room_changes (
                id, room_id, seq, kind, message_id, user_id, by_id, emoji, role, joined_at,
                created_at
            )
            VALUES (entry, room, entry_seq, kind, message, subject, by, emoji, role, joined, at);
            EXIT;
        EXCEPTION WHEN check_violation THEN
            IF attempt = 2 THEN
                RAISE;
            END IF;
            PERFORM make_partitions(to_timestamp(ms / 1000), to_timestamp(ms / 1000));
        END;
    END LOOP;
    IF entry_seq % 512 = 0 THEN
        INSERT INTO room_marks (room_id, seq, id) VALUES (room, entry_seq, entry);
    END IF;
    IF message IS NOT NULL THEN
        UPDATE messages m SET rev_seq = entry_seq WHERE m.id = message;
    END IF;
    RETURN NEXT;
END
$$;

-- The newest message in `[from_id, until_id)` that repeats an item's client id, if it has one.
CREATE FUNCTION find_repeats(
    rooms uuid[],
    authors uuid[],
    client_ids text[],
    from_id uuid,
    until_id uuid
) RETURNS TABLE (item integer, message uuid)
LANGUAGE plpgsql
-- Only the values of the bounds tell which months to open.
SET plan_cache_mode = force_custom_plan AS $$
BEGIN
    RETURN QUERY
    SELECT i.n::integer, m.id
    FROM unnest(rooms, authors, client_ids) WITH ORDINALITY AS i (room_id, author_id, client_id, n)
    CROSS JOIN LATERAL (
        SELECT c.id
        FROM messages c
        WHERE c.room_id = i.room_id
          AND c.author_id = i.author_id
          AND c.client_id = i.client_id
          AND c.id >= from_id
          AND c.id < until_id
        ORDER BY c.id DESC
        LIMIT 1
    ) m
    WHERE i.client_id IS NOT NULL;
END
$$;

-- What items reply to, if it is in their room.
CREATE FUNCTION find_targets(
    rooms uuid[],
    replies uuid[],
    first_id uuid,
    last_id uuid
) RETURNS TABLE (item integer, place bigint, author uuid, beginning text)
LANGUAGE plpgsql
-- Only the values of the bounds tell which months to open.
SET plan_cache_mode = force_custom_plan AS $$
BEGIN
    RETURN QUERY
    SELECT i.n::integer, m.seq, m.author_id, left(m.content, 140)
    FROM unnest(rooms, replies) WITH ORDINALITY AS i (room_id, reply_to, n)
    JOIN messages m ON m.id = i.reply_to AND m.room_id = i.room_id
    WHERE m.id = ANY (replies)
      AND m.id >= first_id
      AND m.id <= last_id;
END
$$;

-- Gives each item of a batch over many rooms the next place in its room. One row comes back per
-- item with a status:
--   posted      stored; with what is needed to show it
--   duplicate   the client id was known; `message_id` is the first message
--   no_room, not_member, archived, no_message (the reply's target)   refused
--   busy        another transaction has the room's head, and `wait` is false
-- `called_item` (from 1) and `called_name` are the usernames each item calls.
--
-- The heads are locked first, in the order of rooms. Each later statement has a snapshot of its
-- own, taken after that wait, so that what it reads of a room is all there is.
CREATE FUNCTION append_messages(
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
-- What is left here opens no months; planning it anew would take most of the time of a call.
SET plan_cache_mode = force_generic_plan AS $$
#variable_conflict use_column
DECLARE
    head_rooms uuid[];
    head_seqs bigint[];
    head_mss bigint[];
    repeat_items integer[];
    repeat_ids uuid[];
    repeats_from uuid;
    repeats_to uuid;
    target_items integer[];
    target_seqs bigint[];
    target_authors uuid[];
    target_contents text[];
    targets_from uuid;
    targets_to uuid;
    mention_items integer[];
    mention_users uuid[];
BEGIN
    IF wait THEN
        SELECT array_agg(h.room_id), array_agg(h.last_seq), array_agg(h.last_ms)
        INTO head_rooms, head_seqs, head_mss
        FROM (
            SELECT room_id, last_seq, last_ms FROM room_heads
            WHERE room_id = ANY (rooms)
            ORDER BY room_id
            FOR NO KEY UPDATE
        ) h;
    ELSE
        SELECT array_agg(h.room_id), array_agg(h.last_seq), array_agg(h.last_ms)
        INTO head_rooms, head_seqs, head_mss
        FROM (
            SELECT room_id, last_seq, last_ms FROM room_heads
            WHERE room_id = ANY (rooms)
            ORDER BY room_id
            FOR NO KEY UPDATE SKIP LOCKED
        ) h;
    END IF;

    -- The three look-ups below are made only for batches that need them: most of their cost is
    -- planning, over as many partitions as the bounds leave.
    IF array_remove(client_ids, NULL) <> '{}' THEN
        -- From the start of a month: the unique index of a partition reaches as far back.
        SELECT id_bound(epoch_ms(month_start(min(t) - interval '7 days'))),
               id_bound(greatest(epoch_ms(max(t)), (SELECT max(ms) FROM unnest(head_mss) ms)) + 1)
        INTO repeats_from, repeats_to
        FROM unnest(times) t;
        SELECT array_agg(r.item), array_agg(r.message)
        INTO repeat_items, repeat_ids
        FROM find_repeats(rooms, authors, client_ids, repeats_from, repeats_to) r;
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
        SELECT array_agg(c.n ORDER BY c.place), array_agg(u.id ORDER BY c.place)
        INTO mention_items, mention_users
        FROM unnest(called_item, called_name) WITH ORDINALITY AS c (n, name, place)
        JOIN users u ON u.username = c.name
        JOIN memberships m ON m.room_id = rooms[c.n] AND m.user_id = u.id;
    END IF;

    RETURN QUERY
    WITH given AS (
        SELECT i.*, n::integer AS item
        FROM unnest(rooms, authors, client_ids, contents, replies, metadatas, everyone, times)
            WITH ORDINALITY AS i (
                room_id, author_id, client_id, content, reply_to, metadata, everyone, at, n
            )
    ),
    judged AS (
        SELECT g.*,
            h.last_seq,
            h.last_ms,
            d.id AS repeat_id,
            t.seq AS target_seq,
            t.author_id AS target_author,
            t.content AS target_content,
            CASE
                WHEN r.id IS NULL THEN 'no_room'
                WHEN h.room_id IS NULL THEN 'busy'
                WHEN m.user_id IS NULL THEN 'not_member'
                WHEN d.id IS NOT NULL THEN 'duplicate'
                WHEN r.archived_at IS NOT NULL THEN 'archived'
                WHEN g.reply_to IS NOT NULL AND t.n IS NULL THEN 'no_message'
                ELSE 'fresh'
            END AS verdict
        FROM given g
        LEFT JOIN rooms r ON r.id = g.room_id
        LEFT JOIN unnest(head_rooms, head_seqs, head_mss) h (room_id, last_seq, last_ms)
            ON h.room_id = g.room_id
        LEFT JOIN memberships m ON m.room_id = g.room_id AND m.user_id = g.author_id
        LEFT JOIN unnest(repeat_items, repeat_ids) d (n, id) ON d.n = g.item
        LEFT JOIN unnest(target_items, target_seqs, target_authors, target_contents)
            t (n, seq, author_id, content) ON t.n = g.item
    ),
    -- Within the batch, the first of equal client ids is stored and the others repeat it.
    fresh AS (
        SELECT j.*,
            first_value(j.item) OVER same AS first_item,
            row_number() OVER same = 1 AS is_first
        FROM judged j
        WHERE j.verdict = 'fresh'
        WINDOW same AS (
            PARTITION BY j.room_id, j.author_id, j.client_id,
                CASE WHEN j.client_id IS NULL THEN j.item END
            ORDER BY j.item
        )
    ),
    placed AS (
        SELECT f.*,
            f.last_seq + row_number() OVER room AS seq,
            greatest(f.last_ms, max(epoch_ms(f.at)) OVER room) AS ms
        FROM fresh f
        WHERE f.is_first
        WINDOW room AS (PARTITION BY f.room_id ORDER BY f.item)
    ),
    minted AS MATERIALIZED (
        SELECT p.*,
            entry_id(p.ms, p.seq, (random() * 17179869184)::bigint) AS id,
            coalesce(
                (SELECT array_agg(c.user_id)
                 FROM unnest(mention_items, mention_users) c (n, user_id)
                 WHERE c.n = p.item),
                '{}'
            ) AS mentions
        FROM placed p
    ),
    stored AS (
        INSERT INTO messages (
            id, room_id, seq, rev_seq, author_id, client_id, content, reply_to,
            mentions, mentions_all, metadata, created_at
        )
        SELECT id, room_id, seq, seq, author_id, client_id, content, reply_to,
            mentions, everyone, metadata::json, at
        FROM minted
    ),
    called AS (
        INSERT INTO mentions (room_id, user_id, seq, author_id)
        SELECT p.room_id, c.user_id, p.seq, p.author_id
        FROM minted p
        CROSS JOIN LATERAL (
            SELECT unnest(p.mentions) AS user_id
            UNION ALL
            SELECT '00000000-0000-0000-0000-000000000000'::uuid WHERE p.everyone
        ) c
    ),
    marked AS (
        INSERT INTO room_marks (room_id, seq, id)
        SELECT room_id, seq, id FROM minted WHERE seq % 512 = 0
    ),
    last_of_room AS (
        SELECT DISTINCT ON (room_id) room_id, seq, ms, id, at
        FROM minted
        ORDER BY room_id, seq DESC
    ),
    moved AS (
        UPDATE room_heads h
        SET last_seq = l.seq, last_ms = l.ms, last_message_id = l.id, last_activity_at = l.at
        FROM last_of_room l
        WHERE h.room_id = l.room_id
    ),
    last_of_author AS (
        SELECT DISTINCT ON (room_id, author_id) room_id, author_id, seq, id
        FROM minted
        ORDER BY room_id, author_id, seq DESC
    ),
    read AS (
        UPDATE memberships m
        SET last_read_seq = l.seq, last_read_id = l.id, last_read_bound = l.id
        FROM last_of_author l
        WHERE m.room_id = l.room_id AND m.user_id = l.author_id
    )
    SELECT j.item,
        CASE
            WHEN p.id IS NOT NULL THEN 'posted'
            WHEN f.item IS NOT NULL THEN 'duplicate'
            ELSE j.verdict
        END,
        coalesce(p.id, first.id, j.repeat_id),
        p.seq,
        p.mentions,
        u.id,
        u.username,
        u.display_name,
        u.avatar_url,
        u.is_bot,
        p.reply_to,
        p.target_seq,
        p.target_content,
        a.id,
        a.username,
        a.display_name,
        a.avatar_url,
        a.is_bot
    FROM judged j
    LEFT JOIN fresh f ON f.item = j.item AND NOT f.is_first
    LEFT JOIN minted p ON p.item = j.item
    LEFT JOIN minted first ON first.item = f.first_item
    LEFT JOIN users u ON u.id = p.author_id
    LEFT JOIN users a ON a.id = p.target_author;
END
$$;
