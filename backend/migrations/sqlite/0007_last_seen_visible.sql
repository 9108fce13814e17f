-- Whether others may know when somebody was last here. They may, unless they were told otherwise.
ALTER TABLE users ADD COLUMN last_seen_visible INTEGER NOT NULL DEFAULT 1;
