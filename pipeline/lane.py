"""The lane: imports of one account pass dedupe to texts one at a time, in the order of their turns."""

from sqlalchemy import Connection

from pipeline import checkpoints
from pipeline.sql import statement
from pipeline.work import Doorbell, Import
from schemas import codes
from schemas.states import LANE_STAGES, StageName


def enter_lane(conn: Connection, work: Import) -> bool:
    """Take the account's lane, if it is this import's turn; otherwise the import is `waiting`.

    The account's row is locked for the short rest of the transaction, so that two imports can't both see a free lane.
    """
    if work.in_lane or work.dry_run:
        return True
    facts: dict[str, object] = {"account_id": work.account.id, "import_id": work.id, "turn": work.turn}
    conn.execute(statement("imports", "lock_account"), facts)
    if conn.execute(statement("imports", "before_in_lane"), facts).scalar_one():
        facts["message"] = codes.sentence("waiting_for_earlier")
        conn.execute(statement("imports", "wait_for_lane"), facts)
        return False
    conn.execute(statement("imports", "enter_lane"), facts)
    conn.execute(statement("imports", "count_entry"), facts)
    return True


def next_doorbells(conn: Connection, account_id: int) -> list[Doorbell]:
    """What to ring when the lane has become free: the open parts of the next import that stands in it."""
    import_id = conn.execute(statement("imports", "next_in_lane"), {"account_id": account_id}).scalar_one_or_none()
    if import_id is None:
        return []
    return [bell for bell in checkpoints.list_open(conn, import_id) if bell.stage in LANE_STAGES]


def needs_lane(stage: StageName) -> bool:
    """Whether one import of an account has this stage to itself."""
    return stage in LANE_STAGES
