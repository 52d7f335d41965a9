-- name: kept_imports
-- Imports of the account of which rows are still kept. `may_go_on`: their rows may be applied one day, so each must
-- keep its place in the counts.
SELECT id, status, parts_prefix, jsonb_array_length(coalesce(profile -> 'part_rows', '[]')) AS parts,
       status NOT IN ('completed', 'cancelled') AS may_go_on,
       profile -> 'headers' AS headers, mapping -> 'fields' AS fields
FROM imports
WHERE account_id = :account_id AND purged_at IS NULL
ORDER BY id;

-- name: block
INSERT INTO blocklist (account_id, hash)
SELECT :account_id, hash FROM unnest(CAST(:hashes AS bytea[])) hash
ON CONFLICT DO NOTHING;

-- name: lines_of_personas
-- What the history says of them, in imports whose rows are still kept.
SELECT o.import_id, o.line FROM outcomes o JOIN imports i ON i.id = o.import_id
WHERE o.persona_id = ANY(CAST(:persona_ids AS bigint[])) AND i.purged_at IS NULL;

-- name: kept_tables
SELECT kind FROM unnest(ARRAY['rows', 'plan', 'effects', 'before']) kind
WHERE to_regclass('staging.' || kind || '_' || CAST(:import_id AS bigint)) IS NOT NULL;

-- name: hold_plan
-- Before the rows, like whoever plans, and in a mode that lets parts read.
LOCK TABLE staging.plan_{import_id} IN ACCESS SHARE MODE;

-- name: hold_rows
-- Waits for a plan that is being made, and keeps a new one from being begun; parts that apply go on.
LOCK TABLE staging.rows_{import_id} IN SHARE UPDATE EXCLUSIVE MODE;

-- name: lines_by_key
SELECT line FROM staging.rows_{import_id}
WHERE phone = ANY(CAST(:phones AS text[])) OR email = ANY(CAST(:emails AS text[]));

-- name: settle_rows
-- Rows of an import under way: rejected here and now, as a later plan would have done by the blocklist.
WITH settled AS (
    INSERT INTO outcomes (import_id, line, outcome)
    SELECT {import_id}, r.line, 'rejected' FROM staging.rows_{import_id} r
    WHERE r.line = ANY(CAST(:lines AS integer[]))
    ON CONFLICT DO NOTHING
    RETURNING line
)
SELECT s.line, coalesce(r.points, 0) AS points FROM settled s JOIN staging.rows_{import_id} r USING (line);

-- name: reject_settled
INSERT INTO rejects (import_id, line, code)
SELECT :import_id, line, 'blocked' FROM unnest(CAST(:lines AS integer[])) line
ON CONFLICT (import_id, line) DO UPDATE
SET code = excluded.code, field = NULL, phone_persona_id = NULL, email_persona_id = NULL;

-- name: silence_settled
DELETE FROM notices WHERE import_id = :import_id AND line = ANY(CAST(:lines AS integer[]));

-- name: count_settled
-- With the counts of a map part that is done: these add up at the end, and no plan made again takes them away.
UPDATE checkpoints SET counts = counts || jsonb_build_object(
    'rows_rejected', coalesce((counts ->> 'rows_rejected')::bigint, 0) + :rows,
    'points_refused', coalesce((counts ->> 'points_refused')::bigint, 0) + :points)
WHERE id = (SELECT min(id) FROM checkpoints WHERE import_id = :import_id AND stage = 'map' AND state = 'done');

-- name: outdate_plan
-- Other rows were planned in view of these, so the parts that hold them plan again. The plan's own lines hold no values
-- and go when it is made anew.
INSERT INTO identity_changes (account_id, persona_id)
SELECT DISTINCT CAST(:account_id AS bigint), persona.id
FROM staging.plan_{import_id} p
CROSS JOIN LATERAL (VALUES (p.persona_id), (p.by_phone), (p.by_email), (p.sms_out_to), (p.email_out_to)) persona (id)
WHERE p.line = ANY(CAST(:lines AS integer[])) AND persona.id IS NOT NULL;

-- name: drop_rows
DELETE FROM staging.rows_{import_id} WHERE line = ANY(CAST(:lines AS integer[]));

-- name: drop_counted_rows
-- A row without outcome is still to be counted.
DELETE FROM staging.rows_{import_id} r WHERE r.line = ANY(CAST(:lines AS integer[]))
  AND EXISTS (SELECT FROM outcomes o WHERE o.import_id = {import_id} AND o.line = r.line);

-- name: drop_effects
-- What a plan that was shown would have done.
DELETE FROM staging.effects_{import_id}
WHERE line = ANY(CAST(:lines AS integer[])) OR persona_id = ANY(CAST(:persona_ids AS bigint[]));

-- name: drop_before
DELETE FROM staging.before_{import_id}
WHERE line = ANY(CAST(:lines AS integer[])) OR persona_id = ANY(CAST(:persona_ids AS bigint[]));

-- name: is_being_shown
-- Rows of a plan are being counted before anything is applied.
SELECT i.status = 'running'
   AND EXISTS (SELECT FROM checkpoints WHERE import_id = i.id AND stage = 'dedupe' AND part > 0)
   AND NOT EXISTS (SELECT FROM checkpoints WHERE import_id = i.id AND stage = 'apply')
FROM imports i WHERE i.id = :import_id;

-- name: drop_planned
DELETE FROM staging.plan_{import_id} WHERE line = ANY(CAST(:lines AS integer[]));

-- name: silence_outcomes
-- What a line changed is told of nobody; that it was created, updated or rejected stays as a number. While an import
-- goes on its audience still counts the persona, whose number names nobody any more.
UPDATE outcomes o
SET changes = NULL, persona_id = CASE WHEN i.status IN ('completed', 'cancelled') THEN NULL ELSE o.persona_id END
FROM imports i WHERE i.id = o.import_id AND o.persona_id = ANY(CAST(:persona_ids AS bigint[]));

-- name: silence_lines
UPDATE outcomes SET changes = NULL WHERE import_id = :import_id AND line = ANY(CAST(:lines AS integer[]));

-- name: silence_rejects
UPDATE rejects r
SET phone_persona_id = CASE WHEN r.phone_persona_id = ANY(CAST(:persona_ids AS bigint[])) THEN NULL ELSE r.phone_persona_id END,
    email_persona_id = CASE WHEN r.email_persona_id = ANY(CAST(:persona_ids AS bigint[])) THEN NULL ELSE r.email_persona_id END
FROM imports i
WHERE i.account_id = :account_id AND r.import_id = i.id
  AND (r.phone_persona_id = ANY(CAST(:persona_ids AS bigint[])) OR r.email_persona_id = ANY(CAST(:persona_ids AS bigint[])));

-- name: drop_ledger
DELETE FROM ledger WHERE persona_id = ANY(CAST(:persona_ids AS bigint[]));

-- name: drop_edits
DELETE FROM staff_edits WHERE persona_id = ANY(CAST(:persona_ids AS bigint[]));

-- name: drop_merges
DELETE FROM merges WHERE other_id = ANY(CAST(:persona_ids AS bigint[])) OR survivor_id = ANY(CAST(:persona_ids AS bigint[]));

-- name: drop_personas
DELETE FROM personas WHERE id = ANY(CAST(:persona_ids AS bigint[]));

-- name: blur_identity_changes
-- A short hash of a phone can be guessed. Plans don't need it: rows with these keys have been settled.
UPDATE identity_changes SET key_hashes = '{}' WHERE account_id = :account_id AND persona_id = ANY(CAST(:persona_ids AS bigint[]));

-- name: cancel_texts
UPDATE double_opt_in_texts SET state = 'cancelled', ended_at = now()
WHERE account_id = :account_id AND state = 'scheduled'
  AND (persona_id = ANY(CAST(:persona_ids AS bigint[])) OR phone = ANY(CAST(:phones AS text[])));

-- name: texted_phones
SELECT DISTINCT phone FROM double_opt_in_texts
WHERE account_id = :account_id AND phone LIKE '+%'
  AND (persona_id = ANY(CAST(:persona_ids AS bigint[])) OR phone = ANY(CAST(:phones AS text[])));

-- name: note_scrubs
INSERT INTO scrubs (import_id, line) SELECT :import_id, line FROM unnest(CAST(:lines AS integer[])) line
ON CONFLICT DO NOTHING;

-- name: scrubbed_imports
SELECT DISTINCT s.import_id FROM scrubs s JOIN imports i ON i.id = s.import_id
WHERE CAST(:account_id AS bigint) IS NULL OR i.account_id = :account_id
ORDER BY s.import_id;

-- name: hold_parts
-- Two rewriters of one part file would undo each other's work.
SELECT pg_advisory_lock(hashtextextended('parts ' || :import_id, 0));

-- name: release_parts
SELECT pg_advisory_unlock(hashtextextended('parts ' || :import_id, 0));

-- name: due_lines
SELECT line FROM scrubs WHERE import_id = :import_id ORDER BY line;

-- name: import_facts
SELECT id, account_id, status, parts_prefix, purged_at IS NOT NULL AS purged,
       jsonb_array_length(coalesce(profile -> 'part_rows', '[]')) AS parts,
       status NOT IN ('completed', 'cancelled') AS may_go_on
FROM imports WHERE id = :import_id;

-- name: blocked_lines
SELECT line FROM rejects WHERE import_id = :import_id AND code = 'blocked';

-- name: unname_outcomes
-- Personas that are gone by the end of the import.
UPDATE outcomes o SET persona_id = NULL, changes = NULL
WHERE o.import_id = :import_id AND o.persona_id IS NOT NULL
  AND NOT EXISTS (SELECT FROM personas p WHERE p.id = o.persona_id);

-- name: done_scrubs
DELETE FROM scrubs WHERE import_id = :import_id AND line = ANY(CAST(:lines AS integer[]));
