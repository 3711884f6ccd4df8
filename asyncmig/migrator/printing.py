"""Printing: the moves of a plan as SQL text, without a database."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, Literal, cast

from asyncmig.dialects.adapter import DialectAdapter
from asyncmig.errors import AsyncmigError, ScriptError
from asyncmig.revisions.moves import Move, Plan
from asyncmig.runtime.offline import OfflineSession, SqlScript
from asyncmig.runtime.script_runner import run_script
from asyncmig.scripts.script import Script
from asyncmig.scripts.trace import line_in
from asyncmig.state.heads import HeadsTable


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
