-- name: import_facts
SELECT i.name, i.status, i.parts_prefix, i.mapping -> 'fields' AS fields, i.profile -> 'headers' AS headers,
       jsonb_array_length(coalesce(i.profile -> 'part_rows', '[]')) AS parts, i.rejects, i.notices
FROM imports i WHERE i.id = :import_id;

-- name: page_end
-- The last line of the next page of findings. Both keys begin with (import_id, line), so that a page costs the same
-- wherever it stands, and the first one comes at once, however many follow.
SELECT max(line) AS until FROM (
    (SELECT line FROM rejects WHERE import_id = :import_id AND line > :after ORDER BY line LIMIT :page)
    UNION ALL
    (SELECT line FROM notices WHERE import_id = :import_id AND line > :after ORDER BY line LIMIT :page)
    ORDER BY line LIMIT :page
) next;

-- name: findings
-- One page of rejects and notices in the order of the file, a row's reject first. Whoever is blocked is told the line and the code alone, whatever else was noted about the row.
SELECT f.line, f.field, f.code, f.is_reject, f.phone_persona_id, f.email_persona_id,
       coalesce(o.outcome = 'skipped', false) AS is_skipped
FROM (
    SELECT line, field, code, true AS is_reject, phone_persona_id, email_persona_id
    FROM rejects WHERE import_id = :import_id AND line > :after AND line <= :until
    UNION ALL
    SELECT n.line, n.field, n.code, false, NULL, NULL
    FROM notices n
    WHERE n.import_id = :import_id AND n.line > :after AND n.line <= :until
      AND NOT EXISTS (SELECT FROM rejects r
                      WHERE r.import_id = n.import_id AND r.line = n.line AND r.code = 'blocked')
) f
LEFT JOIN outcomes o ON o.import_id = :import_id AND o.line = f.line
ORDER BY f.line, f.is_reject DESC, f.field, f.code;
