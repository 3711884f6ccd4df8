"""The command `lock`, which shows who holds the migration lock and takes a lease away."""

import json
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from tests.acceptance.command import Project, environment

REVISION = '''"""slow"""
import pathlib
import anyio
from asyncmig import Operations

revision = "aaaa11"
down_revision = None


async def upgrade(op: Operations) -> None:
    pathlib.Path("ready").touch()
    while not pathlib.Path("go").exists():
        await anyio.sleep(0.05)
    await op.execute("SELECT 1")
'''


@pytest.fixture
def project(tmp_path: Path, postgresql_url: str) -> Project:
    """A project whose one revision waits for a file named `go`."""
    project = Project(tmp_path, {"DATABASE_URL": postgresql_url})
    project.run("init")
    (tmp_path / "migrations" / "versions" / "aaaa11_slow.py").write_text(REVISION)
    return project


@contextmanager
def upgrading(project: Project, lock: str) -> Iterator[subprocess.Popen[str]]:
    """An upgrade that has the lock."""
    process = subprocess.Popen(
        [sys.executable, "-m", "asyncmig", "upgrade"],
        cwd=project.root,
        env=environment(**project.variables, ASYNCMIG_LOCK=lock),
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    try:
        for _ in range(500):
            if (project.root / "ready").exists():
                break
            time.sleep(0.02)
        yield process
    finally:
        (project.root / "go").touch()
        process.communicate(timeout=30)


def test_lease_is_shown_and_taken_away(project: Project) -> None:
    with upgrading(project, "lease") as process:
        # What the run is doing is told with the next renewal, after a second at the latest.
        time.sleep(1.5)
        shown = project.out("lock")
        assert shown.startswith(f"The migration lock is held by process {process.pid} on ")
        assert ", since 20" in shown and "at revision aaaa11" in shown
        document = json.loads(project.out("--json", "lock"))
        assert document["kind"] == "lease" and 0 < document["expires_in"] <= 30
        refused = project.run("lock", "--release", code=2)
        assert "Take it away?" in refused.err and "asyncmig lock --release --yes" in refused.err
        released = project.out("lock", "--release", "--yes")
        assert released.startswith("The migration lock was released; it was held by process ")
        assert project.out("lock") == "Nobody holds the migration lock.\n"
        (project.root / "go").touch()
        _, errors = process.communicate(timeout=30)
        assert process.returncode == 20 and "The migration lock was lost in revision aaaa11" in errors
    assert project.out("lock", "--release") == "Nobody holds the migration lock.\n"


def test_lock_of_a_session_is_shown_and_not_taken_away(project: Project) -> None:
    with upgrading(project, "session") as process:
        shown = project.out("lock")
        assert ", connected since 20" in shown and "at revision aaaa11" in shown and f":{process.pid})" in shown
        refused = project.run("lock", "--release", code=20)
        assert "free when that session ends" in refused.err and "SELECT pg_terminate_backend(" in refused.err
        (project.root / "go").touch()
        process.communicate(timeout=30)
        assert process.returncode == 0
