-- name: settings
-- One large transaction of few statements: it needs room to hash, and more time than a part. Its tables live for an hour
-- and are joined on keys, of which a tenth of the usual sample says enough: the rest would cost a third of a second of a million rows.
SELECT set_config('work_mem', '256MB', true), set_config('statement_timeout', '15min', true),
       set_config('default_statistics_target', '10', true),
       set_config('transaction_timeout', '30min', true), set_config('max_parallel_workers_per_gather', '2', true),
       set_config('min_parallel_table_scan_size', '8MB', true), set_config('parallel_tuple_cost', '0.01', true);

-- name: snapshot
-- Changes of identity that this snapshot has not seen came after the plan.
SELECT CAST(pg_current_snapshot() AS text);

-- name: drop_plan
DROP TABLE IF EXISTS staging.plan_{import_id};

-- name: create_plan
-- One line for every row that is not rejected yet: who it is, what it brings, and which part will do it.
CREATE TABLE staging.plan_{import_id} (
    line integer NOT NULL,
    row_at tid NOT NULL,         -- where its staging row is; rows never move, but each look there compares the line
    part integer NOT NULL,
    kind "char" NOT NULL,        -- c create, u update, r rejected, s skipped
    tangled boolean NOT NULL,    -- shares a key or a persona with another row
    persona_id bigint,
    code text,
    take_phone boolean NOT NULL DEFAULT false,
    take_email boolean NOT NULL DEFAULT false,
    restore boolean NOT NULL DEFAULT false,
    sms_out_to bigint,           -- whom an opt-out of this row concerns
    email_out_to bigint,
    by_phone bigint,             -- the owners, where they are two
    by_email bigint
) WITH (autovacuum_enabled = off);

-- name: analyze_rows
ANALYZE staging.rows_{import_id} (line, phone, email);

-- name: match
-- Whom each row that has no outcome yet finds by phone and by e-mail, and what of them a plan asks; a merged persona
-- answers for its survivor. Unlogged, since it goes before the commit, and no temporary table, which parallel workers
-- could not read.
CREATE UNLOGGED TABLE staging.matched_{import_id} AS
SELECT r.line, r.ctid AS row_at, r.phone, r.email, r.sms_wish = 'o' AS sms_out, r.email_wish = 'o' AS email_out,
       coalesce(p.survivor_id, p.id) AS by_phone, coalesce(e.survivor_id, e.id) AS by_email,
       p.survivor_id IS NOT NULL AS phone_merged, e.survivor_id IS NOT NULL AS email_merged,
       p.status = 'archived' AS phone_archived, e.status = 'archived' AS email_archived,
       p.email IS NOT NULL AS has_email, e.phone IS NOT NULL AS has_phone,
       false AS blocked
FROM staging.rows_{import_id} r
LEFT JOIN personas p ON p.account_id = :account_id AND p.phone = r.phone
LEFT JOIN personas e ON e.account_id = :account_id AND e.email = r.email
-- Looked up once, whatever the planner believes: joined to a table that seemed empty, it would be read again for each row
-- while other imports fill it.
WHERE r.line NOT IN (SELECT o.line FROM outcomes o WHERE o.import_id = :import_id);

-- name: settings_for_keys
-- Rows that several processes hand on are cheap, so that they join; dear, so that each takes keys of one kind.
SELECT set_config('parallel_tuple_cost', '0.1', true);

-- name: analyze_matched
ANALYZE staging.matched_{import_id} (line, phone, email, by_phone, by_email);

-- name: drop_matched
DROP TABLE staging.matched_{import_id};

-- name: blocklist_in_use
SELECT blocklist_in_use(:account_id);

-- name: mark_blocked
-- HMAC-SHA256 spelled out, since the key comes as two padded blocks and stays out of the database. Workers can't read the
-- blocklist: they ask about many lines at a time, and are told those that are on it. Not asked in FROM: there the arrays
-- would be carried along beside every answer.
UPDATE staging.matched_{import_id} SET blocked = true
WHERE line IN (
    SELECT on_blocklist(:account_id, array_agg(line),
                        array_agg(sha256(CAST(:outer AS bytea) || sha256(CAST(:inner AS bytea)
                                  || convert_to(CAST(:account_id AS text) || ':' || v.value, 'UTF8')))))
    FROM staging.matched_{import_id} m CROSS JOIN LATERAL (VALUES ('phone:' || m.phone), ('email:' || m.email)) v (value)
    WHERE v.value IS NOT NULL
    GROUP BY line / 50000);

-- name: find_shared
-- Phones, e-mails and personas that several rows bring. Keys are compared by a hash: rows that share but that are
-- decided in file order for nothing.
CREATE TEMP TABLE shared ON COMMIT DROP AS
SELECT 'phone' AS what, hashtextextended(phone, 0) AS key
FROM staging.matched_{import_id} WHERE phone IS NOT NULL AND NOT blocked GROUP BY 2 HAVING count(*) > 1
UNION ALL
SELECT 'email', hashtextextended(email, 0)
FROM staging.matched_{import_id} WHERE email IS NOT NULL AND NOT blocked GROUP BY 2 HAVING count(*) > 1
UNION ALL
SELECT 'persona', id FROM (
    SELECT by_phone AS id FROM staging.matched_{import_id} WHERE by_phone IS NOT NULL AND NOT blocked
    UNION ALL
    SELECT by_email FROM staging.matched_{import_id} WHERE by_email IS NOT NULL AND by_email IS DISTINCT FROM by_phone AND NOT blocked
) owners
GROUP BY id HAVING count(*) > 1;

-- name: find_tangled
-- Rows that share a phone, an e-mail or a persona with another row are decided in file order; so are the few that find a
-- merged persona, since what a plan asks of the survivor is not at hand here.
CREATE TEMP TABLE tangled ON COMMIT DROP AS
SELECT m.*
FROM staging.matched_{import_id} m
WHERE NOT m.blocked AND (
    m.phone_merged OR m.email_merged
 OR hashtextextended(m.phone, 0) IN (SELECT key FROM shared WHERE what = 'phone')
 OR hashtextextended(m.email, 0) IN (SELECT key FROM shared WHERE what = 'email')
 OR m.by_phone IN (SELECT key FROM shared WHERE what = 'persona')
 OR m.by_email IN (SELECT key FROM shared WHERE what = 'persona'));

-- name: index_tangled
CREATE INDEX ON tangled (line);

-- name: analyze_tangled
ANALYZE tangled;

-- name: count_tangled
SELECT count(*) FROM tangled;

-- name: links
-- What tangled rows may share, in columns of numbers: of so many lines, each column is one string of bytes. Phones and
-- e-mails come as hashes, owners as ids, 0 where a row lacks them.
SELECT string_agg(int4send(line), '') AS lines,
       string_agg(int8send(phone), '') AS phones, string_agg(int8send(email), '') AS emails,
       string_agg(int8send(by_phone), '') AS by_phone, string_agg(int8send(by_email), '') AS by_email
FROM (
    SELECT line, coalesce(by_phone, 0) AS by_phone, coalesce(by_email, 0) AS by_email,
           CASE WHEN phone IS NULL THEN 0 ELSE coalesce(nullif(hashtextextended(phone, 0), 0), 1) END AS phone,
           CASE WHEN email IS NULL THEN 0 ELSE coalesce(nullif(hashtextextended(email, 0), 0), 1) END AS email
    FROM tangled
) row
GROUP BY line / 65536;

-- name: create_components
CREATE TEMP TABLE components (line integer, component integer, part integer) ON COMMIT DROP;

-- name: analyze_components
ANALYZE components;

-- name: tangled_rows
-- In file order within each component, with what the owners look like before the file.
SELECT c.component, c.part, t.line, t.row_at, t.phone, t.email, t.sms_out, t.email_out, t.phone_merged, t.email_merged,
       t.by_phone, p.status AS p_status, p.phone AS p_phone, p.email AS p_email,
       t.by_email, e.status AS e_status, e.phone AS e_phone, e.email AS e_email
FROM components c JOIN tangled t ON t.line = c.line
LEFT JOIN personas p ON p.id = t.by_phone
LEFT JOIN personas e ON e.id = t.by_email
ORDER BY c.component, t.line;

-- name: new_ids
SELECT nextval('personas_id_seq') FROM generate_series(1, :n);

-- name: plan_untangled
-- Rows that touch nobody else's persona, in sets. Known personas come by id and new ones by phone: parts then write
-- neighbouring pages of table and index. One number a row sorts faster than columns do: ids below phones, which are
-- numbers, below lines of those that have neither.
INSERT INTO staging.plan_{import_id}
    (line, row_at, part, kind, tangled, persona_id, code, take_phone, take_email, restore, sms_out_to, email_out_to, by_phone, by_email)
SELECT line, row_at, CASE WHEN kind = 'r' AND NOT (sms_out OR email_out) THEN :first_part
                  ELSE :first_part + 1 + (place - 1) / :part_size END,
       kind, false, persona_id, code, take_phone, take_email, restore,
       CASE WHEN sms_out THEN coalesce(by_phone, persona_id) END,
       CASE WHEN email_out THEN coalesce(by_email, persona_id) END,
       CASE WHEN code = 'identity_conflict' THEN by_phone END, CASE WHEN code = 'identity_conflict' THEN by_email END
FROM (
    SELECT line, row_at, place, code, by_phone, by_email,
           sms_out AND code IS DISTINCT FROM 'blocked' AS sms_out,
           email_out AND code IS DISTINCT FROM 'blocked' AS email_out,
           CASE WHEN code IS NOT NULL THEN 'r' WHEN known IS NULL THEN 'c'
                WHEN archived AND NOT :restore THEN 's' ELSE 'u' END AS kind,
           CASE WHEN code IS NULL THEN coalesce(known, nextval('personas_id_seq')) END AS persona_id,
           code IS NULL AND archived AND :restore AS restore,
           code IS NULL AND known IS NOT NULL AND phone IS NOT NULL AND by_phone IS NULL
               AND NOT (archived AND NOT :restore) AND (NOT has_phone OR :replace) AS take_phone,
           code IS NULL AND known IS NOT NULL AND email IS NOT NULL AND by_email IS NULL
               AND NOT (archived AND NOT :restore) AND (NOT has_email OR :replace) AS take_email
    FROM (
        SELECT w.line, w.row_at, w.phone, w.email, w.code, w.known, w.by_phone, w.by_email, w.has_phone, w.has_email,
               coalesce(w.sms_out, false) AS sms_out, coalesce(w.email_out, false) AS email_out,
               coalesce(CASE WHEN w.known = w.by_phone THEN w.phone_archived ELSE w.email_archived END, false) AS archived,
               row_number() OVER (ORDER BY coalesce(w.known, (1::bigint << 50) + CAST(substr(w.phone, 2) AS bigint),
                                                    (1::bigint << 51) + w.line)) AS place
        FROM (
            SELECT m.*,
                   CASE WHEN m.blocked THEN 'blocked'
                        WHEN m.by_phone <> m.by_email AND :on_conflict = 'reject' THEN 'identity_conflict' END AS code,
                   CASE WHEN m.blocked OR m.by_phone <> m.by_email AND :on_conflict = 'reject' THEN NULL
                        WHEN :on_conflict = 'email' THEN coalesce(m.by_email, m.by_phone)
                        ELSE coalesce(m.by_phone, m.by_email) END AS known
            FROM staging.matched_{import_id} m
            WHERE NOT EXISTS (SELECT FROM tangled t WHERE t.line = m.line)
        ) w
    ) ordered
) decided;

-- name: index_plan
CREATE INDEX ON staging.plan_{import_id} (part);

-- name: analyze_plan
ANALYZE staging.plan_{import_id} (line, part, persona_id);

-- name: forget_planned_rejects
DELETE FROM rejects r
WHERE r.import_id = :import_id AND r.code IN ('blocked', 'identity_conflict')
  AND NOT EXISTS (SELECT FROM outcomes o WHERE o.import_id = r.import_id AND o.line = r.line);

-- name: plan_rejects
INSERT INTO rejects (import_id, line, code, phone_persona_id, email_persona_id)
SELECT :import_id, line, code, by_phone, by_email FROM staging.plan_{import_id} WHERE code IS NOT NULL AND kind = 'r';

-- name: silence_blocked
-- Nothing about a blocked row is said but its line and code. The plan is read once, whatever the planner believes: joined to
-- notices that seemed few, since it knew of none of this import, it would be read again for each of them.
DELETE FROM notices
WHERE import_id = :import_id AND line = ANY (ARRAY(SELECT line FROM staging.plan_{import_id} WHERE code = 'blocked'));

-- name: last_part
SELECT max(part) FROM staging.plan_{import_id};

-- name: note_plan
UPDATE imports i SET plan_seen = :seen, plan_entry = a.lane_entries
FROM accounts a WHERE a.id = i.account_id AND i.id = :import_id;

-- name: earlier_import
-- The latest import of the account that applied the same bytes.
SELECT max(id) FROM imports
WHERE account_id = :account_id AND sha256 = :sha256 AND id <> :import_id AND status = 'completed';

-- name: count_rejects
SELECT count(*) FROM rejects WHERE import_id = :import_id;
