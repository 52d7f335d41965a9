"""Which objects of a listing have no import yet. Lists nothing itself, and makes no import."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager

from sqlalchemy import Connection, Engine

from pipeline.sql import statement
from pipeline.wakefulness import awake
from pipeline.work import StoredObject


@contextmanager
def sole_sweep(engine: Engine) -> Iterator[bool]:
    """Be the only one who sweeps while the body runs; False: another one is at it."""
    with engine.connect() as conn:
        alone = bool(conn.execute(statement("sightings", "begin_sweep")).scalar_one())
        conn.commit()
        try:
            with awake(conn):
                yield alone
        finally:
            if alone and not conn.invalidated:
                conn.execute(statement("sightings", "end_sweep"))
                conn.commit()


def find_unknown(conn: Connection, bucket: str, seen: Sequence[StoredObject]) -> list[str]:
    """Keys of those objects that are no import's, in the order given; by key and etag, in one statement."""
    facts = {"bucket": bucket, "keys": [each.key for each in seen], "etags": [each.etag for each in seen]}
    return list(conn.execute(statement("sightings", "find_unknown"), facts).scalars())


def known_accounts(conn: Connection, names: Sequence[str]) -> frozenset[str]:
    """Those of the names that an account has, or could be given at first use."""
    found = conn.execute(statement("sightings", "known_accounts"), {"names": list(names)}).scalars()
    return frozenset(found) | {"default"}
