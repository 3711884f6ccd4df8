"""Command: Alembic's commands as functions, with Alembic's signatures; they are synchronous and run asyncmig."""

from __future__ import annotations

import os
from collections.abc import Callable, Sequence
from typing import Any

from asyncmig.compat.alembic.config import Config
from asyncmig.compat.alembic.errors import (
    CannotCompareModelsError,
    CommandError,
    DatabaseNotAtHead,
    command_errors,
)
from asyncmig.compat.alembic.revising import MigrationScript, write_directives
from asyncmig.compat.alembic.running import run_command
from asyncmig.compat.alembic.script import Script, ScriptDirectory
from asyncmig.compat.alembic.starting import begin_project, template_lines
from asyncmig.compat.alembic.util import asbool
from asyncmig.migrator.editor import edit_files
from asyncmig.migrator.migrator import Migrator
from asyncmig.scripts.naming import new_id

__all__ = [
    "branches",
    "check",
    "current",
    "downgrade",
    "edit",
    "ensure_version",
    "heads",
    "history",
    "init",
    "list_templates",
    "merge",
    "revision",
    "show",
    "stamp",
    "upgrade",
]

Ids = str | Sequence[str]


def list_templates(config: Config) -> None:
    """List available templates.

    Args:
        config: the configuration, which says where they are.
    """
    with command_errors():
        for line in template_lines(config):
            config.print_stdout(line)


def init(config: Config, directory: str, template: str = "generic", package: bool = False) -> None:
    """Initialize a new scripts directory.

    Args:
        config: the configuration; the files that it names are written where they are not there yet.
        directory: where `env.py` and the revisions go.
        template: what it begins from.
        package: whether the directories get an `__init__.py`.

    Raises:
        CommandError: the directory is not empty, or there is no such template.
    """
    with command_errors():
        begin_project(config, directory, template, package=package)


def revision(
    config: Config,
    message: str | None = None,
    autogenerate: bool = False,
    sql: bool = False,
    head: Ids = "head",
    splice: bool = False,
    branch_label: Ids | None = None,
    version_path: str | os.PathLike[str] | None = None,
    rev_id: str | None = None,
    depends_on: Ids | None = None,
    process_revision_directives: Callable[..., Any] | None = None,
) -> Script | list[Script]:
    """Create a new revision file.

    Args:
        config: the configuration.
        message: what the revision is for.
        autogenerate: not supported yet.
        sql: makes sense in Alembic only where `revision_environment` is set.
        head: what it follows.
        splice: whether it may follow a revision that is no head.
        branch_label: a label for the branch that begins with it.
        version_path: the directory of the file, where there are several.
        rev_id: its id; a new one by default.
        depends_on: what must be applied before it without being its parent.
        process_revision_directives: may change the revision before it is written; as in Alembic, it is called only
            where `revision_environment` is set, so that `env.py` is executed.

    Returns:
        the new revision; a list of them where a function has made none or several of it.

    Raises:
        CommandError: it cannot be written.
        CannotCompareModelsError: it would need to compare models with the database.
    """
    scripts = ScriptDirectory.from_config(config)
    environment = _runs_environment(config)
    if sql and autogenerate:
        raise CommandError("Using --sql with --autogenerate does not make any sense")
    if autogenerate:
        raise CannotCompareModelsError("revision with autogenerate")
    if sql and not environment:
        raise CommandError(
            "Using --sql with the revision command when revision_environment is not configured does not make any sense"
        )
    if environment:
        wanted = MigrationScript(
            rev_id or new_id(), message, head, splice, branch_label, version_path, depends_on=depends_on
        )
        return write_directives(config, scripts, wanted, process_revision_directives)
    return scripts.generate_revision(
        rev_id,
        message,
        head=head,
        splice=splice,
        branch_labels=branch_label,
        version_path=version_path,
        depends_on=depends_on,
    )


def check(config: Config) -> None:
    """Check if revision command with autogenerate has pending upgrade ops.

    Args:
        config: the configuration.

    Raises:
        CannotCompareModelsError: always; it needs to compare models with the database.
    """
    ScriptDirectory.from_config(config)
    raise CannotCompareModelsError("check")


def merge(
    config: Config,
    revisions: Ids,
    message: str | None = None,
    branch_label: Ids | None = None,
    rev_id: str | None = None,
    splice: bool = False,
) -> Script:
    """Merge two revisions together.  Creates a new migration file.

    Args:
        config: the configuration.
        revisions: what it joins; `heads` for all heads.
        message: what the revision is for.
        branch_label: a label for the branch that begins with it.
        rev_id: its id; a new one by default.
        splice: whether it may follow revisions that are no heads.

    Returns:
        the new revision.

    Raises:
        CommandError: it cannot be written.
    """
    scripts = ScriptDirectory.from_config(config)
    return scripts.generate_revision(rev_id, message, head=revisions, branch_labels=branch_label, splice=splice)


def upgrade(config: Config, revision: str, sql: bool = False, tag: str | None = None) -> None:
    """Upgrade to a later version.

    Args:
        config: the configuration.
        revision: where to: `head`, `heads`, an id, `+2`, ...; a range `from:to` with *sql*.
        sql: print the SQL instead of executing anything.
        tag: free text for `env.py` and for scripts.

    Raises:
        CommandError: it failed; it is of the class of what happened, too.
    """
    if sql:
        config.write_sql(run_command(config, lambda migrator: migrator.sql(revision, tag=tag), tag=tag))
    else:
        run_command(config, lambda migrator: migrator.upgrade(revision), tag=tag)


def downgrade(config: Config, revision: str, sql: bool = False, tag: str | None = None) -> None:
    """Revert to a previous version.

    Args:
        config: the configuration.
        revision: where to: `base`, `-1`, an id, ...; a range `from:to` with *sql*.
        sql: print the SQL instead of executing anything.
        tag: free text for `env.py` and for scripts.

    Raises:
        CommandError: it failed; it is of the class of what happened, too.
    """
    if not sql:
        run_command(config, lambda migrator: migrator.downgrade(revision), tag=tag)
        return
    if ":" not in revision:
        raise CommandError("downgrade with --sql requires <fromrev>:<torev>", hint=f"For instance head:{revision}")
    text = run_command(config, lambda migrator: migrator.sql(revision, direction="downgrade", tag=tag), tag=tag)
    config.write_sql(text)


def show(config: Config, rev: str) -> None:
    """Show the revision(s) denoted by the given symbol.

    Args:
        config: the configuration.
        rev: which; `current` for those that the database is at.

    Raises:
        CommandError: there is none.
    """
    for script in _find(config, ScriptDirectory.from_config(config), rev):
        config.print_stdout(script.log_entry)


def history(
    config: Config, rev_range: str | None = None, verbose: bool = False, indicate_current: bool = False
) -> None:
    """List changeset scripts in chronological order.

    Args:
        config: the configuration.
        rev_range: `[start]:[end]`, whose ends may be `current`.
        verbose: all about each.
        indicate_current: mark where the database is.

    Raises:
        CommandError: it is no range, or one of its ends is not to be found.
    """
    if rev_range is not None and ":" not in rev_range:
        raise CommandError(
            "History range requires [start]:[end], [start]:, or :[end]", hint=f"For instance {rev_range}:heads"
        )
    scripts = ScriptDirectory.from_config(config)
    wants_current = indicate_current or "current" in (rev_range or "").split(":")
    applied = _applied(config) if wants_current else ()
    for script in scripts.walk_range(rev_range, applied):
        if indicate_current:
            script.mark_current(script.revision in applied)
        line = script.cmd_format(verbose, include_branches=True, include_doc=True, include_parents=True)
        config.print_stdout(line)


def heads(config: Config, verbose: bool = False, resolve_dependencies: bool = False) -> None:
    """Show current available heads in the script directory.

    Args:
        config: the configuration.
        verbose: all about each.
        resolve_dependencies: leave out those that another revision depends on.
    """
    scripts = ScriptDirectory.from_config(config)
    for script in scripts.get_revisions("heads" if resolve_dependencies else scripts.get_heads()):
        config.print_stdout(script.cmd_format(verbose, include_branches=True, tree_indicators=False))


def branches(config: Config, verbose: bool = False) -> None:
    """Show current branch points.

    Args:
        config: the configuration.
        verbose: all about each.
    """
    scripts = ScriptDirectory.from_config(config)
    for script in scripts.walk_revisions():
        if script.is_branch_point:
            config.print_stdout(script.cmd_format(verbose, include_branches=True))
            for child in scripts.get_revisions(script.children):
                line = child.cmd_format(False, include_branches=True, include_doc=verbose)
                config.print_stdout(f"{' ' * len(script.revision)} -> {line}")
            config.print_stdout("")


def current(config: Config, check_heads: bool = False, verbose: bool = False) -> None:
    """Display the current revision for a database.

    Args:
        config: the configuration.
        check_heads: whether it is an error not to be at all heads.
        verbose: all about each.

    Raises:
        DatabaseNotAtHead: it is not, and was to be.
        CommandError: the database names a revision that no file declares.
    """
    scripts = ScriptDirectory.from_config(config)

    async def look(migrator: Migrator) -> tuple[str, tuple[str, ...], bool]:
        rows = tuple([info.id for info in await migrator.current()])
        return migrator.url, rows, not check_heads or await migrator.is_at_heads()

    for url, rows, is_fine in run_command(config, lambda migrator: migrator.each(look)):
        if verbose:
            config.print_stdout(f"Current revision(s) for {url}:")
        if not is_fine:
            raise DatabaseNotAtHead("Database is not on all head revisions", hint="asyncmig upgrade heads")
        for script in sorted(scripts.get_all_current(rows), key=lambda script: script.revision):
            config.print_stdout(script.cmd_format(verbose))


def stamp(config: Config, revision: Ids, sql: bool = False, tag: str | None = None, purge: bool = False) -> None:
    """'stamp' the revision table with the given revision; don't run any migrations.

    Args:
        config: the configuration.
        revision: where the database is: `heads`, `base`, ids; a range `from:to` with *sql*.
        sql: print the SQL instead of executing anything.
        tag: free text for `env.py`.
        purge: take all rows away first, also those that no file declares.

    Raises:
        CommandError: it failed.
    """
    targets = (revision,) if isinstance(revision, str) else tuple(revision) or ("base",)
    if not sql:
        run_command(config, lambda migrator: migrator.stamp(*targets, purge=purge), tag=tag)
        return
    if purge:
        raise CommandError("Can't use --purge with --sql mode", hint="Leave one of them out.")
    if len({target.partition(":")[0] for target in targets if ":" in target}) > 1:
        raise CommandError("Stamp operation with --sql only supports a single starting revision at a time")
    config.write_sql(run_command(config, lambda migrator: migrator.stamp_sql(*targets), tag=tag))


def edit(config: Config, rev: str) -> None:
    """Edit revision script(s) using $EDITOR.

    Args:
        config: the configuration.
        rev: which; `current` for those that the database is at.

    Raises:
        CommandError: there is none, or no editor.
    """
    found = _find(config, ScriptDirectory.from_config(config), rev)
    if not found:
        raise CommandError(
            "No current revisions" if rev == "current" else f"No revision files indicated by symbol {rev!r}"
        )
    with command_errors():
        edit_files([script.file for script in found], os.environ)


def ensure_version(config: Config, sql: bool = False) -> None:
    """Create the alembic version table if it doesn't exist already .

    Args:
        config: the configuration.
        sql: print the SQL instead of executing anything.
    """
    if sql:

        async def text_of(migrator: Migrator) -> str:
            return await migrator.ensure_version_sql()

        config.write_sql(run_command(config, lambda migrator: migrator.run(text_of, is_offline=True)))
    else:
        run_command(config, lambda migrator: migrator.ensure_version())


def _applied(config: Config) -> tuple[str, ...]:
    """The rows of the version table."""
    return tuple(info.id for info in run_command(config, lambda migrator: migrator.current()))


def _find(config: Config, scripts: ScriptDirectory, target: str) -> tuple[Script, ...]:
    return scripts.get_revisions(_applied(config) if target == "current" else target)


def _runs_environment(config: Config) -> bool:
    """Whether the configuration wants `env.py` to be executed when a revision is written."""
    try:
        return asbool(config.get_alembic_option("revision_environment"))
    except ValueError as error:
        raise CommandError(
            f"{config.place_of('revision_environment')}{error}.", hint="revision_environment = true"
        ) from error
