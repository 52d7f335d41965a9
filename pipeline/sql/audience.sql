-- name: make
-- Each part counts its personas, and no two parts of a plan share one; those of two plans may.
INSERT INTO audiences (account_id, import_id, name, members)
SELECT :account_id, :import_id, :name,
       CASE WHEN (SELECT count(*) FROM attempts
                  WHERE import_id = :import_id AND stage = 'dedupe' AND part = 0 AND outcome = 'done') = 1
            THEN (SELECT coalesce(sum(CAST(counts ->> 'members' AS bigint)), 0) FROM checkpoints
                  WHERE import_id = :import_id AND stage = 'apply')
            ELSE (SELECT count(DISTINCT persona_id) FROM outcomes
                  WHERE import_id = :import_id AND outcome IN ('created', 'updated', 'unchanged')) END
RETURNING members;
