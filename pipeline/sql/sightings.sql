-- name: find_unknown
-- Objects of a listing that no import is of. The same key with the same bytes is the same version.
SELECT seen.key
FROM unnest(CAST(:keys AS text[]), CAST(:etags AS text[])) WITH ORDINALITY AS seen (key, etag, position)
WHERE NOT EXISTS (SELECT FROM imports i WHERE i.bucket = :bucket AND i.key = seen.key AND i.etag = seen.etag)
ORDER BY seen.position;

-- name: known_accounts
SELECT name FROM accounts WHERE name = ANY(CAST(:names AS text[]));

-- name: begin_sweep
-- One sweep at a time: a large bucket may take longer to list than the pause between two.
SELECT pg_try_advisory_lock(hashtextextended('sweep of the bucket', 0));

-- name: end_sweep
SELECT pg_advisory_unlock(hashtextextended('sweep of the bucket', 0));
