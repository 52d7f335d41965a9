"""Roles, and what each may do. A table that is not named for a role can't be touched by it."""

from alembic import op

from infra.roles import make_roles

revision = "0008"
down_revision = "0007"

_WORKER = {
    "SELECT, INSERT, UPDATE (lane_entries)": "accounts",
    "SELECT, INSERT": "attribute_names",
    "SELECT, INSERT, UPDATE": "saved_mappings, imports, attempts, outcomes, personas, audiences, double_opt_in_texts",
    "SELECT, INSERT, UPDATE, DELETE": "checkpoints",
    "SELECT, INSERT, DELETE": "rejects, notices",
    "SELECT, DELETE": "scrubs",
    "SELECT": "identity_changes",
    # Written once, and never changed by who writes them.
    "INSERT": "ledger, consent_events",
}
_STAFF = {
    "SELECT, INSERT, UPDATE": "accounts, api_tokens, incoming_texts",
    "SELECT, INSERT, UPDATE, DELETE": "personas, merges, saved_mappings, attribute_names, identity_changes, imports,"
    " checkpoints, attempts, outcomes, rejects, notices, scrubs, audiences, double_opt_in_texts",
    "SELECT": "audience_members",
    "SELECT, INSERT, UPDATE (persona_id, booked_to), DELETE": "ledger",
    "SELECT, INSERT": "consent_events",
    "SELECT, INSERT, DELETE": "staff_edits",
    "INSERT": "blocklist, unblocks",
}
_READER = {
    "SELECT": "accounts, saved_mappings, attribute_names, imports, checkpoints, attempts, outcomes, rejects, notices,"
    " personas, ledger, consent_events, merges, staff_edits, scrubs, identity_changes, audiences, audience_members,"
    " double_opt_in_texts, incoming_texts",
}
_SENDER = {
    "SELECT (id, timezone, double_opt_in)": "accounts",
    # To hold a persona while its consent is read, one must be allowed to change something of it.
    "SELECT (id, account_id, status, phone, sms_consent, sms_withheld), UPDATE (updated_at)": "personas",
    "SELECT, UPDATE": "double_opt_in_texts",
}
_STAGING = """
    GRANT USAGE, CREATE ON SCHEMA staging TO personas_worker;
    GRANT USAGE ON SCHEMA staging TO personas_reader;
    ALTER DEFAULT PRIVILEGES FOR ROLE personas_worker IN SCHEMA staging GRANT SELECT ON TABLES TO personas_reader;
    GRANT SELECT ON ALL TABLES IN SCHEMA staging TO personas_reader;
    DO $$
    DECLARE kept record;
    BEGIN
        FOR kept IN SELECT format('%I.%I', schemaname, tablename) AS name FROM pg_tables WHERE schemaname = 'staging' LOOP
            EXECUTE 'ALTER TABLE ' || kept.name || ' OWNER TO personas_worker';
        END LOOP;
    END $$;
"""


def upgrade() -> None:
    make_roles(op.get_bind())
    for role, granted in (("worker", _WORKER), ("staff", _STAFF), ("reader", _READER), ("sender", _SENDER)):
        for rights, tables in granted.items():
            op.execute(f"GRANT {rights} ON {tables} TO personas_{role}")
    op.execute("GRANT USAGE ON SEQUENCE personas_id_seq, imports_id_seq TO personas_worker")
    op.execute(_STAGING)
