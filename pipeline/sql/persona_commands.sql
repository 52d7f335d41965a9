-- name: lock_account
-- Merges, unmerges and forgettings of an account go one at a time. Does not hinder imports: these only need the key.
SELECT id FROM accounts WHERE id = :account_id FOR NO KEY UPDATE;

-- name: owner
-- By phone, e-mail or id, one of them; whoever was merged away is found as the survivor, unless asked for itself.
SELECT id, coalesce(survivor_id, id) AS answering FROM personas
WHERE account_id = :account_id AND (phone = :phone OR email = :email OR id = :persona_id);

-- name: lock_named
-- Whoever answers for the one with this phone, e-mail or id, held to the end of the transaction.
SELECT * FROM personas
WHERE account_id = :account_id AND id = (
    SELECT coalesce(survivor_id, id) FROM personas
    WHERE account_id = :account_id AND (phone = :phone OR email = :email OR id = :persona_id))
FOR NO KEY UPDATE;

-- name: lock_persona
SELECT * FROM personas WHERE id = :persona_id AND account_id = :account_id FOR NO KEY UPDATE;

-- name: lock_circle
-- A survivor with everybody who was merged into it, in the order of ids.
SELECT * FROM personas WHERE id = ANY(CAST(:persona_ids AS bigint[])) OR survivor_id = ANY(CAST(:persona_ids AS bigint[]))
ORDER BY id FOR UPDATE;

-- name: is_blocked
SELECT EXISTS (SELECT FROM on_blocklist(:account_id, '{}', CAST(:hashes AS bytea[])));

-- name: insert
INSERT INTO personas (account_id, phone, email) VALUES (:account_id, :phone, :email) RETURNING *;

-- name: update
-- With a note of which fields staff set, if any: in one statement, because beside an import each answer of the server has to
-- be waited for.
WITH noted AS (
    INSERT INTO staff_edits (account_id, persona_id, fields, made_by)
    SELECT :account_id, :id, CAST(:fields AS text[]), :made_by WHERE CAST(:fields AS text[]) IS NOT NULL
)
UPDATE personas SET
    status = :status, merged_into = :merged_into, survivor_id = :survivor_id, phone = :phone, email = :email,
    points = :points, may_be_negative = :may_be_negative, sms_consent = :sms_consent, email_consent = :email_consent,
    sms_withheld = :sms_withheld, email_withheld = :email_withheld, loyalty = :loyalty,
    loyalty_signup_date = :loyalty_signup_date, birthday = :birthday, first_name = :first_name, last_name = :last_name,
    full_name = :full_name, address = :address, address2 = :address2, city = :city, state = :state,
    postal_code = :postal_code, country = :country, gender = :gender, customer_type = :customer_type,
    external_id = :external_id, favorite_store = :favorite_store, favorite_store_source = :favorite_store_source,
    attributes = :attributes, updated_at = now()
WHERE id = :id;

-- name: name_attribute
-- The account's first spelling of a name is kept.
INSERT INTO attribute_names (account_id, key, name) VALUES (:account_id, :key, :name)
ON CONFLICT (account_id, key) DO NOTHING;

-- name: book
INSERT INTO ledger (account_id, persona_id, delta, reason) VALUES (:account_id, :persona_id, :delta, :reason);

-- name: note_event
INSERT INTO consent_events (account_id, persona_id, channel, old, new, actor, actor_name, raw, terms_version)
VALUES (:account_id, :persona_id, :channel, :old, :new, :actor, :actor_name, :raw, :terms_version);

-- name: note_identity
-- In the transaction of the change: a plan made before it finds its rows outdated.
INSERT INTO identity_changes (account_id, persona_id, key_hashes)
SELECT :account_id, persona_id,
       ARRAY(SELECT hashtextextended(key COLLATE "C", 0) FROM unnest(CAST(:keys AS text[])) key)
FROM unnest(CAST(:persona_ids AS bigint[])) persona_id;

-- name: prune_identity_changes
-- A short hash of a phone can be guessed, so it stays only as long as a plan may ask for it. The hour covers plans that
-- are being made right now.
DELETE FROM identity_changes c
WHERE c.account_id = :account_id AND c.at < now() - interval '1 hour'
  AND NOT EXISTS (
      SELECT FROM imports i
      WHERE i.account_id = c.account_id AND i.plan_seen IS NOT NULL AND i.purged_at IS NULL
        AND i.status NOT IN ('completed', 'cancelled', 'planned')
        AND NOT pg_visible_in_snapshot(CAST(CAST(c.xid AS text) AS xid8), CAST(i.plan_seen AS pg_snapshot)));

-- name: note_repeat
-- An opt-out said once more is no change and makes no event; a merge must remember it, or its undoing would lose it.
UPDATE merges SET said = said || jsonb_build_object('channel', CAST(:channel AS text), 'out', true,
                                                   'actor', CAST(:actor AS text), 'at', now())
WHERE other_id IN (SELECT id FROM personas WHERE survivor_id = :persona_id);

-- name: unblock
SELECT take_off_blocklist(:account_id, :hash);

-- name: note_unblock
INSERT INTO unblocks (account_id, kind, hash, reason, made_by) VALUES (:account_id, :kind, :hash, :reason, :made_by);

-- name: name_texts
-- The texts that a number has had count for ever, under its hash while nobody may know the number.
UPDATE double_opt_in_texts SET phone = :new WHERE account_id = :account_id AND phone = :old;
