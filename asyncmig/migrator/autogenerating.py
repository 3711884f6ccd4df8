"""Autogenerating: a new revision with what makes of the database what the models want."""

from __future__ import annotations

import re
import tempfile
from collections.abc import Iterator, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any, Literal

import anyio

from asyncmig.autogenerate import Change
from asyncmig.errors import AsyncmigError, NeedsDatabaseError, ScriptError
from asyncmig.migrator.answers import Answers
from asyncmig.migrator.comparing import compare, models_of, operations_of, require_heads, undone
from asyncmig.migrator.project import Project
from asyncmig.migrator.results import CreatedRevision
from asyncmig.migrator.revision_file import encoded
from asyncmig.migrator.summary import differences_of, summary
from asyncmig.operations.alter_table import AlterTable
from asyncmig.operations.base import Operation, TableName
from asyncmig.operations.columns import AddColumn
from asyncmig.rendering.bodies import Content
from asyncmig.runtime.recording import RecordingSession
from asyncmig.runtime.script_runner import run_script
from asyncmig.scripts.directory import NewRevision
from asyncmig.scripts.header import read_header
from asyncmig.scripts.trace import line_in

__all__ = ["write_revision"]

_DIRECTIONS: tuple[Literal["upgrade", "downgrade"], ...] = ("upgrade", "downgrade")


async def write_revision(
    project: Project, message: str | None, answers: Answers, **options: Any
) -> CreatedRevision | None:
    """Write a revision with what makes of the database what the models want; nothing where they are the same.

    Args:
        project: the project.
        message: what it is for; by default what it does, in a few words.
        answers: what is said where models do not say what is meant.
        options: those of `History.new_revision`.

    Raises:
        AutogenerateError: the models cannot be compared with the database.
        NotAtHeadsError: the database is not up to date.
        OperationError: something in the models cannot be written as Python.
        ScriptError: the template, or what it makes, has an error.
    """
    directory = project.history.directory
    # What is wrong with the place of the revision, or with the models, is said before a database is asked.
    place = await anyio.to_thread.run_sync(lambda: directory.place_revision(message, **options))
    models_of(project)
    async with project.source.look() as connection:
        await require_heads(project, connection)
        found = await compare(project, connection, answers)
    changes = operations_of(project, found)
    if not changes:
        return None
    content = _content(project, changes, found.warnings)
    if not message:
        words = summary(content.upgrades)
        options["rev_id"] = place.id
        place = await anyio.to_thread.run_sync(lambda: directory.place_revision(words, **options))
    text = project.history.text_of(place, content)
    await _try(project, place, text)
    created = project.history.write(place, text)
    warnings = (*content.warnings, *(note for notes in content.notes for note in notes))
    return replace(
        created,
        message=place.message,
        operations=content.upgrades,
        differences=differences_of(content.upgrades),
        warnings=warnings,
    )


def _content(project: Project, changes: Sequence[Change], warnings: Sequence[str]) -> Content:
    reversal, gaps = undone(changes)
    environment = project.environment
    return Content(
        upgrades=tuple(change.operation for change in changes),
        downgrades=reversal,
        notes=tuple(change.notes for change in changes),
        undo_notes=tuple(tuple(_lacks(operation)) for operation in reversal),
        warnings=tuple(warnings),
        gaps=gaps,
        sources=environment.sources,
        render_item=environment.render_item,
        dialect=project.source.dialect,
    )


def _lacks(operation: Operation[Any]) -> Iterator[str]:
    """What rows lack for an operation that undoes another: a column that was dropped took it along."""
    if isinstance(operation, AlterTable):
        for part in operation.operations:
            yield from _lacks(part)
    if isinstance(operation, AddColumn):
        column = operation.column
        if not column.nullable and column.server_default is None and not column.primary_key:
            table = TableName(operation.table_name, operation.schema)
            yield f"Fails where {table} has rows, which have no value for {column.name}: give it a server_default."


async def _try(project: Project, place: NewRevision, text: str) -> None:
    """Execute what would be written, and record what it does: a file that cannot run shall not be written.

    Raises:
        ScriptError: it cannot run.
    """
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / place.path.name
        data = encoded(text, project.settings.output_encoding, project.history.directory.template)
        path.write_bytes(data)
        try:
            script = project.load(read_header(data, path))
            for direction in _DIRECTIONS:
                session = RecordingSession(project.source.dialect, options=project.options)
                await run_script(script, direction, session)
        except NeedsDatabaseError:
            # What a project writes by its own hooks may ask a database.
            return
        except Exception as error:
            raise _useless(error, path, text) from error


def _useless(error: Exception, path: Path, text: str) -> ScriptError:
    said = error.message if isinstance(error, AsyncmigError) else f"{type(error).__name__}: {error}"
    line = error.line if isinstance(error, ScriptError) else line_in(path, error)
    source = "" if line is None else f"\n    {text.splitlines()[line - 1].strip()}"
    said = re.sub(rf"{re.escape(str(path))}(:\d+)?: ", "", said)
    return ScriptError(
        f"The new revision would not run, so it was not written: {said}{source}",
        hint="Say how this is written: Environment(render_item=...) or Environment(sources={...}) in env.py.",
    )
