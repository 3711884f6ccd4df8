"""Commands that change a database, or show what they would change."""

from __future__ import annotations

from typing import Annotated, Literal, cast

import typer

from asyncmig.cli import documents, lines
from asyncmig.cli.completion import complete_revision
from asyncmig.cli.parameters import RevisionNames, Sql, Tag, WaitForDatabase, duration
from asyncmig.cli.session import CommandSession
from asyncmig.revisions.revision import Phase

Target = Annotated[
    str,
    typer.Argument(
        metavar="TARGET",
        help="heads, head, an id or its beginning, +2, label@head; with --sql also FROM:TO.",
        autocompletion=complete_revision,
    ),
]
LowerTarget = Annotated[
    str,
    typer.Argument(
        metavar="TARGET",
        help="base, -1, an id or its beginning, label@base; with --sql FROM:TO.",
        autocompletion=complete_revision,
    ),
]
PhaseName = Annotated[
    str | None,
    typer.Option("--phase", metavar="PHASE", help="Leave out the revisions of the other phase: expand or contract."),
]


def upgrade(
    context: typer.Context,
    target: Target = "heads",
    sql: Sql = False,
    tag: Tag = None,
    phase: PhaseName = None,
    wait_for_db: WaitForDatabase = None,
) -> None:
    """Apply revisions up to TARGET."""
    session = CommandSession.of(context)
    session.connect_wait = duration(wait_for_db, "--wait-for-db") or 0.0
    if phase not in (None, "expand", "contract"):
        raise typer.BadParameter(f"{phase!r} is neither 'expand' nor 'contract'.", param_hint="--phase")
    if sql:
        session.print_sql(lambda migrator: migrator.sql(target, tag=tag), target=target)
        return
    result = session.run(
        lambda migrator: migrator.upgrade(target, phase=cast("Phase | None", phase)), tag=tag, target=target
    )
    session.printer.report(result, documents.run, lines.run_lines)


def downgrade(context: typer.Context, target: LowerTarget, sql: Sql = False, tag: Tag = None) -> None:
    """Revert the revisions above TARGET."""
    session = CommandSession.of(context)
    if sql:
        session.print_sql(lambda migrator: migrator.sql(target, direction="downgrade", tag=tag), target=target)
        return
    result = session.run(lambda migrator: migrator.downgrade(target), tag=tag, target=target)
    session.printer.report(result, documents.run, lines.run_lines)


def stamp(
    context: typer.Context,
    targets: RevisionNames,
    sql: Sql = False,
    tag: Tag = None,
    purge: Annotated[bool, typer.Option("--purge", help="Take away all rows first, also unknown ones.")] = False,
) -> None:
    """Write that the database is at TARGETS, without running anything."""
    session = CommandSession.of(context)
    if sql and purge:
        raise typer.BadParameter("--purge reads the database, and --sql does not.", param_hint="--purge")
    if sql:
        session.print_sql(lambda migrator: migrator.stamp_sql(*targets))
        return
    result = session.run(lambda migrator: migrator.stamp(*targets, purge=purge))
    session.printer.report(result, documents.run, lines.run_lines)


def plan(
    context: typer.Context,
    target: Target = "heads",
    down: Annotated[bool, typer.Option("--downgrade", help="What downgrade would do.")] = False,
) -> None:
    """Show what upgrade (or downgrade) would do."""
    session = CommandSession.of(context)
    way: Literal["upgrade", "downgrade"] = "downgrade" if down else "upgrade"
    result = session.run(lambda migrator: migrator.plan(target, direction=way), reads=True)
    session.printer.answer(result, documents.plan, lines.plan_lines)
