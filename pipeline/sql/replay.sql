-- name: find_import
SELECT i.id, i.account_id FROM attempts a JOIN imports i ON i.id = a.import_id WHERE a.task_id = :task_id
ORDER BY a.id LIMIT 1;

-- name: go_on
-- At the end of the lane: what other imports did meanwhile came first.
UPDATE imports SET status = 'running', code = NULL, message = NULL, finished_at = NULL, turn = nextval('imports_id_seq')
WHERE id = :import_id;

-- name: plan_outdated
-- Another import has had the lane since the plan was made, or goes first now, and some of the plan is not done.
SELECT EXISTS (
    SELECT FROM imports i JOIN accounts a ON a.id = i.account_id
    WHERE i.id = :import_id AND i.plan_entry IS NOT NULL
      AND (a.lane_entries <> i.plan_entry
           OR EXISTS (SELECT FROM imports other
                      WHERE other.account_id = i.account_id AND other.id <> i.id AND NOT other.dry_run
                        AND other.status IN ('received', 'running', 'waiting')))
      AND EXISTS (SELECT FROM checkpoints c WHERE c.import_id = i.id AND c.stage = 'apply' AND c.state = 'open'));

-- name: let_on
-- A person answered: the import's turn comes after those that are there already.
UPDATE imports SET status = 'running', code = NULL, message = NULL, finished_at = NULL, turn = nextval('imports_id_seq'),
       dry_run = CASE WHEN status = 'planned' THEN false ELSE dry_run END, approved = ARRAY(SELECT DISTINCT unnest(approved || CAST(:approved AS text[]))),
       terms_accepted_by = coalesce(:terms_by, terms_accepted_by),
       rows_created = 0, rows_updated = 0, rows_unchanged = 0, rows_rejected = 0, rows_skipped = 0, points_readable = 0,
       points_added = 0, points_subtracted = 0, points_refused = 0, rejects = '{}', notices = '{}', consent = '{}'
WHERE id = :import_id;

-- name: cancel
UPDATE imports SET status = 'cancelled', code = NULL, message = NULL, in_lane = false, finished_at = clock_timestamp()
WHERE id = :import_id;

-- name: set_mapping
UPDATE imports SET mapping = :mapping, options = :options WHERE id = :import_id;
