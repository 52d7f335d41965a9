"""Connections to PostgreSQL that notice when nobody answers any more. Owns no statement but its own question."""

import time
from collections.abc import Generator
from typing import Any, TypeVar

import psycopg
from psycopg.abc import PQGen

_Result = TypeVar("_Result")

#: After so many seconds without a byte the server is asked, on a second connection, whether it is still at work for
#: us. A statement may be long; an answer that was lost on its way, or a statement that never arrived, is for ever.
SILENCE_SECONDS = 10.0
#: So many noes, or failures to ask, and the connection is given up: one could be an answer that is just on its way.
_NOES = 2
_ASK_SECONDS = 5
_ASK = "SELECT state = 'active' FROM pg_stat_activity WHERE pid = %s"


class _Asking(psycopg.Connection[Any]):
    """A connection for one short question."""

    def wait(self, gen: PQGen[_Result], *args: Any, **options: Any) -> _Result:
        """Wait for the answer, but not for long."""
        return super().wait(_listen(gen, _ASK_SECONDS, self._give_up), *args, **options)

    def _give_up(self) -> None:
        raise psycopg.OperationalError("the server does not answer")


class WatchedConnection(psycopg.Connection[Any]):
    """A connection that ends by itself, as if it had been cut, once it is silent and nobody is at work at its end."""

    #: The server process that serves it, as the server itself says; 0: not known, so silence is borne.
    server_pid = 0
    _noes = 0

    def wait(self, gen: PQGen[_Result], *args: Any, **options: Any) -> _Result:
        """Wait as long as the server is at work."""
        self._noes = 0
        return super().wait(_listen(gen, SILENCE_SECONDS, self._look), *args, **options)

    def _look(self) -> None:
        if not self.server_pid or self._is_served():
            self._noes = 0
            return
        self._noes += 1
        if self._noes >= _NOES:
            self.pgconn.finish()
            raise psycopg.OperationalError("the connection is silent, and the server is not at work for it")

    def _is_served(self) -> bool:
        try:
            with _Asking.connect(
                self.info.dsn, password=self.info.password, connect_timeout=_ASK_SECONDS, autocommit=True
            ) as other:
                row = other.execute(_ASK, (self.server_pid,)).fetchone()
        except psycopg.Error:
            return False
        return bool(row and row[0])


def _listen(gen: PQGen[_Result], seconds: float, overdue: Any) -> Generator[Any, Any, _Result]:
    """The same waiting, but `overdue` is called whenever nothing was heard for so long."""
    heard = time.monotonic()
    try:
        wanted = next(gen)
        while True:
            ready = yield wanted
            if ready:
                heard = time.monotonic()
            elif time.monotonic() - heard >= seconds:
                overdue()
                heard = time.monotonic()
            wanted = gen.send(ready)
    except StopIteration as end:
        result: _Result = end.value
        return result
