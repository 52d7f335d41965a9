-- name: find
SELECT mapping FROM saved_mappings
WHERE account_id = :account_id
  AND (name = :name OR CAST(:name AS text) IS NULL AND header_key = :header_key)
ORDER BY created_at DESC LIMIT 1;

-- name: save
INSERT INTO saved_mappings (account_id, name, header_key, mapping)
VALUES (:account_id, :name, :header_key, :mapping)
ON CONFLICT (account_id, name) DO UPDATE
SET header_key = excluded.header_key, mapping = excluded.mapping, created_at = now();
