"""What the rows of one part do to their personas: decided into the temporary table `effects`, in sets and in file
order. Writes nothing else.
"""

from collections.abc import Iterable
from contextlib import closing
from itertools import islice
from typing import Any

from pydantic_core import to_json
from sqlalchemy import Connection

from pipeline.asking import driver_connection, stream, stream_named
from pipeline.copying import copy_rows
from pipeline.inorder import STATE_COLUMNS, Choices, Effect, fold_rows
from pipeline.sql import statement
from pipeline.work import Import

_SLICE = 2_000
_NO_STATE = (None,) * len(STATE_COLUMNS)
_COLUMNS = [
    *("line", "persona_id", "outcome", "is_new", "writes", "restored", "delta", "refused"),
    *("sms_old", "sms_new", "sms_raw", "email_old", "email_new", "email_raw", "notices", "changes", "seen"),
    *STATE_COLUMNS,
]


def facts_of(work: Import, part: int) -> dict[str, Any]:
    """What the statements of `apply.sql` are told about a part."""
    return {
        "import_id": work.id,
        "account_id": work.account.id,
        "part": part,
        "seen": work.plan_seen,
        "keep": work.options.only_fill_blanks,
        "allow_negative": work.options.allow_negative_balance,
        "confirm": work.account.confirm_opt_ins,
    }


def open_effects(conn: Connection) -> None:
    """Make the temporary tables, where this connection does not have them yet."""
    conn.execute(statement("apply", "create_effects"))
    conn.execute(statement("apply", "find_several"))


def decide(conn: Connection, work: Import, facts: dict[str, Any]) -> None:
    """Fill `effects` for a part: in sets for personas touched once, in file order for the others."""
    several = conn.execute(statement("apply", "fill_several", work.id), facts).rowcount
    conn.execute(statement("apply", "decide_rows", work.id), facts)
    conn.execute(statement("apply", "decide_opt_outs", work.id), facts)
    if several:
        choices = Choices(facts["keep"], facts["allow_negative"], facts["confirm"])
        driver = driver_connection(conn)
        with (
            closing(stream_named(driver, "apply", "touches", facts, _SLICE)) as touches,
            closing(stream(driver, "apply", "several_personas", facts, _SLICE)) as before,
        ):
            _copy_effects(conn, fold_rows(touches, before, choices))


def count_effects(conn: Connection, work: Import, facts: dict[str, Any]) -> dict[str, int]:
    """Rows, points and consent events of the part by name; every row of the part is in one of the `rows_…`."""
    counts: dict[str, int] = dict(conn.execute(statement("apply", "count")).mappings().one())
    left_out = conn.execute(statement("apply", "count_left_out", work.id), facts).mappings().one()
    for name, count in left_out.items():
        counts[name] = counts.get(name, 0) + count
    return counts


def _copy_effects(conn: Connection, effects: Iterable[Effect]) -> None:
    effects = iter(effects)
    while some := [_tuple(effect) for effect in islice(effects, _SLICE)]:
        copy_rows(conn, "effects", _COLUMNS, some)


def _tuple(effect: Effect) -> tuple[Any, ...]:
    state = effect.state
    nothing = (None, None, None)
    return (
        effect.line,
        effect.persona_id,
        effect.outcome,
        effect.is_new,
        effect.writes,
        effect.restored,
        effect.delta,
        effect.refused,
        *(effect.sms or nothing),
        *(effect.email or nothing),
        # Words alone: an array as COPY spells it.
        "{" + ",".join(f'"{notice}"' for notice in effect.notices) + "}" if effect.notices else None,
        to_json(effect.changes).decode() if effect.changes else None,
        effect.seen,
        *(_NO_STATE if state is None else (_column(name, state[name]) for name in STATE_COLUMNS)),
    )


def _column(name: str, value: Any) -> Any:
    return to_json(value).decode() if name == "attributes" else value
