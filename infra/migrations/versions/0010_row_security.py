"""Row-level security: what a worker does for one import sees and touches that import's account alone."""

from alembic import op

revision = "0010"
down_revision = "0009"

# In a sub-select each is looked up once for a statement, not for each row. Not set, they are null or empty: no row.
_ACCOUNT = "(SELECT NULLIF(current_setting('personas.account', true), '')::bigint)"
_IMPORT = "(SELECT NULLIF(current_setting('personas.import', true), '')::bigint)"

_OF_AN_ACCOUNT = (
    *("saved_mappings", "attribute_names", "personas", "ledger", "consent_events", "identity_changes", "audiences"),
    "double_opt_in_texts",
)
_WORKER = {
    f"account_id = {_ACCOUNT}": _OF_AN_ACCOUNT,
    # Sweeps look at the imports of all accounts, and at nothing else of theirs.
    f"account_id = coalesce({_ACCOUNT}, account_id)": ("imports",),
    # What a row changed holds values.
    f"import_id = {_IMPORT}": ("outcomes",),
}
_READER = (*_OF_AN_ACCOUNT, "imports", "outcomes", "incoming_texts", "merges", "staff_edits")
_STAFF = (*_READER, "api_tokens", "unblocks", "blocklist")
_SENDER = ("personas", "double_opt_in_texts")


def upgrade() -> None:
    for table in _STAFF:
        op.execute(f"ALTER TABLE {table} ENABLE ROW LEVEL SECURITY")
        op.execute(f"ALTER TABLE {table} FORCE ROW LEVEL SECURITY")
    for rows, tables in _WORKER.items():
        for table in tables:
            op.execute(f"CREATE POLICY worker ON {table} TO personas_worker USING ({rows})")
    for role, tables in (("staff", _STAFF), ("reader", _READER), ("sender", _SENDER)):
        for table in tables:
            op.execute(f"CREATE POLICY {role} ON {table} TO personas_{role} USING (true)")
    # The functions that answer for the blocklist run as its owner.
    op.execute("CREATE POLICY owner ON blocklist TO CURRENT_USER USING (true)")
