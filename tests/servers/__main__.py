"""Command line of the test servers: run private ones by hand, or say which are missing.

::

    python -m tests.servers run postgresql|mysql|all
    python -m tests.servers missing
"""

import argparse
import os
import signal
import sys
from contextlib import ExitStack
from types import FrameType

from tests.servers.base import DatabaseServer
from tests.servers.errors import ServerFailed, ServerMissing
from tests.servers.pgbouncer import PgBouncer
from tests.servers.session import SERVERS, given_url, is_durable


def _leave(number: int, frame: FrameType | None) -> None:
    raise SystemExit(0)


def run_servers(names: list[str]) -> None:
    """Start private servers, print the variables that lead the tests to them, and wait for a signal."""
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, _leave)
    with ExitStack() as running:
        for name in names:
            server = running.enter_context(SERVERS[name](durable=is_durable(os.environ)))
            url = server.url.render_as_string(hide_password=False)
            print(f"export ASYNCMIG_TEST_{name.upper()}_URL='{url}'", flush=True)
        print("# running; Ctrl-C stops", file=sys.stderr, flush=True)
        signal.pause()


def print_missing() -> None:
    """Print the name of each kind of server, or pooler, that is neither given nor installed."""
    for name, server in SERVERS.items():
        if given_url(name, os.environ):
            continue
        _print_unless_installed(name, server)
    _print_unless_installed(PgBouncer.name, PgBouncer)


def _print_unless_installed(name: str, server: type[DatabaseServer] | type[PgBouncer]) -> None:
    try:
        server.check_installed()
    except ServerMissing:
        print(name)


def main() -> int:
    """Parse the command line and do what it says."""
    parser = argparse.ArgumentParser(prog="python -m tests.servers")
    commands = parser.add_subparsers(dest="command", required=True)
    run = commands.add_parser("run", help="start private servers and wait until killed")
    run.add_argument("name", choices=[*SERVERS, "all"])
    commands.add_parser("missing", help="print the servers that are neither given nor installed")
    arguments = parser.parse_args()
    if arguments.command == "missing":
        print_missing()
        return 0
    try:
        run_servers(list(SERVERS) if arguments.name == "all" else [arguments.name])
    except (ServerMissing, ServerFailed) as error:
        print(error, file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
