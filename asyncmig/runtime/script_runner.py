"""Script runner: runs one direction of one script in one session, async or plain."""

from __future__ import annotations

import asyncio
import inspect
from collections.abc import Callable, Mapping
from typing import Any, Literal

from asyncmig._sqlalchemy import greenlet_spawn
from asyncmig.errors import ScriptError
from asyncmig.runtime.directives import Operations
from asyncmig.runtime.session import Session, current_session
from asyncmig.scripts.script import Script

#: Seconds for which a plain script may hold the event loop before that is worth a word.
LONG_BLOCK = 1.0


async def run_script(
    script: Script,
    direction: Literal["upgrade", "downgrade"],
    session: Session,
    *,
    on_block: Callable[[float], None] | None = None,
) -> None:
    """Run one script in one session.

    Args:
        script: the loaded script.
        direction: which of its functions.
        session: where its operations go.
        on_block: told, in seconds, when a plain script held the event loop for longer than `LONG_BLOCK`.

    The option `run_arguments` of the session holds keyword arguments for the script's function; it is given those that
    it takes.

    Raises:
        ScriptError: the function needs an argument that the run does not have.
        UnawaitedOperationError: a directive of an async script was not awaited.
    """
    function: Callable[..., Any] = script.function(direction)
    keywords = _keywords(script, function, direction, session.options.get("run_arguments") or {})
    with current_session(session), script.importable():
        if inspect.iscoroutinefunction(function):
            await function(Operations(session), **keywords)
        else:
            session.run_plainly()
            watch = _LoopWatch(on_block)
            try:
                await greenlet_spawn(function, **keywords)
            finally:
                watch.stop()
    session.ledger.require_settled()


def _keywords(script: Script, function: Callable[..., Any], direction: str, given: Mapping[str, Any]) -> dict[str, Any]:
    """What of the arguments of the run *function* takes."""
    code = getattr(function, "__code__", None)
    if not given and code is not None and not code.co_argcount and not code.co_kwonlyargcount:
        return {}
    parameters = list(inspect.signature(function).parameters.values())
    if inspect.iscoroutinefunction(function):
        # The first one is op.
        parameters = parameters[1:]
    if any(each.kind is each.VAR_KEYWORD for each in parameters):
        taken = dict(given)
    else:
        taken = {each.name: given[each.name] for each in parameters if each.name in given}
    variable = (inspect.Parameter.VAR_KEYWORD, inspect.Parameter.VAR_POSITIONAL)
    needed = [each.name for each in parameters if each.default is each.empty and each.kind not in variable]
    missing = [name for name in needed if name not in taken]
    if missing:
        raise ScriptError(
            f"{direction}({', '.join(needed)}) needs {' and '.join(missing)}, which this run does not have.",
            path=script.path,
            line=None if code is None else code.co_firstlineno,
            hint=f"context.run_migrations({', '.join(f'{name}=…' for name in missing)})    # in env.py",
        )
    return taken


class _LoopWatch:
    """Notices when the event loop could not run for a while: a timer that comes late was held up."""

    def __init__(self, report: Callable[[float], None] | None) -> None:
        self._report = report
        self._loop = asyncio.get_running_loop()
        self._arm()

    def _arm(self) -> None:
        self._due = self._loop.time() + LONG_BLOCK / 4
        self._timer = self._loop.call_at(self._due, self._tick)

    def _tick(self) -> None:
        self._look()
        self._arm()

    def _look(self) -> None:
        late = self._loop.time() - self._due
        if late > LONG_BLOCK and self._report is not None:
            self._report(late)

    def stop(self) -> None:
        """Look for the last time."""
        self._timer.cancel()
        self._look()
