-- name: note_parsed
UPDATE imports
SET sha256 = :sha256, parts_prefix = :prefix, rows_read = :rows, profile = :profile, mapping = :mapping
WHERE id = :import_id;
