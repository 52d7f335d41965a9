"""The blocklist can be asked about a hash, and told of one; nobody but its owner reads what is on it."""

from alembic import op

revision = "0009"
down_revision = "0008"

# Names in these bodies are looked up now, once and for all: no later search path leads them elsewhere.
_FUNCTIONS = """
    CREATE FUNCTION blocklist_in_use(account bigint) RETURNS boolean
    LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, pg_temp
    BEGIN ATOMIC
        SELECT EXISTS (SELECT FROM blocklist b WHERE b.account_id = account);
    END;
    -- Of lines with their hashes, those that are on it.
    CREATE FUNCTION on_blocklist(account bigint, lines integer[], hashes bytea[]) RETURNS SETOF integer
    LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, pg_temp
    BEGIN ATOMIC
        SELECT asked.line FROM unnest(lines, hashes) asked (line, hash)
        WHERE EXISTS (SELECT FROM blocklist b WHERE b.account_id = account AND b.hash = asked.hash);
    END;
    CREATE FUNCTION take_off_blocklist(account bigint, gone bytea) RETURNS boolean
    LANGUAGE sql VOLATILE SECURITY DEFINER SET search_path = pg_catalog, pg_temp
    BEGIN ATOMIC
        WITH deleted AS (DELETE FROM blocklist b WHERE b.account_id = account AND b.hash = gone RETURNING 1)
        SELECT EXISTS (SELECT FROM deleted);
    END;
    REVOKE ALL ON FUNCTION blocklist_in_use(bigint), on_blocklist(bigint, integer[], bytea[]),
        take_off_blocklist(bigint, bytea) FROM PUBLIC;
    GRANT EXECUTE ON FUNCTION blocklist_in_use(bigint), on_blocklist(bigint, integer[], bytea[]) TO personas_worker;
    GRANT EXECUTE ON FUNCTION take_off_blocklist(bigint, bytea) TO personas_staff;
"""


def upgrade() -> None:
    op.execute(_FUNCTIONS)
