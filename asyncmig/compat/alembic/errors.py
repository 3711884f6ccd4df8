"""Errors of Alembic: the classes that its programs catch, which are errors of asyncmig too."""

from __future__ import annotations

from functools import cache
from typing import Any

from asyncmig.errors import AsyncmigError, ConfigError

__all__ = ["AlembicConfigError", "CommandError", "InterpolationError", "command_error"]


class CommandError(AsyncmigError):
    """Whatever stops a command.

    Args:
        message: what happened and where.
        hint: what to do about it.
    """


class AlembicConfigError(ConfigError, CommandError):
    """An `alembic.ini`, or a `[tool.alembic]`, is missing or wrong."""


class InterpolationError(AlembicConfigError, ValueError):
    """A percent sign in a value of a configuration means nothing."""

    #: The other value that is referred to, where it is set nowhere.
    reference: str | None = None


def command_error(error: AsyncmigError) -> CommandError:
    """*error* as a `CommandError`: of both classes, with the same facts, cause and traceback."""
    if isinstance(error, CommandError):
        return error
    kind: Any = type(error)
    joined = _joined(kind)
    # Made without its constructor, which would want the facts again; they are attributes by now.
    made: CommandError = joined.__new__(joined)
    made.__dict__.update(error.__dict__)
    made.args = error.args
    made.__cause__ = error.__cause__
    made.__suppress_context__ = True
    return made.with_traceback(error.__traceback__)


@cache
def _joined(kind: Any) -> Any:
    """The class of errors that are of *kind* and `CommandError`s; one for each kind, so that they compare."""
    return type(kind.__name__, (kind, CommandError), {"__module__": kind.__module__, "__doc__": kind.__doc__})
