-- name: load
SELECT i.*, a.name AS account_name, a.region, a.timezone, a.double_opt_in, a.confirm_opt_ins,
       a.terms_accepted_by AS account_terms
FROM imports i JOIN accounts a ON a.id = i.account_id
WHERE i.id = :import_id;

-- name: confine
-- Until the end of the transaction: policies show a worker the rows of this account alone, and of this import.
SELECT set_config('personas.account', CAST(CAST(:account_id AS bigint) AS text), true),
       set_config('personas.import', CAST(CAST(:import_id AS bigint) AS text), true);

-- name: lock
-- Held only for the last few statements of a part, so that its siblings don't wait.
SELECT status FROM imports WHERE id = :import_id FOR NO KEY UPDATE;

-- name: start
UPDATE imports SET status = 'running', started_at = coalesce(started_at, clock_timestamp()), stage = :stage, message = NULL
WHERE id = :import_id AND status IN ('received', 'waiting', 'running')
  AND (status <> 'running' OR stage <> :stage);

-- name: park
UPDATE imports SET status = :status, code = :code, message = :message, in_lane = false WHERE id = :import_id;

-- name: fail
UPDATE imports SET status = 'failed', code = :code, message = :message, in_lane = false, finished_at = clock_timestamp()
WHERE id = :import_id AND status IN ('received', 'waiting', 'running')
RETURNING account_id;

-- name: finish
UPDATE imports SET status = :status, in_lane = false, finished_at = clock_timestamp(), code = :code, message = :message
WHERE id = :import_id;

-- name: total
UPDATE imports
SET rows_created = :rows_created, rows_updated = :rows_updated, rows_unchanged = :rows_unchanged,
    rows_rejected = :rows_rejected, rows_skipped = :rows_skipped,
    points_readable = :points_readable, points_added = :points_added, points_subtracted = :points_subtracted,
    points_refused = :points_refused, consent = :consent, texts_scheduled = :texts_scheduled,
    rejects = (SELECT coalesce(jsonb_object_agg(code, n), '{}')
               FROM (SELECT code, count(*) AS n FROM rejects WHERE import_id = :import_id GROUP BY code) t),
    notices = (SELECT coalesce(jsonb_object_agg(code, n), '{}')
               FROM (SELECT code, count(*) AS n FROM notices WHERE import_id = :import_id GROUP BY code) t)
WHERE id = :import_id;

-- name: lock_account
SELECT lane_entries FROM accounts WHERE id = :account_id FOR UPDATE;

-- name: before_in_lane
-- Whoever holds the lane, or has an earlier turn and goes on by itself.
SELECT count(*) FROM imports
WHERE account_id = :account_id AND id <> :import_id
  AND (in_lane OR status IN ('received', 'running', 'waiting') AND turn < :turn AND NOT dry_run);

-- name: enter_lane
UPDATE imports SET in_lane = true WHERE id = :import_id;

-- name: count_entry
UPDATE accounts SET lane_entries = lane_entries + 1 WHERE id = :account_id;

-- name: wait_for_lane
UPDATE imports SET status = 'waiting', message = :message WHERE id = :import_id AND status IN ('received', 'running', 'waiting');

-- name: next_in_lane
SELECT i.id FROM imports i
WHERE i.account_id = :account_id AND i.status IN ('received', 'running', 'waiting') AND NOT i.dry_run
ORDER BY i.turn LIMIT 1;

-- name: count_map_rejects
SELECT count(*) FROM rejects WHERE import_id = :import_id AND code NOT IN ('blocked', 'identity_conflict');

-- name: code
SELECT code FROM imports WHERE id = :import_id;
