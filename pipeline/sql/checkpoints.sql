-- name: hold
-- Spares a second worker from starting over. Correctness rests on the row lock, never on this.
SELECT pg_try_advisory_lock(hashtextextended('checkpoint ' || id, 0)) FROM checkpoints
WHERE import_id = :import_id AND stage = :stage AND part = :part;

-- name: release
SELECT pg_advisory_unlock(hashtextextended('checkpoint ' || id, 0)) FROM checkpoints
WHERE import_id = :import_id AND stage = :stage AND part = :part;

-- name: lock_checkpoint
-- A second delivery finds the row locked, or done, and goes home.
SELECT c.id, c.state, c.crashes, c.failures
FROM checkpoints c
WHERE c.import_id = :import_id AND c.stage = :stage AND c.part = :part
FOR UPDATE OF c SKIP LOCKED;

-- name: begin_attempt
INSERT INTO attempts (task_id, checkpoint_id, import_id, stage, part)
VALUES (:task_id, :checkpoint_id, :import_id, :stage, :part)
RETURNING id;

-- name: note_superseded
INSERT INTO attempts (task_id, checkpoint_id, import_id, stage, part, outcome, finished_at)
SELECT :task_id, c.id, c.import_id, c.stage, c.part, 'superseded', clock_timestamp()
FROM checkpoints c WHERE c.import_id = :import_id AND c.stage = :stage AND c.part = :part;

-- name: mark_lost
-- Whoever holds the checkpoint now knows that these ended without a word.
WITH lost AS (
    UPDATE attempts SET outcome = 'lost', finished_at = clock_timestamp()
    WHERE checkpoint_id = :checkpoint_id AND outcome IS NULL
    RETURNING 1
)
UPDATE checkpoints SET crashes = crashes + (SELECT count(*) FROM lost), started_at = coalesce(started_at, clock_timestamp())
WHERE id = :checkpoint_id
RETURNING crashes;

-- name: end_attempt
UPDATE attempts SET outcome = :outcome, error = :error, finished_at = clock_timestamp()
WHERE id = :attempt_id AND outcome IS NULL;

-- name: finish_checkpoint
UPDATE checkpoints
SET state = 'done', finished_at = clock_timestamp(), rows = :rows, counts = :counts, crashes = 0, failures = 0
WHERE id = :checkpoint_id;

-- name: count_open
SELECT count(*) FROM checkpoints WHERE import_id = :import_id AND stage = :stage AND state = 'open';

-- name: open_parts
-- Comes back with whether the file is small.
WITH opened AS (
    INSERT INTO checkpoints (import_id, stage, part, rung_at)
    SELECT :import_id, :stage, part, now() FROM unnest(CAST(:parts AS integer[])) part
    ON CONFLICT (import_id, stage, part) DO NOTHING
)
SELECT bytes <= :small_file FROM imports WHERE id = :import_id;

-- name: reopen_parts
-- A plan that has to be made again: what it had opened is not needed.
DELETE FROM checkpoints
WHERE import_id = :import_id AND (stage = 'dedupe' OR stage IN ('apply', 'audience', 'texts') AND state = 'open');

-- name: lock_open
-- Waits for whoever is at one of them.
SELECT id FROM checkpoints WHERE import_id = :import_id AND state = 'open' ORDER BY id FOR UPDATE;

-- name: list_open
SELECT c.stage, c.import_id, c.part, i.bytes <= :small_file AS small
FROM checkpoints c JOIN imports i ON i.id = c.import_id
WHERE c.import_id = :import_id AND c.state = 'open'
ORDER BY c.id;

-- name: last_part
SELECT coalesce(max(part), -1) FROM checkpoints WHERE import_id = :import_id AND stage = :stage;

-- name: back_off
-- Doubling from one second, at most a minute.
UPDATE checkpoints
SET failures = failures + 1, due_at = clock_timestamp() + least(60, power(2, least(failures, 6))) * interval '1 second'
WHERE id = :checkpoint_id;

-- name: make_due
UPDATE checkpoints c SET due_at = now(), rung_at = now(), crashes = 0, failures = 0
FROM imports i
WHERE c.import_id = :import_id AND c.state = 'open' AND i.id = c.import_id
RETURNING c.stage, c.import_id, c.part, i.bytes <= :small_file AS small;

-- name: sum_counts
-- The counts of all parts, added up by name: of the rehearsal while a plan is shown, of what was done at the end.
SELECT entry.key, sum(entry.value::bigint)::bigint AS total
FROM checkpoints c CROSS JOIN jsonb_each_text(c.counts) entry
WHERE c.import_id = :import_id AND (c.stage <> 'dedupe' OR NOT EXISTS (
          SELECT FROM checkpoints done WHERE done.import_id = c.import_id AND done.stage = 'apply'))
GROUP BY entry.key;

-- name: as_login
-- Until the end of the transaction without a role: a login's sessions are shown to that login, which alone may end them.
SELECT set_config('role', 'none', true);

-- name: end_frozen
-- Every other stop in mid-statement or between two is ended by the limits of the session itself; this one never.
SELECT pg_terminate_backend(pid) FROM pg_stat_activity
WHERE datname = current_database() AND usename = current_user AND application_name LIKE 'personas%'
  AND state = 'active' AND wait_event = 'ClientRead' AND query_start < now() - CAST(:patience AS interval);

-- name: ring_unheld
-- Open, due, its import's turn, and nobody at work on it: either its worker died, or its doorbell was lost.
WITH candidates AS MATERIALIZED (
    SELECT c.id, i.bytes <= :small_file AS small
    FROM checkpoints c JOIN imports i ON i.id = c.import_id
    WHERE c.state = 'open' AND c.due_at <= now() AND i.status IN ('received', 'running', 'waiting')
      AND (c.rung_at IS NULL OR c.rung_at < now() - CAST(:patience AS interval)
           -- Not again before somebody has come and been lost again: a full queue would only become fuller.
           OR EXISTS (SELECT FROM attempts a
                      WHERE a.checkpoint_id = c.id AND a.outcome IS NULL AND a.started_at > c.rung_at)
           OR c.failures > 0 AND c.rung_at < c.due_at)
      AND (c.stage IN ('parse', 'map') OR i.dry_run OR i.in_lane OR NOT EXISTS (
               SELECT FROM imports other
               WHERE other.account_id = i.account_id AND other.id <> i.id
                 AND (other.in_lane OR other.status IN ('received', 'running', 'waiting')
                                       AND other.turn < i.turn AND NOT other.dry_run)))
    ORDER BY c.due_at, c.id
    LIMIT :at_most
), unheld AS MATERIALIZED (
    SELECT id, small FROM candidates WHERE pg_try_advisory_xact_lock(hashtextextended('checkpoint ' || id, 0))
)
UPDATE checkpoints c SET rung_at = now()
FROM unheld WHERE c.id = unheld.id
RETURNING c.stage, c.import_id, c.part, unheld.small;
