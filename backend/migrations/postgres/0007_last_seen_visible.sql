-- Whether others may know when somebody was last here. They may, unless they were told otherwise.
ALTER TABLE users ADD COLUMN last_seen_visible boolean NOT NULL DEFAULT true;
