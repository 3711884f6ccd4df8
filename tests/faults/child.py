"""Child: one run of a migrator in a forked process, which may be told to kill itself."""

from __future__ import annotations

import asyncio
import time
from dataclasses import asdict, dataclass, field
from importlib import import_module
from pathlib import Path
from typing import Any

from sqlalchemy import event
from sqlalchemy.engine import make_url
from sqlalchemy.ext.asyncio import AsyncEngine, create_async_engine
from sqlalchemy.pool import NullPool

from asyncmig import Migrator
from asyncmig.config import Settings
from asyncmig.dialects.registry import adapter_class
from asyncmig.errors import AsyncmigError
from asyncmig.events import Event, RunStarted
from tests.faults.points import Points


@dataclass(frozen=True)
class Job:
    """What a child shall do.

    Args:
        url: the database.
        location: the directory of the revisions.
        direction: `upgrade` or `downgrade`.
        target: where to.
        kind, number: the point at which it kills itself; none when *kind* is None.
        foreign_keys: whether SQLite enforces them.
        start_at: the moment (of the monotonic clock) to begin at; so many children begin at once.
        tool: `asyncmig` or `alembic`.
    """

    url: str
    location: str
    direction: str
    target: str
    kind: str | None = None
    number: int = 0
    foreign_keys: bool = False
    start_at: float = 0.0
    tool: str = "asyncmig"


@dataclass
class Report:
    """What a child tells when it ends by itself.

    Args:
        error: what was raised, in words; None when nothing was.
        ours: whether that is an error of asyncmig's own.
        exit_code: the exit code that the command line would give.
        applied: the revisions that it did.
        passed: how many points of each kind it passed.
        began, working, ended: moments of the monotonic clock; *working* is when it had the lock and a plan.
    """

    error: str | None = None
    ours: bool = False
    exit_code: int = 0
    applied: list[str] = field(default_factory=list)
    passed: dict[str, int] = field(default_factory=dict)
    began: float = 0.0
    working: float = 0.0
    ended: float = 0.0


def make_engine(url: str, *, foreign_keys: bool = False) -> AsyncEngine:
    """An engine that keeps no connection open."""
    engine = create_async_engine(url, poolclass=NullPool)
    if foreign_keys:
        event.listen(engine.sync_engine, "connect", lambda raw, _: raw.execute("PRAGMA foreign_keys=ON"))
    return engine


def work(job: Job) -> dict[str, Any]:
    """Do the job in this process, and say how it went."""
    report, points = Report(), Points(job.kind, job.number)
    if job.tool == "asyncmig":
        points.install(adapter_class(make_url(job.url).get_dialect()()))
    time.sleep(max(0.0, job.start_at - time.monotonic()))
    report.began = time.monotonic()
    try:
        if job.tool == "asyncmig":
            asyncio.run(_run(job, points, report))
        else:
            run_alembic(job, points)
    except AsyncmigError as error:
        report.error, report.ours, report.exit_code = f"{type(error).__name__}: {error}", True, error.exit_code
    except Exception as error:
        report.error, report.exit_code = f"{type(error).__name__}: {error}", 1
    report.ended = time.monotonic()
    report.passed = dict(points.passed)
    return asdict(report)


def run_alembic(job: Job, points: Points) -> None:
    """The same by Alembic, which only one test needs."""
    import_module("tests.faults.alembic_child").run(job.url, job.location, job.direction, job.target, points)


async def _run(job: Job, points: Points, report: Report) -> None:
    def observe(told: Event) -> None:
        if isinstance(told, RunStarted):
            report.working = time.monotonic()
        points.observe(told)

    target = make_engine(job.url, foreign_keys=True) if job.foreign_keys else job.url
    settings = Settings(root=Path(job.location).parent, lock_wait=60.0)
    async with Migrator(target, job.location, settings=settings, observer=observe) as migrator:
        run = migrator.upgrade if job.direction == "upgrade" else migrator.downgrade
        result = await run(job.target)
        report.applied = [one.revision for one in result.applied]
