-- One file into the tables of limit_tables.sql, all effects, nothing but SQL, each step once. `raw` holds the file as
-- text; `:areas` are the area codes in which every number is valid. A person: by phone, else by e-mail, else a new one;
-- rows that share a key are one person, of whom the last row counts; keys of others are never taken.

-- step: normalise
CREATE TEMP TABLE keyed AS
WITH bare AS MATERIALIZED (
    SELECT line, translate(split_part(phone, ' ext', 1), ' ().-', '') AS dialled,
           lower(btrim(email) COLLATE "C") AS address,
           CASE WHEN points <> '0' AND pg_input_is_valid(points, 'integer') THEN points::integer END AS delta,
           CASE WHEN lower(no_sms) IN ('yes', 'y', 'true', '1') THEN false
                WHEN lower(sms) IN ('yes', 'y', 'true', '1') THEN true
                WHEN lower(sms) IN ('no', 'n', 'false', '0') THEN false END AS sms,
           CASE WHEN lower(mail) IN ('yes', 'y', 'true', '1') THEN true
                WHEN lower(mail) IN ('no', 'n', 'false', '0') THEN false END AS mail
    FROM raw
)
SELECT line, delta, sms, mail,
       CASE WHEN left(dialled, -10) IN ('', '1', '+1') AND right(dialled, 10) ~ '^\d{3}[2-9]\d{6}$'
                 AND left(right(dialled, 10), 3) = ANY (:areas)
            THEN '+1' || right(dialled, 10)
            WHEN dialled ~ '^\+[2-9]\d{7,14}$' THEN dialled END COLLATE "C" AS phone,
       CASE WHEN address ~ '^[a-z0-9!#$%&''*+/=?^_`{|}~-]+(\.[a-z0-9!#$%&''*+/=?^_`{|}~-]+)*@([a-z0-9-]+\.)+[a-z]{2,}$'
            THEN address END AS email
FROM bare;
ANALYZE keyed;

-- step: match
CREATE TEMP TABLE matched AS
SELECT k.*, p.id AS by_phone, e.id AS by_email, coalesce(p.id, e.id) AS known
FROM keyed k
LEFT JOIN customers p ON p.account_id = 1 AND p.phone = k.phone
LEFT JOIN customers e ON e.account_id = 1 AND e.email = k.email;
ANALYZE matched;

-- step: duplicates in the file
-- A person is the known customer's id or, below zero, the first line of a new one; the greatest of those who meet wins.
CREATE TEMP TABLE meeting AS
SELECT line, phone, email, by_phone, by_email, coalesce(known, -line::bigint) AS person
FROM matched
WHERE phone IN (SELECT phone FROM matched GROUP BY phone HAVING count(*) > 1)
   OR email IN (SELECT email FROM matched GROUP BY email HAVING count(*) > 1)
   OR known IN (SELECT known FROM matched GROUP BY known HAVING count(*) > 1);
ANALYZE meeting;
DO $$
DECLARE
    by_phone bigint := 1;
    by_email bigint := 0;
BEGIN
    WHILE by_phone + by_email > 0 LOOP
        UPDATE meeting m SET person = first.person
        FROM (SELECT phone, max(person) AS person FROM meeting GROUP BY phone) first
        WHERE m.phone = first.phone AND m.person < 0 AND m.person < first.person;
        GET DIAGNOSTICS by_phone = ROW_COUNT;
        UPDATE meeting m SET person = first.person
        FROM (SELECT email, max(person) AS person FROM meeting GROUP BY email) first
        WHERE m.email = first.email AND m.person < 0 AND m.person < first.person;
        GET DIAGNOSTICS by_email = ROW_COUNT;
    END LOOP;
END $$;
CREATE TEMP TABLE persons AS
WITH phones AS (
    SELECT DISTINCT ON (phone) phone, person FROM meeting WHERE by_phone IS NULL AND phone IS NOT NULL
    ORDER BY phone, line
), emails AS (
    SELECT DISTINCT ON (email) email, person FROM meeting WHERE by_email IS NULL AND email IS NOT NULL
    ORDER BY email, line
), several AS (
    SELECT person, max(line) AS last_line, max(phones.phone) AS set_phone, max(emails.email) AS set_email
    FROM meeting
    LEFT JOIN phones USING (phone, person)
    LEFT JOIN emails USING (email, person)
    GROUP BY person
)
SELECT *, CASE WHEN person > 0 THEN person ELSE nextval('customers_id_seq') END AS customer_id FROM several;

-- step: one person per row
CREATE TEMP TABLE assigned AS
SELECT m.line, coalesce(p.customer_id, m.known, nextval('customers_id_seq')) AS customer_id,
       coalesce(p.person, m.known, -1) < 0 AS is_new, coalesce(p.last_line = m.line, true) AS is_last,
       CASE WHEN p.person IS NOT NULL THEN p.set_phone WHEN m.by_phone IS NULL THEN m.phone END AS set_phone,
       CASE WHEN p.person IS NOT NULL THEN p.set_email WHEN m.by_email IS NULL THEN m.email END AS set_email,
       m.delta, m.sms, m.mail
FROM matched m
LEFT JOIN meeting USING (line)
LEFT JOIN persons p USING (person)
WHERE m.phone IS NOT NULL OR m.email IS NOT NULL;
ANALYZE assigned;

-- step: update customers
UPDATE customers c
SET phone = coalesce(a.set_phone, c.phone), email = coalesce(a.set_email, c.email),
    first_name = coalesce(r.first_name, c.first_name), last_name = coalesce(r.last_name, c.last_name),
    birthday = coalesce(CASE WHEN pg_input_is_valid(r.birthday, 'date') THEN r.birthday::date END, c.birthday),
    address = coalesce(r.address, c.address), city = coalesce(r.city, c.city), state = coalesce(r.state, c.state),
    postal_code = coalesce(r.postal_code, c.postal_code), customer_type = coalesce(r.customer_type, c.customer_type),
    loyalty_signup_date = coalesce(CASE WHEN pg_input_is_valid(r.signup, 'date') THEN r.signup::date END,
                                   c.loyalty_signup_date),
    favorite_store = coalesce(r.favorite_store, c.favorite_store),
    attributes = CASE WHEN r.veteran IS NULL THEN c.attributes
                      ELSE c.attributes || jsonb_build_object('veteran', r.veteran) END,
    updated_at = now()
FROM assigned a JOIN raw r USING (line)
WHERE c.id = a.customer_id AND a.is_last AND NOT a.is_new;

-- step: insert customers
INSERT INTO customers (id, phone, email, first_name, last_name, birthday, address, city, state, postal_code,
                       customer_type, loyalty_signup_date, favorite_store, attributes)
SELECT a.customer_id, a.set_phone, a.set_email, r.first_name, r.last_name,
       CASE WHEN pg_input_is_valid(r.birthday, 'date') THEN r.birthday::date END,
       r.address, r.city, r.state, r.postal_code, r.customer_type,
       CASE WHEN pg_input_is_valid(r.signup, 'date') THEN r.signup::date END, r.favorite_store,
       CASE WHEN r.veteran IS NULL THEN '{}' ELSE jsonb_build_object('veteran', r.veteran) END
FROM assigned a JOIN raw r USING (line)
WHERE a.is_last AND a.is_new;

-- step: ledger
INSERT INTO ledger (import_id, line, customer_id, delta)
SELECT 1, line, customer_id, delta FROM assigned WHERE delta IS NOT NULL ORDER BY line;

-- step: balances
CREATE TEMP TABLE sums AS
SELECT customer_id, sum(delta) AS delta FROM assigned WHERE delta IS NOT NULL GROUP BY customer_id;
ANALYZE sums;
UPDATE balances b SET points = b.points + s.delta FROM sums s WHERE s.customer_id = b.customer_id;
INSERT INTO balances (customer_id, points)
SELECT customer_id, delta FROM sums
WHERE NOT EXISTS (SELECT FROM balances b WHERE b.customer_id = sums.customer_id)
ORDER BY customer_id;

-- step: consent
-- A yes never goes over a no.
CREATE TEMP TABLE wishes AS
SELECT a.customer_id, said.channel, said.opted_in, a.line, c.customer_id IS NOT NULL AS is_known
FROM assigned a
CROSS JOIN LATERAL (VALUES (1::smallint, a.sms), (2::smallint, a.mail)) said (channel, opted_in)
LEFT JOIN consents c ON c.customer_id = a.customer_id AND c.channel = said.channel
WHERE a.is_last AND said.opted_in IS NOT NULL AND (c.customer_id IS NULL OR (c.opted_in AND NOT said.opted_in))
ORDER BY a.customer_id, said.channel;
ANALYZE wishes;
INSERT INTO consent_events (customer_id, channel, opted_in, import_id, line)
SELECT customer_id, channel, opted_in, 1, line FROM wishes;
UPDATE consents c SET opted_in = w.opted_in, import_id = 1, changed_at = now()
FROM wishes w WHERE w.is_known AND c.customer_id = w.customer_id AND c.channel = w.channel;
INSERT INTO consents (customer_id, channel, opted_in, import_id)
SELECT customer_id, channel, opted_in, 1 FROM wishes WHERE NOT is_known;

-- step: audience
INSERT INTO members (audience_id, customer_id)
SELECT 1, customer_id FROM assigned a
WHERE is_last AND NOT EXISTS (SELECT FROM members m WHERE m.audience_id = 1 AND m.customer_id = a.customer_id)
ORDER BY customer_id;

-- step: issues
INSERT INTO issues (import_id, line, code)
SELECT 1, line, 'no_phone_or_email' FROM matched WHERE phone IS NULL AND email IS NULL
UNION ALL
SELECT 1, line, 'phone_invalid' FROM matched JOIN raw USING (line) WHERE matched.phone IS NULL AND raw.phone IS NOT NULL
UNION ALL
SELECT 1, line, 'email_invalid' FROM matched JOIN raw USING (line) WHERE matched.email IS NULL AND raw.email IS NOT NULL
UNION ALL
SELECT 1, line, 'identity_conflict' FROM matched WHERE by_phone <> by_email;
