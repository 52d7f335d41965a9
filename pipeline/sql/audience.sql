-- name: make
INSERT INTO audiences (account_id, import_id, name) VALUES (:account_id, :import_id, :name)
ON CONFLICT (import_id) DO UPDATE SET name = excluded.name;

-- name: find
SELECT id FROM audiences WHERE import_id = :import_id;

-- name: fill
-- A persona may have rows in several slices. Ordered, since the key is inserted in order then.
INSERT INTO audience_members (audience_id, persona_id)
SELECT DISTINCT CAST(:audience_id AS bigint), persona_id FROM outcomes
WHERE import_id = :import_id AND outcome IN ('created', 'updated', 'unchanged')
  AND line >= :from_line AND line < coalesce(CAST(:to_line AS integer), 2147483647)
ORDER BY persona_id
ON CONFLICT DO NOTHING;

-- name: note_members
UPDATE audiences
SET members = (SELECT sum(rows) FROM checkpoints WHERE import_id = :import_id AND stage = 'audience')
WHERE import_id = :import_id;
