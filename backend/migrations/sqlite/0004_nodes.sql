-- How often a membership or a login of somebody came or went; no row means never. Moved by the
-- transaction that changes it.
CREATE TABLE user_moves (
    user_id BLOB PRIMARY KEY REFERENCES users (id),
    moves INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

-- The nodes that work on this database, and until when they are believed to (milliseconds), by its
-- own clock.
CREATE TABLE nodes (
    id BLOB PRIMARY KEY,
    alive_until INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
