-- name: settings
-- A part reads a few rows here and there of tables that are in memory.
SELECT set_config('work_mem', '64MB', true), set_config('synchronous_commit', 'on', true), set_config('random_page_cost', '0.1', true);

-- name: create_effects
-- What a part is about to do: a line for each touch of a persona. Made once for each connection, emptied by each commit.
CREATE TEMP TABLE IF NOT EXISTS effects (
    line integer NOT NULL,
    persona_id bigint NOT NULL,
    outcome text,                -- null: an opt-out from a row whose own persona is another one
    is_new boolean NOT NULL,     -- made by this import
    writes boolean NOT NULL,     -- carries what the persona looks like after its last touch
    restored boolean NOT NULL,
    delta bigint,                -- points added or subtracted
    refused bigint NOT NULL,     -- points refused
    sms_old text, sms_new text, sms_raw text,          -- an event, where sms_new is there
    email_old text, email_new text, email_raw text,
    notices text[],              -- field and code, in turn
    changes jsonb,
    seen xid,                    -- the version of the persona that this was decided on; null for a new one
    phone text COLLATE "C", email text COLLATE "C",
    points bigint, may_be_negative boolean,
    sms_consent text, email_consent text, sms_withheld boolean, email_withheld boolean,
    loyalty boolean, loyalty_signup_date date, birthday date,
    first_name text, last_name text, full_name text, address text, address2 text, city text, state text,
    postal_code text, country text, gender text, customer_type text, external_id text,
    favorite_store text, favorite_store_source text, attributes jsonb
) ON COMMIT DELETE ROWS;

-- name: drifted
-- A person changed who somebody is, after the plan and concerning this part.
SELECT EXISTS (
    SELECT FROM identity_changes c
    WHERE c.account_id = :account_id
      AND NOT pg_visible_in_snapshot(CAST(CAST(c.xid AS text) AS xid8), CAST(:seen AS pg_snapshot))
      AND (EXISTS (SELECT FROM staging.plan_{import_id} p
                   WHERE p.part = :part
                     AND c.persona_id IN (p.persona_id, p.sms_out_to, p.email_out_to, p.by_phone, p.by_email))
        OR EXISTS (SELECT FROM staging.plan_{import_id} p
                   JOIN staging.rows_{import_id} r ON r.ctid = p.row_at AND r.line = p.line
                   WHERE p.part = :part AND (hashtextextended(r.phone, 0) = ANY (c.key_hashes)
                                             OR hashtextextended(r.email, 0) = ANY (c.key_hashes)))));

-- name: find_several
-- Personas that several rows of the file touch: decided in memory, in file order.
CREATE TEMP TABLE IF NOT EXISTS several (persona_id bigint PRIMARY KEY) ON COMMIT DELETE ROWS;

-- name: fill_several
INSERT INTO several
SELECT persona_id FROM (
    SELECT persona_id, line FROM staging.plan_{import_id} WHERE part = :part AND tangled AND kind IN ('c', 'u')
    UNION SELECT sms_out_to, line FROM staging.plan_{import_id} WHERE part = :part AND tangled AND sms_out_to IS NOT NULL
    UNION SELECT email_out_to, line FROM staging.plan_{import_id} WHERE part = :part AND tangled AND email_out_to IS NOT NULL
) touches
GROUP BY persona_id HAVING count(*) > 1;

-- name: decide_rows
-- Rows that are alone in touching their persona, all at once. `pipeline/inorder` says the same, row after row. Here and
-- below, OFFSET 0 has each persona looked up by its id: how many an account has by now is more than the planner knows, and
-- if it thinks of few it would read all of them for each part.
INSERT INTO effects
SELECT line, persona_id,
       CASE WHEN is_new THEN 'created'
            WHEN changes IS NOT NULL OR delta IS NOT NULL OR sms_event OR email_event THEN 'updated'
            ELSE 'unchanged' END,
       is_new, true, restored, delta, refused,
       sms_before, CASE WHEN sms_event THEN sms_new END, CASE WHEN sms_said THEN sms_raw END,
       email_old, CASE WHEN email_event THEN email_new END, CASE WHEN email_said THEN email_raw END,
       nullif(array_remove(ARRAY[
           CASE WHEN phone_kept THEN 'phone phone_kept' END,
           CASE WHEN email_kept THEN 'email email_kept' END,
           CASE WHEN refused <> 0 THEN 'points points_below_zero' END,
           CASE WHEN sms_refused = 'w' THEN 'sms_opt_in opt_in_withheld'
                WHEN email_refused = 'w' THEN 'email_opt_in opt_in_withheld' END,
           CASE WHEN sms_refused = 'a' THEN 'sms_opt_in opt_in_without_address' END,
           CASE WHEN email_refused = 'a' THEN 'email_opt_in opt_in_without_address' END], NULL), '{}'),
       changes, seen, phone, email, balance, may_be_negative OR balance < 0,
       sms_new, email_new, sms_withheld AND sms_new = 'opted_out', email_withheld AND email_new = 'opted_out',
       loyalty, loyalty_signup_date, birthday, first_name, last_name, full_name, address, address2, city, state,
       postal_code, country, gender, customer_type, external_id, favorite_store, favorite_store_source, attributes
FROM (
    SELECT n.*,
           -- A yes after the phone was replaced opts the new number in: one event, from `unknown`.
           CASE WHEN sms_said AND sms_new <> 'opted_out' THEN sms_base ELSE sms_old END AS sms_before,
           sms_new <> CASE WHEN sms_said AND sms_new <> 'opted_out' THEN sms_base ELSE sms_old END AS sms_event,
           email_new <> email_old AS email_event,
           -- Spelled as text, since most fields of most rows stay as they are.
           CASE WHEN NOT is_new THEN CAST(nullif('{' || concat_ws(', ',
               CASE WHEN restored THEN '"status": ["archived", "active"]' END,
               CASE WHEN take_phone THEN '"phone": ' || json_build_array(p_phone, phone) END,
               CASE WHEN take_email THEN '"email": ' || json_build_array(p_email, email) END,
               CASE WHEN loyalty <> p_loyalty THEN '"loyalty": [false, true]' END,
               CASE WHEN loyalty_signup_date IS DISTINCT FROM p_loyalty_signup_date
                    THEN '"loyalty_signup_date": ' || json_build_array(p_loyalty_signup_date, loyalty_signup_date) END,
               CASE WHEN birthday IS DISTINCT FROM p_birthday THEN '"birthday": ' || json_build_array(p_birthday, birthday) END,
               CASE WHEN first_name IS DISTINCT FROM p_first_name THEN '"first_name": ' || json_build_array(p_first_name, first_name) END,
               CASE WHEN last_name IS DISTINCT FROM p_last_name THEN '"last_name": ' || json_build_array(p_last_name, last_name) END,
               CASE WHEN full_name IS DISTINCT FROM p_full_name THEN '"full_name": ' || json_build_array(p_full_name, full_name) END,
               CASE WHEN address IS DISTINCT FROM p_address THEN '"address": ' || json_build_array(p_address, address) END,
               CASE WHEN address2 IS DISTINCT FROM p_address2 THEN '"address2": ' || json_build_array(p_address2, address2) END,
               CASE WHEN city IS DISTINCT FROM p_city THEN '"city": ' || json_build_array(p_city, city) END,
               CASE WHEN state IS DISTINCT FROM p_state THEN '"state": ' || json_build_array(p_state, state) END,
               CASE WHEN postal_code IS DISTINCT FROM p_postal_code THEN '"postal_code": ' || json_build_array(p_postal_code, postal_code) END,
               CASE WHEN country IS DISTINCT FROM p_country THEN '"country": ' || json_build_array(p_country, country) END,
               CASE WHEN gender IS DISTINCT FROM p_gender THEN '"gender": ' || json_build_array(p_gender, gender) END,
               CASE WHEN customer_type IS DISTINCT FROM p_customer_type THEN '"customer_type": ' || json_build_array(p_customer_type, customer_type) END,
               CASE WHEN external_id IS DISTINCT FROM p_external_id THEN '"external_id": ' || json_build_array(p_external_id, external_id) END,
               CASE WHEN favorite_store IS DISTINCT FROM p_favorite_store
                      OR favorite_store_source IS DISTINCT FROM p_favorite_store_source
                    THEN '"favorite_store": ' || json_build_array(p_favorite_store, favorite_store) END,
               CASE WHEN attributes <> p_attributes THEN '"attributes": ' || json_build_array(p_attributes, attributes) END
           ) || '}', '{}') AS jsonb) END AS changes
    FROM (
        SELECT s.*,
               CASE WHEN s.wanted IS NULL OR s.refused <> 0 THEN NULL ELSE s.wanted END AS delta,
               s.p_points + CASE WHEN s.refused <> 0 THEN 0 ELSE coalesce(s.wanted, 0) END AS balance,
               CASE WHEN sms_refused IS NOT NULL OR sms_wish IS NULL OR sms_wish = 'd' AND sms_base = 'opted_out' THEN sms_base
                    WHEN sms_wish = 'o' THEN CASE WHEN sms_own_out THEN 'opted_out' ELSE sms_base END
                    WHEN sms_wish = 'd' AND NOT sms_address THEN sms_base
                    WHEN :confirm AND sms_base <> 'opted_in' THEN 'pending' ELSE 'opted_in' END AS sms_new,
               sms_refused IS NULL AND (sms_wish = 'i' OR sms_wish = 'o' AND sms_own_out
                                        OR sms_wish = 'd' AND sms_base <> 'opted_out' AND sms_address) IS TRUE AS sms_said,
               CASE WHEN email_refused IS NOT NULL OR email_wish IS NULL OR email_wish = 'd' AND email_old = 'opted_out' THEN email_old
                    WHEN email_wish = 'o' THEN CASE WHEN email_own_out THEN 'opted_out' ELSE email_old END
                    WHEN email_wish = 'd' AND NOT email_address THEN email_old
                    ELSE 'opted_in' END AS email_new,
               email_refused IS NULL AND (email_wish = 'i' OR email_wish = 'o' AND email_own_out) IS TRUE AS email_said
        FROM (
            SELECT b.*,
                   CASE WHEN sms_wish = 'i' THEN CASE WHEN sms_withheld THEN 'w' WHEN NOT sms_address THEN 'a' END END AS sms_refused,
                   CASE WHEN email_wish = 'i' THEN CASE WHEN email_withheld THEN 'w' WHEN NOT email_address THEN 'a' END END AS email_refused
            FROM (
                SELECT a.*,
                       phone IS NOT NULL AND NOT phone_kept AND NOT phone_unusable AS sms_address,
                       email IS NOT NULL AND NOT email_kept AND NOT email_unusable AS email_address,
                       CASE WHEN take_phone AND p_phone IS NOT NULL AND sms_old IN ('opted_in', 'pending')
                            THEN 'unknown' ELSE sms_old END AS sms_base
                FROM (
                    SELECT l.line, l.persona_id, p.xmin AS seen, l.kind = 'c' AS is_new, l.restore AS restored, l.take_phone, l.take_email,
                           l.sms_out_to = l.persona_id AS sms_own_out, l.email_out_to = l.persona_id AS email_own_out,
                           r.sms_wish, r.sms_raw, r.email_wish, r.email_raw,
                           coalesce(r.phone_unusable, false) AS phone_unusable, coalesce(r.email_unusable, false) AS email_unusable,
                           CASE WHEN l.kind = 'c' OR l.take_phone THEN r.phone ELSE p.phone END AS phone,
                           CASE WHEN l.kind = 'c' OR l.take_email THEN r.email ELSE p.email END AS email,
                           l.kind = 'u' AND NOT l.take_phone AND r.phone IS NOT NULL AND r.phone IS DISTINCT FROM p.phone AS phone_kept,
                           l.kind = 'u' AND NOT l.take_email AND r.email IS NOT NULL AND r.email IS DISTINCT FROM p.email AS email_kept,
                           r.points AS wanted,
                           CASE WHEN r.points < 0 AND NOT :allow_negative AND coalesce(p.points, 0) + r.points < 0
                                THEN r.points ELSE 0 END AS refused,
                           coalesce(p.points, 0) AS p_points, coalesce(p.may_be_negative, false) AS may_be_negative,
                           coalesce(p.sms_consent, 'unknown') AS sms_old, coalesce(p.email_consent, 'unknown') AS email_old,
                           coalesce(p.sms_withheld, false) AS sms_withheld, coalesce(p.email_withheld, false) AS email_withheld,
                           coalesce(p.loyalty, false) AS p_loyalty,
                           coalesce(p.loyalty, false) OR coalesce(r.loyalty, false) OR r.loyalty_signup_date IS NOT NULL AS loyalty,
                           CASE WHEN :keep THEN coalesce(p.loyalty_signup_date, r.loyalty_signup_date)
                                ELSE coalesce(r.loyalty_signup_date, p.loyalty_signup_date) END AS loyalty_signup_date,
                           CASE WHEN :keep THEN coalesce(p.birthday, r.birthday) ELSE coalesce(r.birthday, p.birthday) END AS birthday,
                           CASE WHEN :keep THEN coalesce(p.first_name, r.first_name) ELSE coalesce(r.first_name, p.first_name) END AS first_name,
                           CASE WHEN :keep THEN coalesce(p.last_name, r.last_name) ELSE coalesce(r.last_name, p.last_name) END AS last_name,
                           CASE WHEN :keep THEN coalesce(p.full_name, r.full_name) ELSE coalesce(r.full_name, p.full_name) END AS full_name,
                           CASE WHEN :keep THEN coalesce(p.address, r.address) ELSE coalesce(r.address, p.address) END AS address,
                           CASE WHEN :keep THEN coalesce(p.address2, r.address2) ELSE coalesce(r.address2, p.address2) END AS address2,
                           CASE WHEN :keep THEN coalesce(p.city, r.city) ELSE coalesce(r.city, p.city) END AS city,
                           CASE WHEN :keep THEN coalesce(p.state, r.state) ELSE coalesce(r.state, p.state) END AS state,
                           CASE WHEN :keep THEN coalesce(p.postal_code, r.postal_code) ELSE coalesce(r.postal_code, p.postal_code) END AS postal_code,
                           CASE WHEN :keep THEN coalesce(p.country, r.country) ELSE coalesce(r.country, p.country) END AS country,
                           CASE WHEN :keep THEN coalesce(p.gender, r.gender) ELSE coalesce(r.gender, p.gender) END AS gender,
                           CASE WHEN :keep THEN coalesce(p.customer_type, r.customer_type) ELSE coalesce(r.customer_type, p.customer_type) END AS customer_type,
                           CASE WHEN :keep THEN coalesce(p.external_id, r.external_id) ELSE coalesce(r.external_id, p.external_id) END AS external_id,
                           CASE WHEN store.taken THEN r.favorite_store ELSE p.favorite_store END AS favorite_store,
                           CASE WHEN store.taken THEN 'file' ELSE p.favorite_store_source END AS favorite_store_source,
                           CASE WHEN r.attributes IS NULL THEN coalesce(p.attributes, '{}')
                                WHEN :keep THEN r.attributes || coalesce(p.attributes, '{}')
                                ELSE coalesce(p.attributes, '{}') || r.attributes END AS attributes,
                           p.phone AS p_phone, p.email AS p_email, p.loyalty_signup_date AS p_loyalty_signup_date,
                           p.birthday AS p_birthday, p.first_name AS p_first_name, p.last_name AS p_last_name,
                           p.full_name AS p_full_name, p.address AS p_address, p.address2 AS p_address2, p.city AS p_city,
                           p.state AS p_state, p.postal_code AS p_postal_code, p.country AS p_country, p.gender AS p_gender,
                           p.customer_type AS p_customer_type, p.external_id AS p_external_id,
                           p.favorite_store AS p_favorite_store, p.favorite_store_source AS p_favorite_store_source,
                           p.attributes AS p_attributes
                    FROM staging.plan_{import_id} l
                    JOIN staging.rows_{import_id} r ON r.ctid = l.row_at AND r.line = l.line
                    LEFT JOIN LATERAL (
                        SELECT *, xmin FROM personas WHERE id = CASE WHEN l.kind = 'u' THEN l.persona_id END OFFSET 0
                    ) p ON true
                    CROSS JOIN LATERAL (
                        SELECT r.favorite_store IS NOT NULL
                               AND (p.favorite_store IS NULL
                                    OR NOT :keep AND p.favorite_store_source IN ('file', 'purchase_history')) AS taken
                    ) store
                    WHERE l.part = :part AND l.kind IN ('c', 'u')
                      AND (NOT l.tangled OR l.persona_id NOT IN (SELECT persona_id FROM several))
                ) a
            ) b
        ) s
        OFFSET 0  -- else each of these would be worked out once for each place that names it; so would `changes` below
    ) n
    OFFSET 0
) o
ORDER BY persona_id;

-- name: decide_opt_outs
-- Opt-outs that concern a persona other than the row's own: of an owner in a conflict, or of an archived persona.
INSERT INTO effects (line, persona_id, is_new, writes, restored, refused, sms_old, sms_new, sms_raw, email_old, email_new, email_raw,
                     seen, phone, email, points, may_be_negative, sms_consent, email_consent, sms_withheld, email_withheld,
                     loyalty, loyalty_signup_date, birthday, first_name, last_name, full_name, address, address2, city, state,
                     postal_code, country, gender, customer_type, external_id, favorite_store, favorite_store_source, attributes)
SELECT t.line, p.id, false, true, false, 0,
       p.sms_consent, CASE WHEN t.sms AND p.sms_consent <> 'opted_out' THEN 'opted_out' END, CASE WHEN t.sms THEN r.sms_raw END,
       p.email_consent, CASE WHEN t.email AND p.email_consent <> 'opted_out' THEN 'opted_out' END, CASE WHEN t.email THEN r.email_raw END,
       p.xmin, p.phone, p.email, p.points, p.may_be_negative,
       CASE WHEN t.sms THEN 'opted_out' ELSE p.sms_consent END, CASE WHEN t.email THEN 'opted_out' ELSE p.email_consent END,
       p.sms_withheld, p.email_withheld,
       p.loyalty, p.loyalty_signup_date, p.birthday, p.first_name, p.last_name, p.full_name, p.address, p.address2, p.city, p.state,
       p.postal_code, p.country, p.gender, p.customer_type, p.external_id, p.favorite_store, p.favorite_store_source, p.attributes
FROM (
    SELECT line, row_at, recipient, bool_or(channel = 'sms') AS sms, bool_or(channel = 'email') AS email
    FROM (
        SELECT line, row_at, sms_out_to AS recipient, 'sms' AS channel FROM staging.plan_{import_id}
        WHERE part = :part AND sms_out_to IS NOT NULL AND (kind IN ('r', 's') OR sms_out_to <> persona_id)
        UNION ALL
        SELECT line, row_at, email_out_to, 'email' FROM staging.plan_{import_id}
        WHERE part = :part AND email_out_to IS NOT NULL AND (kind IN ('r', 's') OR email_out_to <> persona_id)
    ) outs
    GROUP BY line, row_at, recipient
) t
JOIN staging.rows_{import_id} r ON r.ctid = t.row_at AND r.line = t.line
CROSS JOIN LATERAL (SELECT *, xmin FROM personas WHERE id = t.recipient OFFSET 0) p
WHERE NOT EXISTS (SELECT FROM several WHERE several.persona_id = t.recipient);

-- name: insert_personas
INSERT INTO personas (id, account_id, phone, email, points, may_be_negative, sms_consent, email_consent, sms_withheld, email_withheld,
                      loyalty, loyalty_signup_date, birthday, first_name, last_name, full_name, address, address2, city, state,
                      postal_code, country, gender, customer_type, external_id, favorite_store, favorite_store_source, attributes)
SELECT persona_id, :account_id, phone, email, points, may_be_negative, sms_consent, email_consent, sms_withheld, email_withheld,
       loyalty, loyalty_signup_date, birthday, first_name, last_name, full_name, address, address2, city, state,
       postal_code, country, gender, customer_type, external_id, favorite_store, favorite_store_source, attributes
FROM effects WHERE is_new AND writes;

-- name: free_keys
-- Replaced phones and e-mails go first, so that another persona of the part may take them. Nobody sees the stand-ins:
-- `update_personas` of the same transaction puts the new ones in their place.
WITH freed AS (
    UPDATE personas p SET phone = CASE WHEN p.phone <> e.phone THEN 'freed ' || p.id ELSE p.phone END,
                          email = CASE WHEN p.email <> e.email THEN 'freed ' || p.id ELSE p.email END
    FROM effects e
    WHERE e.writes AND NOT e.is_new AND p.id = e.persona_id AND p.xmin = e.seen
      AND (p.phone <> e.phone OR p.email <> e.email)
    RETURNING p.id, p.xmin AS seen
)
UPDATE effects e SET seen = freed.seen FROM freed WHERE e.persona_id = freed.id AND e.writes;

-- name: look_up
-- For the update of personas: each by its id, for the same reason as above.
SELECT set_config(name, 'off', true) FROM unnest(ARRAY['enable_hashjoin', 'enable_mergejoin', 'enable_material']) name;

-- name: look_up_no_more
SELECT set_config(name, 'on', true) FROM unnest(ARRAY['enable_hashjoin', 'enable_mergejoin', 'enable_material']) name;

-- name: update_personas
-- Answers how many personas somebody has changed since this was decided: they are not touched, and the part decides anew.
-- That spares locking each of them beforehand, which costs as much as the update. Who is wanted stands here twice: to keep
-- the wanted rows aside instead costs a sixth of the update.
WITH done AS (
    UPDATE personas p SET
        status = CASE WHEN e.restored OR e.persona_id IN (SELECT persona_id FROM effects WHERE restored)
                      THEN 'active' ELSE p.status END,
        phone = e.phone, email = e.email, points = e.points, may_be_negative = e.may_be_negative,
        sms_consent = e.sms_consent, email_consent = e.email_consent, sms_withheld = e.sms_withheld,
        email_withheld = e.email_withheld, loyalty = e.loyalty, loyalty_signup_date = e.loyalty_signup_date,
        birthday = e.birthday, first_name = e.first_name, last_name = e.last_name, full_name = e.full_name,
        address = e.address, address2 = e.address2, city = e.city, state = e.state, postal_code = e.postal_code,
        country = e.country, gender = e.gender, customer_type = e.customer_type, external_id = e.external_id,
        favorite_store = e.favorite_store, favorite_store_source = e.favorite_store_source, attributes = e.attributes,
        updated_at = now()
    FROM effects e
    WHERE p.id = e.persona_id AND p.xmin = e.seen
      AND e.writes AND NOT e.is_new
      AND (e.outcome IS DISTINCT FROM 'unchanged' OR e.persona_id IN (SELECT persona_id FROM several))
    RETURNING 1
)
SELECT (SELECT count(*) FROM effects e
        WHERE e.writes AND NOT e.is_new
          AND (e.outcome IS DISTINCT FROM 'unchanged' OR e.persona_id IN (SELECT persona_id FROM several)))
     - (SELECT count(*) FROM done);

-- name: insert_ledger
-- In the order of lines, like the outcomes: a key over the whole import is then written from one end to the other.
INSERT INTO ledger (account_id, persona_id, import_id, line, delta)
SELECT :account_id, persona_id, :import_id, line, delta FROM effects WHERE delta IS NOT NULL ORDER BY line;

-- name: insert_events
INSERT INTO consent_events (account_id, persona_id, channel, old, new, actor, import_id, line, raw, terms_version)
SELECT :account_id, persona_id, 'sms', sms_old, sms_new, 'file', :import_id, line, sms_raw, :terms_version
FROM effects WHERE sms_new IS NOT NULL
UNION ALL
SELECT :account_id, persona_id, 'email', email_old, email_new, 'file', :import_id, line, email_raw, :terms_version
FROM effects WHERE email_new IS NOT NULL;

-- name: insert_outcomes
INSERT INTO outcomes (import_id, line, persona_id, outcome, changes)
SELECT :import_id, line, persona_id, outcome, changes FROM effects WHERE outcome IS NOT NULL
UNION ALL
SELECT :import_id, line, persona_id, CASE kind WHEN 's' THEN 'skipped' ELSE 'rejected' END, NULL
FROM staging.plan_{import_id} WHERE part = :part AND kind IN ('r', 's')
ORDER BY line;

-- name: insert_left_out
-- Rows that map rejected: once, with the first part that finds them without an outcome.
INSERT INTO outcomes (import_id, line, outcome)
SELECT import_id, line, 'rejected' FROM rejects r
WHERE import_id = :import_id AND code NOT IN ('blocked', 'identity_conflict')
  AND NOT EXISTS (SELECT FROM outcomes o WHERE o.import_id = r.import_id AND o.line = r.line);

-- name: insert_notices
INSERT INTO notices (import_id, line, field, code)
SELECT :import_id, line, split_part(notice, ' ', 1), split_part(notice, ' ', 2)
FROM effects CROSS JOIN LATERAL unnest(notices) notice
WHERE notices IS NOT NULL;

-- name: cancel_texts
-- A number that is replaced, or whose owner opted out, is not texted any more.
UPDATE double_opt_in_texts t SET state = 'cancelled', ended_at = now()
FROM effects e
WHERE t.persona_id = e.persona_id AND t.state = 'scheduled' AND t.answers IS NULL
  AND (e.sms_new = 'opted_out' OR e.changes ? 'phone');

-- name: name_attributes
-- The account's first spelling of a name is kept; a name counts from its first value on.
INSERT INTO attribute_names (account_id, key, name)
SELECT :account_id, n.key, n.name FROM unnest(CAST(:keys AS text[]), CAST(:names AS text[])) WITH ORDINALITY n (key, name, place)
WHERE EXISTS (SELECT FROM effects e WHERE e.attributes ? n.key)
ORDER BY n.place
ON CONFLICT (account_id, key) DO NOTHING;

-- name: count
SELECT count(*) FILTER (WHERE outcome = 'created') AS rows_created,
       count(*) FILTER (WHERE outcome = 'updated') AS rows_updated,
       count(*) FILTER (WHERE outcome = 'unchanged') AS rows_unchanged,
       count(DISTINCT persona_id) FILTER (WHERE outcome IS NOT NULL) AS members,
       coalesce(sum(delta) FILTER (WHERE delta > 0), 0)::bigint AS points_added,
       coalesce(-sum(delta) FILTER (WHERE delta < 0), 0)::bigint AS points_subtracted,
       coalesce(sum(refused), 0)::bigint AS points_refused,
       count(*) FILTER (WHERE sms_new = 'opted_in') AS sms_opted_in,
       count(*) FILTER (WHERE sms_new = 'opted_out') AS sms_opted_out,
       count(*) FILTER (WHERE sms_new = 'pending') AS sms_pending,
       count(*) FILTER (WHERE email_new = 'opted_in') AS email_opted_in,
       count(*) FILTER (WHERE email_new = 'opted_out') AS email_opted_out,
       count(*) FILTER (WHERE 'sms_opt_in opt_in_withheld' = ANY (notices) OR 'email_opt_in opt_in_withheld' = ANY (notices)) AS withheld
FROM effects;

-- name: count_left_out
SELECT count(*) FILTER (WHERE kind = 'r') AS rows_rejected, count(*) FILTER (WHERE kind = 's') AS rows_skipped,
       coalesce(sum(r.points), 0)::bigint AS points_refused
FROM staging.plan_{import_id} p JOIN staging.rows_{import_id} r ON r.ctid = p.row_at AND r.line = p.line
WHERE p.part = :part AND p.kind IN ('r', 's');

-- name: touches
-- Every touch of the personas that several rows touch, in file order, with whether the file opts them out anywhere.
SELECT t.persona_id, t.line, t.own, CAST(l.kind AS text) AS kind, l.take_phone, l.take_email, l.restore, t.sms_out, t.email_out,
       bool_or(t.sms_out) OVER w AS sms_beaten, bool_or(t.email_out) OVER w AS email_beaten,
       row_number() OVER (PARTITION BY t.persona_id ORDER BY t.line DESC) = 1 AS last,
       r.phone, r.email, r.phone_unusable, r.email_unusable, r.birthday, r.first_name, r.last_name, r.full_name, r.address,
       r.address2, r.city, r.state, r.postal_code, r.country, r.gender, r.customer_type, r.external_id, r.loyalty,
       r.loyalty_signup_date, r.favorite_store, r.points, r.attributes, r.sms_wish, r.sms_raw, r.email_wish, r.email_raw
FROM (
    SELECT persona_id, line, bool_or(own) AS own, bool_or(sms_out) AS sms_out, bool_or(email_out) AS email_out
    FROM (
        SELECT persona_id, line, true AS own, false AS sms_out, false AS email_out
        FROM staging.plan_{import_id} WHERE part = :part AND tangled AND kind IN ('c', 'u')
        UNION ALL
        SELECT sms_out_to, line, false, true, false FROM staging.plan_{import_id}
        WHERE part = :part AND tangled AND sms_out_to IS NOT NULL
        UNION ALL
        SELECT email_out_to, line, false, false, true FROM staging.plan_{import_id}
        WHERE part = :part AND tangled AND email_out_to IS NOT NULL
    ) one
    GROUP BY persona_id, line
) t
JOIN several USING (persona_id)
JOIN staging.plan_{import_id} l ON l.part = :part AND l.line = t.line
JOIN staging.rows_{import_id} r ON r.ctid = l.row_at AND r.line = l.line
WINDOW w AS (PARTITION BY t.persona_id)
ORDER BY t.persona_id, t.line;

-- name: several_personas
-- What the personas look like before the part, in the order of the touches.
SELECT p.* FROM several s
CROSS JOIN LATERAL (SELECT *, xmin AS seen FROM personas WHERE id = s.persona_id OFFSET 0) p
ORDER BY p.id;
