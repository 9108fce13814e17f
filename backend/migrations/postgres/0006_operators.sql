-- What owners and admins do with accounts: some can no longer log in, and each act is written down in
-- the transaction that does it. Nothing changes or deletes what was written down; its ids are of version
-- 7, so that they are in the order of time.
ALTER TABLE users ADD COLUMN deactivated_at timestamptz;

CREATE TABLE acts (
    id uuid PRIMARY KEY,
    at timestamptz NOT NULL,
    actor_id uuid NOT NULL REFERENCES users (id),
    action text NOT NULL,
    target_kind text NOT NULL,
    target_id uuid NOT NULL,
    target_name text NOT NULL,
    before json,
    after json,
    request_id text,
    address text
);

CREATE INDEX acts_of_actor ON acts (actor_id, id);
