"""Which personas of an import get a double opt-in text, and when it is due. Owns scheduling; sends nothing."""

from collections.abc import Iterator, Sequence
from datetime import UTC, datetime, time, timedelta
from zoneinfo import ZoneInfo

from sqlalchemy import Connection

from pipeline.sql import statement
from pipeline.texts.quiet_hours import may_be_mobile, next_send_time
from pipeline.work import Account

#: Lines of the file looked at in one statement: bounds memory, whatever the size of the audience.
PAGE = 20_000

NEVER = "never"
AFTER_IMPORT = "after_import"


def schedule_texts(conn: Connection, import_id: int, account: Account, now: datetime) -> int:
    """Schedule the texts of an import's audience; returns how many were. A second call schedules nothing more.

    Asked are active personas who have neither agreed nor refused, at a number that may be a mobile's, unless the number
    has had two texts, has one waiting, or had one from this import.
    """
    earliest = earliest_time(account.double_opt_in, account.timezone, now)
    if earliest is None:
        return 0
    facts = {"import_id": import_id, "account_id": account.id}
    scheduled = 0
    for page in _pages(conn, facts):
        times = ((persona_id, phone, _due(phone, earliest, account.timezone)) for persona_id, phone in page)
        texts = [(persona_id, phone, at) for persona_id, phone, at in times if at is not None]
        scheduled += _insert(conn, facts, now, texts)
    return scheduled


def earliest_time(double_opt_in: str, account_zone: str, now: datetime) -> datetime | None:
    """When the account wants its texts to go at the earliest; None for never.

    `HH:MM` is the next such time on the account's clock, `now` included. Raises ValueError for any other setting.
    """
    if double_opt_in == NEVER:
        return None
    if double_opt_in == AFTER_IMPORT:
        return now
    wish, clock = time.fromisoformat(double_opt_in), ZoneInfo(account_zone)
    today = now.astimezone(clock).date()
    # Compared as instants: on the day that the clocks change, wall times can't be.
    days = (datetime.combine(today + timedelta(days=day), wish, clock).astimezone(UTC) for day in range(3))
    return next(moment for moment in days if moment >= now)


def _due(phone: str, earliest: datetime, account_zone: str) -> datetime | None:
    return next_send_time(phone, earliest, account_zone) if may_be_mobile(phone) else None


def _pages(conn: Connection, facts: dict[str, int]) -> Iterator[Sequence[tuple[int, str]]]:
    last_line = conn.execute(statement("texts", "last_line"), facts).scalar_one()
    for after in range(0, last_line, PAGE):
        rows = conn.execute(statement("texts", "candidates"), {**facts, "after": after, "to_line": after + PAGE})
        yield [(row.id, row.phone) for row in rows]


def _insert(conn: Connection, facts: dict[str, int], now: datetime, texts: Sequence[tuple[int, str, datetime]]) -> int:
    if not texts:
        return 0
    persona_ids, phones, send_ats = (list(column) for column in zip(*texts, strict=True))
    values = {**facts, "now": now, "persona_ids": persona_ids, "phones": phones, "send_ats": send_ats}
    return conn.execute(statement("texts", "schedule"), values).rowcount
