-- The data key of each incident, wrapped with the deployment key that key_id names. Losing a row erases what it
-- sealed. A row is written before the incident that needs it, so one that no incident names is harmless.
CREATE TABLE data_keys (
    id      TEXT PRIMARY KEY NOT NULL,
    key_id  TEXT NOT NULL,
    wrapped BYTEA NOT NULL
);
