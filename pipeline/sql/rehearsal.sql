-- name: drop_before
DROP TABLE IF EXISTS staging.before_{import_id};

-- name: keep_before
ALTER TABLE IF EXISTS staging.effects_{import_id} RENAME TO before_{import_id};

-- name: drop_rehearsed
DROP TABLE IF EXISTS staging.effects_{import_id};

-- name: create
CREATE TABLE staging.effects_{import_id} AS SELECT * FROM effects WHERE false;

-- name: keep
INSERT INTO staging.effects_{import_id} SELECT * FROM effects;

-- name: has_before
SELECT to_regclass('staging.before_{import_id}') IS NOT NULL;

-- name: differences
-- Ids of personas to be made differ from plan to plan; all else counts.
WITH now AS (
    SELECT line, CASE WHEN NOT is_new THEN persona_id END AS persona_id, outcome, is_new, delta, refused, sms_old, sms_new,
           email_old, email_new, notices, changes
    FROM staging.effects_{import_id}
), before AS (
    SELECT line, CASE WHEN NOT is_new THEN persona_id END AS persona_id, outcome, is_new, delta, refused, sms_old, sms_new,
           email_old, email_new, notices, changes
    FROM staging.before_{import_id}
)
SELECT DISTINCT line FROM (
    (SELECT * FROM now EXCEPT ALL SELECT * FROM before) UNION ALL (SELECT * FROM before EXCEPT ALL SELECT * FROM now)
) d
ORDER BY line;

-- name: total
-- Counts of what would be done, for a plan that is shown.
UPDATE imports
SET rows_created = :rows_created, rows_updated = :rows_updated, rows_unchanged = :rows_unchanged,
    rows_rejected = :rows_rejected, rows_skipped = :rows_skipped,
    points_readable = :points_readable, points_added = :points_added, points_subtracted = :points_subtracted,
    points_refused = :points_refused, consent = :consent,
    rejects = (SELECT coalesce(jsonb_object_agg(code, n), '{}')
               FROM (SELECT code, count(*) AS n FROM rejects WHERE import_id = :import_id GROUP BY code) t),
    notices = (SELECT coalesce(jsonb_object_agg(code, n), '{}')
               FROM (SELECT code, count(*) AS n FROM (
                         SELECT code FROM notices WHERE import_id = :import_id
                         UNION ALL
                         SELECT split_part(notice, ' ', 2) FROM staging.effects_{import_id} CROSS JOIN LATERAL unnest(notices) notice
                     ) every GROUP BY code) t)
WHERE id = :import_id;

-- name: rows
-- The plan, line by line: what every row of the file would do.
SELECT line, coalesce(e.outcome, CASE p.kind WHEN 's' THEN 'skipped' ELSE 'rejected' END) AS outcome,
       CASE WHEN NOT e.is_new THEN p.persona_id END AS persona_id,
       coalesce(p.code, CASE p.kind WHEN 's' THEN 'archived' END) AS code,
       e.delta AS points, nullif(e.refused, 0) AS points_refused,
       CASE WHEN e.sms_new IS NOT NULL THEN jsonb_build_array(e.sms_old, e.sms_new) END AS sms,
       CASE WHEN e.email_new IS NOT NULL THEN jsonb_build_array(e.email_old, e.email_new) END AS email,
       e.notices, e.changes, e.phone, e.sms_consent,
       CASE WHEN e.outcome = 'created' THEN jsonb_strip_nulls(
           to_jsonb(r) - ARRAY['line', 'points', 'sms_wish', 'sms_raw', 'email_wish', 'email_raw', 'phone_unusable', 'email_unusable']
       ) END AS created
FROM staging.plan_{import_id} p
JOIN staging.rows_{import_id} r USING (line)
LEFT JOIN (SELECT * FROM staging.effects_{import_id} WHERE outcome IS NOT NULL) e USING (line)
UNION ALL
SELECT line, 'rejected', NULL, code, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL
FROM rejects WHERE import_id = :import_id AND code NOT IN ('blocked', 'identity_conflict')
ORDER BY line;
