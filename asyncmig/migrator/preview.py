"""Preview: the moves of a plan with the operations of their scripts, recorded and not carried out."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Literal, cast

from asyncmig.errors import NeedsDatabaseError, ScriptError
from asyncmig.migrator.project import Project
from asyncmig.migrator.results import PlannedMove, RevisionInfo, RunPlan
from asyncmig.revisions.moves import Move, Plan
from asyncmig.runtime.recording import RecordingSession
from asyncmig.runtime.script_runner import run_script


async def preview(project: Project, plan: Plan, arguments: Mapping[str, str]) -> RunPlan:
    """The moves of *plan*, each with its operations as far as a recording can know them."""
    moves = []
    for move in plan.moves:
        info = project.history.info(move.id, current=plan.applied)
        moves.append(await _preview_move(project, move, info, arguments))
    return RunPlan(plan.target_text, plan.applied, tuple(moves))


async def _preview_move(project: Project, move: Move, info: RevisionInfo, arguments: Mapping[str, str]) -> PlannedMove:
    """The operations of one move, as far as they can be recorded without a database.

    Raises:
        ScriptError: the file cannot be read, or an operation was not awaited.
    """
    session = RecordingSession(project.source.dialect, arguments=arguments, options=project.options)
    note: str | None = None
    try:
        script = project.script(info.id)
        await run_script(script, cast(Literal["upgrade", "downgrade"], move.direction), session)
    except NeedsDatabaseError as error:
        note = f"the script looks at the database here; what follows is not known: {error.message}"
    except ScriptError:
        raise
    except Exception as error:
        # A script may stumble over an answer that only a database can give; that is no failure of a preview.
        note = f"the script stops here without a database: {type(error).__name__}: {error}"
    operations = tuple(session.operations)
    descriptions = tuple(operation.describe() for operation in operations)
    return PlannedMove(info, move.direction, operations, descriptions, note is None, note)
