-- How often a membership or a login of somebody came or went; no row means never. Moved by the
-- transaction that changes it, after the heads it holds and in the order of users. A table of its
-- own, so that a move rewrites a few bytes and not the account; half-empty pages, so that it stays
-- in place.
CREATE TABLE user_moves (
    user_id uuid PRIMARY KEY REFERENCES users (id),
    moves bigint NOT NULL
) WITH (fillfactor = 50);

-- The nodes that work on this database, and until when they are believed to, by its own clock.
CREATE TABLE nodes (
    id uuid PRIMARY KEY,
    alive_until timestamptz NOT NULL
) WITH (fillfactor = 50);
