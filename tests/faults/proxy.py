"""A TCP proxy with bad habits: it delays, cuts, and swallows everything."""

import asyncio
import socket
import struct
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field

_CUT = struct.pack("ii", 1, 0)  # SO_LINGER: end with a reset


@dataclass(eq=False)
class _Pipe:
    """One connection through the proxy, both ends of it."""

    writers: tuple[asyncio.StreamWriter, asyncio.StreamWriter]
    stranded: bool = False

    def cut(self) -> None:
        for writer in self.writers:
            if not writer.transport.is_closing():
                writer.get_extra_info("socket").setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, _CUT)
            writer.transport.abort()


@dataclass(eq=False)
class Proxy:
    """Between whoever connects to `port` and a server on loopback. Its moods are set from any thread."""

    server_port: int
    _loop: asyncio.AbstractEventLoop
    port: int = 0
    #: Seconds that each block of bytes is late, in each direction.
    latency: float = 0.0
    #: Everything is taken and nothing passed on: a half-open connection, as either end sees it.
    black_hole: bool = False
    #: How often it did harm.
    hits: int = 0
    _pipes: set[_Pipe] = field(default_factory=set)
    _tasks: set[asyncio.Task[None]] = field(default_factory=set)

    def heal(self) -> None:
        """What comes from now on passes; what was swallowed stays lost, so its connections stay half-open."""
        for pipe in list(self._pipes):
            pipe.stranded |= self.black_hole
        self.latency, self.black_hole = 0.0, False

    def cut(self) -> None:
        """Reset every connection there is."""
        for pipe in list(self._pipes):
            self.hits += 1
            self._loop.call_soon_threadsafe(pipe.cut)

    async def close(self) -> None:
        """Cut every connection."""
        for task in list(self._tasks):
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        for pipe in self._pipes:
            pipe.cut()
        # Transports are closed in the loop's next round.
        await asyncio.sleep(0.01)

    async def accept(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        if self.black_hole:
            self.hits += 1
        try:
            other_reader, other_writer = await asyncio.open_connection("127.0.0.1", self.server_port)
        except OSError:
            writer.transport.abort()
            return
        pipe = _Pipe((writer, other_writer))
        self._pipes.add(pipe)
        ways = ((reader, other_writer), (other_reader, writer))
        for way in ways:
            task = asyncio.create_task(self._carry(pipe, *way))
            self._tasks.add(task)
            task.add_done_callback(self._tasks.discard)

    async def _carry(self, pipe: _Pipe, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        with suppress(OSError):
            while block := await reader.read(1 << 16):
                if self.black_hole or pipe.stranded:
                    pipe.stranded = True
                    self.hits += 1
                    continue
                if self.latency:
                    await asyncio.sleep(self.latency)
                writer.write(block)
                await writer.drain()
        # One end has gone: a connection that leads nowhere does not tell the other, who has to find out.
        if not pipe.stranded:
            self._pipes.discard(pipe)
            pipe.cut()


@contextmanager
def proxying(*server_ports: int) -> Iterator[list[Proxy]]:
    """A proxy for each of these servers of this machine, until the block ends."""
    loop, done, ready = asyncio.new_event_loop(), asyncio.Event(), threading.Event()
    proxies = [Proxy(port, loop) for port in server_ports]
    thread = threading.Thread(target=loop.run_until_complete, args=[_serve(proxies, ready, done)])
    thread.start()
    ready.wait()
    try:
        yield proxies
    finally:
        loop.call_soon_threadsafe(done.set)
        thread.join()
        loop.close()


async def _serve(proxies: list[Proxy], ready: threading.Event, done: asyncio.Event) -> None:
    servers = [await asyncio.start_server(proxy.accept, "127.0.0.1", 0) for proxy in proxies]
    for proxy, server in zip(proxies, servers, strict=True):
        proxy.port = server.sockets[0].getsockname()[1]
    ready.set()
    await done.wait()
    for server in servers:
        server.close()
    for proxy in proxies:
        await proxy.close()
