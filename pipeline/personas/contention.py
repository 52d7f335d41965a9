"""How a command on personas waits for imports: as long as the session lets it, and once more. Owns no command."""

from collections.abc import Callable
from typing import TypeVar

from sqlalchemy import Connection, Engine
from sqlalchemy.exc import DBAPIError, IntegrityError
from tenacity import Retrying, retry_if_exception, stop_after_attempt, wait_random_exponential

from pipeline.faults import is_taken_key
from schemas.errors import Transient, WrongCommand

Result = TypeVar("Result")

#: Lock not available, deadlock, serialization failure.
_CONTENTION = frozenset({"55P03", "40P01", "40001"})
_TRIES = 6


def carry_out(engine: Engine, command: Callable[[Connection], Result]) -> Result:
    """Run a command in a transaction of its own; where an import is in the way, wait for its current part.

    Raises `Transient` if it is still in the way after half a minute, and `WrongCommand` for a phone or e-mail that
    somebody else took at the same moment.
    """
    again = Retrying(
        retry=retry_if_exception(is_contention),
        stop=stop_after_attempt(_TRIES),
        wait=wait_random_exponential(multiplier=0.05, max=2),
        reraise=True,
    )
    try:
        done: Result = again(_run, engine, command)
        return done
    except IntegrityError as error:
        if is_taken_key(error):
            raise WrongCommand("The phone or the e-mail belongs to another persona.") from None
        raise
    except DBAPIError as error:
        if is_contention(error):
            raise Transient("An import is at work on this persona; try again in a moment.") from None
        raise


def is_contention(error: BaseException) -> bool:
    """Whether somebody else held what the command needed."""
    return isinstance(error, DBAPIError) and getattr(error.orig, "sqlstate", None) in _CONTENTION


def _run(engine: Engine, command: Callable[[Connection], Result]) -> Result:
    with engine.begin() as conn:
        return command(conn)
