-- name: note_merge
INSERT INTO merges (other_id, account_id, survivor_id, status, given, attributes, consent, made_by)
VALUES (:other_id, :account_id, :survivor_id, :status, :given, :attributes, :consent, :made_by);

-- name: update_merge
UPDATE merges SET given = :given, attributes = :attributes, consent = :consent WHERE other_id = :other_id;

-- name: add_sayings
UPDATE merges SET said = said || CAST(:said AS jsonb) WHERE other_id = ANY(CAST(:persona_ids AS bigint[]));

-- name: merges_into
-- In the order in which they were made: that of filling blanks.
SELECT * FROM merges WHERE survivor_id = ANY(CAST(:persona_ids AS bigint[])) ORDER BY at, other_id;

-- name: forget_merge
DELETE FROM merges WHERE other_id = :other_id;

-- name: follow
-- Everybody of these answers for the survivor now.
UPDATE personas SET survivor_id = :survivor_id, updated_at = now()
WHERE id = ANY(CAST(:persona_ids AS bigint[])) AND id <> :survivor_id;

-- name: move_ledger
UPDATE ledger SET persona_id = :survivor_id, booked_to = coalesce(booked_to, persona_id) WHERE persona_id = :other_id;

-- name: return_ledger
-- What was booked to the persona, or to those whom it still answers for; what came to the survivor since stays there.
UPDATE ledger SET persona_id = :other_id, booked_to = nullif(booked_to, :other_id)
WHERE persona_id = :survivor_id AND booked_to = ANY(CAST(:persona_ids AS bigint[]));

-- name: add_up
-- A balance is the sum of the ledger; giving lines back may leave less than nothing behind.
UPDATE personas p SET points = l.total, may_be_negative = p.may_be_negative OR l.total < 0
FROM unnest(CAST(:persona_ids AS bigint[])) wanted (id)
CROSS JOIN LATERAL (SELECT coalesce(sum(delta), 0)::bigint AS total FROM ledger WHERE persona_id = wanted.id) l
WHERE p.id = wanted.id;

-- name: events_between
-- What anybody said about permission, but for what merging itself did.
SELECT channel, new, actor, at FROM consent_events
WHERE persona_id = :persona_id AND at > :since AND (CAST(:until AS timestamptz) IS NULL OR at < :until)
  AND NOT (actor = 'staff' AND coalesce(raw, '') IN ('merge', 'unmerge'))
ORDER BY at;

-- name: imports_since
-- Imports that may have said an opt-out which was no change, and so left no event.
SELECT i.id, coalesce(i.finished_at, now()) AS at,
       to_regclass('staging.plan_' || i.id) IS NOT NULL AS has_plan,
       EXISTS (SELECT FROM jsonb_each_text(i.mapping -> 'fields') f WHERE f.value = 'sms_opt_out') AS sms,
       EXISTS (SELECT FROM jsonb_each_text(i.mapping -> 'fields') f WHERE f.value = 'email_opt_out') AS email
FROM imports i
WHERE i.account_id = :account_id AND i.mapping IS NOT NULL AND NOT i.dry_run AND coalesce(i.finished_at, now()) > :since
ORDER BY 2;

-- name: said_in_plan
SELECT coalesce(bool_or(p.sms_out_to = :persona_id), false) AS sms,
       coalesce(bool_or(p.email_out_to = :persona_id), false) AS email
FROM staging.plan_{import_id} p JOIN outcomes o ON o.import_id = {import_id} AND o.line = p.line
WHERE p.sms_out_to = :persona_id OR p.email_out_to = :persona_id;

-- name: touched
-- Without its plan nobody knows what a row said; that it concerned the persona has to do.
SELECT EXISTS (SELECT FROM outcomes WHERE persona_id = :persona_id AND import_id = :import_id)
    OR EXISTS (SELECT FROM rejects WHERE import_id = :import_id
               AND (phone_persona_id = :persona_id OR email_persona_id = :persona_id));
