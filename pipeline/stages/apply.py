"""Stage 4: what changes. Personas, ledger, consent and outcomes of one part, in one transaction with its checkpoint."""

import json
from collections.abc import Iterable
from itertools import islice
from typing import Any

from sqlalchemy import Connection
from sqlalchemy.exc import IntegrityError

from pipeline.copying import copy_rows, streamed
from pipeline.faults import PlanOutdated, is_taken_key
from pipeline.inorder import STATE_COLUMNS, Choices, Effect, fold_rows
from pipeline.rows.attributes import attribute_key
from pipeline.sql import statement
from pipeline.work import Advance, Batch, Import, Next, Progress, Tools
from schemas.fields import ATTRIBUTE_PREFIX
from schemas.states import StageName

#: The version of the terms that a file's opt-ins are given under.
TERMS_VERSION = "2026-01"

_SLICE = 2_000
_EFFECT_COLUMNS = (
    "line persona_id outcome is_new writes restored delta refused sms_old sms_new sms_raw email_old email_new email_raw"
    " notices changes"
).split() + list(STATE_COLUMNS)


def prepare(tools: Tools, batch: Batch) -> None:
    """Everything happens in the database."""


def perform(conn: Connection, tools: Tools, batch: Batch, prepared: None) -> Progress:
    """Decide what the part's rows do to their personas, then do it."""
    facts = _facts(batch)
    conn.execute(statement("apply", "settings"))
    conn.execute(statement("apply", "create_effects"))
    conn.execute(statement("apply", "find_several"))
    conn.execute(statement("apply", "lock_personas", batch.work.id), facts)
    if conn.execute(statement("apply", "drifted", batch.work.id), facts).scalar_one():
        raise PlanOutdated
    _decide(conn, batch, facts)
    try:
        _write(conn, batch, facts)
    except IntegrityError as error:
        if is_taken_key(error):
            raise PlanOutdated from None
        raise
    return _count(conn, batch, facts)


def _facts(batch: Batch) -> dict[str, Any]:
    options = batch.work.options
    return {
        "import_id": batch.work.id,
        "account_id": batch.work.account.id,
        "part": batch.part,
        "seen": batch.work.plan_seen,
        "keep": options.only_fill_blanks,
        "allow_negative": options.allow_negative_balance,
        "confirm": batch.work.account.confirm_opt_ins,
        "terms_version": TERMS_VERSION,
    }


def _decide(conn: Connection, batch: Batch, facts: dict[str, Any]) -> None:
    work = batch.work
    several = conn.execute(statement("apply", "fill_several", work.id), facts).rowcount
    conn.execute(statement("apply", "decide_rows", work.id), facts)
    conn.execute(statement("apply", "decide_opt_outs", work.id), facts)
    if several:
        choices = Choices(facts["keep"], facts["allow_negative"], facts["confirm"])
        with (
            streamed(conn, statement("apply", "touches", work.id), facts) as touches,
            streamed(conn, statement("apply", "several_personas"), facts) as before,
        ):
            _copy_effects(conn, fold_rows(touches, iter(before.mappings()), choices))


def _copy_effects(conn: Connection, effects: Iterable[Effect]) -> None:
    effects = iter(effects)
    while some := [_tuple(effect) for effect in islice(effects, _SLICE)]:
        copy_rows(conn, "effects", _EFFECT_COLUMNS, some)


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
        effect.notices or None,
        json.dumps(effect.changes, default=str) if effect.changes else None,
        *((_column(name, state[name]) for name in STATE_COLUMNS) if state else (None for _ in STATE_COLUMNS)),
    )


def _column(name: str, value: Any) -> Any:
    return json.dumps(value) if name == "attributes" else value


def _write(conn: Connection, batch: Batch, facts: dict[str, Any]) -> None:
    work = batch.work
    if work.options.replace_identifiers:
        conn.execute(statement("apply", "free_keys"), facts)
    for name in ("insert_personas", "update_personas", "insert_ledger", "insert_events"):
        conn.execute(statement("apply", name), facts)
    conn.execute(statement("apply", "insert_outcomes", work.id), facts)
    for name in ("insert_notices", "cancel_texts"):
        conn.execute(statement("apply", name), facts)
    _name_attributes(conn, work)


def _name_attributes(conn: Connection, work: Import) -> None:
    fields = [field for field in (work.mapping or {})["fields"].values() if field and field.startswith(ATTRIBUTE_PREFIX)]
    if fields:
        names = [field.removeprefix(ATTRIBUTE_PREFIX) for field in fields]
        facts = {"account_id": work.account.id, "keys": [attribute_key(name) for name in names], "names": names}
        conn.execute(statement("apply", "name_attributes"), facts)


def _count(conn: Connection, batch: Batch, facts: dict[str, Any]) -> Progress:
    counts = dict(conn.execute(statement("apply", "count")).mappings().one())
    left_out = conn.execute(statement("apply", "count_left_out", batch.work.id), facts).mappings().one()
    for name, count in left_out.items():
        counts[name] = counts.get(name, 0) + count
    rows = sum(counts[f"rows_{outcome}"] for outcome in ("created", "updated", "unchanged", "rejected", "skipped"))
    return Progress(rows=rows, counts=counts)


def close(conn: Connection, tools: Tools, work: Import) -> Next:
    """The rows that map left out get their outcome with the last part, so that every line has one."""
    conn.execute(statement("apply", "insert_left_out"), {"import_id": work.id})
    return Advance(StageName.AUDIENCE)
