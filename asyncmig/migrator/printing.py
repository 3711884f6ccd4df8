"""Printing: the moves of a plan as SQL text, without a database."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any, Literal, cast

from sqlalchemy import Connection

from asyncmig._sqlalchemy import greenlet_spawn
from asyncmig.dialects.adapter import DialectAdapter
from asyncmig.dialects.facts import Wants
from asyncmig.errors import AsyncmigError, InvalidTargetError, ScriptError
from asyncmig.migrator.project import Project
from asyncmig.operations.base import Operation
from asyncmig.revisions.moves import Move, Plan
from asyncmig.revisions.plan import plan_downgrade, plan_stamp, plan_upgrade
from asyncmig.runtime.offline import OfflineSession, SqlScript
from asyncmig.runtime.script_runner import run_script
from asyncmig.scripts.script import Script
from asyncmig.scripts.trace import line_in
from asyncmig.state.heads import HeadsTable


async def print_run(
    project: Project,
    target: str,
    direction: Literal["upgrade", "downgrade"],
    *,
    tag: str | None,
    arguments: Mapping[str, str],
) -> str:
    """The SQL of a run; see `Migrator.sql`."""
    start, colon, end = target.partition(":")
    if not colon:
        if direction == "downgrade":
            raise InvalidTargetError(
                "Printing a downgrade needs to know where the database is.",
                target=target,
                hint=f"asyncmig downgrade --sql FROM:{target}",
            )
        start, end = "base", target
    history = project.history
    applied = history.rows(start or "base")
    if direction == "upgrade":
        plan = plan_upgrade(history.graph, applied, end or "heads")
    else:
        plan = plan_downgrade(history.graph, applied, end or "base")
    return await _print(project, plan, {**arguments, **({"tag": tag} if tag else {})})


async def print_stamp(project: Project, targets: Iterable[str], arguments: Mapping[str, str]) -> str:
    """The SQL of a stamp; see `Migrator.stamp_sql`."""
    applied: tuple[str, ...] = ()
    wanted = []
    for target in targets:
        start, colon, end = target.partition(":")
        if colon:
            applied += project.history.rows(start or "base")
        wanted.append(end if colon else target)
    return await _print(project, plan_stamp(project.history.graph, applied, wanted), arguments)


async def _print(project: Project, plan: Plan, arguments: Mapping[str, str]) -> str:
    adapter = project.adapter()
    return await print_plan(
        plan,
        adapter,
        project.heads_table(adapter),
        script=project.script,
        per_revision=project.settings.transaction == "revision",
        arguments=arguments,
        options=project.options,
    )


async def print_plan(
    plan: Plan,
    adapter: DialectAdapter,
    heads: HeadsTable,
    *,
    script: Callable[[str], Script],
    per_revision: bool,
    arguments: Mapping[str, str],
    options: Mapping[str, Any],
) -> str:
    """The SQL that carries *plan* out.

    Args:
        plan: the moves.
        adapter: the adapter of the database that the SQL is for.
        heads: its version table; it is created when the plan starts from nothing.
        script: loads the script of a revision.
        per_revision: one transaction for each revision; else one for all.
        arguments: the `-x key=value` arguments for scripts.
        options: settings that scripts may ask for.

    Raises:
        NeedsDatabaseError: a script asks the database for something.
    """
    text = SqlScript(adapter)
    known = adapter.offline_facts()
    if not plan.applied and plan.moves and plan.moves[0].direction != "downgrade":
        text.begin()
        text.statement(heads.create_statement())
        if per_revision:
            text.commit()
    for move in plan.moves:
        text.begin()
        text.comment(f"Running {move.direction} {_arrow(move)}")
        if move.revision is not None and move.direction != "stamp":
            session = OfflineSession(adapter, text, known, arguments=arguments, options=options)
            await _print_script(script(move.revision.id), move, session, text)
        for change in heads.changes(move.changes):
            text.statement(change.text)
        if per_revision:
            text.commit()
    text.commit()
    return text.text


async def print_operations(project: Project, connection: Connection, operations: Sequence[Operation[Any]]) -> str:
    """The SQL of *operations* for a database that is there; nothing is executed.

    Raises:
        NeedsDatabaseError: one of them does what cannot be printed.
    """
    adapter = project.adapter()
    wanted = [adapter.wants(operation) for operation in operations]
    wants = Wants(
        frozenset().union(*(each.tables for each in wanted)), frozenset().union(*(each.types for each in wanted))
    )
    known = await greenlet_spawn(adapter.printing_facts, connection, wants)
    text = SqlScript(adapter)
    session = OfflineSession(adapter, text, known, options=project.options)
    text.begin()
    for operation in operations:
        await session.perform(operation)
    text.commit()
    return text.text if operations else ""


def print_version_table(adapter: DialectAdapter, heads: HeadsTable) -> str:
    """The SQL that creates the version table."""
    text = SqlScript(adapter)
    text.begin()
    text.statement(heads.create_statement())
    text.commit()
    return text.text


async def _print_script(script: Script, move: Move, session: OfflineSession, text: SqlScript) -> None:
    transactional = script.revision.transactional
    if not transactional:
        text.commit()
    try:
        await run_script(script, cast(Literal["upgrade", "downgrade"], move.direction), session)
    except ScriptError:
        raise
    except AsyncmigError as error:
        error.locate(script.path, line_in(script.path, error))
        raise
    except Exception as error:
        raise ScriptError(
            f"{move.direction} fails while it is printed: {type(error).__name__}: {error}",
            path=script.path,
            line=line_in(script.path, error),
        ) from error
    if not transactional:
        text.begin()


def _arrow(move: Move) -> str:
    """`a -> b` as Alembic writes it: nothing stands for the base."""
    return f"{', '.join(move.source)} -> {', '.join(move.destination)}"
