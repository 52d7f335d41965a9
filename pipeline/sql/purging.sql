-- name: find_due
SELECT id, parts_prefix FROM imports
WHERE status IN ('completed', 'failed', 'cancelled', 'planned') AND purged_at IS NULL
  AND finished_at < now() - make_interval(days => :days)
ORDER BY id LIMIT 100;

-- name: note_purged
UPDATE imports SET parts_prefix = NULL, purged_at = now() WHERE id = :import_id;
