"""Signals: `python -m asyncmig upgrade` that is asked to stop in a statement stops it, and leaves nothing."""

import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from asyncmig import Migrator
from tests.acceptance.command import environment
from tests.faults.corpus import Piece, write
from tests.faults.databases import Database, MySQL, PostgreSQL

#: How long the statement would take, and how long a process may take to stop, in seconds.
_SLOW, _SOON = 30, 8

FIRST = Piece(
    "first",
    """
    await op.create_table("t", sa.Column("id", sa.Integer, primary_key=True), sa.Column("n", sa.Integer))
    await op.execute("INSERT INTO t (id, n) VALUES (1, 1)")
    """,
    "pass",
)
#: Statements that take long and change something; SQLite can only be kept busy.
STATEMENTS = {
    "postgresql": f"UPDATE t SET n = n + 1 FROM pg_sleep({_SLOW})",
    "mysql": f"UPDATE t SET n = n + 1 + SLEEP({_SLOW})",
    "sqlite": "UPDATE t SET n = n + (WITH RECURSIVE c(i) AS"
    " (SELECT 1 UNION ALL SELECT i + 1 FROM c WHERE i < 300000000) SELECT count(*) FROM c)",
}


def slow(dialect: str, style: str) -> Piece:
    body = f'await op.execute("UPDATE t SET n = n + 10")\nawait op.execute("{STATEMENTS[dialect]}")'
    return Piece("slow", body, "pass", style)


def run_until_it_is_slow(database: Database, location: Path) -> subprocess.Popen[str]:
    """Start the command, and wait until its slow statement runs."""
    process = subprocess.Popen(
        [sys.executable, "-m", "asyncmig", "--url", database.url, "upgrade"],
        cwd=location.parent, env=environment(), stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
    )  # fmt: skip
    deadline = time.monotonic() + 30
    while not is_busy(database):
        assert process.poll() is None, process.communicate()
        assert time.monotonic() < deadline, "the statement did not begin"
        time.sleep(0.05)
    return process


def is_busy(database: Database) -> bool:
    """Whether the slow statement runs."""
    if isinstance(database, PostgreSQL):
        return any("pg_sleep" in str(row[2]) and row[1] == "active" for row in database.others())
    if isinstance(database, MySQL):
        return any("SLEEP" in str(row[3]) for row in database.others())
    path = Path(str(database.parsed.database) + "-journal")
    # The write before the slow one has made the journal of the transaction.
    return path.exists() and len(database.done()) == 1


@pytest.mark.parametrize(("number", "style"), [(signal.SIGTERM, "async"), (signal.SIGINT, "plain")])
async def test_a_signal_in_a_statement_leaves_nothing(
    server_or_file: Database, tmp_path: Path, number: signal.Signals, style: str
) -> None:
    database = server_or_file
    project, ids = write(tmp_path, database.dialect, (FIRST, slow(database.dialect, style)))
    (tmp_path / "asyncmig.toml").write_text('script_location = "migrations"\n')
    process = run_until_it_is_slow(database, project.location)
    time.sleep(0.2)
    sent = time.monotonic()
    process.send_signal(number)
    try:
        _, told = process.communicate(timeout=_SLOW)
    finally:
        process.kill()
    assert process.returncode == 130, told
    assert time.monotonic() - sent < _SOON
    assert not any("sleep" in str(row).lower() and "pg_stat" not in str(row) for row in database.others())
    assert database.rows("SELECT id, n FROM t") == [(1, 1)]
    assert database.done() == [("upgrade", ids[0])]
    assert database.journal() == []
    project.revision(ids[1], 'await op.execute("UPDATE t SET n = n + 1")', down=ids[0])
    async with Migrator(database.url, project.location) as migrator:
        assert await migrator.lock_holder() is None
        assert (await migrator.upgrade()).heads == (ids[1],)
    assert database.rows("SELECT id, n FROM t") == [(1, 2)]


#: Waits for ever, and takes no notice of being cancelled.
STUBBORN = """
import anyio, pathlib
pathlib.Path("ready").touch()
with anyio.CancelScope(shield=True):
    await anyio.sleep(60)
"""


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_a_second_signal_ends_at_once(server_or_file: Database, tmp_path: Path, number: signal.Signals) -> None:
    database = server_or_file
    project, ids = write(tmp_path, database.dialect, (FIRST, Piece("stubborn", STUBBORN, "pass")))
    (tmp_path / "asyncmig.toml").write_text('script_location = "migrations"\n')
    process = subprocess.Popen(
        [sys.executable, "-m", "asyncmig", "--url", database.url, "upgrade"],
        cwd=tmp_path, env=environment(), stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
    )  # fmt: skip
    deadline = time.monotonic() + 30
    while not (tmp_path / "ready").exists():
        assert process.poll() is None and time.monotonic() < deadline
        time.sleep(0.05)
    process.send_signal(number)
    time.sleep(0.5)
    assert process.poll() is None, process.communicate()
    process.send_signal(number)
    try:
        process.communicate(timeout=5)
    finally:
        process.kill()
    assert process.returncode in (130, -number)
    assert database.done() == [("upgrade", ids[0])]
    # Nobody has the lock, and the next run goes on.
    project.revision(ids[1], 'await op.execute("UPDATE t SET n = n + 1")', down=ids[0])
    done = subprocess.run(
        [sys.executable, "-m", "asyncmig", "--url", database.url, "upgrade"],
        cwd=tmp_path, env=environment(ASYNCMIG_LOCK_WAIT="5s"), capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    assert database.rows("SELECT id, n FROM t") == [(1, 2)]
