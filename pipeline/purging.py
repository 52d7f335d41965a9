"""What is not kept: staging tables and part files of imports that ended a while ago. The history stays."""

from pipeline import staging
from pipeline.sql import statement
from pipeline.work import Tools

#: Days after an import's end until its staging rows and part files go. A replay or a reject report needs them before.
KEPT_DAYS = 14


def purge(tools: Tools) -> int:
    """Drop what is past its time; the number of imports concerned."""
    with tools.engine.begin() as conn:
        due = conn.execute(statement("purging", "find_due"), {"days": KEPT_DAYS}).all()
    for row in due:
        with tools.engine.begin() as conn:
            staging.drop_staging(conn, row.id)
        if row.parts_prefix:
            tools.store.delete_prefix(f"imports/{row.id}/")
        with tools.engine.begin() as conn:
            conn.execute(statement("purging", "note_purged"), {"import_id": row.id})
    return len(due)
