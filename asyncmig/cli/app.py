"""The typer application: the names of the commands, what stands before them, and what the shell gets back."""

from __future__ import annotations

import gc
import os
import sys
from collections.abc import Callable, Sequence
from io import TextIOWrapper
from pathlib import Path
from typing import Annotated, Any

import typer
from typer.main import get_command

from asyncmig._version import VERSION
from asyncmig.cli.lazy import CommandEntry, LazyCommands, LazyGroup
from asyncmig.cli.printer import Printer
from asyncmig.cli.session import CommandSession, GlobalOptions, Interrupted
from asyncmig.errors import AsyncmigError

__all__ = ["COMMANDS", "application", "main", "run"]

_PROGRAM = "asyncmig"
_COMPLETION_VARIABLE = "_ASYNCMIG_COMPLETE"
_COMPLETION_OPTIONS = {"--install-completion", "--show-completion", "--help"}
_GLOBAL_OPTIONS = {
    "-c",
    "--config",
    "-d",
    "--database",
    "-n",
    "--name",
    "--url",
    "-x",
    "--json",
    "-q",
    "--quiet",
    "--version",
}


def _entries(module: str, **helps: str) -> dict[str, CommandEntry]:
    return {name: CommandEntry(f"asyncmig.cli.{module}", name, text) for name, text in helps.items()}


COMMANDS = (
    _entries(
        "project",
        init="Begin a project: settings, env.py, a template and a directory for revisions.",
        list_templates="List the templates that init can begin a project from.",
    )
    | _entries(
        "doctoring",
        doctor="Look at the project and its databases, change nothing, and say what an upgrade would meet.",
    )
    | _entries(
        "adopting",
        adopt="Give a project of Alembic settings and an env.py in asyncmig's own form; prints the diff first.",
    )
    | _entries(
        "writing",
        revision="Write a new revision: an empty one, or with --autogenerate what the models want.",
        merge="Write a revision that joins several.",
        edit="Open the files of REVISION in an editor.",
    )
    | _entries(
        "comparing",
        check="Compare the models with the database; exit with 11 when they differ.",
        diff="Show what makes of the database what the models want; nothing is written.",
    )
    | _entries(
        "running",
        upgrade="Apply revisions up to TARGET.",
        downgrade="Revert the revisions above TARGET.",
        stamp="Write that the database is at TARGETS, without running anything.",
        plan="Show what upgrade (or downgrade) would do.",
    )
    | _entries(
        "watching",
        status="Show where the database is: current, heads and pending, in one look.",
        current="Show the revisions that the database is at.",
        ensure_version="Create the version table, unless it exists.",
        wait="Wait until another process has brought the database up to date.",
        lock="Show who holds the migration lock, or release it.",
        log="Show what was run on the database, newest first.",
    )
    | _entries(
        "settling",
        resolve="Say whether the step in the middle of which REVISION was stopped took effect.",
    )
    | _entries(
        "reading",
        history="List the revisions, newest first.",
        heads="List the heads: the revisions that no other follows.",
        branches="List the revisions that several others follow.",
        show="Show all about REVISION.",
        graph="Draw the revisions and how they follow each other.",
    )
)


def _print_version(wanted: bool) -> None:
    if wanted:
        sys.stdout.write(f"{_PROGRAM} {VERSION}\n")
        raise typer.Exit


def before_command(
    context: typer.Context,
    config: Annotated[
        str | None,
        typer.Option(
            "-c", "--config", metavar="FILE", help="Settings; else asyncmig.toml, pyproject.toml or alembic.ini here."
        ),
    ] = None,
    database: Annotated[
        str | None,
        typer.Option("-d", "--database", metavar="NAME", help="One of the databases that the settings declare."),
    ] = None,
    section: Annotated[
        str, typer.Option("-n", "--name", metavar="SECTION", help="The section of alembic.ini.", show_default=True)
    ] = "alembic",
    url: Annotated[
        str | None, typer.Option("--url", metavar="URL", help="The database, instead of that of the settings.")
    ] = None,
    arguments: Annotated[
        list[str] | None,
        typer.Option("-x", metavar="KEY=VALUE", help="An argument for scripts; may be given several times."),
    ] = None,
    json: Annotated[bool, typer.Option("--json", help="Print one JSON document and nothing else.")] = False,
    quiet: Annotated[bool, typer.Option("-q", "--quiet", help="No progress, only answers and errors.")] = False,
    verbose: Annotated[bool, typer.Option("-v", "--verbose", help="Operations too, and whole tracebacks.")] = False,
    version: Annotated[
        bool, typer.Option("--version", help="Print the version.", callback=_print_version, is_eager=True)
    ] = False,
) -> None:
    """Database migrations for asyncio applications on SQLAlchemy."""
    pairs: dict[str, str] = {}
    for argument in arguments or ():
        name, _, value = argument.partition("=")
        pairs[name] = value
    session = CommandSession.of(context)
    session.options = GlobalOptions(Path(config) if config else None, database, section, url, pairs, verbose)
    session.printer = _printer(json=json, quiet=quiet, verbose=verbose)


def main() -> None:
    """The program `asyncmig`."""
    # A process of our own, and a short one: looking for cycles as often as usual is a twentieth of its time.
    gc.set_threshold(50_000, 20, 100)
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, TextIOWrapper):
            # A name that the terminal cannot show must not end a migration.
            stream.reconfigure(errors="backslashreplace")
    sys.exit(run(sys.argv[1:]))


def run(arguments: Sequence[str]) -> int:
    """Run the command line *arguments*; what the shell gets back.

    Args:
        arguments: without the name of the program.
    """
    # Errors of the command line itself come before it is understood, so what they look like is guessed from it.
    printer = _printer(json="--json" in arguments, quiet=False, verbose=False)
    session = CommandSession(GlobalOptions(), printer)
    try:
        completion = bool(_COMPLETION_OPTIONS.intersection(arguments)) or _COMPLETION_VARIABLE in os.environ
        command = application(completion=completion)
        code = command.main(list(arguments), prog_name=_PROGRAM, standalone_mode=False, obj=session)
    except BrokenPipeError:
        # Whoever read the answer has seen enough; what is still buffered has nowhere to go.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 1
    except AsyncmigError as error:
        session.printer.error(error)
        return error.exit_code
    except (Interrupted, KeyboardInterrupt, typer.Abort):
        session.printer.interrupted()
        return 130
    except Exception as error:
        return _other_error(error, arguments, session.printer)
    return code if isinstance(code, int) else 0


def _printer(*, json: bool, quiet: bool, verbose: bool) -> Printer:
    return Printer(sys.stdout, sys.stderr, os.environ, json=json, quiet=quiet, verbose=verbose)


def application(*, completion: bool) -> Any:
    """The command line as typer has it.

    Args:
        completion: whether it can complete words in a shell, which takes time to prepare.
    """
    app = typer.Typer(
        name=_PROGRAM,
        cls=LazyGroup,
        context_settings={"max_content_width": 110},
        add_completion=completion,
        no_args_is_help=True,
        pretty_exceptions_enable=False,
        rich_markup_mode=None,
    )
    app.callback()(before_command)
    group: Any = get_command(app)
    group.commands = LazyCommands(COMMANDS)
    return group


def _other_error(error: Exception, arguments: Sequence[str], printer: Printer) -> int:
    """Print what typer has to say about the command line, or what nobody foresaw."""
    say: Callable[[], str] | None = getattr(error, "format_message", None)
    if say is None:
        printer.unexpected(error, _PROGRAM)
        return 1
    context = getattr(error, "ctx", None)
    if not arguments:
        # There is no command: the message is the help.
        sys.stderr.write(say() + "\n")
        return 2
    command = next((word for word in arguments if word.replace("-", "_") in COMMANDS), "")
    path = context.command_path if context is not None else f"{_PROGRAM} {command}".strip()
    hint = f"{path} --help"
    option = getattr(error, "option_name", None)
    if option in _GLOBAL_OPTIONS:
        hint = f"{option} stands before the command: {_PROGRAM} {option} {path.removeprefix(_PROGRAM).strip()}"
    printer.usage_error(error, say(), hint, 2)
    return 2
