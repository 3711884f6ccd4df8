"""Lazy commands: a Typer group that imports and builds only the command that is called."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import partial
from importlib import import_module
from typing import Any

import typer
from typer.core import TyperCommand, TyperGroup
from typer.main import get_command

__all__ = ["CommandEntry", "LazyCommands", "LazyGroup", "PlainCommand"]

_RELATIVE = re.compile(r"-\d+")


@dataclass(frozen=True, slots=True)
class CommandEntry:
    """A command that is not imported yet.

    Args:
        module: where its function is.
        function: the name of the function.
        help: the first line of its docstring.
    """

    module: str
    function: str
    help: str


class PlainCommand(TyperCommand):
    """A command with cheap parameters, one that takes `-1` for a target and not for an option."""

    def get_params(self, ctx: Any) -> list[Any]:
        """The parameters, `--help` among them."""
        return _cheap(super().get_params(ctx))

    def parse_args(self, ctx: Any, args: list[str]) -> list[str]:
        """Move targets such as `-1` behind a `--`, where nothing is taken for an option."""
        with_value = {name for param in self.params if not getattr(param, "is_flag", False) for name in param.opts}
        end = args.index("--") if "--" in args else len(args)
        targets = list(args[end + 1 :])
        options: list[str] = []
        found: list[str] = []
        for position, word in enumerate(args[:end]):
            is_value = position > 0 and args[position - 1] in with_value
            (found if _RELATIVE.fullmatch(word) and not is_value else options).append(word)
        if found:
            args = [*options, "--", *found, *targets]
        return list(super().parse_args(ctx, args))


class LazyCommands(Mapping[str, Any]):
    """The commands by name, each built when it is asked for; `-` and `_` in a name are the same.

    Args:
        entries: what there is.
    """

    def __init__(self, entries: Mapping[str, CommandEntry]) -> None:
        self.entries = entries
        self._built: dict[str, Any] = {}

    def __getitem__(self, key: str) -> Any:
        name = key.replace("-", "_")
        if name not in self._built:
            entry = self.entries[name]
            app = typer.Typer(add_completion=False, pretty_exceptions_enable=False, rich_markup_mode=None)
            app.command(name, cls=PlainCommand)(getattr(import_module(entry.module), entry.function))
            self._built[name] = get_command(app)
        return self._built[name]

    def __iter__(self) -> Iterator[str]:
        return iter(self.entries)

    def __len__(self) -> int:
        return len(self.entries)


class LazyGroup(TyperGroup):
    """The group of all commands; it lists them without building them."""

    def get_params(self, ctx: Any) -> list[Any]:
        """The parameters, `--help` among them."""
        return _cheap(super().get_params(ctx))

    def format_commands(self, ctx: Any, formatter: Any) -> None:
        """Write the names with the first line of their help."""
        entries: Mapping[str, CommandEntry] = getattr(self.commands, "entries", {})
        with formatter.section("Commands"):
            formatter.write_dl([(name, entry.help) for name, entry in entries.items()])


def _cheap(params: Iterable[Any]) -> list[Any]:
    """The *params*, of which texts and flags do without a validator.

    Typer builds a pydantic adapter for the parameters that are not simply on or off; to import pydantic takes longer
    than most commands do. A text needs no conversion. Where Typer has no such step, nothing changes.
    """
    params = list(params)
    for param in params:
        annotation = getattr(getattr(param, "type_descriptor", None), "annotation", None)
        if annotation in (str, bool, list[str]) and not isinstance(param.process_value, partial):
            param.process_value = partial(_plain_value, param, param.process_value)
            if param.param_type_name == "argument":
                # Its name says more than the type of Python that Typer would write beside it.
                param.display_type_rich = _no_type
    return params


def _no_type(ctx: Any) -> None:
    return None


def _plain_value(param: Any, process_value: Any, ctx: Any, value: Any) -> Any:
    is_many = param.multiple or param.nargs == -1
    is_missing = value is None or (is_many and not value)
    # A flag gets a text from the environment only; that, and what is missing, is for Typer.
    if (is_missing and param.required) or (getattr(param, "is_flag", False) and isinstance(value, str)):
        return process_value(ctx, value)
    if is_missing:
        value = () if is_many else None
    return value if param.callback is None else param.callback(ctx, param, value)
