"""The counts of an import, added up from its parts when it closes. Without its equations it is not completed."""

import json
from typing import Any

from sqlalchemy import Connection

from pipeline.checkpoints import sum_counts
from pipeline.sql import statement
from pipeline.work import Import
from schemas.errors import ImportRefused

_CONSENT = ("sms_opted_in", "sms_opted_out", "sms_pending", "email_opted_in", "email_opted_out", "withheld")
_ROWS = ("rows_created", "rows_updated", "rows_unchanged", "rows_rejected", "rows_skipped")
_POINTS = ("points_readable", "points_added", "points_subtracted")


def add_up(conn: Connection, work: Import) -> dict[str, Any]:
    """Totals by the names of the columns of `imports`; ImportRefused if a row or a point is unaccounted for."""
    counts = sum_counts(conn, work.id)
    totals = {name: counts.get(name, 0) for name in (*_ROWS, *_POINTS)}
    totals["rows_rejected"] += conn.execute(
        statement("imports", "count_map_rejects"), {"import_id": work.id}
    ).scalar_one()
    totals["points_refused"] = counts.get("points_refused", 0) + counts.get("points_rejected", 0)
    rows = sum(work.profile.get("part_rows", ()))
    points = totals["points_added"] - totals["points_subtracted"] + totals["points_refused"]
    if rows != sum(totals[name] for name in _ROWS) or points != totals["points_readable"]:
        raise ImportRefused("counts_do_not_add_up")
    consent = json.dumps({name: counts.get(name, 0) for name in _CONSENT})
    return {"import_id": work.id, **totals, "consent": consent, "texts_scheduled": counts.get("texts_scheduled", 0)}
