"""GaleraServer: a private MariaDB that is a cluster of one."""

from collections.abc import Sequence
from pathlib import Path

from tests.servers.base import free_port
from tests.servers.errors import ServerMissing
from tests.servers.mysql import MySQLServer

#: Where Debian, Red Hat and others keep the library.
PLACES = ("/usr/lib/galera", "/usr/lib64/galera-4", "/usr/lib64/galera", "/usr/lib/galera-4")


def library() -> Path | None:
    """Find the library that makes a cluster of MariaDB."""
    return next((path for place in PLACES if (path := Path(place) / "libgalera_smm.so").exists()), None)


class GaleraServer(MySQLServer):
    """A MariaDB in a cluster, whose servers know nothing of each other's named locks."""

    @classmethod
    def check_installed(cls) -> None:
        super().check_installed()
        if library() is None:
            raise ServerMissing("no Galera: install galera-4")

    def _command(self, home: Path, port: int) -> Sequence[str | Path]:
        peers = free_port()
        return [
            *super()._command(home, port),
            "--wsrep-on=ON",
            f"--wsrep-provider={library()}",
            "--wsrep-cluster-address=gcomm://",
            "--wsrep-node-address=127.0.0.1",
            f"--wsrep-provider-options=base_port={peers};gmcast.listen_addr=tcp://127.0.0.1:{peers}",
            "--binlog-format=ROW",
            "--innodb-autoinc-lock-mode=2",
        ]
