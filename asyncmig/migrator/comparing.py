"""Comparing: the models of a project with its database, as its environment wants it; nothing is written."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

from sqlalchemy import Connection, MetaData

from asyncmig.autogenerate import Change, Diff, Filters, diff
from asyncmig.dialects.registry import catalogue_of
from asyncmig.errors import (
    FilterError,
    IrreversibleOperationError,
    MissingMetadataError,
    NoTablesError,
    NotAtHeadsError,
)
from asyncmig.migrator.answers import LOOKING, Answers
from asyncmig.migrator.differences import DiffResult
from asyncmig.migrator.looking import status_of
from asyncmig.migrator.project import Project
from asyncmig.migrator.summary import differences_of
from asyncmig.operations.base import Operation, TableName
from asyncmig.runtime.context import ScriptContext
from asyncmig.runtime.recording import RecordingSession
from asyncmig.state.tables import JOURNAL_TABLE, LOCK_TABLE, LOG_TABLE

__all__ = [
    "compare",
    "differences",
    "filters_of",
    "leave_out",
    "models_of",
    "operations_of",
    "require_heads",
    "result_of",
    "undone",
]

#: The version tables of both tools: a database may have been taken over in either direction.
_VERSION_TABLES = ("asyncmig_version", "alembic_version")


async def differences(project: Project, answers: Answers | None, *, sql: bool) -> DiffResult:
    """What makes of the database what the models want.

    Args:
        project: the project.
        answers: what is said where models do not say what is meant.
        sql: whether to say it in SQL, too.

    Raises:
        NotAtHeadsError: the database is not up to date.
        AutogenerateError: the models cannot be compared with it.
    """
    models_of(project)
    async with project.source.look() as connection:
        await require_heads(project, connection)
        result = result_of(project, await compare(project, connection, answers or LOOKING))
        if not sql:
            return result
        # Imported here because it is asked for only by the way.
        from asyncmig.migrator.printing import print_operations

        return replace(result, sql=await print_operations(project, connection, result.operations))


async def compare(project: Project, connection: Connection, answers: Answers) -> Diff:
    """What makes of the database what the models want.

    Args:
        project: the project.
        connection: the database.
        answers: what is said where models do not say what is meant.

    Raises:
        MissingMetadataError: there are no models.
        AutogenerateError: they cannot be compared.
    """
    models = models_of(project)
    catalogue = catalogue_of(project.adapter())
    found = await diff(
        connection,
        catalogue,
        models,
        filters=filters_of(project, connection),
        renames=answers.as_renames(),
        questioner=answers.questioner,
    )
    if found.live.tables and not any(model.tables for model in models):
        raise NoTablesError(tables=len(found.live.tables))
    return found


def models_of(project: Project) -> list[MetaData]:
    """The metadata of the models.

    Raises:
        MissingMetadataError: there is none.
        ScriptError: `env.py` fails.
    """
    metadata = project.environment.metadata
    models = [metadata] if isinstance(metadata, MetaData) else list(metadata or ())
    if not models:
        raise MissingMetadataError(path=project.history.directory.location / "env.py")
    return models


async def require_heads(project: Project, connection: Connection) -> None:
    """Models are compared with what the revisions make, so all of them must be applied.

    Raises:
        NotAtHeadsError: some are not.
    """
    status = await status_of(project, connection, "heads", files=False)
    if not status.is_up_to_date:
        raise NotAtHeadsError(
            pending=status.pending,
            unknown=status.unknown,
            unfinished=[half.revision for half in status.unfinished],
        )


def leave_out(project: Project, connection: Connection) -> frozenset[TableName | str]:
    """The tables that are no part of the schema: those that are kept for the migrations themselves.

    Another schema may have a history of its own, so those with names that nobody has chosen are left out everywhere.
    """
    settings = project.settings
    schema = settings.version_table_schema or None
    if schema == connection.dialect.default_schema_name:
        schema = None
    own = {TableName(settings.version_table, schema)}
    return frozenset({*own, *_VERSION_TABLES, LOG_TABLE, JOURNAL_TABLE, LOCK_TABLE})


def filters_of(project: Project, connection: Connection) -> Filters:
    """What is compared, as the environment of the project says."""
    environment = project.environment
    return Filters(
        include_schemas=environment.include_schemas,
        include_name=environment.include_name,
        include_object=environment.include_object,
        compare_type=environment.compare_type,
        compare_server_default=environment.compare_server_default,
        drop_schemas=environment.drop_schemas,
        leave_out=leave_out(project, connection),
        context=ScriptContext(RecordingSession(project.source.dialect, options=project.options)),
    )


def operations_of(project: Project, found: Diff) -> tuple[Change, ...]:
    """The changes, after the project has had its say in them.

    Raises:
        FilterError: what the project says is no list of operations, or it fails.
    """
    revise = project.environment.revise
    if revise is None:
        return found.changes
    known = {id(change.operation): change for change in found.changes}
    try:
        revised: Sequence[Any] = list(revise(found.operations))
        for operation in revised:
            if not isinstance(operation, Operation):
                raise TypeError(f"it gave {operation!r}, which is no operation")
    except Exception as error:
        asked = f"{len(found.changes)} operations"
        raise FilterError(filter_name="revise", asked=asked, error=error) from error
    return tuple(known.get(id(operation)) or Change(operation) for operation in revised)


def result_of(project: Project, found: Diff, *, revised: bool = True) -> DiffResult:
    """A diff as people and programs get it.

    Args:
        project: the project.
        found: the diff.
        revised: whether the project has its say in the operations.
    """
    changes = operations_of(project, found) if revised else found.changes
    reversal, gaps = undone(changes)
    operations = tuple(change.operation for change in changes)
    notes = [note for change in changes for note in change.notes]
    warnings = tuple(dict.fromkeys([*found.warnings, *notes]))
    return DiffResult(operations, differences_of(operations), warnings, reversal, gaps)


def undone(changes: Sequence[Change]) -> tuple[tuple[Operation[Any], ...], tuple[str, ...]]:
    """The operations that undo *changes*, in their order; and in words, what cannot be undone."""
    reversal: list[Operation[Any]] = []
    gaps: list[str] = []
    for change in reversed(changes):
        try:
            reversal += change.undone()
        except IrreversibleOperationError:
            gaps.append(" ".join(change.operation.describe().split()))
    return tuple(reversal), tuple(gaps)
