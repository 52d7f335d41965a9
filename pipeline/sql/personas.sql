-- name: find
-- Each arm has its own index; a null parameter finds nothing.
SELECT id FROM personas
WHERE account_id = :account_id AND (phone = :phone OR email = :email OR external_id = :text)
ORDER BY id;

-- name: find_by_name
-- For people at a till, one at a time: reads the personas of the account.
SELECT id FROM personas
WHERE account_id = :account_id AND (lower(first_name || ' ' || last_name) = lower(:text) OR lower(full_name) = lower(:text))
ORDER BY id;

-- name: find_id
SELECT id FROM personas WHERE account_id = :account_id AND id = :persona_id;

-- name: survivors
-- Whoever was merged away answers for the survivor.
SELECT DISTINCT coalesce(survivor_id, id) AS id FROM personas WHERE id = ANY(CAST(:persona_ids AS bigint[])) ORDER BY id;

-- name: load
SELECT * FROM personas WHERE id = ANY(CAST(:persona_ids AS bigint[])) ORDER BY id;

-- name: export
-- Along the primary key, so that nothing is sorted; forgotten personas have no row.
SELECT * FROM personas WHERE account_id = :account_id ORDER BY id;

-- name: ledger
SELECT persona_id, import_id, line, delta, reason, at FROM ledger
WHERE persona_id = ANY(CAST(:persona_ids AS bigint[]))
ORDER BY persona_id, at, import_id, line;

-- name: attribute_names
SELECT key, name FROM attribute_names WHERE account_id = :account_id;

-- name: without_time_limits
-- Whoever reads a stream may read it slowly. Only limits that this server has.
SELECT set_config(name, '0', true) FROM pg_settings
WHERE name IN ('statement_timeout', 'idle_in_transaction_session_timeout', 'transaction_timeout');
