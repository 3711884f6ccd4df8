"""EnvironmentContext: what `from alembic import context` gives a revision file."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any, NoReturn

from asyncmig.errors import ScriptError
from asyncmig.runtime.alembic.migration import MigrationContext
from asyncmig.runtime.place import place_in_script
from asyncmig.runtime.session import running_session


class EnvironmentContext:
    """What `from alembic import context` gives a revision file.

    Args:
        migration_context: the class of migration contexts of the project.
    """

    def __init__(self, migration_context: type[MigrationContext]) -> None:
        self._migration_context = migration_context

    @property
    def config(self) -> Any:
        """The configuration of the project."""
        return self._context("config").config

    @property
    def script(self) -> Any:
        """The history of the project."""
        return self._context("script").script

    def get_context(self) -> MigrationContext:
        """Dialect, connection and transactions of the run."""
        return self._context("get_context")

    def get_bind(self) -> Any:
        """The connection of the run."""
        return running_session("context.get_bind").connection

    def get_impl(self) -> Any:
        """What sends statements."""
        return self._context("get_impl").impl

    def execute(self, sql: Any, execution_options: Mapping[str, Any] | None = None) -> None:
        """Run SQL."""
        self._context("execute").execute(sql, execution_options)

    def static_output(self, text: str) -> None:
        """Write *text* into the SQL that is printed."""
        self._context("static_output").write(text)

    def is_offline_mode(self) -> bool:
        """Whether nothing is executed: the operations are only printed or looked at."""
        return running_session("context.is_offline_mode").is_offline

    def requires_connection(self) -> bool:
        """Whether something is executed."""
        return not self.is_offline_mode()

    def is_transactional_ddl(self) -> bool:
        """Whether DDL can be rolled back."""
        return self._context("is_transactional_ddl").transactional_ddl

    @contextmanager
    def begin_transaction(self) -> Iterator[None]:
        """A block in the transaction of the revision, which is open already and ends with the revision."""
        self._context("begin_transaction")
        yield

    def get_x_argument(self, as_dictionary: bool = False) -> Any:
        """The `-x` arguments of the command line, as `key=value` texts or as a dictionary."""
        arguments = running_session("context.get_x_argument").arguments
        if as_dictionary:
            return dict(arguments)
        return [f"{name}={value}" if value else name for name, value in arguments.items()]

    def get_head_revision(self) -> str | None:
        """The id of the head.

        Raises:
            MultipleHeadsError: there are several.
        """
        head: str | None = self.script.get_current_head()
        return head

    def get_head_revisions(self) -> tuple[str, ...]:
        """The ids of the heads."""
        return tuple(self.script.get_heads())

    def get_revision_argument(self) -> Any:
        """Where the run goes, as it was asked for."""
        return self._option("get_revision_argument", "destination_rev")

    def get_starting_revision_argument(self) -> Any:
        """Where a run that is only printed begins."""
        return self._option("get_starting_revision_argument", "starting_rev")

    def get_tag_argument(self) -> str | None:
        """The `--tag` of the command line."""
        session = running_session("context.get_tag_argument")
        tag: str | None = session.options.get("tag") or session.arguments.get("tag")
        return tag

    def configure(self, *arguments: Any, **options: Any) -> NoReturn:
        """Not for revision files."""
        raise self._of_env("configure")

    def run_migrations(self, **options: Any) -> NoReturn:
        """Not for revision files."""
        raise self._of_env("run_migrations")

    def _context(self, word: str) -> MigrationContext:
        return self._migration_context(running_session(f"context.{word}"))

    def _option(self, word: str, name: str) -> Any:
        options = running_session(f"context.{word}").options
        if "environment_context" in options:
            # That of env.py knows what the command was asked for.
            return getattr(options["environment_context"], word)()
        if name not in options:
            path, line = place_in_script()
            raise ScriptError(f"context.{word}() has no answer in this run.", path=path, line=line)
        return options[name]

    def _of_env(self, word: str) -> ScriptError:
        path, line = place_in_script()
        return ScriptError(
            f"context.{word}() was called in a revision file; it belongs into env.py.",
            path=path,
            line=line,
            hint="if this module is needed by revision files too, move what they need into one of its own",
        )
