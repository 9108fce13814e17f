-- Storing messages when all is as it mostly is: nothing is refused and nothing repeated. Both
-- procedures here store all they are given, or nothing, and then answer null: the caller goes on to
-- `store_messages`, which knows what to say of each. They need no more statements, and those no more
-- nodes, than there are tables to write; beginning and ending these is what costs. They are procedures
-- because a call of one is not planned.

-- For nodes of the version before the last one. No release has it.
DROP FUNCTION append_messages;

-- Both are told where the month begins that a moment a week before the first message lies in, and
-- where it ends. Its unique index keeps out what repeats something in it, so that nothing is looked for
-- unless a message comes to lie in a later month.

-- Stores one message that calls nobody and answers nothing. Waits for the room's head; what it reads
-- after that is as of then.
CREATE PROCEDURE post_message(
    room uuid,
    author uuid,
    client_id text,
    content text,
    metadata text,
    at timestamptz,
    at_ms bigint,
    month_ms bigint,
    month_end_ms bigint,
    OUT id uuid,
    OUT seq bigint,
    OUT username text,
    OUT display_name text,
    OUT avatar_url text,
    OUT is_bot boolean
)
LANGUAGE plpgsql
-- As in `store_messages`.
SET plan_cache_mode = force_generic_plan
SET enable_seqscan = off
SET enable_hashjoin = off
SET enable_mergejoin = off
AS $$
#variable_conflict use_column
DECLARE
    random bigint := (random() * 17179869184)::bigint;
    ms bigint;
BEGIN
    UPDATE room_heads h
    SET last_seq = h.last_seq + 1,
        last_ms = greatest(h.last_ms, at_ms),
        last_message_id = entry_id(greatest(h.last_ms, at_ms), h.last_seq + 1, random),
        last_activity_at = at
    WHERE h.room_id = room
    RETURNING h.last_seq, h.last_ms, h.last_message_id INTO STRICT seq, ms, id;

    UPDATE memberships m
    SET last_read_seq = post_message.seq,
        last_read_id = post_message.id,
        last_read_bound = post_message.id
    FROM users u, rooms r
    WHERE m.room_id = room AND m.user_id = author
      AND u.id = author
      AND r.id = room AND r.archived_at IS NULL
    RETURNING u.username, u.display_name, u.avatar_url, u.is_bot
    INTO STRICT username, display_name, avatar_url, is_bot;

    IF ms >= month_end_ms THEN
        PERFORM FROM find_repeats(
            ARRAY[room], ARRAY[author], ARRAY[client_id], id_bound(month_ms),
            id_bound(epoch_ms(month_start(to_timestamp(ms / 1000.0))))
        );
        IF FOUND THEN
            RAISE unique_violation;
        END IF;
    END IF;

    INSERT INTO messages (
        id, room_id, seq, rev_seq, author_id, client_id, content, metadata, created_at
    )
    VALUES (
        post_message.id, room, post_message.seq, post_message.seq, author,
        post_message.client_id, post_message.content, coalesce(post_message.metadata::json, '{}'),
        at
    );

    IF seq % 512 = 0 THEN
        INSERT INTO room_marks (room_id, seq, id)
        VALUES (room, post_message.seq, post_message.id);
    END IF;
EXCEPTION WHEN no_data_found OR unique_violation THEN
    id := NULL;
END
$$;

-- Stores a batch over many rooms. `rooms` are these rooms in order, each once, `ends` the last item
-- of each (from 1). Of each item: its room's `places` in `rooms`; its `ranks` in its room; the
-- milliseconds `mss` of its moment, or of a later one before it in its room; the last item of the same
-- author in the same room (`reads`). No client id comes twice from one author in one room. What is
-- null of `metadatas` is empty, and an array of which nothing would be said is null.
-- `last_ms` is the greatest of `mss`.
--
-- What comes back are columns. Those of `items` are stored, the rooms of the others are busy. Whose
-- `reads` it was is described beside the item, as is the target of each reply, and there is a pair
-- for each user that an item calls by name.
--
-- The heads are locked first, in the order of rooms. Each later statement has a snapshot of its
-- own, taken after that wait, so that what it reads of a room is all there is. All of it, the locks
-- too, is one subtransaction: a row that is locked by one and written by another needs a multixact.
--
-- That an array of items says of an item that it is the one it names (`ends`, `reads`) lets the planner
-- expect one of them, and look it up by an index however small the tables are as it plans.
CREATE PROCEDURE post_messages(
    rooms uuid[],
    ends integer[],
    places integer[],
    ranks bigint[],
    mss bigint[],
    reads integer[],
    authors uuid[],
    client_ids text[],
    contents text[],
    replies uuid[],
    metadatas text[],
    everyone boolean[],
    times timestamptz[],
    called_item integer[],
    called_name text[],
    last_ms bigint,
    month_ms bigint,
    month_end_ms bigint,
    wait boolean,
    OUT posted boolean,
    OUT items integer[],
    OUT ids uuid[],
    OUT seqs bigint[],
    OUT read_items integer[],
    OUT usernames text[],
    OUT display_names text[],
    OUT avatar_urls text[],
    OUT are_bots boolean[],
    OUT mention_items integer[],
    OUT mention_users uuid[],
    OUT target_items integer[],
    OUT target_seqs bigint[],
    OUT target_contents text[],
    OUT target_authors uuid[],
    OUT target_usernames text[],
    OUT target_display_names text[],
    OUT target_avatar_urls text[],
    OUT target_are_bots boolean[]
)
LANGUAGE plpgsql
-- As in `store_messages`.
SET plan_cache_mode = force_generic_plan
SET enable_seqscan = off
SET enable_hashjoin = off
SET enable_mergejoin = off
AS $$
#variable_conflict use_column
DECLARE
    held uuid[];
    last_seqs bigint[];
    last_mss bigint[];
    newest_ms bigint;
    reads_due bigint;
    marks boolean;
    archived boolean;
BEGIN
    IF wait THEN
        SELECT array_agg(h.room_id), array_agg(h.last_seq), array_agg(h.last_ms),
            greatest(post_messages.last_ms, max(h.last_ms))
        INTO held, last_seqs, last_mss, newest_ms
        FROM (
            SELECT room_id, last_seq, last_ms FROM room_heads
            WHERE room_id = ANY (rooms)
            ORDER BY room_id
            FOR NO KEY UPDATE
        ) h;
    ELSE
        SELECT array_agg(h.room_id), array_agg(h.last_seq), array_agg(h.last_ms),
            greatest(post_messages.last_ms, max(h.last_ms))
        INTO held, last_seqs, last_mss, newest_ms
        FROM (
            SELECT room_id, last_seq, last_ms FROM room_heads
            WHERE room_id = ANY (rooms)
            ORDER BY room_id
            FOR NO KEY UPDATE SKIP LOCKED
        ) h;
    END IF;
    IF held IS DISTINCT FROM rooms THEN
        IF wait THEN
            RETURN;
        END IF;
        SELECT array_agg(h.last_seq ORDER BY r.place), array_agg(h.last_ms ORDER BY r.place)
        INTO last_seqs, last_mss
        FROM unnest(rooms) WITH ORDINALITY AS r (id, place)
        LEFT JOIN unnest(held, last_seqs, last_mss) AS h (room_id, last_seq, last_ms)
            ON h.room_id = r.id;
    END IF;

    IF newest_ms >= month_end_ms THEN
        PERFORM FROM find_repeats(
            (SELECT array_agg(rooms[p.place] ORDER BY p.item)
             FROM unnest(places) WITH ORDINALITY AS p (place, item)),
            authors, client_ids, id_bound(month_ms),
            id_bound(epoch_ms(month_start(to_timestamp(newest_ms / 1000.0))))
        );
        IF FOUND THEN
            RETURN;
        END IF;
    END IF;

    IF replies IS NOT NULL THEN
        SELECT array_agg(t.item), array_agg(t.place), array_agg(t.beginning), array_agg(a.id),
            array_agg(a.username), array_agg(a.display_name), array_agg(a.avatar_url),
            array_agg(a.is_bot)
        INTO target_items, target_seqs, target_contents, target_authors,
            target_usernames, target_display_names, target_avatar_urls, target_are_bots
        FROM find_targets(
            (SELECT array_agg(rooms[p.place] ORDER BY p.item)
             FROM unnest(places) WITH ORDINALITY AS p (place, item)),
            replies,
            (SELECT r FROM unnest(replies) r WHERE r IS NOT NULL ORDER BY r LIMIT 1),
            (SELECT r FROM unnest(replies) r WHERE r IS NOT NULL ORDER BY r DESC LIMIT 1)
        ) t
        JOIN users a ON a.id = t.author;
        IF cardinality(target_items) IS DISTINCT FROM cardinality(array_remove(replies, NULL)) THEN
            RETURN;
        END IF;
    END IF;

    IF called_item IS NOT NULL THEN
        SELECT array_agg(c.item ORDER BY c.place), array_agg(u.id ORDER BY c.place)
        INTO mention_items, mention_users
        FROM unnest(called_item, called_name) WITH ORDINALITY AS c (item, name, place)
        JOIN users u ON u.username = c.name
        JOIN memberships m ON m.room_id = rooms[places[c.item]] AND m.user_id = u.id;
    END IF;

    WITH given AS MATERIALIZED (
        SELECT p.item::integer AS item, p.place, last_seqs[p.place] + ranks[p.item] AS seq,
            greatest(last_mss[p.place], mss[p.item]) AS ms,
            entry_id(
                greatest(last_mss[p.place], mss[p.item]),
                last_seqs[p.place] + ranks[p.item],
                (random() * 17179869184)::bigint
            ) AS id
        FROM unnest(places) WITH ORDINALITY AS p (place, item)
        WHERE last_seqs[p.place] IS NOT NULL
    ),
    stored AS (
        INSERT INTO messages (
            id, room_id, seq, rev_seq, author_id, client_id, content, reply_to,
            mentions, mentions_all, metadata, created_at
        )
        SELECT g.id, rooms[g.place], g.seq, g.seq, authors[g.item], client_ids[g.item],
            contents[g.item], replies[g.item],
            coalesce(called_by(g.item, mention_items, mention_users), '{}'),
            coalesce(everyone[g.item], false), coalesce(metadatas[g.item]::json, '{}'),
            times[g.item]
        FROM given g
    ),
    moved AS (
        UPDATE room_heads h
        SET last_seq = g.seq, last_ms = g.ms, last_message_id = g.id,
            last_activity_at = times[g.item]
        FROM given g
        WHERE h.room_id = rooms[g.place] AND ends[g.place] = g.item
    ),
    read AS (
        UPDATE memberships m
        SET last_read_seq = g.seq, last_read_id = g.id, last_read_bound = g.id
        FROM given g
        JOIN users u ON u.id = authors[g.item]
        WHERE reads[g.item] = g.item AND m.room_id = rooms[g.place] AND m.user_id = authors[g.item]
        RETURNING g.item, u.username, u.display_name, u.avatar_url, u.is_bot
    )
    SELECT p.items, p.ids, p.seqs, p.reads, p.marks, r.*,
        EXISTS (
            SELECT FROM rooms r
            WHERE r.id = ANY (post_messages.rooms) AND r.archived_at IS NOT NULL
        )
    INTO items, ids, seqs, reads_due, marks,
        read_items, usernames, display_names, avatar_urls, are_bots, archived
    FROM (
        SELECT array_agg(g.item) AS items, array_agg(g.id) AS ids, array_agg(g.seq) AS seqs,
            count(*) FILTER (WHERE reads[g.item] = g.item) AS reads,
            bool_or(g.seq % 512 = 0) AS marks
        FROM given g
    ) p
    CROSS JOIN (
        SELECT array_agg(r.item), array_agg(r.username), array_agg(r.display_name),
            array_agg(r.avatar_url), array_agg(r.is_bot)
        FROM read r
    ) r;
    IF archived OR reads_due <> coalesce(cardinality(read_items), 0) THEN
        RAISE no_data_found;
    END IF;

    IF mention_items IS NOT NULL OR everyone IS NOT NULL THEN
        INSERT INTO mentions (room_id, user_id, seq, author_id)
        SELECT rooms[places[p.item]], c.user_id, p.seq, authors[p.item]
        FROM unnest(items, seqs) AS p (item, seq)
        JOIN (
            SELECT * FROM unnest(mention_items, mention_users)
            UNION ALL
            SELECT e.item, '00000000-0000-0000-0000-000000000000'
            FROM unnest(everyone) WITH ORDINALITY AS e (called, item)
            WHERE e.called
        ) c (item, user_id) ON c.item = p.item;
    END IF;

    IF marks THEN
        INSERT INTO room_marks (room_id, seq, id)
        SELECT rooms[places[p.item]], p.seq, p.id
        FROM unnest(items, seqs, ids) AS p (item, seq, id)
        WHERE p.seq % 512 = 0;
    END IF;

    posted := true;
EXCEPTION WHEN no_data_found OR unique_violation THEN
    posted := NULL;
END
$$;
