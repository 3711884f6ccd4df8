"""Drift: what somebody has done to a database besides the revisions."""

from __future__ import annotations

from sqlalchemy import Connection

from asyncmig.autogenerate import diff_between
from asyncmig.autogenerate.described import kinds_of, schemas_of
from asyncmig.autogenerate.modelled import modelled
from asyncmig.dialects.catalogue import Catalogue
from asyncmig.dialects.registry import catalogue_of
from asyncmig.migrator.comparing import filters_of, models_of, result_of
from asyncmig.migrator.differences import DiffResult
from asyncmig.migrator.project import Project
from asyncmig.schema import Snapshot

__all__ = ["drift_of"]


async def drift_of(project: Project, live: Connection, shadow: Project, built: Connection) -> DiffResult:
    """What somebody has done to a database besides the revisions.

    Args:
        project: the project on the database.
        live: the database.
        shadow: the project on the database where the revisions were built.
        built: that database.
    """
    there, catalogue = await _read(project, live)
    made, own = await _read(shadow, built)
    differing = {name for name, state in there.tables.items() if made.tables.get(name) != state}
    wanted = modelled(there, catalogue, differing)
    found = await diff_between(wanted, made, own, filters=filters_of(shadow, built))
    return result_of(shadow, found, revised=False)


async def _read(project: Project, connection: Connection) -> tuple[Snapshot, Catalogue]:
    models = models_of(project)
    catalogue = catalogue_of(project.adapter())
    scope = filters_of(project, connection).scope(schemas_of(models), kinds_of(models))
    return await catalogue.read(connection, scope), catalogue
