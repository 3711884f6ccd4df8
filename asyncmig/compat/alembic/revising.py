"""Revising: new revisions, of which `env.py` and programs may change everything before their files are written."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from asyncmig._sqlalchemy import greenlet_spawn
from asyncmig.compat.alembic.autogenerate.api import AutogenContext
from asyncmig.compat.alembic.code import CodeForm, Coder, needed_imports
from asyncmig.compat.alembic.config import Config
from asyncmig.compat.alembic.directives import downgrade_ops, operations_of, upgrade_ops
from asyncmig.compat.alembic.errors import command_errors
from asyncmig.compat.alembic.migration import MigrationContext
from asyncmig.compat.alembic.running import run_command
from asyncmig.compat.alembic.script import ScriptDirectory
from asyncmig.compat.alembic.script_file import Script
from asyncmig.errors import ConfigError
from asyncmig.migrator.answers import LOOKING, Answers
from asyncmig.migrator.comparing import compare, require_heads
from asyncmig.migrator.history import History
from asyncmig.migrator.migrator import Migrator
from asyncmig.migrator.results import CreatedRevision
from asyncmig.migrator.summary import differences_of, summary
from asyncmig.runtime.alembic.op_containers import DowngradeOps, MigrationScript, UpgradeOps
from asyncmig.scripts.naming import new_id

if TYPE_CHECKING:
    from asyncmig.compat.alembic.migrator import AlembicMigrator

__all__ = ["Revising", "created_revision", "first_script", "revise", "write_directives"]

#: What is called with the context, the rows of the version table, and the list of directives, which it may change.
Process = Callable[[Any, Any, list[MigrationScript]], Any]


def first_script(message: str | None, *, rev_id: str | None = None, **options: Any) -> MigrationScript:
    """A revision as it was asked for.

    Args:
        message: what it is for.
        rev_id: its id; a new one by default.
        options: the other attributes of a `MigrationScript`.
    """
    return MigrationScript(rev_id or new_id(), message=message, **{"head": "head", "splice": False, **options})


class Revising:
    """What comes of a revision that was asked for: `env.py` is executed, models are compared, hooks have their say.

    Args:
        scripts: the revision files.
        first: the revision as it was asked for.
        process: a program's own function, which is asked before that of `env.py`.
        autogenerate: whether models are compared with the databases.
        answers: what is said where models do not say what is meant; by default, as in Alembic, what has another name
            is dropped and added.
    """

    def __init__(
        self,
        scripts: ScriptDirectory,
        first: MigrationScript,
        process: Process | None = None,
        *,
        autogenerate: bool = False,
        answers: Answers | None = None,
    ) -> None:
        self.directives = [first]
        #: What could not be understood, and what a person should look at.
        self.warnings: list[str] = []
        self._scripts = scripts
        self._process = process
        self._autogenerate = autogenerate
        self._answers = answers or LOOKING
        self._values: dict[str, Any] = {}
        self._coder: tuple[CodeForm, AutogenContext] | None = None

    async def ask(self, migrator: Migrator) -> None:
        """Ask about one database: compare its models, and let hooks change what is there by then.

        Args:
            migrator: the migrator of the database.

        Raises:
            NotAtHeadsError: the database is not up to date.
            AutogenerateError: the models cannot be compared with it.
        """
        project = migrator.project
        options = project.options
        context = MigrationContext(
            project.source.dialect,
            project.source.given,
            {**options, "script": self._scripts},
            options.get("environment_context"),
        )
        self._values.update(options.get("template_args") or {})
        autogenerating = options["modules"]["alembic.autogenerate"] if "modules" in options else None
        autogen = AutogenContext(context, autogenerate=self._autogenerate)
        form = CodeForm.of(options, getattr(autogenerating, "renderers", None))
        first = self._coder is None
        self._coder = form, autogen
        up, down = await self._compared(migrator, options)
        await greenlet_spawn(self._add, up, down, autogen, getattr(autogenerating, "comparators", None), first)
        await greenlet_spawn(self._ask, context, options.get("process_revision_directives"))

    async def _compared(self, migrator: Migrator, options: Any) -> tuple[UpgradeOps, DowngradeOps]:
        tokens = options.get("upgrade_token") or "upgrades", options.get("downgrade_token") or "downgrades"
        if not self._autogenerate:
            return UpgradeOps((), tokens[0]), DowngradeOps((), tokens[1])
        project = migrator.project
        if not project.environment.metadata:
            raise ConfigError(
                f"{project.history.directory.location / 'env.py'} gives no MetaData, so no models can be compared.",
                hint="context.configure(..., target_metadata=Base.metadata)",
            )
        async with project.source.look() as connection:
            await require_heads(project, connection)
            found = await compare(project, connection, self._answers)
        self.warnings += found.warnings
        adapter = project.adapter()
        return (
            upgrade_ops(found.changes, tokens[0], adapter=adapter),
            downgrade_ops(found.changes, tokens[1], adapter=adapter),
        )

    def _add(self, up: UpgradeOps, down: DowngradeOps, autogen: AutogenContext, comparators: Any, first: bool) -> None:
        """Put what was found into the last revision, with what comparators of the project's own find."""
        if self._autogenerate and comparators is not None:
            _compare_more(comparators, autogen, up, down)
        if not self.directives:
            return
        one = self.directives[-1]
        if first:
            up.ops += one.upgrade_ops.ops
            one.upgrade_ops, one.downgrade_ops = up, down
        else:
            one.upgrade_ops = [*one.upgrade_ops_list, up]
            one.downgrade_ops = [*one.downgrade_ops_list, down]

    def _ask(self, context: MigrationContext, process: Process | None) -> None:
        rows: Sequence[str] = context.get_current_heads()
        for function in (self._process, process):
            if function is not None:
                function(context, rows, self.directives)

    def values_of(self, one: MigrationScript, template: str) -> dict[str, Any]:
        """The variables of the template for one of the revisions that are left.

        Args:
            one: the revision.
            template: the text of the template.
        """
        values = dict(self._values)
        containers = [*one.upgrade_ops_list, *one.downgrade_ops_list]
        if self._coder is None or not (self._autogenerate or any(not ops.is_empty() for ops in containers)):
            return values
        form, context = self._coder
        context.imports = set(one.imports)
        coder = Coder(form, context)
        for ops in one.upgrade_ops_list:
            values[ops.upgrade_token] = coder.body(ops)
        for ops in one.downgrade_ops_list:
            values[ops.downgrade_token] = coder.body(ops)
        values["imports"] = needed_imports(context, template)
        return values


def _compare_more(comparators: Any, autogen: AutogenContext, up: UpgradeOps, down: DowngradeOps) -> None:
    """Let the project's own comparators of schemas add what they find."""
    schemas = {None, *(table.schema for table in getattr(autogen.metadata, "tables", {}).values())}
    before = len(up.ops)
    for (target, qualifier), function in list(comparators.registered.items()):
        if target == "schema" and qualifier in ("default", getattr(autogen.dialect, "name", None)):
            function(autogen, up, schemas)
    for one in up.ops[before:]:
        down.ops.insert(0, one.reverse())


def write_directives(
    config: Config,
    scripts: ScriptDirectory,
    first: MigrationScript,
    process: Process | None,
    *,
    autogenerate: bool = False,
) -> Script | list[Script]:
    """Execute `env.py`, ask it and *process* about a new revision, and write what is left of it.

    Args:
        config: the configuration.
        scripts: the revision files.
        first: the revision as it was asked for.
        process: the program's own function.
        autogenerate: whether models are compared with the databases.

    Returns:
        the new revision; a list where there are none or several.

    Raises:
        CommandError: `env.py` fails, models cannot be compared, or a revision cannot be written.
    """
    revising = Revising(scripts, first, process, autogenerate=autogenerate)
    run_command(config, lambda migrator: migrator.each(revising.ask))
    written = [_write(scripts, one, revising) for one in revising.directives]
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
    written = write_directives(config, ScriptDirectory.from_config(config), first_script(message, **given), None)
    scripts = written if isinstance(written, list) else [written]
    return [CreatedRevision(one.revision, Path(one.path)) for one in scripts]


async def created_revision(
    migrator: AlembicMigrator, message: str | None, answers: Answers | None, **options: Any
) -> CreatedRevision | None:
    """Write what makes of the databases what the models want; the hooks for new files are left to the caller.

    Args:
        migrator: the migrator of the project.
        message: what the revision is for; by default what it does.
        answers: what is said where models do not say what is meant.
        options: those of `History.new_revision`.

    Returns:
        what was written, the last of several; None where there is nothing to do.

    Raises:
        NotAtHeadsError: a database is not up to date.
        AutogenerateError: the models cannot be compared.
    """
    history = migrator.history_files
    given = {name: value for name, value in options.items() if value not in (None, ())}
    scripts = ScriptDirectory.from_config(migrator.project.config)
    revising = Revising(scripts, first_script(message, **given), autogenerate=True, answers=answers)
    await migrator.each(revising.ask, reads=True)
    template = history.directory.template.read_text("utf-8")
    created: CreatedRevision | None = None
    for one in revising.directives:
        operations = tuple(op for ops in one.upgrade_ops_list for op in operations_of(ops.ops))
        if not operations:
            continue
        words = one.message or summary(operations)
        made = _history_of(history, revising.values_of(one, template)).new_revision(words, **_place(one))
        created = replace(
            made,
            message=words,
            operations=operations,
            differences=differences_of(operations),
            warnings=tuple(dict.fromkeys(revising.warnings)),
        )
    return created


def _history_of(history: History, values: dict[str, Any]) -> History:
    return History(history.directory, history.settings, {**history.values, **values})


def _place(one: MigrationScript) -> dict[str, Any]:
    """Where a revision goes, as `History.new_revision` takes it."""
    needs = one.depends_on
    return {
        "head": one.head or "head",
        "splice": bool(one.splice),
        "branch_label": one.branch_label,
        "version_path": None if one.version_path is None else Path(one.version_path),
        "rev_id": one.rev_id,
        "depends_on": (needs,) if isinstance(needs, str) else tuple(needs or ()),
    }


def _write(scripts: ScriptDirectory, one: MigrationScript, revising: Revising) -> Script:
    with command_errors():
        template = scripts.history.directory.template
        text = template.read_text("utf-8") if template.is_file() else ""
        values = revising.values_of(one, text)
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
