INSERT INTO groups (id, first_seen, state) VALUES (1000, 1790000000000, 'pending');
INSERT INTO group_settings (group_id, version, changed_at, changed_by, staff_roles, student_roles, parent_roles,
    administrator_1, administrator_2, fallback) VALUES (1000, 1, 1790000000001, 31, '1 2', '3', '', 31, 32, 2001);
INSERT INTO incidents (group_id, code, space, message, author, accused, severity, clause, rules, ruleset,
    settings_version, opened_at, state, data_key) VALUES (1000, 'K7QX3', 2000, 5, 33, 33, 'medium', '3b',
    'asks-to-move-to-dm', x'0707070707070707070707070707070707070707070707070707070707070707', 1, 1790000000002, 'open',
    'lost');
INSERT INTO handled (event, incident, revised_at) VALUES ('message 5', 1, 1790000000002);
INSERT INTO evidence (incident, number, kind, message, revised_at, held_until, sealed)
    VALUES (1, 1, 'message', 5, 1790000000002, 1890000000000, x'01');
INSERT INTO notes (incident, number, written_by, written_at, sealed) VALUES (1, 1, 31, 1790000000003, x'01');
INSERT INTO alerts (group_id, subject, incident, recipient, nonce, state, attempts, not_before, since)
    VALUES (1000, 'incident', 1, 31, 'n', 'queued', 0, 1790000000002, 1790000000002);
INSERT INTO cursors (space, group_id, message) VALUES (2000, 1000, 5);
INSERT INTO gaps (group_id, space, from_at, until_at, reason)
    VALUES (1000, NULL, 1790000000004, 1790000000005, 'not-handled');
INSERT INTO log_heads (chain, seq, mac) VALUES (1000, 1, x'01');
INSERT INTO log_entries (chain, seq, at, action, key_id, mac) VALUES (1000, 1, 1790000000000, 'group-seen', 'k', x'01');
