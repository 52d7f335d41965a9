-- name: imports_by_status
SELECT status AS key, count(*) AS value FROM imports GROUP BY status;

-- name: imports_by_trigger
SELECT trigger AS key, count(*) AS value FROM imports GROUP BY trigger;

-- name: rates_by_stage
-- Rows by time at work, of the parts done lately.
SELECT stage AS key,
       sum(rows) / greatest(sum(extract(epoch FROM finished_at - started_at)), 0.001)::float8 AS value
FROM checkpoints
WHERE state = 'done' AND finished_at > now() - CAST(:window AS interval) AND started_at IS NOT NULL
GROUP BY stage;

-- name: open_parts_by_stage
SELECT c.stage AS key, count(*) AS value
FROM checkpoints c JOIN imports i ON i.id = c.import_id
WHERE c.state = 'open' AND i.status IN ('received', 'running', 'waiting')
GROUP BY c.stage;

-- name: oldest_unheld
-- As `ring_unheld` sees it, but by looking at the locks: taking them would turn a worker away.
SELECT coalesce(extract(epoch FROM now() - min(greatest(c.opened_at, c.due_at))), 0)::float8
FROM checkpoints c JOIN imports i ON i.id = c.import_id
WHERE c.state = 'open' AND c.due_at <= now() AND i.status IN ('received', 'running', 'waiting')
  AND (c.stage IN ('parse', 'map') OR i.dry_run OR i.in_lane OR NOT EXISTS (
           SELECT FROM imports other
           WHERE other.account_id = i.account_id AND other.id <> i.id
             AND (other.in_lane OR other.status IN ('received', 'running', 'waiting')
                                   AND other.turn < i.turn AND NOT other.dry_run)))
  AND NOT EXISTS (
      SELECT FROM pg_locks l
      WHERE l.locktype = 'advisory' AND l.objsubid = 1
        AND l.database = (SELECT oid FROM pg_database WHERE datname = current_database())
        AND (l.classid::bigint << 32) | l.objid::bigint = hashtextextended('checkpoint ' || c.id, 0));

-- name: lost_by_stage
SELECT stage AS key, count(*) AS value FROM attempts WHERE outcome = 'lost' GROUP BY stage;

-- name: rejects_by_code
SELECT entry.key, sum(entry.value::bigint)::bigint AS value
FROM imports i CROSS JOIN jsonb_each_text(i.rejects) entry
GROUP BY entry.key;
