"""Revising: what `env.py` and programs may say about a revision before its file is written."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from asyncmig._sqlalchemy import greenlet_spawn
from asyncmig.compat.alembic.config import Config
from asyncmig.compat.alembic.errors import CannotCompareModelsError
from asyncmig.compat.alembic.migration import MigrationContext
from asyncmig.compat.alembic.running import run_command
from asyncmig.compat.alembic.script import ScriptDirectory
from asyncmig.compat.alembic.script_file import Script
from asyncmig.migrator.migrator import Migrator
from asyncmig.migrator.results import CreatedRevision
from asyncmig.scripts.naming import new_id

__all__ = ["MigrationScript", "OpContainer", "write_directives"]

#: What is called with the context, the rows of the version table, and the list of directives, which it may change.
Process = Callable[[Any, Any, list["MigrationScript"]], Any]


@dataclass
class OpContainer:
    """The operations of a new revision, of which there are none as long as models cannot be compared.

    Args:
        ops: the operations.
    """

    ops: list[Any] = field(default_factory=list)

    def is_empty(self) -> bool:
        """Whether there are none."""
        return not self.ops

    def as_diffs(self) -> list[Any]:
        """The differences that they stand for."""
        return list(self.ops)


@dataclass
class MigrationScript:
    """A revision that is going to be written. Whoever is asked may change all of it.

    Args:
        rev_id: its id.
        message: what it is for.
        head: what it follows.
        splice: whether it may follow a revision that is no head.
        branch_label: labels for the branch that begins with it.
        version_path: the directory of its file.
        depends_on: what must be applied before it without being its parent.
        upgrade_ops, downgrade_ops: its operations.
        imports: lines that they need.
    """

    rev_id: str
    message: str | None = None
    head: Any = "head"
    splice: bool | None = False
    branch_label: Any = None
    version_path: Any = None
    depends_on: Any = None
    upgrade_ops: OpContainer = field(default_factory=OpContainer)
    downgrade_ops: OpContainer = field(default_factory=OpContainer)
    imports: set[str] = field(default_factory=set)

    @property
    def upgrade_ops_list(self) -> list[OpContainer]:
        """The operations for each database."""
        return [self.upgrade_ops]

    @property
    def downgrade_ops_list(self) -> list[OpContainer]:
        """The operations that take them back, for each database."""
        return [self.downgrade_ops]


def write_directives(
    config: Config, scripts: ScriptDirectory, first: MigrationScript, process: Process | None
) -> Script | list[Script]:
    """Execute `env.py`, ask it and *process* about a new revision, and write what is left of it.

    Args:
        config: the configuration.
        scripts: the revision files.
        first: the revision as it was asked for.
        process: the program's own function.

    Returns:
        the new revision; a list where there are none or several.

    Raises:
        CommandError: `env.py` fails, or a revision cannot be written.
        CannotCompareModelsError: somebody puts operations into it.
    """
    directives = [first]
    values: dict[str, Any] = {}

    async def ask(migrator: Migrator) -> None:
        await greenlet_spawn(_ask, migrator, scripts, directives, values, process)

    run_command(config, lambda migrator: migrator.each(ask))
    for one in directives:
        if not (one.upgrade_ops.is_empty() and one.downgrade_ops.is_empty()):
            raise CannotCompareModelsError("A revision with operations of process_revision_directives")
    written = [_write(scripts, one, values) for one in directives]
    return written[0] if len(written) == 1 else written


def revise(config: Config, message: str | None, **options: Any) -> list[CreatedRevision]:
    """Write a new revision, about which `env.py` is asked first.

    Args:
        config: the configuration.
        message: what it is for.
        options: those of `History.new_revision`.

    Returns:
        what was written; nothing where `env.py` has taken the revision away.

    Raises:
        the same as `write_directives`.
    """
    given = {name: value for name, value in options.items() if value not in (None, ())}
    first = MigrationScript(given.pop("rev_id", None) or new_id(), message, **given)
    written = write_directives(config, ScriptDirectory.from_config(config), first, None)
    scripts = written if isinstance(written, list) else [written]
    return [CreatedRevision(one.revision, Path(one.path)) for one in scripts]


def _ask(
    migrator: Migrator,
    scripts: ScriptDirectory,
    directives: list[MigrationScript],
    values: dict[str, Any],
    process: Process | None,
) -> None:
    options = migrator.project.options
    connection = migrator.project.source.given
    context = MigrationContext(migrator.project.source.dialect, connection, {**options, "script": scripts})
    rows: Sequence[str] = context.get_current_heads()
    values.update(options.get("template_args") or {})
    for function in (process, options.get("process_revision_directives")):
        if function is not None:
            function(context, rows, directives)


def _write(scripts: ScriptDirectory, one: MigrationScript, values: dict[str, Any]) -> Script:
    return scripts.generate_revision(
        one.rev_id,
        one.message,
        head=one.head,
        splice=one.splice,
        branch_labels=one.branch_label,
        version_path=None if one.version_path is None else Path(one.version_path),
        depends_on=one.depends_on,
        **values,
    )
