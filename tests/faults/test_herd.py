"""Herds: many processes begin at once on one database; one works, the others wait, and nothing is done twice."""

import signal
import time
from collections.abc import Iterator
from importlib import import_module
from pathlib import Path

import pytest

from tests.faults.child import Job
from tests.faults.corpus import write
from tests.faults.databases import Database, PostgreSQL
from tests.faults.forks import Ended, Forks
from tests.faults.histories import COUNTED, herd
from tests.faults.summary import Summary
from tests.servers import PgBouncer

#: How much longer the last of a herd may take than one process alone, in seconds.
_LONGER = 3.0


def start_at_once(forks: Forks, job: Job, count: int, *, timeout: float = 90.0) -> list[Ended]:
    """Start so many children, let all begin at the same moment, and wait for them."""
    moment = time.monotonic() + 0.2 + count * 0.03
    pids = [forks.start(Job(**{**vars(job), "start_at": moment})) for _ in range(count)]
    deadline = time.monotonic() + timeout
    return [forks.wait(pid, max(deadline - time.monotonic(), 0.1)) for pid in pids]


def require_once(database: Database, ids: tuple[str, ...]) -> None:
    """Each revision is applied once, and all that it does is there."""
    assert database.done() == [("upgrade", one) for one in ids]
    assert database.rows("SELECT n, count(*) FROM herd GROUP BY n ORDER BY n") == [(1, 8000), (COUNTED, 100)]
    assert database.journal() == []
    if database.name == "postgresql":
        assert database.rows("SELECT indexrelid::regclass FROM pg_index WHERE NOT indisvalid") == []


def needed(ended: list[Ended]) -> float:
    """Seconds from the first that had the lock to the last that was done."""
    reports = [one.report for one in ended if one.report is not None]
    return max(one.ended for one in reports) - min(one.working for one in reports if one.working)


def test_a_herd_applies_each_revision_once(server_or_file: Database, forks: Forks, tmp_path: Path) -> None:
    project, ids = write(tmp_path / "history", server_or_file.dialect, herd())
    ended = start_at_once(forks, Job(server_or_file.url, str(project.location), "upgrade", "heads"), 8)
    assert [one.words for one in ended] == ["done"] * 8
    require_once(server_or_file, ids)
    applied = [revision for one in ended if one.report for revision in one.report.applied]
    assert sorted(applied) == sorted(ids)


def test_others_go_on_where_leaders_were_killed(server_or_file: Database, forks: Forks, tmp_path: Path) -> None:
    project, ids = write(tmp_path / "history", server_or_file.dialect, herd())
    job = Job(server_or_file.url, str(project.location), "upgrade", "heads", kind="event", number=50)
    ended = start_at_once(forks, job, 6)
    killed = [one for one in ended if one.status == -signal.SIGKILL]
    assert 1 <= len(killed) <= 4
    assert {one.words for one in ended if one not in killed} == {"done"}
    require_once(server_or_file, ids)


@pytest.fixture
def postgresql(postgresql_url: str) -> Iterator[PostgreSQL]:
    """An empty database."""
    database = PostgreSQL(postgresql_url)
    yield database
    database.close()


@pytest.fixture
def through_pooler(postgresql: PostgreSQL, pgbouncer: PgBouncer) -> str:
    """The URL of the database through PgBouncer in transaction mode."""
    return pgbouncer.url(postgresql.url)


def test_a_herd_behind_a_pooler_applies_each_revision_once(
    postgresql: PostgreSQL, through_pooler: str, forks: Forks, tmp_path: Path
) -> None:
    project, ids = write(tmp_path / "history", "postgresql", herd())
    ended = start_at_once(forks, Job(through_pooler, str(project.location), "upgrade", "heads"), 8)
    assert [one.words for one in ended] == ["done"] * 8
    require_once(postgresql, ids)
    require_lease(postgresql)


def require_lease(database: Database) -> None:
    """It was a lease that kept them apart, one after the other, and nobody has it now."""
    ((token, owner),) = database.rows("SELECT token, owner FROM asyncmig_lock")
    assert token > 1 and owner is None
    assert database.rows("SELECT * FROM pg_locks WHERE locktype = 'advisory'") == []


# -- the long form -----------------------------------------------------------------------------------------------------


@pytest.mark.slow
def test_a_large_herd_takes_little_longer_than_one(
    server_or_file: Database, forks: Forks, tmp_path: Path, summary: Summary
) -> None:
    large_herd(server_or_file, server_or_file.url, forks, tmp_path, summary, server_or_file.name)


@pytest.mark.slow
def test_a_large_herd_behind_a_pooler_takes_little_longer_than_one(
    postgresql: PostgreSQL, through_pooler: str, forks: Forks, tmp_path: Path, summary: Summary
) -> None:
    large_herd(postgresql, through_pooler, forks, tmp_path, summary, "postgresql through PgBouncer")
    require_lease(postgresql)


def large_herd(database: Database, url: str, forks: Forks, tmp_path: Path, summary: Summary, name: str) -> None:
    """Thirty at once need little more time than one alone, and each revision is applied once."""
    project, ids = write(tmp_path / "history", database.dialect, herd())
    job = Job(url, str(project.location), "upgrade", "heads")
    alone = needed([forks.run(job)])
    database.reset()
    ended = start_at_once(forks, job, 30)
    together = needed(ended)
    done = sum(one.is_done for one in ended)
    summary.lines.append(
        f"herd on {name}: 30 processes, {len(ids)} revisions, {done} exit 0; "
        f"first lock to last done {together:.2f} s, one alone {alone:.2f} s"
    )
    assert [one.words for one in ended] == ["done"] * 30
    require_once(database, ids)
    assert together < alone + _LONGER


@pytest.mark.slow
def test_a_large_herd_goes_on_where_leaders_were_killed(
    server_or_file: Database, forks: Forks, tmp_path: Path, summary: Summary
) -> None:
    project, ids = write(tmp_path / "history", server_or_file.dialect, herd())
    job = Job(server_or_file.url, str(project.location), "upgrade", "heads", kind="event", number=50)
    ended = start_at_once(forks, job, 30)
    killed = sum(one.was_killed for one in ended)
    done = sum(one.is_done for one in ended)
    summary.lines.append(
        f"herd on {server_or_file.name} with leaders killed: 30 processes, {killed} killed, {done} exit 0"
    )
    assert killed >= 1 and killed + done == 30
    require_once(server_or_file, ids)


@pytest.mark.slow
def test_the_same_herd_with_alembic(server_or_file: Database, forks: Forks, tmp_path: Path, summary: Summary) -> None:
    database = server_or_file
    project, ids = write(tmp_path / "history", database.dialect, herd(for_alembic=True))
    import_module("tests.faults.alembic_child").prepare(str(project.location))
    job = Job(database.url, str(project.location), "upgrade", "heads", tool="alembic")
    assert forks.run(job).is_done
    database.reset()
    ended = start_at_once(forks, job, 30, timeout=30)
    done, hung = sum(one.is_done for one in ended), sum(one.hung for one in ended)
    summary.lines.append(
        f"the same herd with Alembic on {database.name}: 30 processes, {done} exit 0, {30 - done - hung} failed, "
        f"{hung} hung; {_state(database, ids)}"
    )
    # How many get through depends on how they happen to follow each other; it is told, and nothing is asked of it.
    assert len(ended) == 30


def _state(database: Database, ids: tuple[str, ...]) -> str:
    """Where Alembic has left the database, in words."""
    try:
        rows = [str(version) for (version,) in database.rows("SELECT version_num FROM alembic_version")]
        counted = database.rows("SELECT max(n) FROM herd")[0][0]
    except Exception as error:
        return f"the database cannot be read ({type(error).__name__})"
    if rows == [ids[-1]] and counted == COUNTED:
        return "the database is as it should be"
    at = f"version table at {', '.join(rows) or 'nothing'}" if rows != [ids[-1]] else "version table at the head"
    return f"{at}, the counter that should say {COUNTED} says {counted}"
