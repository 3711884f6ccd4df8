"""The command that looks at a project and its databases before anything is run."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import asdict, replace
from textwrap import indent, wrap
from typing import TYPE_CHECKING, Any

import typer

from asyncmig.cli.session import CommandSession

if TYPE_CHECKING:
    from asyncmig.cli.read_only import LeftOut
    from asyncmig.compat.alembic.report import Attention, FoundDatabase, FoundProject, Report

_WIDTH = 110


def doctor(context: typer.Context) -> None:
    """Look at the project and its databases, change nothing, and say what an upgrade would meet."""
    session = CommandSession.of(context)
    report = _examined(session)
    session.printer.answer(report, document, lines)
    if report.exit_code:
        raise typer.Exit(report.exit_code)


def _examined(session: CommandSession) -> Report:
    # Imported here because the commands that only read files need neither a loop nor a database library.
    import anyio

    from asyncmig.cli.interruption import interruptible
    from asyncmig.cli.log_settings import file_config
    from asyncmig.cli.read_only import reading_only
    from asyncmig.compat.alembic.doctor import Doctor

    settings, project = session.settings, session.alembic
    env_py = session.history.directory.location / "env.py"

    def url() -> str | None:
        return session.options.url if project is not None else settings.resolved_url(session.environ)

    with reading_only(env_py) as left_out:
        doctor = Doctor(settings, project, url=url, arguments=session.options.arguments, file_config=file_config)
        report = anyio.run(interruptible, doctor.report)
    return replace(report, attention=(*report.attention, *_left_out(left_out)))


def _left_out(statements: Sequence[LeftOut]) -> Iterator[Attention]:
    """What `env.py` would have executed by itself."""
    # Imported here because only this command needs it.
    from asyncmig.compat.alembic.report import Attention

    for one in dict.fromkeys(statements):
        statement = " ".join(one.statement.split())
        place = f"{one.path}:{one.line}: " if one.path is not None else ""
        yield Attention(
            f"{place}{statement[:200]} may write, so doctor left it out; a run executes it.", None, one.path, one.line
        )


# -- as a document


def document(report: Report) -> dict[str, Any]:
    """A report as `--json` prints it."""
    found = asdict(report)
    for database, one in zip(found["databases"], report.databases, strict=True):
        database["version_table_name"] = one.version_table_name
    return found | {"exit_code": report.exit_code}


# -- in words


def lines(report: Report) -> Iterator[str]:
    """A report in words, in its three parts."""
    yield "Found"
    yield from _rows(_of_project(report.project))
    for database in report.databases:
        yield ""
        yield from _rows(_of_database(database, report.project.longest_id))
    if report.differences:
        yield ""
        yield "What asyncmig would do differently"
        for difference in report.differences:
            yield from _item(f"{difference.what}: {difference.text}", difference.code)
    yield ""
    if not report.attention:
        yield "Nothing needs attention; an upgrade could be started: asyncmig upgrade"
        return
    blocking = [one for one in report.attention if one.exit_code]
    if blocking:
        yield "In the way of an upgrade"
        for one in blocking:
            yield from _item(one.text, one.hint)
        yield ""
    others = [one for one in report.attention if not one.exit_code]
    if others:
        yield "Needs attention"
        for one in others:
            yield from _item(one.text, one.hint)
        yield ""
    yield (
        f"An upgrade would end with exit code {report.exit_code}."
        if blocking
        else "An upgrade could be started: asyncmig upgrade"
    )


def _item(text: str, code: str | None) -> Iterator[str]:
    first, *rest = text.splitlines()
    for number, line in enumerate([first, *rest]):
        # A path or an id is copied from here, so no word is broken.
        wrapped = wrap(line, _WIDTH - 4, break_long_words=False, break_on_hyphens=False)
        for position, part in enumerate(wrapped):
            yield f"  {'-' if number == position == 0 else ' '} {part}"
    if code:
        yield indent(code, "        ")


def _rows(rows: Iterable[tuple[str, str]]) -> Iterator[str]:
    for name, value in rows:
        yield f"  {name + ':':<15} {value}"


def _of_project(project: FoundProject) -> Iterator[tuple[str, str]]:
    yield "settings", f"{project.settings} [{project.section}]" if project.settings else "none"
    yield "scripts", str(project.script_location)
    if project.revisions is None:
        yield "revisions", "cannot be read"
    else:
        yield "revisions", _counted(project)
        yield "heads", ", ".join(project.heads) or "none"
    if len(project.version_locations) > 1:
        yield "directories", ", ".join(str(path) for path in project.version_locations)
    if project.branch_points:
        yield "branch points", ", ".join(project.branch_points)
    if project.labels:
        yield "labels", ", ".join(project.labels)
    yield "env.py", f"{project.env_form or 'cannot be read'}" if project.env_py else "none"


def _counted(project: FoundProject) -> str:
    number = str(project.revisions)
    return f"{number}, the longest id has {len(project.longest_id)} characters" if project.revisions else number


def _of_database(database: FoundDatabase, longest_id: str) -> Iterator[tuple[str, str]]:
    yield "database", database.url
    driver = database.driver
    if database.named_driver and database.named_driver != driver:
        driver = f"{driver}, in place of {database.named_driver}"
    yield "driver", f"{driver} ({'installed' if database.driver_installed else 'not installed'})"
    if not database.reached:
        yield "version table", f"{database.version_table_name} (not looked at)"
        return
    if not database.version_table_exists:
        yield "version table", f"{database.version_table_name} is not there yet"
    else:
        room = "" if database.width is None else f", room for ids of {database.width} characters"
        yield "version table", f"{database.version_table_name}{room}"
        yield "rows", _known(database)
    if database.pending:
        yield "pending", f"{len(database.pending)}, {database.pending[0]} to {database.pending[-1]}"
    else:
        yield "pending", "nothing"
    yield "own tables", ", ".join(database.own_tables) or "none"


def _known(database: FoundDatabase) -> str:
    words = [f"{row} (unknown)" if row in database.unknown_rows else row for row in database.rows]
    return ", ".join(words) or "none"
