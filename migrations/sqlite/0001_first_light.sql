-- First light: a flagged message becomes an incident, two people are alerted, one reviews it, and the log says so.

-- What the database says about itself: the schema it admits, and the fingerprint of the key it is sealed with.
CREATE TABLE meta (
    name  TEXT PRIMARY KEY NOT NULL,
    value TEXT NOT NULL
) STRICT;

INSERT INTO meta (name, value) VALUES ('admits-oldest-reader', '1');

-- The servers that Chaperone is in.
CREATE TABLE groups (
    id         INTEGER PRIMARY KEY NOT NULL,
    first_seen INTEGER NOT NULL,
    state      TEXT NOT NULL
) STRICT;

-- Every version of a group's settings, since incidents name the version they were found under.
-- Role lists are ids with a blank between them.
CREATE TABLE group_settings (
    group_id        INTEGER NOT NULL REFERENCES groups (id),
    version         INTEGER NOT NULL,
    changed_at      INTEGER NOT NULL,
    changed_by      INTEGER NOT NULL,
    staff_roles     TEXT NOT NULL,
    student_roles   TEXT NOT NULL,
    parent_roles    TEXT NOT NULL,
    administrator_1 INTEGER NOT NULL,
    administrator_2 INTEGER NOT NULL,
    fallback        INTEGER NOT NULL,
    PRIMARY KEY (group_id, version)
) STRICT;

-- The cases, without any words. Numbers are never used twice, since sealed bytes are bound to them.
-- Rules are ids with a blank between them, the heaviest first; data_key names a row of keys.db.
CREATE TABLE incidents (
    id                 INTEGER PRIMARY KEY AUTOINCREMENT,
    group_id           INTEGER NOT NULL REFERENCES groups (id),
    code               TEXT NOT NULL,
    space              INTEGER NOT NULL,
    message            INTEGER NOT NULL,
    author             INTEGER NOT NULL,
    accused            INTEGER NOT NULL,
    severity           TEXT NOT NULL,
    clause             TEXT NOT NULL,
    rules              TEXT NOT NULL,
    ruleset            BLOB NOT NULL,
    settings_version   INTEGER NOT NULL,
    opened_at          INTEGER NOT NULL,
    message_deleted_at INTEGER,
    state              TEXT NOT NULL,
    disposition        TEXT,
    closed_by          INTEGER,
    closed_at          INTEGER,
    data_key           TEXT NOT NULL,
    UNIQUE (group_id, code)
) STRICT;

CREATE INDEX incidents_of_group ON incidents (group_id, id);
CREATE INDEX incidents_of_space ON incidents (space, message);

-- What was handled already, and up to which revision. These rows outlive the incident they led to.
CREATE TABLE handled (
    event      TEXT PRIMARY KEY NOT NULL,
    incident   INTEGER NOT NULL,
    revised_at INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

-- What is kept for an incident, in the order it was kept, each piece with its end date. The words are sealed with the
-- incident's data key and bound to incident, kind, message and revision.
CREATE TABLE evidence (
    incident   INTEGER NOT NULL REFERENCES incidents (id),
    number     INTEGER NOT NULL,
    kind       TEXT NOT NULL,
    message    INTEGER NOT NULL,
    revised_at INTEGER NOT NULL,
    held_until INTEGER NOT NULL,
    sealed     BLOB NOT NULL,
    PRIMARY KEY (incident, number),
    UNIQUE (incident, kind, message, revised_at)
) STRICT;

-- Notes of the people who review, sealed with the incident's data key and bound to incident and number.
CREATE TABLE notes (
    incident   INTEGER NOT NULL REFERENCES incidents (id),
    number     INTEGER NOT NULL,
    written_by INTEGER NOT NULL,
    written_at INTEGER NOT NULL,
    sealed     BLOB NOT NULL,
    PRIMARY KEY (incident, number)
) STRICT;

-- The outbox, and what became of each alert.
CREATE TABLE alerts (
    id               INTEGER PRIMARY KEY AUTOINCREMENT,
    group_id         INTEGER NOT NULL REFERENCES groups (id),
    subject          TEXT NOT NULL,
    incident         INTEGER,
    recipient        INTEGER,
    space            INTEGER,
    nonce            TEXT NOT NULL UNIQUE,
    state            TEXT NOT NULL,
    attempts         INTEGER NOT NULL,
    first_attempt_at INTEGER,
    not_before       INTEGER NOT NULL,
    since            INTEGER NOT NULL,
    message          INTEGER
) STRICT;

CREATE INDEX alerts_due ON alerts (not_before, id) WHERE state = 'queued';
CREATE INDEX alerts_of_incident ON alerts (incident, recipient);

-- How far each space was handled.
CREATE TABLE cursors (
    space    INTEGER PRIMARY KEY NOT NULL,
    group_id INTEGER NOT NULL,
    message  INTEGER NOT NULL
) STRICT;

CREATE INDEX cursors_of_group ON cursors (group_id);

-- When Chaperone could not watch; no space means all of the group.
CREATE TABLE gaps (
    id       INTEGER PRIMARY KEY AUTOINCREMENT,
    group_id INTEGER NOT NULL REFERENCES groups (id),
    space    INTEGER,
    from_at  INTEGER NOT NULL,
    until_at INTEGER NOT NULL,
    reason   TEXT NOT NULL
) STRICT;

CREATE INDEX gaps_of_group ON gaps (group_id, until_at);

-- The end of each chain of the log. Whoever writes to a chain takes its head first.
CREATE TABLE log_heads (
    chain INTEGER PRIMARY KEY NOT NULL,
    seq   INTEGER NOT NULL,
    mac   BLOB NOT NULL
) STRICT;

-- The log. No actor means Chaperone itself. The MAC covers every column but the detail, of which it covers the hash,
-- so that words can be erased while the line stays.
CREATE TABLE log_entries (
    chain       INTEGER NOT NULL,
    seq         INTEGER NOT NULL,
    at          INTEGER NOT NULL,
    actor       INTEGER,
    action      TEXT NOT NULL,
    incident    INTEGER,
    key_id      TEXT NOT NULL,
    detail_hash BLOB,
    detail      BLOB,
    mac         BLOB NOT NULL,
    PRIMARY KEY (chain, seq)
) STRICT, WITHOUT ROWID;

CREATE INDEX log_of_incident ON log_entries (incident, chain, seq) WHERE incident IS NOT NULL;
