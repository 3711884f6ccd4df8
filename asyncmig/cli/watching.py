"""Commands that look at a database."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING, Annotated, Any

import typer

from asyncmig.cli import documents, lines
from asyncmig.cli.parameters import Sql, Verbose, WaitForDatabase, duration
from asyncmig.cli.session import CommandSession
from asyncmig.errors import AsyncmigError, ConfigError
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

    found, url = session.run(look, reads=True)
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

    revisions, url, pending = session.run(look, reads=True)
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


def ensure_version(
    context: typer.Context,
    sql: Sql = False,
    widen: Annotated[
        bool,
        typer.Option("--widen", help="Make a column that is too narrow as wide as a new table's."),
    ] = False,
) -> None:
    """Create the version table, unless it exists."""
    session = CommandSession.of(context)
    if sql and widen:
        raise typer.BadParameter("--widen looks at the database, and --sql does not.", param_hint="--widen")
    if sql:
        session.print_sql(lambda migrator: migrator.ensure_version_sql())
        return
    session.run(lambda migrator: migrator.ensure_version(widen=widen))
    table = session.settings.version_table
    session.printer.report(table, lambda name: {"version_table": name}, lambda name: [f"The table {name} is there."])


def wait(
    context: typer.Context,
    timeout: Annotated[
        str | None, typer.Option("--timeout", metavar="DURATION", help="When to give up: 30s, 10m; else never.")
    ] = None,
    wait_for_db: WaitForDatabase = None,
) -> None:
    """Wait until another process has brought the database up to date."""
    session = CommandSession.of(context)
    session.connect_wait = duration(wait_for_db, "--wait-for-db") or 0.0
    limit = duration(timeout, "--timeout")

    async def watch(migrator: Migrator) -> tuple[Status, str]:
        return await migrator.wait(limit), migrator.url

    found, url = session.run(watch)
    place = ", ".join([*(revision.id for revision in found.current), *found.unknown]) or "<base>"
    session.printer.report(
        found, lambda it: documents.status(it, url), lambda _: [f"The database is up to date, at {place}."]
    )


def lock(
    context: typer.Context,
    release: Annotated[
        bool, typer.Option("--release", help="Take a lease from its holder, which stops before its next step.")
    ] = False,
    yes: Annotated[bool, typer.Option("--yes", help="Do not ask.")] = False,
) -> None:
    """Show who holds the migration lock, or release it."""
    session = CommandSession.of(context)
    holder = session.run(lambda migrator: migrator.lock_holder(), reads=True)
    if release and holder is not None:
        if holder.kind == "lease" and not yes:
            _confirm(f"The migration lock is held by {holder}. Take it away?", "asyncmig lock --release --yes")
        holder = session.run(lambda migrator: migrator.release_lock())
    held = "was released; it was held" if release else "is held"
    session.printer.answer(
        holder,
        documents.lock,
        lambda who: [f"The migration lock {held} by {who}." if who else "Nobody holds the migration lock."],
    )


def _confirm(question: str, command: str) -> None:
    """Ask a person.

    Raises:
        typer.Abort: the answer is no.
        AsyncmigError: there is nobody to ask.
    """
    if not sys.stdin.isatty():
        raise ConfigError(f"{question} There is nobody to ask here.", hint=command)
    typer.confirm(question, abort=True, err=True)


def log(
    context: typer.Context,
    revisions: Annotated[
        list[str] | None, typer.Argument(metavar="[REVISIONS]...", help="With --repair: which.")
    ] = None,
    limit: Annotated[str, typer.Option("-n", "--limit", metavar="NUMBER", help="How many at most.")] = "50",
    repair: Annotated[bool, typer.Option("--repair", help="Accept files that were edited after they ran.")] = False,
) -> None:
    """Show what was run on the database, newest first."""
    session = CommandSession.of(context)
    if repair:
        accepted = session.run(lambda migrator: migrator.repair_log(*revisions or ()))
        session.printer.report(
            accepted,
            lambda ids: {"accepted": list(ids)},
            lambda ids: [f"Accepted as run: {', '.join(ids)}." if ids else "No file was edited after it ran."],
        )
        return
    if revisions:
        raise typer.BadParameter("revisions are named with --repair only.", param_hint="REVISIONS")
    if not limit.isdecimal() or not int(limit):
        raise typer.BadParameter(f"{limit!r} is no number above zero.", param_hint="--limit")
    entries: Any = session.run(lambda migrator: migrator.log(int(limit)), reads=True)
    session.printer.answer(entries, documents.log, lines.log_lines)
