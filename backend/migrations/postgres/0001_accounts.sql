-- What the whole database knows about itself. `epoch` is a nonce made once for each history.
CREATE TABLE meta (
    key text PRIMARY KEY,
    value text NOT NULL
);

INSERT INTO meta (key, value) VALUES ('epoch', replace(gen_random_uuid()::text, '-', ''));

-- Names sort and fold alike on every server and in every database: bytewise here, and folded by
-- the program into `folded_name` (the display name in lower case).
CREATE TABLE users (
    id uuid PRIMARY KEY,
    username text COLLATE "C" NOT NULL,
    display_name text NOT NULL,
    folded_name text COLLATE "C" NOT NULL,
    email text COLLATE "C",
    avatar_url text,
    is_bot boolean NOT NULL DEFAULT false,
    role text NOT NULL,
    password_hash text NOT NULL,
    settings json NOT NULL DEFAULT '{}',
    created_at timestamptz NOT NULL,
    last_seen_at timestamptz,
    CONSTRAINT users_username UNIQUE (username),
    CONSTRAINT users_email UNIQUE (email)
);

CREATE INDEX users_by_folded_name ON users (folded_name);

CREATE TABLE sessions (
    id uuid PRIMARY KEY,
    user_id uuid NOT NULL REFERENCES users (id),
    token_hash bytea NOT NULL UNIQUE,
    user_agent text NOT NULL,
    created_at timestamptz NOT NULL,
    last_used_at timestamptz NOT NULL,
    expires_at timestamptz NOT NULL
);

CREATE INDEX sessions_of_user ON sessions (user_id);
CREATE INDEX sessions_by_end ON sessions (expires_at);
