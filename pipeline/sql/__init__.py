"""The one home of SQL: named statements in `<subject>.sql`, each pasted as it is into EXPLAIN. Owns the loader only."""

import re
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from sqlalchemy import TextClause

_FOLDER = Path(__file__).parent
_NAME = re.compile(r"^-- name: (\w+)$", re.MULTILINE)


@cache
def _sections(subject: str) -> dict[str, str]:
    source = (_FOLDER / f"{subject}.sql").read_text(encoding="utf-8")
    pieces = _NAME.split(source)
    names, bodies = pieces[1::2], pieces[2::2]
    if len(set(names)) != len(names):
        raise ValueError(f"{subject}.sql names a statement twice")
    return {name: body.strip().rstrip(";") for name, body in zip(names, bodies, strict=True)}


@cache
def statement(subject: str, name: str, import_id: int | None = None) -> "TextClause":
    """A named statement of `<subject>.sql`; `{import_id}` in the names of staging tables becomes that number."""
    from sqlalchemy import text  # late: whoever asks through the driver alone does not need it

    return text(source(subject, name, import_id))


def source(subject: str, name: str, import_id: int | None = None) -> str:
    """The text of a named statement, for what SQLAlchemy does not run."""
    body = _sections(subject)[name]
    return body if import_id is None else body.replace("{import_id}", str(int(import_id)))
