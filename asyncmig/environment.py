"""Environment: what a project chooses in Python: metadata, engine, plug-ins, observers."""

from __future__ import annotations

import builtins
import re
import sys
import traceback
from collections.abc import Callable, Mapping, Sequence
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass, field
from pathlib import Path
from types import ModuleType
from typing import TYPE_CHECKING, Any, Literal, TypeAlias

from asyncmig.errors import AsyncmigError, ConfigError, ScriptError
from asyncmig.events import Event
from asyncmig.scripts.trace import line_in

if TYPE_CHECKING:
    from sqlalchemy import Connection, MetaData
    from sqlalchemy.ext.asyncio import AsyncEngine

    from asyncmig.autogenerate.filters import CompareDefault, CompareType, IncludeObject
    from asyncmig.dialects.adapter import DialectAdapter, Planner
    from asyncmig.operations.base import Operation
    from asyncmig.rendering.hook import RenderItem
    from asyncmig.rendering.values import Sources
    from asyncmig.revisions.moves import Move
    from asyncmig.schema.scope import IncludeName


_ALEMBICS = re.compile(rb"^\s*(?:from|import)\s+alembic\b", re.MULTILINE)


@dataclass(frozen=True)
class VersionChange:
    """What `on_version_apply` is told: a revision was applied, reverted or stamped, and is not committed yet.

    Args:
        connection: the connection of the run, inside the revision's transaction.
        move: the revision, the direction, and the version rows before and after.
    """

    connection: Connection
    move: Move


#: The lock of runs: one that asyncmig knows, or a function that gives an async context manager, each time anew.
Lock: TypeAlias = Literal["auto", "session", "lease", "none"] | Callable[[], AbstractAsyncContextManager[Any]]


@dataclass(frozen=True)
class Environment:
    """What a project chooses in Python; `env.py` binds one to the name `environment`.

    Args:
        metadata: the models' `MetaData`, or several; the first one's naming convention names what has no name.
        engine: the engine to migrate with when the settings have no URL.
        observers: functions that are told of every event of a run.
        adapters: adapters for databases that asyncmig does not know.
        planners: planners for operations of your own kind, by their class.
        lock: what keeps two runs apart, instead of the setting `lock`: one of its words, or a function that gives an
            async context manager, such as `lambda: redis.lock("migrations", timeout=600)`.
        on_version_apply: functions that are called for each revision that is applied, reverted or stamped, in its
            transaction, once the version rows are moved; what they execute is committed with it, and an error rolls
            the revision back.
        include_schemas: whether the tables of all schemas are compared, also of those that no model names; or of
            which. By default those of the default schema and of the schemas that models name.
        include_name: whether a name is looked at, before anything is read:
            `lambda name, kind, parents: kind != "table" or not name.startswith("tmp_")`.
        include_object: whether a difference in an object is one; called with the object of SQLAlchemy, its name, its
            kind, whether it was read from the database, and what it is compared to.
        compare_type: whether types are compared; or a function that says of two columns whether their types differ.
        compare_server_default: the same for defaults of the database.
        drop_schemas: whether schemas that no model uses are dropped.
        render_item: what has a say in how types, columns, defaults, constraints and indexes are written into new
            revisions.
        sources: how values of further classes are written into new revisions.
        revise: gives the operations that are written into a new revision for those that were found.
    """

    metadata: MetaData | Sequence[MetaData] | None = None
    engine: AsyncEngine | None = None
    observers: Sequence[Callable[[Event], None]] = ()
    adapters: Sequence[type[DialectAdapter]] = ()
    planners: Mapping[type[Operation[Any]], Planner] = field(default_factory=dict)
    lock: Lock | None = None
    on_version_apply: Sequence[Callable[[VersionChange], None]] = ()
    include_schemas: bool | Sequence[str | None] = False
    include_name: IncludeName | None = None
    include_object: IncludeObject | None = None
    compare_type: bool | CompareType = True
    compare_server_default: bool | CompareDefault = True
    drop_schemas: bool = False
    render_item: RenderItem | None = None
    sources: Sources = field(default_factory=dict)
    revise: Callable[[Sequence[Operation[Any]]], Sequence[Operation[Any]]] | None = None

    @property
    def naming_convention(self) -> Mapping[str, Any] | None:
        """The naming convention of the (first) metadata."""
        metadata = self.metadata
        if isinstance(metadata, Sequence):
            metadata = metadata[0] if metadata else None
        return None if metadata is None else metadata.naming_convention


def is_alembics(path: Path) -> bool:
    """Whether *path* is an `env.py` of Alembic: one that imports it, as asyncmig's own form never does."""
    return path.is_file() and _ALEMBICS.search(path.read_bytes()) is not None


def _elsewhere(path: Path, error: Exception) -> str:
    """Where *error* came from, if not from *path* itself: from what it imports."""
    frames = [frame for frame in traceback.extract_tb(error.__traceback__) if not frame.filename.startswith("<")]
    if not frames or Path(frames[-1].filename) == path or isinstance(error, ModuleNotFoundError | SyntaxError):
        return ""
    return f" ({frames[-1].filename}:{frames[-1].lineno})"


def load_environment(path: Path) -> Environment:
    """Execute `env.py` and give its `environment`.

    Args:
        path: the file; an empty environment when there is none.

    Raises:
        ScriptError: it cannot be executed, with the line; the cause is kept.
        ConfigError: it binds no `Environment` to the name `environment`, or is one of Alembic.
    """
    if not path.is_file():
        return Environment()
    if is_alembics(path):
        raise ConfigError(
            f"{path} is an env.py of Alembic, which runs the migrations itself.",
            hint="asyncmig adopt    # puts one of asyncmig in its place\n"
            f'await asyncmig.upgrade(engine, "{path.parent.name}")    # runs it as it is; so does migrations(engine)',
        )
    module = ModuleType("_asyncmig_env")
    module.__name__ = name = f"_asyncmig_env_{id(module)}"
    module.__file__ = str(path)
    # Dataclasses and mapped classes look up the module of their class while they are made.
    sys.modules[name] = module
    try:
        code = compile(path.read_bytes(), str(path), "exec")
        builtins.exec(code, module.__dict__)
    except AsyncmigError:
        raise
    except Exception as error:
        line = error.lineno if isinstance(error, SyntaxError) and error.filename == str(path) else line_in(path, error)
        raise ScriptError(f"{type(error).__name__}: {error}{_elsewhere(path, error)}", path=path, line=line) from error
    finally:
        sys.modules.pop(name, None)
    environment = getattr(module, "environment", None)
    if not isinstance(environment, Environment):
        raise ConfigError(
            f"{path} does not bind an Environment to the name 'environment'.",
            hint="from asyncmig import Environment\n\nenvironment = Environment(metadata=Base.metadata)",
        )
    return environment
