"""Stage 6: double opt-in texts are scheduled, and the import's counts are closed. Sends nothing."""

import json

from sqlalchemy import Connection

from pipeline.checkpoints import sum_counts
from pipeline.sql import statement
from pipeline.texts.schedule import schedule_texts
from pipeline.work import Batch, Finish, Import, Next, Progress, Tools
from schemas.errors import ImportRefused
from schemas.states import ImportStatus

_CONSENT = ("sms_opted_in", "sms_opted_out", "sms_pending", "email_opted_in", "email_opted_out", "withheld")
_ROWS = ("rows_created", "rows_updated", "rows_unchanged", "rows_rejected", "rows_skipped")


def prepare(tools: Tools, batch: Batch) -> None:
    """Everything happens in the database."""


def perform(conn: Connection, tools: Tools, batch: Batch, prepared: None) -> Progress:
    scheduled = schedule_texts(conn, batch.work.id, batch.work.account, tools.clock())
    return Progress(rows=scheduled, counts={"texts_scheduled": scheduled})


def close(conn: Connection, tools: Tools, work: Import) -> Next:
    """Add up what the parts counted; an import whose equations don't hold is not completed."""
    counts = sum_counts(conn, work.id)
    left_out = conn.execute(statement("imports", "count_map_rejects"), {"import_id": work.id}).scalar_one()
    totals = {name: counts.get(name, 0) for name in (*_ROWS, "points_readable", "points_added", "points_subtracted")}
    totals["rows_rejected"] += left_out
    totals["points_refused"] = counts.get("points_refused", 0) + counts.get("points_rejected", 0)
    rows = sum((work.profile or {}).get("part_rows", ()))
    points = totals["points_added"] - totals["points_subtracted"] + totals["points_refused"]
    if rows != sum(totals[name] for name in _ROWS) or points != totals["points_readable"]:
        raise ImportRefused("counts_do_not_add_up")
    consent = {name: counts.get(name, 0) for name in _CONSENT}
    facts = {"import_id": work.id, "texts_scheduled": counts.get("texts_scheduled", 0), "consent": json.dumps(consent)}
    conn.execute(statement("imports", "total"), {**facts, **totals})
    return Finish(ImportStatus.COMPLETED)
