"""Shadowing: the revisions built anew in a database of their own, to compare models and the database with that."""

from __future__ import annotations

import secrets
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING

import anyio
from sqlalchemy import Connection
from sqlalchemy.exc import DBAPIError

from asyncmig._sqlalchemy import greenlet_spawn
from asyncmig.dialects.registry import adapter_class
from asyncmig.dialects.throwaway import Throwaway
from asyncmig.errors import ConfigError, DatabaseUnavailableError, NotAtHeadsError, ShadowError
from asyncmig.events import Observer
from asyncmig.migrator.answers import LOOKING
from asyncmig.migrator.comparing import compare, models_of, require_heads, result_of
from asyncmig.migrator.connecting import ConnectionSource
from asyncmig.migrator.differences import CheckResult, DiffResult
from asyncmig.migrator.drifting import drift_of
from asyncmig.migrator.project import Project
from asyncmig.migrator.running import carry_out
from asyncmig.revisions.plan import plan_upgrade

if TYPE_CHECKING:
    from sqlalchemy.engine import URL

__all__ = ["check_with_shadow"]


async def check_with_shadow(project: Project, url: str | URL, *, observer: Observer) -> CheckResult:
    """What models, revisions and the database have differently from each other.

    Args:
        project: the project.
        url: a server where a database can be made.
        observer: is told of the run that builds the revisions.

    Raises:
        ShadowError: no database can be made there.
        DatabaseUnavailableError: that server cannot be reached.
        RevisionFailedError: a revision cannot be built.
        AutogenerateError: the models cannot be compared.
    """
    models_of(project)
    async with _shadow(project, url) as shadow, shadow.source.connect() as built:
        await _build(shadow, built, observer)
        models = result_of(shadow, await compare(shadow, built, LOOKING))
        drift, skipped = await _drift(project, shadow, built)
    return CheckResult(models, drift, skipped)


async def _build(shadow: Project, connection: Connection, observer: Observer) -> None:
    graph = shadow.history.graph
    await carry_out(
        shadow,
        connection,
        "upgrade",
        lambda applied: plan_upgrade(graph, applied, "heads"),
        (),
        observer=observer,
        arguments=shadow.arguments,
    )


async def _drift(project: Project, shadow: Project, built: Connection) -> tuple[DiffResult | None, str | None]:
    """What was done to the database besides the revisions; or why nobody knows."""
    try:
        async with project.source.look() as live:
            await require_heads(project, live)
            return await drift_of(project, live, shadow, built), None
    except (DatabaseUnavailableError, NotAtHeadsError, ConfigError) as error:
        return None, error.message


@asynccontextmanager
async def _shadow(project: Project, url: str | URL) -> AsyncIterator[Project]:
    """The same project on a database that is there for the length of the block."""
    environment = project.environment
    server = ConnectionSource(url)
    adapter = adapter_class(server.dialect, environment.adapters)(server.dialect)
    name = f"asyncmig_shadow_{secrets.token_hex(6)}"
    try:
        async with server.look() as connection:
            made = await greenlet_spawn(adapter.throwaway, connection, name)
            await greenlet_spawn(_execute, connection, made.create, server.url)
        shadow = project.on(made.url)
        try:
            yield shadow
        finally:
            with anyio.CancelScope(shield=True):
                await shadow.dispose()
                await _drop(server, made)
    finally:
        await server.dispose()


async def _drop(server: ConnectionSource, made: Throwaway) -> None:
    if made.drop is not None:
        async with server.connect() as connection:
            await greenlet_spawn(_execute, connection, made.drop, server.url)


def _execute(connection: Connection, statement: str | None, url: str) -> None:
    if statement is None:
        return
    connection.rollback()
    try:
        connection.execution_options(isolation_level="AUTOCOMMIT").exec_driver_sql(statement)
    except DBAPIError as error:
        raise ShadowError(
            f"No shadow database can be made at {url}: {str(error.orig).strip().splitlines()[0]}",
            hint="Give the user of this URL the right to create databases, or name another server.",
        ) from error
