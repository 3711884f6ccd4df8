"""The command that gives an Alembic project settings and an `env.py` in asyncmig's own form."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from asyncmig.cli.session import CommandSession
from asyncmig.config import has_settings, read_settings
from asyncmig.errors import ConfigError
from asyncmig.migrator.history import History

if TYPE_CHECKING:
    from asyncmig.compat.alembic.adopt import Adoption

_OURS = ("asyncmig.toml", "pyproject.toml")


def adopt(
    context: typer.Context,
    rewrite_imports: Annotated[
        bool,
        typer.Option("--rewrite-imports", help="from alembic import op becomes from asyncmig import op."),
    ] = False,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Print the diff and write nothing.")] = False,
    yes: Annotated[bool, typer.Option("--yes", help="Do not ask.")] = False,
) -> None:
    """Give a project of Alembic settings and an env.py in asyncmig's own form; prints the diff first."""
    # Imported here because no other command writes so many files.
    from asyncmig.compat.alembic.adopt_files import write_all

    session = CommandSession.of(context)
    cwd, printer = Path.cwd(), session.printer
    adoption = _planned(session, rewrite=rewrite_imports)
    writes = bool(adoption.changes) and not dry_run
    if not printer.json:
        printer.answer(adoption, lambda it: {}, lambda it: _diff(it, cwd))
    if writes:
        if not yes:
            _ask(adoption, rewrite_imports, may_ask=not printer.json)
        write_all(adoption.changes)
    if writes or printer.json:
        printer.report(adoption, lambda it: _document(it, cwd, written=writes), lambda it: _written(it, cwd))


def _planned(session: CommandSession, *, rewrite: bool) -> Adoption:
    # Imported here because the commands that only read files need neither a loop nor a database library.
    import anyio

    from asyncmig.cli.interruption import interruptible
    from asyncmig.cli.read_only import reading_only
    from asyncmig.compat.alembic.adopt import REPAIR, Adoption, import_changes, plan_adoption

    cwd = Path.cwd()
    ours = next((cwd / name for name in _OURS if has_settings(cwd / name)), None)
    if ours is not None:
        history = _adopted(session, ours)
        changes = import_changes(history) if rewrite else []
        return Adoption(tuple(changes), (REPAIR,) if changes else (), ())
    project = session.alembic
    if project is None:
        raise _no_project(cwd)
    # From here on the project's code can be imported.
    _ = session.settings

    async def plan() -> Adoption:
        return await plan_adoption(project, cwd=cwd, rewrite=rewrite, arguments=session.options.arguments)

    with reading_only():
        return anyio.run(interruptible, plan)


def _adopted(session: CommandSession, ours: Path) -> History:
    """The history of a project that has settings of asyncmig already, where it has an `env.py` of ours, too.

    Raises:
        ConfigError: it was never one of Alembic; or its `env.py` still is, so that somebody has to say which counts.
    """
    # Imported here because only a project that has settings already needs it.
    from asyncmig.compat.alembic.ini import find_project
    from asyncmig.environment import is_alembics

    if find_project(ours.parent) is None and session.alembic is None:
        raise _no_project(ours.parent)
    history = History.from_settings(read_settings(ours, cwd=ours.parent, environ=session.environ))
    env_py = history.directory.location / "env.py"
    if is_alembics(env_py):
        raise ConfigError(
            f"{ours} has settings of asyncmig already, but {env_py} is one of Alembic.",
            hint=f"Take the settings out of {ours.name}, and adopt again: asyncmig adopt",
        )
    return history


def _no_project(cwd: Path) -> ConfigError:
    return ConfigError(
        f"There is no project of Alembic in {cwd}: neither alembic.ini nor a pyproject.toml with [tool.alembic].",
        hint="Go to the directory of alembic.ini, or name the file: asyncmig -c path/to/alembic.ini adopt\n"
        "Or begin a new project: asyncmig init migrations",
    )


def _command(rewrite: bool) -> str:
    return "asyncmig adopt --yes --rewrite-imports" if rewrite else "asyncmig adopt --yes"


def _ask(adoption: Adoption, rewrite: bool, *, may_ask: bool) -> None:
    """Ask a person.

    Raises:
        typer.Abort: the answer is no.
        ConfigError: there is nobody to ask.
    """
    if not (may_ask and sys.stdin.isatty()):
        raise ConfigError("Nothing was written: there is nobody to ask here.", hint=_command(rewrite))
    count = len(adoption.changes)
    typer.confirm(f"Write {count} {'file' if count == 1 else 'files'}?", abort=True, err=True)


# -- what is said


def _diff(adoption: Adoption, cwd: Path) -> Iterator[str]:
    if not adoption.changes:
        yield "There is nothing to do: the project is adopted already."
        return
    for change in adoption.changes:
        yield from change.diff(cwd)
        yield ""
    for note in adoption.notes:
        yield f"Note: {note}"
    if adoption.notes:
        yield ""


def _written(adoption: Adoption, cwd: Path) -> Iterator[str]:
    for change in adoption.changes:
        word = "Kept the old one as" if change.kept_from else "Created" if change.before is None else "Changed"
        yield f"{word} {_shown(change.path, cwd)}"
    yield ""
    yield "Next: asyncmig status"
    if adoption.way_back:
        yield "The way back:"
        yield from (f"    {command}" for command in adoption.way_back)


def _document(adoption: Adoption, cwd: Path, *, written: bool) -> dict[str, Any]:
    return {
        "written": written,
        "files": [
            {
                "path": _shown(change.path, cwd),
                "created": change.before is None,
                "kept_from": _shown(change.kept_from, cwd) if change.kept_from else None,
                "diff": "\n".join(change.diff(cwd)),
            }
            for change in adoption.changes
        ],
        "notes": list(adoption.notes),
        "way_back": list(adoption.way_back),
    }


def _shown(path: Path, cwd: Path) -> str:
    return path.relative_to(cwd).as_posix() if path.is_relative_to(cwd) else path.as_posix()
