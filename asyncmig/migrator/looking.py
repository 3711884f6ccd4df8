"""Looking: where a database is, and what of it does not fit the files."""

from __future__ import annotations

from collections.abc import Iterable

from sqlalchemy import Connection

from asyncmig.errors import HistoryMismatchError, InvalidTargetError
from asyncmig.migrator.checksums import checksum_of
from asyncmig.migrator.project import Project
from asyncmig.migrator.resolving import unfinished
from asyncmig.migrator.results import Status
from asyncmig.revisions.plan import plan_upgrade


async def status_of(project: Project, connection: Connection, target: str, *, files: bool) -> Status:
    """Where the database is, in one look.

    Args:
        project: the project.
        connection: a connection to the database.
        target: what is pending is what an upgrade to it would apply.
        files: whether to compare the files of the applied revisions with those that were run, too.
    """
    history = project.history
    applied = await project.version_rows.read(connection) or ()
    entries = await project.journal(project.reading_adapter()).read(connection)
    below = await _known_rows(project, connection, applied)
    known = [one for one in applied if one in history.graph]
    plan = plan_upgrade(history.graph, known if below is None else below, target)
    return Status(
        current=tuple(history.info(one, current=applied) for one in known),
        heads=history.heads(current=applied),
        pending=tuple(move.id for move in plan.moves),
        unknown=tuple(one for one in applied if one not in history.graph),
        unfinished=unfinished(entries, history.graph.__contains__),
        ahead=below is not None,
        edited=await edited_files(project, connection, known) if files else (),
    )


async def _known_rows(project: Project, connection: Connection, applied: tuple[str, ...]) -> tuple[str, ...] | None:
    """The rows as this code would have them, where the database is ahead of it in a way that it can bear."""
    if all(one in project.history.graph for one in applied):
        return None
    # Imported here because the usual look finds nothing unknown.
    from asyncmig.migrator.followers import known_rows

    try:
        return await known_rows(
            connection, applied, project.history.graph, project.log_table(project.reading_adapter())
        )
    except HistoryMismatchError:
        # A status says so by its unknown rows.
        return None


async def edited_files(project: Project, connection: Connection, applied: Iterable[str]) -> tuple[str, ...]:
    """The applied revisions whose file is not the one that was run, in the order in which they were applied."""
    graph = project.history.graph
    below = graph.ancestors(*applied) if applied else frozenset()
    ran = await project.log_table(project.reading_adapter()).checksums(connection)
    return tuple(
        revision
        for revision, checksum in ran.items()
        if revision in below and checksum is not None and checksum != checksum_of(graph[revision])
    )


async def accept_files(project: Project, connection: Connection, revisions: Iterable[str]) -> tuple[str, ...]:
    """Write into the log that the files of *revisions* (of all edited ones, when there are none) count as run.

    Raises:
        InvalidTargetError: the file of one of them was not edited.
    """
    applied = await project.version_rows.read(connection) or ()
    edited = await edited_files(project, connection, [one for one in applied if one in project.history.graph])
    asked = tuple(revisions) or edited
    for revision in asked:
        if revision not in edited:
            raise InvalidTargetError(
                f"The file of revision {revision} is the one that was run; there is nothing to repair.",
                target=revision,
                hint="asyncmig status    # shows whose file was edited",
            )
    log = project.log_table(project.reading_adapter())
    graph = project.history.graph
    await log.accept(connection, {revision: checksum_of(graph[revision]) for revision in asked})
    return asked
