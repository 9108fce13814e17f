-- What owners and admins do with accounts: some can no longer log in, and each act is written down in
-- the transaction that does it. Nothing changes or deletes what was written down; its ids are of version
-- 7, so that they are in the order of time.
ALTER TABLE users ADD COLUMN deactivated_at INTEGER;

CREATE TABLE acts (
    id BLOB PRIMARY KEY,
    at INTEGER NOT NULL,
    actor_id BLOB NOT NULL REFERENCES users (id),
    action TEXT NOT NULL,
    target_kind TEXT NOT NULL,
    target_id BLOB NOT NULL,
    target_name TEXT NOT NULL,
    before TEXT,
    after TEXT,
    request_id TEXT,
    address TEXT
) STRICT;

CREATE INDEX acts_of_actor ON acts (actor_id, id);
