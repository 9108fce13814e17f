-- Messages as they now are. The number is explicit so that it stays the same when the file is
-- rewritten. `mentions` is a JSON array of ids in the order named.
CREATE TABLE messages (
    number INTEGER PRIMARY KEY,
    id BLOB NOT NULL UNIQUE,
    room_id BLOB NOT NULL REFERENCES rooms (id),
    seq INTEGER NOT NULL,
    rev_seq INTEGER NOT NULL,
    author_id BLOB NOT NULL REFERENCES users (id),
    client_id TEXT,
    kind TEXT NOT NULL,
    content TEXT NOT NULL,
    reply_to BLOB,
    mentions TEXT NOT NULL DEFAULT '[]',
    mentions_all INTEGER NOT NULL DEFAULT 0,
    metadata TEXT NOT NULL DEFAULT '{}',
    created_at INTEGER NOT NULL,
    edited_at INTEGER,
    deleted_at INTEGER
) STRICT;

CREATE UNIQUE INDEX messages_by_place ON messages (room_id, seq);

-- Not unique: a client id may come again once it is old enough to be forgotten.
CREATE INDEX messages_by_client_id ON messages (room_id, author_id, client_id, id)
WHERE client_id IS NOT NULL;

-- Who is called by which message, for counting. The nil id stands for everybody.
CREATE TABLE mentions (
    room_id BLOB NOT NULL,
    user_id BLOB NOT NULL,
    seq INTEGER NOT NULL,
    author_id BLOB NOT NULL,
    PRIMARY KEY (room_id, user_id, seq)
) STRICT, WITHOUT ROWID;

-- Entries of a room's log that are not the making of a message. Role and date of joining are as
-- of then, for members who have left since.
CREATE TABLE room_changes (
    room_id BLOB NOT NULL REFERENCES rooms (id),
    seq INTEGER NOT NULL,
    kind TEXT NOT NULL,
    message_id BLOB,
    user_id BLOB,
    by_id BLOB,
    emoji TEXT,
    role TEXT,
    joined_at INTEGER,
    created_at INTEGER NOT NULL,
    PRIMARY KEY (room_id, seq)
) STRICT, WITHOUT ROWID;

-- `position` is the seq of the entry that put it there.
CREATE TABLE reactions (
    message_id BLOB NOT NULL,
    emoji TEXT NOT NULL,
    user_id BLOB NOT NULL REFERENCES users (id),
    position INTEGER NOT NULL,
    PRIMARY KEY (message_id, emoji, user_id)
) STRICT, WITHOUT ROWID;
