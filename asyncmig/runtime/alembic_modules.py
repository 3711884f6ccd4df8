"""Alembic modules: what `from alembic import op, context` gives a revision file, with Alembic installed or not."""

from __future__ import annotations

from collections.abc import Mapping
from types import SimpleNamespace
from typing import Any

from asyncmig.runtime.context import ScriptContext
from asyncmig.runtime.directives import op
from asyncmig.runtime.session import running_session


class ScriptEnvironment:
    """What `from alembic import context` gives a revision file."""

    @staticmethod
    def get_context() -> ScriptContext:
        """Dialect, connection and transactions of the run."""
        return ScriptContext(running_session("context.get_context"))

    @staticmethod
    def get_bind() -> Any:
        """The connection of the run."""
        return running_session("context.get_bind").connection

    @staticmethod
    def is_offline_mode() -> bool:
        """Whether nothing is executed: the operations are only printed or looked at."""
        return running_session("context.is_offline_mode").is_offline

    @staticmethod
    def get_x_argument(as_dictionary: bool = False) -> Any:
        """The `-x` arguments of the command line, as `key=value` texts or as a dictionary."""
        arguments = running_session("context.get_x_argument").arguments
        if as_dictionary:
            return dict(arguments)
        return [f"{name}={value}" if value else name for name, value in arguments.items()]


def alembic_modules() -> Mapping[str, Any]:
    """The objects that stand for Alembic's modules inside revision files, by dotted name."""
    context = ScriptEnvironment()
    return {
        "alembic": SimpleNamespace(op=op, context=context),
        "alembic.op": op,
        "alembic.context": context,
    }
