"""Personas are inserted without a look at their account; an audience is read from the outcomes of its import."""

from alembic import op

revision = "0007"
down_revision = "0006"


def upgrade() -> None:
    op.drop_constraint("fk_personas_account_id", "personas", type_="foreignkey")
    op.drop_table("audience_members")
    op.execute(
        "CREATE VIEW audience_members WITH (security_invoker = true) AS "
        "SELECT DISTINCT a.id AS audience_id, o.persona_id "
        "FROM audiences a JOIN outcomes o ON o.import_id = a.import_id "
        "WHERE o.outcome IN ('created', 'updated', 'unchanged') AND o.persona_id IS NOT NULL"
    )
