-- name: candidates
-- Of one page of the import's lines, the personas of its audience who may still be asked, and at which number.
SELECT DISTINCT p.id, p.phone
FROM outcomes o JOIN personas p ON p.id = o.persona_id AND p.account_id = :account_id
WHERE o.import_id = :import_id AND o.line > :after AND o.line <= :to_line
  AND o.outcome IN ('created', 'updated', 'unchanged')
  AND p.status = 'active' AND p.phone IS NOT NULL AND p.sms_consent IN ('unknown', 'pending')
ORDER BY p.id;

-- name: last_line
SELECT coalesce(max(line), 0) FROM outcomes WHERE import_id = :import_id;

-- name: schedule
-- One row for each number that has room left: fewer than two texts so far, none waiting, none of this import.
-- A cancelled text was never sent, so its place is taken over; any other conflict means that somebody was faster.
-- The collation is that of the key columns, or their index would be of no use.
INSERT INTO double_opt_in_texts AS place
    (account_id, persona_id, import_id, phone, attempt, state, send_at, created_at)
SELECT :account_id, n.persona_id, :import_id, n.phone, past.texts + 1, 'scheduled', n.send_at, :now
FROM unnest(CAST(:persona_ids AS bigint[]), CAST(:phones AS text[]), CAST(:send_ats AS timestamptz[]))
    AS n (persona_id, phone, send_at)
CROSS JOIN LATERAL (
    SELECT count(*) FILTER (WHERE t.state <> 'cancelled') AS texts,
           count(*) FILTER (WHERE t.state IN ('scheduled', 'sending') OR t.import_id = :import_id) AS hindrances
    FROM double_opt_in_texts t
    WHERE t.account_id = :account_id AND t.phone = n.phone COLLATE "C" AND t.answers IS NULL
) past
WHERE past.texts < 2 AND past.hindrances = 0
ORDER BY n.persona_id
ON CONFLICT (account_id, phone, attempt) DO UPDATE
SET persona_id = excluded.persona_id, import_id = excluded.import_id, state = 'scheduled',
    send_at = excluded.send_at, created_at = excluded.created_at, ended_at = NULL
WHERE place.state = 'cancelled';

-- name: as_sender
-- Until the end of the transaction: the role that sees phone and consent of every account's personas, and no name.
SELECT set_config('role', 'personas_sender', true);

-- name: lock_due
-- The persona's row is held too, so that consent can't change between this look at it and the commit. Nobody is waited
-- for: what another transaction holds comes next time. Ordered by the index alone: a million may be due at one moment.
SELECT t.id, t.account_id, t.persona_id, t.phone, a.timezone,
       p.status = 'active' AND p.sms_consent IN ('unknown', 'pending') AND p.phone = t.phone
       AND a.double_opt_in <> 'never' AS wanted
FROM double_opt_in_texts t
JOIN personas p ON p.id = t.persona_id AND p.account_id = t.account_id
JOIN accounts a ON a.id = t.account_id
WHERE t.state = 'scheduled' AND t.send_at <= :now AND t.answers IS NULL
ORDER BY t.send_at
LIMIT :limit
FOR UPDATE OF t SKIP LOCKED
FOR SHARE OF p SKIP LOCKED;

-- name: lock_answers
-- Answers to STOP that wait. Whoever has said START since is not told that they are out.
SELECT t.id, t.account_id, t.persona_id, t.phone, p.sms_withheld AS wanted
FROM double_opt_in_texts t
JOIN personas p ON p.id = t.persona_id AND p.account_id = t.account_id
WHERE t.state = 'scheduled' AND t.answers IS NOT NULL
ORDER BY t.id
LIMIT :limit
FOR UPDATE OF t SKIP LOCKED
FOR SHARE OF p SKIP LOCKED;

-- name: reserve
-- From here on a text counts as sent until the gateway has said more; send_at becomes the moment of the attempt.
UPDATE double_opt_in_texts SET state = 'sending', send_at = :now
WHERE id = ANY(CAST(:ids AS bigint[])) AND state = 'scheduled';

-- name: cancel
UPDATE double_opt_in_texts SET state = 'cancelled', ended_at = :now
WHERE id = ANY(CAST(:ids AS bigint[])) AND state = 'scheduled';

-- name: postpone
UPDATE double_opt_in_texts t SET send_at = n.send_at
FROM unnest(CAST(:ids AS bigint[]), CAST(:send_ats AS timestamptz[])) AS n (id, send_at)
WHERE t.id = n.id AND t.state = 'scheduled';

-- name: cancel_ownerless
-- The persona is gone, and its texts should have been cancelled with it.
UPDATE double_opt_in_texts t SET state = 'cancelled', ended_at = :now
WHERE t.state = 'scheduled' AND t.send_at <= :now
  AND NOT EXISTS (SELECT FROM personas p WHERE p.id = t.persona_id AND p.account_id = t.account_id);

-- name: cancel_of_persona
UPDATE double_opt_in_texts SET state = 'cancelled', ended_at = now()
WHERE account_id = :account_id AND persona_id = :persona_id AND state = 'scheduled' AND answers IS NULL;

-- name: sent
-- A late answer of the gateway also settles a text that was already given up as unknown.
UPDATE double_opt_in_texts SET state = 'sent', gateway_id = :gateway_id, ended_at = :now
WHERE id = :text_id AND state IN ('sending', 'unknown');

-- name: unknown
UPDATE double_opt_in_texts SET state = 'unknown', ended_at = :now
WHERE id = :text_id AND state = 'sending';

-- name: give_up
-- Reserved long ago and never settled: its sender died in between, and nobody knows what the gateway did.
UPDATE double_opt_in_texts SET state = 'unknown', ended_at = :now
WHERE state = 'sending' AND send_at < :reserved_before;

-- name: take_in
-- Nothing comes back for a text that was told before; one that is being told at this moment is waited for.
INSERT INTO incoming_texts (account_id, gateway, message_id, meaning)
VALUES (:account_id, :gateway, :message_id, :meaning)
ON CONFLICT (account_id, gateway, message_id) DO NOTHING
RETURNING id;

-- name: note_sender
UPDATE incoming_texts SET persona_id = :persona_id, took_effect = :took_effect WHERE id = :incoming_id;

-- name: was_asked
-- Whether a text that asks for YES reached this number, or may have.
SELECT EXISTS (
    SELECT FROM double_opt_in_texts
    WHERE account_id = :account_id AND phone = :phone AND answers IS NULL AND state IN ('sending', 'sent', 'unknown'));

-- name: answer
INSERT INTO double_opt_in_texts (account_id, persona_id, phone, answers, send_at, created_at)
VALUES (:account_id, :persona_id, :phone, :incoming_id, :now, :now);
