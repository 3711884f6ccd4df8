"""EnvironmentRun: executes an `env.py` of Alembic inside our loop, and does the work where it runs its migrations."""

from __future__ import annotations

import builtins
import itertools
import sys
from collections.abc import Awaitable, Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import replace
from importlib.util import find_spec
from pathlib import Path
from types import ModuleType
from typing import TYPE_CHECKING, Any, Generic, TypeVar, cast

from sqlalchemy import Connection, event
from sqlalchemy.exc import DBAPIError

from asyncmig._sqlalchemy import greenlet_spawn, spawn_to_the_end
from asyncmig.compat.alembic.compare_options import choices
from asyncmig.compat.alembic.engines import Engines
from asyncmig.compat.alembic.env_connection import plain_connection
from asyncmig.compat.alembic.environment import Configured, EnvironmentContext
from asyncmig.compat.alembic.environment_modules import ModuleView, environment_modules
from asyncmig.compat.alembic.search_path import lent_search_path
from asyncmig.compat.alembic.version_hooks import version_hooks
from asyncmig.environment import Environment
from asyncmig.errors import AsyncmigError, ConfigError, ScriptError
from asyncmig.events import Observer
from asyncmig.migrator.connecting import ConnectionSource
from asyncmig.migrator.migrator import Migrator
from asyncmig.migrator.results import RunResult
from asyncmig.scripts.imports import ScriptModules, private_builtins
from asyncmig.scripts.trace import line_in

if TYPE_CHECKING:
    from asyncmig.compat.alembic.ini import AlembicProject

T = TypeVar("T")

_numbers = itertools.count(1)
#: Alembic's modules that we have under the same names.
_MODULES = ("autogenerate", "command", "config", "migration", "script", "util")


class EnvironmentRun(Generic[T]):
    """One execution of an `env.py`.

    Args:
        project: the project.
        path: its `env.py`.
        work: what to do at each `context.run_migrations()`, with a migrator of the database that was configured.
        modules: what `from alembic import op` and the like give scripts.
        is_offline: whether SQL is printed instead of executed.
        arguments: the `-x key=value` arguments.
        observer: is told of every event.
        target, start, tag: what `env.py` may ask about the command.
        file_config: what stands for `logging.config.fileConfig`; None leaves logging alone.
        reads: whether the work only reads.
    """

    def __init__(
        self,
        project: AlembicProject,
        path: Path,
        work: Callable[[Migrator], Awaitable[T]],
        *,
        modules: ScriptModules,
        observer: Observer,
        arguments: Mapping[str, str],
        is_offline: bool = False,
        target: str | Sequence[str] | None = None,
        start: str | None = None,
        tag: str | None = None,
        file_config: Callable[..., Any] | None = None,
        reads: bool = False,
    ) -> None:
        self._project = project
        self._path = path
        self._work = work
        self._observer = observer
        self._arguments = {**arguments, **({"tag": tag} if tag else {})}
        self._engines = Engines(reads=reads)
        self._results: list[T] = []
        self._printed: list[str] = []
        self._open: dict[Connection, bool] = {}
        self._context = EnvironmentContext(
            project.config,
            lambda: _script_directory(project),
            self._carry_out,
            is_offline=is_offline,
            arguments=arguments,
            target=target,
            start=start,
            tag=tag,
            print_sql=self._printed.append,
        )
        self._scripts = modules
        self._modules = _modules(modules, self._context, self._engines, file_config)

    async def go(self) -> tuple[T, ...]:
        """Execute it.

        Returns:
            what the work gave, for each `context.run_migrations()`.

        Raises:
            ScriptError: `env.py` fails, with the line.
            ConfigError: it runs no migrations, or does not commit what it has begun.
            AsyncmigError: the work fails.
        """
        try:
            await greenlet_spawn(self._execute)
        finally:
            await spawn_to_the_end(self._engines.dispose)
        if not self._context.runs:
            raise ConfigError(
                f"{self._path} did not call context.run_migrations(), so nothing was done.",
                hint="with context.begin_transaction():\n    context.run_migrations()",
            )
        if not all(self._open.values()):
            raise ConfigError(
                f"{self._path} did not commit the transaction that it had begun before context.configure(), so "
                "everything that was done in it is lost.",
                hint="connection.commit()    # before context.configure(), or after context.run_migrations()",
            )
        return tuple(self._results)

    def _execute(self) -> None:
        module = ModuleType(f"_asyncmig_env_{next(_numbers)}")
        module.__file__ = str(self._path)
        search_path = self._scripts.search_path
        if search_path is not None:
            search_path.reset()
        module.__dict__["__builtins__"] = private_builtins(ScriptModules(self._modules, search_path))
        try:
            code = compile(self._path.read_bytes(), str(self._path), "exec", dont_inherit=True)
        except (SyntaxError, ValueError) as error:
            line = error.lineno if isinstance(error, SyntaxError) else None
            raise ScriptError(f"The file does not parse: {error}", path=self._path, line=line) from error
        settings = self._project.settings
        with lent_search_path(settings.root, settings.prepend_sys_path), _findable(module):
            try:
                builtins.exec(code, module.__dict__)
            except AsyncmigError:
                raise
            except DBAPIError as error:
                raise self._database_error(error) from error
            except OSError as error:
                if self._context.runs or not self._engines.made:
                    raise self._failed(error) from error
                raise self._database_error(error) from error
            except Exception as error:
                raise self._failed(error) from error

    def _failed(self, error: Exception) -> ScriptError:
        return ScriptError(f"{type(error).__name__}: {error}", path=self._path, line=line_in(self._path, error))

    def _database_error(self, error: DBAPIError | OSError) -> AsyncmigError:
        """An error of the database, which was not to be reached, or that `env.py` asked for something by itself."""
        if self._context.runs or not self._engines.made or getattr(error, "statement", None) is not None:
            return self._failed(error)
        # It was met while connecting: no statement had been sent yet.
        return _source(self._engines.made[-1].url).unavailable(error)

    async def _carry_out(self, configured: Configured, keywords: Mapping[str, Any]) -> None:
        connection = configured.connection
        migrator = Migrator(
            connection if connection is not None else configured.url,  # type: ignore[arg-type] # inside the bridge
            settings=_settings(self._project, configured),
            environment=self._environment(configured, keywords),
            observer=self._observer,
            arguments=self._arguments,
            options={
                **configured.options,
                "config": self._project.config,
                "environment_context": self._context,
                # What env.py registers with them, such as operations of the project's own, is known to its scripts.
                "modules": self._scripts,
                "run_arguments": dict(keywords),
            },
        )
        external = connection is not None and connection.in_transaction()
        result = await self._work(migrator)
        if isinstance(result, str) and connection is None:
            result = cast(T, self._print(result, configured))
        self._results.append(result)
        if external and connection is not None and isinstance(result, RunResult) and result:
            self._watch(connection)

    def _environment(self, configured: Configured, keywords: Mapping[str, Any]) -> Environment:
        context, options = self._context.get_context(), configured.options
        hooks = version_hooks(
            options.get("on_version_apply"),
            context,
            lambda: self._context.script,
            keywords,
        )
        process = options.get("process_revision_directives")
        return Environment(
            metadata=_metadata(configured),
            on_version_apply=hooks,
            revise=None if process is None else _revising(process, context),
            **choices(options, context),
        )

    def _print(self, sql: str, configured: Configured) -> str:
        """Add what `env.py` has printed by itself; text that `env.py` wants in a file of its own goes there."""
        whole = "\n\n".join([*(f"{text.rstrip().rstrip(';')};" for text in self._printed), sql])
        self._printed.clear()
        buffer = configured.options.get("output_buffer")
        if buffer is None:
            return whole
        buffer.write(whole)
        return ""

    def _watch(self, connection: Connection) -> None:
        """Notice whether `env.py` commits what was done in its own transaction."""
        if connection.engine not in self._engines.made or connection in self._open:
            return
        self._open[connection] = False
        event.listen(connection, "commit", self._committed)

    def _committed(self, connection: Connection) -> None:
        self._open[plain_connection(connection)] = True


def _revising(process: Callable[..., Any], context: Any) -> Callable[..., Any]:
    """What lets the hook of `env.py` have its say in operations that are only shown."""

    def revise(operations: Any) -> Any:
        # Imported here because only comparing needs it.
        from asyncmig.compat.alembic.comparing import revise_with

        return revise_with(process, context)(operations)

    return revise


def _modules(
    scripts: Mapping[str, Any],
    context: EnvironmentContext,
    engines: Engines,
    file_config: Callable[..., Any] | None,
) -> Mapping[str, Any]:
    """Everything that imports in `env.py` are given in place of what they name."""
    places = {name: f"asyncmig.compat.alembic.{name}" for name in _MODULES}
    ours = {f"alembic.{name}": ModuleView(place) for name, place in places.items() if find_spec(place) is not None}
    registered = scripts["alembic.autogenerate"]
    # What env.py registers there, and what its helpers register, is the project's.
    ours["alembic.autogenerate"] = ModuleView(
        places["autogenerate"], comparators=registered.comparators, renderers=registered.renderers
    )
    for name in ("api", "rewriter"):
        ours[f"alembic.autogenerate.{name}"] = ModuleView(f"{places['autogenerate']}.{name}")
    return {
        **scripts,
        **ours,
        **environment_modules(engines, file_config),
        "alembic": _Package(scripts["alembic"], context),
        "alembic.context": context,
    }


class _Package:
    """The package `alembic` as `env.py` sees it: that of scripts with another `context`.

    Args:
        scripts: the package as scripts see it.
        context: the context of `env.py`.
    """

    def __init__(self, scripts: Any, context: EnvironmentContext) -> None:
        self._scripts = scripts
        self.context = context

    def __getattr__(self, name: str) -> Any:
        return getattr(self._scripts, name)


def _script_directory(project: AlembicProject) -> Any:
    return ModuleView("asyncmig.compat.alembic.script").ScriptDirectory.from_config(project.config)


def _settings(project: AlembicProject, configured: Configured) -> Any:
    one = configured.options.get("transaction_per_migration") is False
    return replace(
        project.settings,
        version_table=configured.version_table,
        version_table_schema=configured.version_table_schema,
        transaction="run" if one else "revision",
    )


def _metadata(configured: Configured) -> Any:
    found = configured.options.get("target_metadata")
    return list(found) if isinstance(found, list | tuple) else found


def _source(url: Any) -> ConnectionSource:
    # Imported here because only a database that is not there needs it.
    from asyncmig.dialects.registry import adapter_class, dialect_of

    adapter = adapter_class(dialect_of(url))(dialect_of(url))
    return ConnectionSource(url, is_unreachable=adapter.is_unreachable, advice=adapter.advice)


@contextmanager
def _findable(module: ModuleType) -> Iterator[None]:
    """Let the classes that *module* defines find it while they are made."""
    sys.modules[module.__name__] = module
    try:
        yield
    finally:
        sys.modules.pop(module.__name__, None)
