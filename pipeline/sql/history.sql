-- name: describe
-- Of the profile only the headers: the rest is as wide as the file.
SELECT i.id, a.name AS account, i.name, i.status, i.stage, i.code, i.message, i.dry_run, i.trigger,
       i.bucket, i.key, i.etag, i.version_id, i.bytes, i.sha256,
       i.mapping -> 'fields' AS fields, i.profile -> 'headers' AS headers,
       i.rows_read, i.rows_created, i.rows_updated, i.rows_unchanged, i.rows_rejected, i.rows_skipped,
       i.points_added, i.points_subtracted, i.points_refused, i.rejects, i.notices, i.consent, i.texts_scheduled,
       au.id AS audience_id, coalesce(au.members, 0) AS audience_members, i.submitted_at, i.finished_at
FROM imports i
JOIN accounts a ON a.id = i.account_id
LEFT JOIN audiences au ON au.import_id = i.id
WHERE i.id = ANY(CAST(:import_ids AS bigint[]))
ORDER BY i.id DESC;

-- name: newest
-- From the end of the primary key: as quick for ten thousand imports as for ten.
SELECT id FROM imports ORDER BY id DESC LIMIT :at_most;

-- name: newest_of_account
SELECT i.id FROM imports i
WHERE i.account_id = (SELECT id FROM accounts WHERE name = :account)
ORDER BY i.id DESC LIMIT :at_most;

-- name: stages
-- A stage is done when all of its parts are; its seconds run from its first part's start to its last part's end.
SELECT import_id, stage, count(*) AS parts, count(*) FILTER (WHERE state = 'done') AS parts_done,
       sum(rows)::bigint AS rows,
       coalesce(extract(epoch FROM max(finished_at) - min(started_at)), 0)::double precision AS seconds
FROM checkpoints
WHERE import_id = ANY(CAST(:import_ids AS bigint[]))
GROUP BY import_id, stage;

-- name: attempts
SELECT import_id, task_id, stage, part, outcome, started_at, finished_at, error
FROM attempts
WHERE import_id = ANY(CAST(:import_ids AS bigint[]))
ORDER BY import_id, started_at, id;

-- name: look
-- What a waiting command line asks twenty times a second.
SELECT status, code, message, stage FROM imports WHERE id = :import_id;

-- name: plan_facts
-- Which plan there is to tell: one that was rehearsed and not carried out, one that was made, or none any more. Staging
-- is dropped some time after an import's end; the outcomes stay.
SELECT a.double_opt_in, to_regclass('staging.plan_{import_id}') IS NOT NULL AS has_plan,
       to_regclass('staging.effects_{import_id}') IS NOT NULL
       AND NOT EXISTS (SELECT FROM outcomes WHERE import_id = :import_id) AS is_rehearsed
FROM imports i JOIN accounts a ON a.id = i.account_id
WHERE i.id = :import_id;

-- name: planned_rows
-- Line by line: what was done, else what is planned.
SELECT line, coalesce(o.outcome, CASE WHEN r.code IS NOT NULL THEN 'rejected' END,
                      CASE p.kind WHEN 'c' THEN 'created' WHEN 'u' THEN 'updated' WHEN 's' THEN 'skipped'
                                  ELSE 'rejected' END) AS outcome,
       coalesce(o.persona_id, CASE WHEN p.kind <> 'c' THEN p.persona_id END) AS persona_id,
       coalesce(r.code, p.code) AS code, o.changes
FROM staging.plan_{import_id} p
FULL JOIN (SELECT line, outcome, persona_id, changes FROM outcomes WHERE import_id = :import_id) o USING (line)
FULL JOIN (SELECT line, code FROM rejects WHERE import_id = :import_id) r USING (line)
ORDER BY line;

-- name: known_rows
-- The same without a plan.
SELECT line, coalesce(o.outcome, 'rejected') AS outcome, o.persona_id, r.code, o.changes
FROM (SELECT line, outcome, persona_id, changes FROM outcomes WHERE import_id = :import_id) o
FULL JOIN (SELECT line, code FROM rejects WHERE import_id = :import_id) r USING (line)
ORDER BY line;
