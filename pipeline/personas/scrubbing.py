"""Part files lose the rows of forgotten shoppers. Owns no forgetting: what is to be done stands in the table `scrubs`.

It goes on where it was interrupted: a line leaves the table when its cells are gone from the bucket.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from sqlalchemy import Connection, Engine
from sqlalchemy.exc import DBAPIError

from pipeline.files.parts import open_part, part_key
from pipeline.imports import confine
from pipeline.personas.contention import carry_out, is_contention
from pipeline.personas.traces import empty_rows, write_part
from pipeline.sql import statement
from pipeline.wakefulness import awake
from pipeline.work import Account, Tools
from schemas.errors import Transient
from schemas.parts import LINE
from schemas.states import ImportStatus

#: Not a line of a file: the import was under way when somebody was forgotten, so its end has to be awaited.
AT_ITS_END = 0
#: How each staging table of an import loses lines.
DROPS = {"rows": "drop_rows", "plan": "drop_planned", "effects": "drop_effects", "before": "drop_before"}


def finish_scrubs(tools: Tools, account: Account | None = None) -> int:
    """Do all that can be done now, of one account or of all; the number of imports for which something is left.

    What is left: imports under way, whose end has to be awaited, and those whose files can't be reached at the moment.
    """
    facts = {"account_id": account.id if account else None}
    with tools.engine.connect() as conn:
        import_ids = conn.execute(statement("forgetting", "scrubbed_imports"), facts).scalars().all()
    return sum(not _try_import(tools, import_id) for import_id in import_ids)


def _try_import(tools: Tools, import_id: int) -> bool:
    try:
        return _scrub_import(tools, import_id)
    except Transient:
        return False
    except DBAPIError as error:
        if is_contention(error):
            return False
        raise


def _scrub_import(tools: Tools, import_id: int) -> bool:
    """Whether nothing is left to do."""
    with _holding_parts(tools.engine, import_id) as conn:
        facts = {"import_id": import_id}
        lines = conn.execute(statement("forgetting", "due_lines"), facts).scalars().all()
        work = conn.execute(statement("forgetting", "import_facts"), facts).one()
        ended = not work.may_go_on or work.purged
        named = {line for line in lines if line != AT_ITS_END}
        if AT_ITS_END in lines and ended:
            named |= set(conn.execute(statement("forgetting", "blocked_lines"), facts).scalars())
        with awake(conn):
            if work.parts_prefix or work.status == ImportStatus.FAILED:
                _drop_strays(tools, import_id, work.parts_prefix)
            if work.parts_prefix:
                _empty_parts(tools, work, named)
        done = [line for line in lines if line != AT_ITS_END or ended]
        carry_out(tools.engine, lambda own: _note_done(own, work, sorted(named), done))
        return len(done) == len(lines)


@contextmanager
def _holding_parts(engine: Engine, import_id: int) -> Iterator[Connection]:
    """Alone with the part files of one import, without a transaction: the bucket may be slow."""
    with engine.connect().execution_options(isolation_level="AUTOCOMMIT") as conn:
        conn.execute(statement("forgetting", "hold_parts"), {"import_id": import_id})
        try:
            yield conn
        finally:
            if not conn.invalidated:
                conn.execute(statement("forgetting", "release_parts"), {"import_id": import_id})


def _drop_strays(tools: Tools, import_id: int, prefix: str | None) -> None:
    """A reader that died left parts of its own, which nobody will read."""
    strays = {each.key.rpartition("/")[0] + "/" for each in tools.store.list(f"imports/{import_id}/parts/")}
    for stray in strays - {prefix}:
        tools.store.delete_prefix(stray)


def _empty_parts(tools: Tools, work: Any, lines: set[int]) -> None:
    """Parts are in the order of lines, so reading stops with the last one that has to go."""
    left = set(lines)
    for part in range(work.parts):
        if not left:
            return
        key = part_key(work.parts_prefix, part)
        table = open_part(tools.store.get_bytes(key))
        emptied = empty_rows(table, left)
        if emptied is not None:
            tools.store.put_bytes(key, write_part(emptied))
        last = table[LINE][-1].as_py() if table.num_rows else 0
        left = {line for line in left if line > last}


def _note_done(conn: Connection, work: Any, lines: list[int], done: list[int]) -> None:
    import_id = work.id
    facts = {"import_id": import_id, "lines": lines, "persona_ids": []}
    # Otherwise a worker would see no persona, and take everybody for gone.
    confine(conn, work.account_id, import_id)
    if AT_ITS_END in done:
        conn.execute(statement("forgetting", "unname_outcomes"), facts)
        for kind in conn.execute(statement("forgetting", "kept_tables"), facts).scalars().all():
            conn.execute(statement("forgetting", DROPS[kind], import_id), facts)
    conn.execute(statement("forgetting", "done_scrubs"), {"import_id": import_id, "lines": done})
