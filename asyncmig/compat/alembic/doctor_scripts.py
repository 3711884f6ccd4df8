"""Revision files, as far as they can be judged before they run: whether they load, and what of a driver they need."""

from __future__ import annotations

import ast
from collections.abc import Callable, Collection, Iterator
from pathlib import Path

from asyncmig.compat.alembic.environment_source import dotted
from asyncmig.compat.alembic.report import Attention, attention_of
from asyncmig.errors import AsyncmigError, ScriptError
from asyncmig.migrator.history import History
from asyncmig.revisions.revision import Revision
from asyncmig.runtime.alembic_modules import alembic_modules
from asyncmig.runtime.directives import VERBS
from asyncmig.scripts.header import read_header
from asyncmig.scripts.index import stamps_of
from asyncmig.scripts.locations import folders_below
from asyncmig.scripts.source import decode

__all__ = ["Inspection"]

#: Modules of drivers on which none of the async ones stands (aiosqlite stands on sqlite3, aiomysql on PyMySQL).
_DRIVERS = frozenset({"MySQLdb", "mysql", "oracledb", "pg8000", "psycopg", "psycopg2", "pyodbc"})
#: What only works on a connection or a cursor of such a driver.
_RAW = frozenset(
    {"as_string", "execute_batch", "execute_values", "lobject", "register_default_jsonb", "register_hstore"}
)


class Inspection:
    """A look at every revision file of a history. Loading one executes its module level, as Alembic does.

    Args:
        history: the revision files.
    """

    def __init__(self, history: History) -> None:
        self._history = history
        #: What the files that do not load say; by id.
        self._failures: dict[str, AsyncmigError] | None = None
        #: Why there is no graph.
        self.graph_errors = tuple(self._graph_errors())

    @property
    def is_readable(self) -> bool:
        """Whether there is a graph."""
        return not self.graph_errors

    def _graph_errors(self) -> Iterator[AsyncmigError]:
        try:
            self._history.graph  # noqa: B018 # reads the files
        except ScriptError as error:
            # The graph ends at the first file that cannot be read; whoever mends it wants to know of all.
            yield from self._header_errors() or [error]
        except AsyncmigError as error:
            yield error

    def _header_errors(self) -> list[AsyncmigError]:
        found: list[AsyncmigError] = []
        directory = self._history.directory
        for location in directory.version_locations:
            if not location.is_dir():
                continue
            for folder in folders_below(str(location)) if directory.recursive else [str(location)]:
                for name in stamps_of(folder):
                    path = Path(folder, name)
                    try:
                        read_header(path.read_bytes(), path)
                    except AsyncmigError as error:
                        found.append(error)
        return found

    # -- loading ----------------------------------------------------------------------------------------------------

    def load(self, load: Callable[[str], object] | None = None) -> None:
        """Execute every file, unless that was done already. To be called where a run would load them.

        Args:
            load: loads the file of a revision as a run would.
        """
        if self._failures is not None or not self.is_readable:
            return
        self._failures = {}
        for id in self._history.graph:
            try:
                (load or self._load)(id)
            except AsyncmigError as error:
                self._failures[id] = error

    def _load(self, id: str) -> None:
        self._history.directory.script(id, modules=alembic_modules(), verbs=VERBS)

    def attention(self, pending: Collection[str] | None) -> Iterator[Attention]:
        """What needs attention.

        Args:
            pending: what an upgrade would run; None where that is not known, so that it may be any.
        """
        yield from map(attention_of, self.graph_errors)
        for id, error in (self._failures or {}).items():
            blocks = pending is None or id in pending
            found = attention_of(error, blocks=blocks)
            module = _missing_module(error)
            if module is not None:
                hint = f"It imports {module}, which is not installed here, or not below prepend_sys_path."
                found = Attention(found.text, hint, found.path, found.line, found.exit_code)
            if not blocks:
                text = f"{found.text}\n(It is applied already, so an upgrade does not need it; a downgrade would.)"
                found = Attention(text, found.hint, found.path, found.line, 0)
            yield found
        if self.is_readable:
            for revision in _revisions(self._history):
                if revision.id not in (self._failures or {}):
                    yield from _raw_features(revision)


def _missing_module(error: AsyncmigError) -> str | None:
    cause = error.__cause__
    return cause.name if isinstance(cause, ModuleNotFoundError) else None


def _revisions(history: History) -> Iterator[Revision]:
    return (history.graph[id] for id in history.graph)


def _raw_features(revision: Revision) -> Iterator[Attention]:
    """Where a file uses a driver directly, as far as a look at its source tells."""
    if revision.path is None:
        return
    path = Path(revision.path)
    if path.suffix != ".py":
        return
    text = decode(path.read_bytes(), path)
    if not any(word in text for word in _DRIVERS | _RAW):
        return
    for node in ast.walk(ast.parse(text)):
        for word in _raw_words(node):
            yield Attention(
                f"{path}:{getattr(node, 'lineno', 0)}: revision {revision.id} uses {word}, for which the async "
                "driver may have nothing; it may also raise other errors.",
                "Try it on a copy of the database; op.execute() and op.get_bind().execute() work on every driver.",
                path,
                getattr(node, "lineno", None),
            )


def _raw_words(node: ast.AST) -> Iterator[str]:
    if isinstance(node, ast.Import):
        yield from (f"the driver {alias.name}" for alias in node.names if alias.name.partition(".")[0] in _DRIVERS)
    elif isinstance(node, ast.ImportFrom) and node.level == 0:
        if (node.module or "").partition(".")[0] in _DRIVERS:
            yield f"the driver {node.module}"
    elif isinstance(node, ast.Call):
        name = dotted(node.func).rpartition(".")[2]
        if name in _RAW:
            yield f"{name}()"
