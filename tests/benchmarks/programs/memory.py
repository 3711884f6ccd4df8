"""The most memory of a process that reads a directory of revisions and plans an upgrade from base to heads.

::

    python -m tests.benchmarks.programs.memory alembic|asyncmig DIRECTORY

Prints the number of planned revisions and MiB.
"""

import json
import resource
import sys
from pathlib import Path


def plan_alembic(directory: Path) -> int:
    """Plan with Alembic."""
    from alembic.config import Config
    from alembic.script import ScriptDirectory

    scripts = ScriptDirectory.from_config(Config(str(directory / "alembic.ini")))
    return len(scripts._upgrade_revs("heads", None))  # type: ignore[arg-type]


def plan_asyncmig(directory: Path) -> int:
    """Plan with asyncmig, with all that a run imports."""
    from asyncmig import Migrator
    from asyncmig.revisions.plan import plan_upgrade

    migrator = Migrator("sqlite://", directory / "migrations")
    return len(plan_upgrade(migrator.history_files.graph, (), "heads").moves)


def peak() -> float:
    """The most memory that this process has held, in MiB."""
    status = Path("/proc/self/status")
    if status.exists():
        # What getrusage says includes the parent of this process, as of the moment when it was made.
        lines = dict(line.split(":", 1) for line in status.read_text().splitlines())
        return int(lines["VmHWM"].split()[0]) / 1024
    most = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return most / 1024**2 if sys.platform == "darwin" else most / 1024


if __name__ == "__main__":
    plan = plan_alembic if sys.argv[1] == "alembic" else plan_asyncmig
    count = plan(Path(sys.argv[2]))
    json.dump([count, peak()], sys.stdout)
