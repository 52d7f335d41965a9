-- name: make_default_account
INSERT INTO accounts (name) VALUES ('default') ON CONFLICT (name) DO NOTHING;

-- name: find_account
SELECT id FROM accounts WHERE name = :name;

-- name: lock_account
-- Imports of one account become visible in the order of their ids: the lane relies on it.
SELECT id FROM accounts WHERE id = :account_id FOR NO KEY UPDATE;

-- name: insert_import
-- The account is locked, so nobody else adds a version of this key meanwhile. The same bytes are the same version.
INSERT INTO imports (id, turn, account_id, name, trigger, options, dry_run, bucket, key, version, version_id, etag, bytes)
SELECT n.id, n.id, :account_id, :name, :trigger, :options, :dry_run, :bucket, :key, :version, :version_id, :etag, :bytes
FROM (SELECT nextval('imports_id_seq') AS id
      WHERE NOT EXISTS (SELECT FROM imports
                        WHERE bucket = :bucket AND key = :key AND (version = :version OR etag = :etag))) n
ON CONFLICT (bucket, key, version) DO NOTHING
RETURNING id;

-- name: known_import
SELECT id FROM imports WHERE bucket = :bucket AND key = :key AND (version = :version OR etag = :etag)
ORDER BY id LIMIT 1;

-- name: refuse
UPDATE imports SET status = 'failed', code = :code, message = :message, finished_at = now() WHERE id = :import_id;
