"""Herds: many processes begin at once on one database; one works, the others wait, and nothing is done twice."""

import signal
import time
from pathlib import Path

import pytest

from tests.faults.child import Job
from tests.faults.corpus import write
from tests.faults.databases import Database
from tests.faults.forks import Ended, Forks
from tests.faults.histories import COUNTED, herd
from tests.faults.summary import Summary

#: How much longer the last of a herd may take than one process alone, in seconds.
_LONGER = 3.0


def start_at_once(forks: Forks, job: Job, count: int) -> list[Ended]:
    """Start so many children, let all begin at the same moment, and wait for them."""
    moment = time.monotonic() + 0.2 + count * 0.03
    pids = [forks.start(Job(**{**vars(job), "start_at": moment})) for _ in range(count)]
    return [forks.wait(pid) for pid in pids]


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


@pytest.mark.slow
def test_a_large_herd_takes_little_longer_than_one(
    server_or_file: Database, forks: Forks, tmp_path: Path, summary: Summary
) -> None:
    project, ids = write(tmp_path / "history", server_or_file.dialect, herd())
    job = Job(server_or_file.url, str(project.location), "upgrade", "heads")
    alone = needed([forks.run(job)])
    server_or_file.reset()
    ended = start_at_once(forks, job, 30)
    together = needed(ended)
    done = sum(one.is_done for one in ended)
    summary.lines.append(
        f"herd on {server_or_file.name}: 30 processes, {len(ids)} revisions, {done} exit 0; "
        f"first lock to last done {together:.2f} s, one alone {alone:.2f} s"
    )
    assert [one.words for one in ended] == ["done"] * 30
    require_once(server_or_file, ids)
    assert together < alone + _LONGER
