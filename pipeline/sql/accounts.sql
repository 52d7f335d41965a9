-- name: find
SELECT *
FROM accounts WHERE name = :name;

-- name: add
-- Two that add the same name at once make one account; only one of them gets a row back.
INSERT INTO accounts (name, region, timezone) VALUES (:name, :region, :timezone)
ON CONFLICT (name) DO NOTHING
RETURNING id;

-- name: change
UPDATE accounts
SET region = :region, timezone = :timezone, double_opt_in = :double_opt_in, confirm_opt_ins = :confirm_opt_ins,
    terms_accepted_at = CASE WHEN terms_accepted_by IS NOT DISTINCT FROM :terms_accepted_by THEN terms_accepted_at
                             WHEN CAST(:terms_accepted_by AS text) IS NULL THEN NULL ELSE now() END,
    terms_accepted_by = :terms_accepted_by
WHERE name = :name;

-- name: find_mapping
SELECT 1 FROM saved_mappings m JOIN accounts a ON a.id = m.account_id WHERE a.name = :account AND m.name = :name;

-- name: add_token
INSERT INTO api_tokens (name, account_id, role, token_hash)
SELECT :name, id, :role, :token_hash FROM accounts WHERE name = :account
ON CONFLICT (name) DO NOTHING
RETURNING id;

-- name: revoke_token
UPDATE api_tokens SET revoked_at = now() WHERE name = :name AND revoked_at IS NULL RETURNING id;

-- name: find_token
SELECT t.name, t.role, a.name AS account
FROM api_tokens t JOIN accounts a ON a.id = t.account_id
WHERE t.token_hash = :token_hash AND t.revoked_at IS NULL;
