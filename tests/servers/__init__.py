"""Database servers for tests and benchmarks: a given one, or a private one that is gone afterwards.

::

    from tests.servers import PostgreSQLServer

    with PostgreSQLServer(durable=True) as server:
        url = server.create_database("bench")
"""

from tests.servers.base import DatabaseServer
from tests.servers.errors import ServerFailed, ServerMissing
from tests.servers.mysql import MySQLServer
from tests.servers.pgbouncer import PgBouncer
from tests.servers.postgresql import PostgreSQLServer

__all__ = ["DatabaseServer", "MySQLServer", "PgBouncer", "PostgreSQLServer", "ServerFailed", "ServerMissing"]
