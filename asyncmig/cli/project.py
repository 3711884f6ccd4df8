"""Commands that begin a project."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from asyncmig.cli.session import CommandSession
from asyncmig.rendering.templates import ProjectTemplate, find_template
from asyncmig.rendering.templates import list_templates as all_templates

if TYPE_CHECKING:
    from asyncmig.cli.project_files import CreatedProject


def init(
    context: typer.Context,
    directory: Annotated[str, typer.Argument(metavar="DIR", help="Where env.py and the revisions go.")] = "migrations",
    template: Annotated[
        str, typer.Option("-t", "--template", metavar="NAME", help="What to begin from; see list_templates.")
    ] = "async",
    package: Annotated[
        bool, typer.Option("--package", help="Make the directories importable, with an __init__.py each.")
    ] = False,
) -> None:
    """Begin a project: settings, env.py, a template and a directory for revisions."""
    # Imported here because only this command needs the template language.
    from asyncmig.cli.project_files import create_project

    session = CommandSession.of(context)
    created = create_project(
        find_template(template), Path(directory), cwd=Path.cwd(), config=session.options.config, package=package
    )
    session.printer.report(created, _document, _lines)


def list_templates(context: typer.Context) -> None:
    """List the templates that init can begin a project from."""
    session = CommandSession.of(context)

    def document(templates: tuple[ProjectTemplate, ...]) -> dict[str, object]:
        return {"templates": [{"name": each.name, "summary": each.summary} for each in templates]}

    def to_lines(templates: tuple[ProjectTemplate, ...]) -> Iterator[str]:
        yield "Available templates:"
        yield ""
        for each in templates:
            yield f"{each.name} - {each.summary}"
        yield ""
        yield "Begin a project from one of them: asyncmig init -t NAME migrations"

    session.printer.answer(all_templates(), document, to_lines)


def _document(created: CreatedProject) -> dict[str, object]:
    return {
        "directory": str(created.directory),
        "files": [str(path) for path in created.files],
        "settings": None if created.settings is None else str(created.settings),
        "settings_kept": created.settings_kept,
    }


def _lines(created: CreatedProject) -> Iterator[str]:
    for path in created.files:
        yield f"Created {path}"
    if created.settings_kept:
        yield f"Kept {created.settings}, which has settings already; they say where the revisions are:"
        yield f'    script_location = "{created.directory.as_posix()}"'
    elif created.appended:
        yield f"Appended [tool.asyncmig] to {created.settings}"
    else:
        yield f"Created {created.settings}"
    yield ""
    yield f"Next: set the url of the database in {created.settings}, then write a first revision:"
    chosen = f" -d {created.databases[0]}" if created.databases else ""
    yield f'    asyncmig{chosen} revision -m "first tables"'
