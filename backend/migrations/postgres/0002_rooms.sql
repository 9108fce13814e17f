-- `direct_key` is the sorted ids of a direct room's people, one after the other.
CREATE TABLE rooms (
    id uuid PRIMARY KEY,
    kind text NOT NULL,
    name text,
    folded_name text COLLATE "C",
    topic text,
    direct_key text COLLATE "C" UNIQUE,
    created_at timestamptz NOT NULL,
    archived_at timestamptz,
    member_count bigint NOT NULL
);

-- Where each room's log ends, and where what is kept of it begins. Every entry of every log moves
-- one of these rows, so they are narrow, nothing in them but the key is indexed, and pages keep
-- half their space for the next version. `last_ms` never falls, so that the ids of a room ascend
-- whatever the clock does. What moves with every entry lives here and not in `rooms`.
CREATE TABLE room_heads (
    room_id uuid PRIMARY KEY REFERENCES rooms (id),
    last_seq bigint NOT NULL DEFAULT 0,
    last_ms bigint NOT NULL,
    min_seq bigint NOT NULL DEFAULT 1,
    last_activity_at timestamptz NOT NULL,
    last_message_id uuid
) WITH (
    fillfactor = 50,
    autovacuum_vacuum_scale_factor = 0.02,
    autovacuum_vacuum_cost_delay = 0
);

-- `last_read_bound` is the id of the entry the marker sits on, or of the beginning: what is unread
-- has greater ids, which spares counting the months before.
CREATE TABLE memberships (
    room_id uuid NOT NULL REFERENCES rooms (id),
    user_id uuid NOT NULL REFERENCES users (id),
    role text NOT NULL,
    joined_at timestamptz NOT NULL,
    last_read_seq bigint NOT NULL,
    last_read_id uuid,
    last_read_bound uuid NOT NULL,
    notify text NOT NULL DEFAULT 'all',
    muted_until timestamptz,
    PRIMARY KEY (room_id, user_id)
) WITH (fillfactor = 80);

CREATE INDEX memberships_of_user ON memberships (user_id, room_id);
CREATE INDEX memberships_owners ON memberships (room_id, joined_at, user_id) WHERE role = 'owner';
