"""Which errors pass by themselves. Decided by type and SQLSTATE, never by text."""

import traceback

import psycopg
from sqlalchemy.exc import DBAPIError

from schemas.errors import Transient


class PlanOutdated(Exception):
    """The plan no longer fits the personas: what is not applied yet has to be planned again."""


class Superseded(Exception):
    """Somebody else has done this part, or the import has ended."""


#: Connection trouble, transaction rollback, out of resources, operator intervention, lock not available, i/o.
_PASSING_CLASSES = ("08", "40", "53", "57", "58")
_LOCK_NOT_AVAILABLE = "55P03"
#: A second owner of a phone or e-mail: somebody else was quicker, so the same work decides anew.
_UNIQUE_VIOLATION = "23505"


def is_passing(error: Exception) -> bool:
    """Whether the same work may succeed later."""
    if isinstance(error, Transient):
        return True
    if isinstance(error, DBAPIError):
        if error.connection_invalidated:
            return True
        error = error.orig if isinstance(error.orig, psycopg.Error) else error
    # COPY goes past SQLAlchemy, so its errors come as psycopg raised them.
    if not isinstance(error, psycopg.Error):
        return False
    if error.sqlstate is None:
        return isinstance(error, psycopg.OperationalError)
    return error.sqlstate[:2] in _PASSING_CLASSES or error.sqlstate == _LOCK_NOT_AVAILABLE


def is_taken_key(error: Exception) -> bool:
    """Whether a row was refused because its phone or e-mail has an owner."""
    return isinstance(error, DBAPIError) and getattr(error.orig, "sqlstate", None) == _UNIQUE_VIOLATION


def place_of(error: BaseException) -> str:
    """Where an error was raised, for the log: file and line, never its text, which may hold values of a row."""
    frames = traceback.extract_tb(error.__traceback__)
    ours = [frame for frame in frames if "site-packages" not in frame.filename] or frames
    return f"{ours[-1].filename.rsplit('/', 1)[-1]}:{ours[-1].lineno}" if ours else "unknown"
