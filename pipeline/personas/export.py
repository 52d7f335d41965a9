"""Every persona of an account as JSON lines, streamed by id from one snapshot. Memory holds one page."""

import json
from collections.abc import Iterator

from sqlalchemy import Engine

from pipeline.personas.accounts import find_account
from pipeline.personas.objects import build_personas, load_spellings
from pipeline.sql import statement

_PAGE = 2_000


def export_personas(engine: Engine, account_name: str) -> Iterator[str]:
    """One line of JSON per persona, without its line end. Raises `WrongCommand` for an unknown account.

    One snapshot for all pages: a balance and its ledger lines come from the same moment, however long it takes.
    """
    with engine.connect().execution_options(isolation_level="REPEATABLE READ") as conn, conn.begin():
        conn.execute(statement("personas", "without_time_limits"))
        account = find_account(conn, account_name)
        spellings = load_spellings(conn, account)
        streamed = conn.execute(
            statement("personas", "export"),
            {"account_id": account.id},
            execution_options={"stream_results": True, "max_row_buffer": _PAGE},
        )
        for page in streamed.mappings().partitions(_PAGE):
            for persona in build_personas(conn, account, spellings, page):
                yield json.dumps(persona, ensure_ascii=False)
