"""Running: puts together what a run works with, and lets it go."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Literal

from sqlalchemy import Connection

from asyncmig.events import Observer
from asyncmig.migrator.followers import Follower
from asyncmig.migrator.project import Project
from asyncmig.migrator.results import RunResult
from asyncmig.migrator.run import Run
from asyncmig.migrator.tools import RunOptions, RunTools
from asyncmig.revisions.moves import Plan
from asyncmig.runtime.limits import Limits


async def carry_out(
    project: Project,
    connection: Connection,
    direction: Literal["upgrade", "downgrade", "stamp"],
    make_plan: Callable[[Iterable[str]], Plan],
    rows: Sequence[str],
    *,
    observer: Observer,
    arguments: Mapping[str, str],
) -> RunResult:
    """Carry out what *make_plan* says for the rows that the version table has once the lock is ours.

    Args:
        project: the project.
        connection: the connection of the run.
        direction: what kind of run it is.
        make_plan: the plan for the rows of a version table.
        rows: the rows that were read without the lock.
        observer: is told of everything.
        arguments: the `key=value` arguments for scripts.
    """
    adapter = project.adapter()
    graph = project.history.graph
    log = project.log_table(adapter)
    follower = Follower(graph, lambda: log, make_plan, upgrades=direction == "upgrade")
    if not (await follower.plan(connection, rows)).moves:
        return RunResult(direction, (), 0.0, 0.0, tuple(rows))
    settings = project.settings
    options = RunOptions(
        direction=direction,
        per_revision=settings.transaction == "revision",
        lock=project.lock,
        limits=Limits(settings.lock_timeout, settings.statement_timeout),
        retry_limit=settings.lock_retry_limit,
        stall_budget=settings.lock_stall_budget,
        observer=project.observer(observer),
        arguments=arguments,
        options=project.options,
        on_version_apply=project.environment.on_version_apply,
    )
    tools = RunTools(
        connection,
        adapter,
        project.heads_table(adapter),
        log,
        project.journal(adapter),
        script=project.script,
        options=options,
        external=project.source.is_external,
    )
    return await Run(tools, follower=follower, knows=graph.__contains__).go()
