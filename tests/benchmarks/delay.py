"""Delay: a server as it is from farther away: a proxy that keeps each piece of data back for a while.

::

    python -m tests.benchmarks.delay HOST PORT SECONDS

Prints the port that it listens at.
"""

from __future__ import annotations

import asyncio
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager

from sqlalchemy.engine import make_url

from tests.benchmarks.measuring import ROOT

_CHUNK = 1 << 16


@contextmanager
def delayed(url: str, seconds: float) -> Iterator[str]:
    """The URL of the same database, each trip to which takes *seconds* longer."""
    parsed = make_url(url)
    command = [sys.executable, "-m", "tests.benchmarks.delay", str(parsed.host), str(parsed.port), str(seconds / 2)]
    proxy = subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, text=True)
    try:
        assert proxy.stdout is not None
        port = int(proxy.stdout.readline())
        yield parsed.set(host="127.0.0.1", port=port).render_as_string(hide_password=False)
    finally:
        proxy.terminate()
        proxy.wait()


async def _serve(host: str, port: int, seconds: float) -> None:
    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        theirs, to_them = await asyncio.open_connection(host, port)
        await asyncio.gather(_pass_on(reader, to_them, seconds), _pass_on(theirs, writer, seconds))

    server = await asyncio.start_server(serve, "127.0.0.1", 0)
    sys.stdout.write(f"{server.sockets[0].getsockname()[1]}\n")
    sys.stdout.flush()
    await server.serve_forever()


async def _pass_on(reader: asyncio.StreamReader, writer: asyncio.StreamWriter, seconds: float) -> None:
    loop = asyncio.get_running_loop()
    while data := await reader.read(_CHUNK):
        loop.call_later(seconds, writer.write, data)
    loop.call_later(seconds, writer.close)


if __name__ == "__main__":
    asyncio.run(_serve(sys.argv[1], int(sys.argv[2]), float(sys.argv[3])))
