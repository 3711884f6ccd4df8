"""EnvironmentSource: what the source of an `env.py` tells of it, without executing it."""

from __future__ import annotations

import ast
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

from asyncmig.errors import ScriptError
from asyncmig.scripts.source import decode

__all__ = ["ConfigureCall", "EnvironmentSource", "dotted", "imports_package", "read_environment"]

_ASYNC_ENGINES = frozenset({"create_async_engine", "async_engine_from_config"})
_SYNC_ENGINES = frozenset({"create_engine", "engine_from_config"})
#: What opens files to write them.
_WRITERS = frozenset({"open", "write_text", "write_bytes", "mkdir", "makedirs"})


@dataclass(frozen=True, slots=True)
class ConfigureCall:
    """One call of `context.configure`.

    Args:
        line: where it stands.
        keywords: the arguments that are named there.
        has_more: whether others come from a dictionary.
    """

    line: int
    keywords: Mapping[str, ast.expr]
    has_more: bool


@dataclass(frozen=True)
class EnvironmentSource:
    """An `env.py`, parsed.

    Args:
        path: the file.
        text: its text.
        tree: the same as a tree.
    """

    path: Path
    text: str
    tree: ast.Module

    @property
    def is_alembic(self) -> bool:
        """Whether it is one of Alembic: whether it imports that."""
        return imports_package(self.tree, "alembic")

    @cached_property
    def _contexts(self) -> frozenset[str]:
        """What `alembic.context` is called there."""
        names = {"alembic.context"}
        for node in ast.walk(self.tree):
            if isinstance(node, ast.ImportFrom) and node.module == "alembic":
                names |= {alias.asname or alias.name for alias in node.names if alias.name == "context"}
            elif isinstance(node, ast.Import):
                names |= {alias.asname for alias in node.names if alias.name == "alembic.context" and alias.asname}
        return frozenset(names)

    def calls_of_context(self, word: str) -> Iterator[ast.Call]:
        """The calls of `context.word`, wherever they stand."""
        for node in ast.walk(self.tree):
            if isinstance(node, ast.Call):
                owner, _, name = dotted(node.func).rpartition(".")
                if name == word and owner in self._contexts:
                    yield node

    @cached_property
    def configure_calls(self) -> tuple[ConfigureCall, ...]:
        """The calls of `context.configure`, in the order of their lines."""
        found = [
            ConfigureCall(
                call.lineno,
                {keyword.arg: keyword.value for keyword in call.keywords if keyword.arg},
                any(keyword.arg is None for keyword in call.keywords),
            )
            for call in self.calls_of_context("configure")
        ]
        return tuple(sorted(found, key=lambda call: call.line))

    @property
    def called(self) -> frozenset[str]:
        """The last names of everything that is called."""
        return frozenset(
            dotted(node.func).rpartition(".")[2] for node in ast.walk(self.tree) if isinstance(node, ast.Call)
        )

    @property
    def form(self) -> str:
        """What kind of `env.py` it is, in a few words."""
        if not self.is_alembic:
            return "asyncmig's own"
        called = self.called
        if called & _ASYNC_ENGINES or any(isinstance(node, ast.AsyncFunctionDef) for node in ast.walk(self.tree)):
            kind = "asynchronous"
        elif called & _SYNC_ENGINES:
            kind = "synchronous"
        else:
            kind = "with an engine of the application"
        parts = [kind]
        if not any(True for _ in self.calls_of_context("is_offline_mode")):
            parts.append("without an offline branch")
        return ", ".join(parts)

    @property
    def writes_files(self) -> bool:
        """Whether it may write files by itself, as the template for several databases does to print SQL."""
        return bool(self.called & _WRITERS)

    def line_of_parameter(self, name: str) -> int | None:
        """Where a call of `configure` names the parameter *name*."""
        for call in self.configure_calls:
            if name in call.keywords:
                return call.keywords[name].lineno
        return None

    def literal(self, name: str) -> str | bool | None:
        """The value of a parameter of `configure`, where it is written there, or bound once to its name there."""
        for call in self.configure_calls:
            value: ast.expr | None = call.keywords.get(name)
            if isinstance(value, ast.Name):
                value = self.value_of(value.id)
            if isinstance(value, ast.Constant) and isinstance(value.value, str | bool):
                return value.value
        return None

    def value_of(self, name: str) -> ast.expr | None:
        """What *name* is bound to, where only one assignment binds it."""
        found = [
            node.value
            for node in ast.walk(self.tree)
            if (
                isinstance(node, ast.Assign)
                and any(isinstance(target, ast.Name) and target.id == name for target in node.targets)
            )
            or (isinstance(node, ast.AnnAssign) and isinstance(node.target, ast.Name) and node.target.id == name)
        ]
        return found[0] if len(found) == 1 else None


def read_environment(path: Path) -> EnvironmentSource:
    """Parse an `env.py`.

    Raises:
        ScriptError: it cannot be read, or does not parse; with the line.
    """
    try:
        data = path.read_bytes()
    except OSError as error:
        raise ScriptError(f"The file cannot be read: {error.strerror}.", path=path) from error
    text = decode(data, path)
    try:
        tree = ast.parse(text)
    except (SyntaxError, ValueError) as error:
        line = error.lineno if isinstance(error, SyntaxError) else None
        message = error.msg if isinstance(error, SyntaxError) else str(error)
        raise ScriptError(f"The file does not parse: {message}.", path=path, line=line) from error
    return EnvironmentSource(path, text, tree)


def imports_package(node: ast.AST, package: str) -> bool:
    """Whether anything in *node* imports *package*, or something of it."""
    for each in ast.walk(node):
        if isinstance(each, ast.Import) and any(alias.name.partition(".")[0] == package for alias in each.names):
            return True
        if isinstance(each, ast.ImportFrom) and not each.level and (each.module or "").partition(".")[0] == package:
            return True
    return False


def dotted(node: ast.AST) -> str:
    """`os.environ` for such an expression, empty for any other."""
    if isinstance(node, ast.Name):
        return node.id
    if isinstance(node, ast.Attribute):
        owner = dotted(node.value)
        return f"{owner}.{node.attr}" if owner else f".{node.attr}"
    return ""
