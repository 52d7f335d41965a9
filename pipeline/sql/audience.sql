-- name: make
INSERT INTO audiences (account_id, import_id, name) VALUES (:account_id, :import_id, :name)
ON CONFLICT (import_id) DO UPDATE SET name = excluded.name
RETURNING id;

-- name: fill
-- Whoever was merged or forgotten since apply is left as outcomes say; ordered, since the key is inserted in order then.
INSERT INTO audience_members (audience_id, persona_id)
SELECT DISTINCT CAST(:audience_id AS bigint), persona_id FROM outcomes
WHERE import_id = :import_id AND outcome IN ('created', 'updated', 'unchanged')
ORDER BY persona_id
ON CONFLICT DO NOTHING;

-- name: note_members
UPDATE audiences SET members = :members WHERE id = :audience_id;
