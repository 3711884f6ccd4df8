"""Preview: the moves of a plan with the operations of their scripts, recorded and not carried out."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, Literal, cast

from sqlalchemy.engine import Dialect

from asyncmig.errors import NeedsDatabaseError, ScriptError
from asyncmig.migrator.results import PlannedMove, RevisionInfo
from asyncmig.revisions.moves import Move
from asyncmig.runtime.recording import RecordingSession
from asyncmig.runtime.script_runner import run_script
from asyncmig.scripts.script import Script


async def preview_move(
    move: Move,
    info: RevisionInfo,
    script: Callable[[str], Script],
    dialect: Dialect,
    *,
    arguments: Mapping[str, str],
    options: Mapping[str, Any],
) -> PlannedMove:
    """The operations of one move, as far as they can be recorded without a database.

    Raises:
        ScriptError: the file cannot be read, or an operation was not awaited.
    """
    session = RecordingSession(dialect, arguments=arguments, options=options)
    note: str | None = None
    try:
        await run_script(script(info.id), cast(Literal["upgrade", "downgrade"], move.direction), session)
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
