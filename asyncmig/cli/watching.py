"""Commands that look at a database."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any

import typer

from asyncmig.cli import documents, lines
from asyncmig.cli.parameters import Sql, Verbose
from asyncmig.cli.session import CommandSession
from asyncmig.config import parse_duration
from asyncmig.errors import AsyncmigError
from asyncmig.migrator.results import RevisionInfo, Status

if TYPE_CHECKING:
    from asyncmig.migrator.migrator import Migrator

_PENDING = 10
_DISAGREE = 14


def status(
    context: typer.Context,
    exit_code: Annotated[
        bool, typer.Option("--exit-code", help="Exit with 10 when revisions are pending, 14 when rows are unknown.")
    ] = False,
) -> None:
    """Show where the database is: current, heads and pending, in one look."""
    session = CommandSession.of(context)

    async def look(migrator: Migrator) -> tuple[Status, str]:
        return await migrator.status(), migrator.url

    found, url = session.run(look)
    session.printer.answer(found, lambda it: documents.status(it, url), lambda it: lines.status_lines(it, url))
    if exit_code and not found.is_up_to_date:
        raise typer.Exit(_DISAGREE if found.unknown else _PENDING)


def current(
    context: typer.Context,
    verbose: Verbose = False,
    check_heads: Annotated[
        bool, typer.Option("-c", "--check-heads", help="Exit with 10 unless every head is applied.")
    ] = False,
) -> None:
    """Show the revisions that the database is at."""
    session = CommandSession.of(context)

    async def look(migrator: Migrator) -> tuple[tuple[RevisionInfo, ...], str, tuple[str, ...]]:
        found = await migrator.current()
        pending = (await migrator.status()).pending if check_heads else ()
        return found, migrator.url, pending

    revisions, url, pending = session.run(look)
    if verbose:
        session.printer.answer(
            revisions,
            lambda found: documents.revisions(found) | {"url": url},
            lambda found: [f"Current revision(s) for {url}:", *lines.blocks(found)],
        )
    else:
        session.printer.answer(
            revisions,
            lambda found: documents.revisions(found) | {"url": url},
            lambda found: map(lines.short, found),
        )
    if pending:
        if session.printer.json:
            raise typer.Exit(_PENDING)
        raise _not_at_heads(pending)


def _not_at_heads(pending: tuple[str, ...]) -> AsyncmigError:
    error = AsyncmigError(
        f"The database is not on all head revisions; pending: {', '.join(pending)}.", hint="asyncmig upgrade heads"
    )
    error.exit_code = _PENDING
    return error


def ensure_version(context: typer.Context, sql: Sql = False) -> None:
    """Create the version table, unless it exists."""
    session = CommandSession.of(context)
    if sql:
        session.print_sql(lambda migrator: migrator.ensure_version_sql())
        return
    session.run(lambda migrator: migrator.ensure_version())
    table = session.settings.version_table
    session.printer.report(table, lambda name: {"version_table": name}, lambda name: [f"The table {name} is there."])


def wait(
    context: typer.Context,
    timeout: Annotated[
        str | None, typer.Option("--timeout", metavar="DURATION", help="When to give up: 30s, 10m; else never.")
    ] = None,
) -> None:
    """Wait until another process has brought the database up to date."""
    session = CommandSession.of(context)
    try:
        limit = None if timeout is None else parse_duration(timeout)
    except ValueError as error:
        raise typer.BadParameter(f"{timeout!r} is no duration such as 30s or 10m.", param_hint="--timeout") from error

    async def watch(migrator: Migrator) -> tuple[Status, str]:
        return await migrator.wait(limit), migrator.url

    found, url = session.run(watch)
    place = ", ".join(revision.id for revision in found.current) or "<base>"
    session.printer.report(
        found, lambda it: documents.status(it, url), lambda _: [f"The database is up to date, at {place}."]
    )


def lock(context: typer.Context) -> None:
    """Show who holds the migration lock."""
    session = CommandSession.of(context)
    holder = session.run(lambda migrator: migrator.lock_holder())
    session.printer.answer(
        holder,
        lambda who: {"holder": who},
        lambda who: [f"The migration lock is held by {who}." if who else "Nobody holds the migration lock."],
    )


def log(
    context: typer.Context,
    limit: Annotated[str, typer.Option("-n", "--limit", metavar="NUMBER", help="How many at most.")] = "50",
) -> None:
    """Show what was run on the database, newest first."""
    session = CommandSession.of(context)
    if not limit.isdecimal() or not int(limit):
        raise typer.BadParameter(f"{limit!r} is no number above zero.", param_hint="--limit")
    entries: Any = session.run(lambda migrator: migrator.log(int(limit)))
    session.printer.answer(entries, documents.log, lines.log_lines)
