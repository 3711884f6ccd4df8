"""SessionServers: the servers of one test session, each started when it is first asked for."""

import sqlite3
from collections.abc import Mapping

from tests.servers.base import DatabaseServer
from tests.servers.errors import ServerFailed, ServerMissing
from tests.servers.mysql import MySQLServer
from tests.servers.postgresql import PostgreSQLServer

SERVERS: Mapping[str, type[DatabaseServer]] = {server.name: server for server in (PostgreSQLServer, MySQLServer)}


def given_url(name: str, environ: Mapping[str, str]) -> str | None:
    """Return the URL that the environment gives for a kind of server."""
    return environ.get(f"ASYNCMIG_TEST_{name.upper()}_URL") or None


def is_durable(environ: Mapping[str, str]) -> bool:
    """Tell whether private servers sync to disk; in the test suite only when ASYNCMIG_TEST_FAST=0 asks for it."""
    return environ.get("ASYNCMIG_TEST_FAST", "1") in {"0", "false", "no"}


class SessionServers:
    """The servers of one test session; a server that is missing or fails is not tried again."""

    def __init__(self, environ: Mapping[str, str]) -> None:
        self._environ = environ
        self._servers: dict[str, DatabaseServer] = {}
        self._errors: dict[str, ServerMissing | ServerFailed] = {}
        self._sqlite = False

    def get(self, name: str) -> DatabaseServer:
        """Return a running server, or raise ServerMissing or ServerFailed."""
        if name in self._errors:
            raise self._errors[name]
        if name not in self._servers:
            server = SERVERS[name](given_url(name, self._environ), durable=is_durable(self._environ))
            try:
                server.start()
            except (ServerMissing, ServerFailed) as error:
                self._errors[name] = error
                raise
            self._servers[name] = server
        return self._servers[name]

    def note_sqlite(self) -> None:
        """Remember that SQLite was used, for the summary."""
        self._sqlite = True

    def stop(self) -> None:
        """Stop every private server."""
        for server in self._servers.values():
            server.stop()

    def summary(self) -> str:
        """Say which servers were used."""
        parts = [f"sqlite {sqlite3.sqlite_version}"] if self._sqlite else []
        for name in SERVERS:
            if name in self._servers:
                server = self._servers[name]
                parts.append(f"{name} {server.version} ({'private' if server.private else 'given'})")
            elif name in self._errors:
                parts.append(f"{name} {'missing' if isinstance(self._errors[name], ServerMissing) else 'failed'}")
        return " | ".join(parts)
