-- `direct_key` is the sorted ids of a direct room's people, one after the other.
CREATE TABLE rooms (
    id BLOB PRIMARY KEY,
    kind TEXT NOT NULL,
    name TEXT,
    folded_name TEXT,
    topic TEXT,
    direct_key BLOB UNIQUE,
    created_at INTEGER NOT NULL,
    archived_at INTEGER,
    last_activity_at INTEGER NOT NULL,
    member_count INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

CREATE INDEX rooms_by_activity ON rooms (last_activity_at, id);

-- Where each room's log ends, and where what is kept of it begins. `last_ms` never falls, so that
-- the ids of a room ascend whatever the clock does.
CREATE TABLE room_heads (
    room_id BLOB PRIMARY KEY REFERENCES rooms (id),
    last_seq INTEGER NOT NULL DEFAULT 0,
    last_ms INTEGER NOT NULL DEFAULT 0,
    min_seq INTEGER NOT NULL DEFAULT 1
) STRICT, WITHOUT ROWID;

CREATE TABLE memberships (
    room_id BLOB NOT NULL REFERENCES rooms (id),
    user_id BLOB NOT NULL REFERENCES users (id),
    role TEXT NOT NULL,
    joined_at INTEGER NOT NULL,
    last_read_seq INTEGER NOT NULL,
    last_read_id BLOB,
    notify TEXT NOT NULL DEFAULT 'all',
    muted_until INTEGER,
    PRIMARY KEY (room_id, user_id)
) STRICT, WITHOUT ROWID;

CREATE INDEX memberships_of_user ON memberships (user_id, room_id);
CREATE INDEX memberships_owners ON memberships (room_id, joined_at, user_id) WHERE role = 'owner';
