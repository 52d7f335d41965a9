"""Sessions that hold a lock while nothing is asked of the database. Owns no lock."""

import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress

import psycopg
from sqlalchemy import Connection

from pipeline.asking import driver_connection

#: Well below the time after which the database ends a session that stands still.
EVERY_SECONDS = 10.0


@contextmanager
def awake(conn: Connection) -> Iterator[None]:
    """Show the database while the body runs that this process lives; the body must not use `conn`, nor a transaction.

    A process that is frozen, or cut off, shows nothing: its session is ended, and whoever waits for its lock gets it.
    """
    raw = driver_connection(conn)
    done = threading.Event()
    thread = threading.Thread(target=_show, args=(raw, done), daemon=True)
    thread.start()
    try:
        yield
    finally:
        done.set()
        thread.join()


def _show(raw: psycopg.Connection[object], done: threading.Event) -> None:
    # What fails here fails again, and is dealt with, at the next use of the connection.
    with suppress(psycopg.Error):
        while not done.wait(EVERY_SECONDS):
            raw.execute("SELECT 1")
            raw.rollback()
