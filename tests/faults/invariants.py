"""What must be true of an account whatever happened to workers, broker and connections. Looks, and repairs nothing."""

from sqlalchemy import text

from tests.running import Running

#: What is wrong → the rows that show it; none, if all is well. `a` is the account's id.
_STATEMENTS = {
    "import is not at its end": """
        SELECT id, status, stage FROM imports
        WHERE account_id = :a AND status NOT IN ('completed', 'failed', 'planned', 'cancelled')""",
    "import at its end holds the lane": "SELECT id FROM imports WHERE account_id = :a AND in_lane",
    "completed import has an open checkpoint": """
        SELECT i.id, c.stage, c.part FROM imports i JOIN checkpoints c ON c.import_id = i.id
        WHERE i.account_id = :a AND i.status = 'completed' AND c.state <> 'done'""",
    "completed import has an attempt without an end": """
        SELECT i.id, t.stage, t.part FROM imports i JOIN attempts t ON t.import_id = i.id
        WHERE i.account_id = :a AND i.status = 'completed' AND t.outcome IS NULL""",
    "rows do not add up": """
        SELECT id FROM imports WHERE account_id = :a AND status = 'completed'
          AND rows_read <> rows_created + rows_updated + rows_unchanged + rows_rejected + rows_skipped""",
    "points do not add up": """
        SELECT id FROM imports WHERE account_id = :a AND status = 'completed'
          AND points_readable <> points_added - points_subtracted + points_refused""",
    "a line has several outcomes": """
        SELECT o.import_id, o.line FROM imports i JOIN outcomes o ON o.import_id = i.id
        WHERE i.account_id = :a GROUP BY o.import_id, o.line HAVING count(*) > 1""",
    "outcomes are not what the import counted": """
        SELECT i.id FROM imports i
        CROSS JOIN LATERAL (
            SELECT count(*) FILTER (WHERE outcome = 'created') AS created,
                   count(*) FILTER (WHERE outcome = 'updated') AS updated,
                   count(*) FILTER (WHERE outcome = 'unchanged') AS unchanged,
                   count(*) FILTER (WHERE outcome = 'rejected') AS rejected,
                   count(*) FILTER (WHERE outcome = 'skipped') AS skipped
            FROM outcomes o WHERE o.import_id = i.id) n
        WHERE i.account_id = :a AND i.status = 'completed'
          AND (i.rows_created, i.rows_updated, i.rows_unchanged, i.rows_rejected, i.rows_skipped)
              <> (n.created, n.updated, n.unchanged, n.rejected, n.skipped)""",
    "a line has several ledger lines": """
        SELECT import_id, line FROM ledger WHERE account_id = :a AND import_id IS NOT NULL
        GROUP BY import_id, line HAVING count(*) > 1""",
    "ledger is not what the import counted": """
        SELECT i.id FROM imports i
        CROSS JOIN LATERAL (
            SELECT coalesce(sum(delta) FILTER (WHERE delta > 0), 0) AS added,
                   coalesce(-sum(delta) FILTER (WHERE delta < 0), 0) AS subtracted
            FROM ledger l WHERE l.import_id = i.id) n
        WHERE i.account_id = :a AND i.status = 'completed'
          AND (i.points_added, i.points_subtracted) <> (n.added, n.subtracted)""",
    "balance is not the sum of the ledger": """
        SELECT p.id FROM personas p
        WHERE p.account_id = :a
          AND p.points <> (SELECT coalesce(sum(delta), 0) FROM ledger l WHERE l.persona_id = p.id)""",
    "consent is not its last event": """
        SELECT p.id, c.channel FROM personas p
        CROSS JOIN LATERAL (VALUES ('sms', p.sms_consent), ('email', p.email_consent)) c (channel, state)
        WHERE p.account_id = :a AND c.state <> coalesce((
            SELECT e.new FROM consent_events e WHERE e.persona_id = p.id AND e.channel = c.channel
            ORDER BY e.at DESC, e.line DESC LIMIT 1), 'unknown')""",
    "consent events do not follow each other": """
        SELECT persona_id, channel FROM (
            SELECT persona_id, channel, old,
                   lag(new, 1, 'unknown') OVER (PARTITION BY persona_id, channel ORDER BY at, line) AS before
            FROM consent_events WHERE account_id = :a) e
        WHERE old <> before""",
    "an event was noted twice": """
        SELECT import_id, line, channel FROM consent_events WHERE account_id = :a AND import_id IS NOT NULL
        GROUP BY import_id, line, channel, persona_id HAVING count(*) > 1""",
    "completed import has not one audience": """
        SELECT i.id FROM imports i LEFT JOIN audiences u ON u.import_id = i.id
        WHERE i.account_id = :a AND (i.status = 'completed') <> (u.id IS NOT NULL)""",
    "audience is not as large as it says": """
        SELECT u.id FROM audiences u WHERE u.account_id = :a
          AND u.members <> (SELECT count(*) FROM audience_members m WHERE m.audience_id = u.id)""",
    "an outcome names nobody": """
        SELECT o.import_id, o.line FROM imports i JOIN outcomes o ON o.import_id = i.id
        LEFT JOIN personas p ON p.id = o.persona_id
        WHERE i.account_id = :a AND (o.outcome <> 'rejected' AND p.id IS NULL OR p.account_id <> i.account_id)""",
}
_MOST = 5
#: All that an account has, but for the attempts, which tell of every delivery.
_TABLES = {
    "imports": "account_id = :a",
    "checkpoints": "import_id IN (SELECT id FROM imports WHERE account_id = :a)",
    "outcomes": "import_id IN (SELECT id FROM imports WHERE account_id = :a)",
    "rejects": "import_id IN (SELECT id FROM imports WHERE account_id = :a)",
    "notices": "import_id IN (SELECT id FROM imports WHERE account_id = :a)",
    "personas": "account_id = :a",
    "ledger": "account_id = :a",
    "consent_events": "account_id = :a",
    "audiences": "account_id = :a",
    "double_opt_in_texts": "account_id = :a",
}


def find_violations(system: Running, account: str) -> list[str]:
    """What is wrong with an account, in words and ids; empty if nothing is."""
    found = []
    with system.system.engine.connect() as conn:
        number = conn.execute(text("SELECT id FROM accounts WHERE name = :name"), {"name": account}).scalar_one()
        for wrong, statement in _STATEMENTS.items():
            rows = [tuple(row) for row in conn.execute(text(statement), {"a": number})]
            if rows:
                found.append(f"{wrong}: {rows[:_MOST]}{' and more' if len(rows) > _MOST else ''}")
    return found


def take_fingerprint(system: Running, account: str) -> dict[str, str]:
    """A digest of each table's rows that belong to the account."""
    with system.system.engine.connect() as conn:
        number = conn.execute(text("SELECT id FROM accounts WHERE name = :name"), {"name": account}).scalar_one()
        digest = "SELECT md5(coalesce(string_agg(t::text, '|' ORDER BY t::text), '')) FROM {} t WHERE {}"
        return {
            name: conn.execute(text(digest.format(name, where)), {"a": number}).scalar_one()
            for name, where in _TABLES.items()
        }
