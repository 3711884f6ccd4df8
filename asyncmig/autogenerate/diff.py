"""Diff: what makes of a database what models want."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import Connection, MetaData

from asyncmig.autogenerate.building import build
from asyncmig.autogenerate.comparing import compare
from asyncmig.autogenerate.described import describe, schemas_of
from asyncmig.autogenerate.filters import Filters
from asyncmig.autogenerate.questions import Questioner
from asyncmig.autogenerate.renaming import Renames
from asyncmig.dialects.catalogue import Catalogue
from asyncmig.operations.base import Operation
from asyncmig.schema import Snapshot


@dataclass(frozen=True)
class Change:
    """One operation of a diff, and what is to be known of it.

    Args:
        operation: the operation.
        notes: what a reader of the revision should know, one sentence each.
        one_way: whether nothing has to be undone for it (rows that were filled).
    """

    operation: Operation[Any]
    notes: tuple[str, ...] = ()
    one_way: bool = False

    @property
    def is_lossy(self) -> bool:
        """Whether it loses data."""
        return self.operation.destructive


@dataclass(frozen=True)
class Diff:
    """What makes of a database what models want.

    Args:
        changes: the operations, each after what it needs, with what is to be known of them.
        warnings: what could not be understood, and what a person should look at, one sentence each.
        wanted: what the models want.
        live: what the database has.
    """

    changes: tuple[Change, ...] = ()
    warnings: tuple[str, ...] = ()
    wanted: Snapshot = field(default_factory=Snapshot, repr=False, compare=False)
    live: Snapshot = field(default_factory=Snapshot, repr=False, compare=False)

    @property
    def operations(self) -> tuple[Operation[Any], ...]:
        """The operations, in the order in which they can be done."""
        return tuple(change.operation for change in self.changes)

    @property
    def is_empty(self) -> bool:
        """Whether the database is what the models want."""
        return not self.changes

    @property
    def is_lossy(self) -> bool:
        """Whether some of it loses data."""
        return any(change.is_lossy for change in self.changes)

    def undone(self) -> tuple[Operation[Any], ...]:
        """The operations that undo it, in the order in which they can be done.

        Raises:
            IrreversibleOperationError: one of them cannot be undone.
        """
        return tuple(change.operation.reversed() for change in reversed(self.changes) if not change.one_way)


async def diff(
    connection: Connection,
    catalogue: Catalogue,
    metadata: MetaData | Sequence[MetaData],
    *,
    filters: Filters | None = None,
    renames: Renames | None = None,
    questioner: Questioner | None = None,
) -> Diff:
    """What makes of a database what models want; changes nothing.

    Args:
        connection: the database.
        catalogue: how its schema is read, from `catalogue_of(adapter)`.
        metadata: the models, of one `MetaData` or several.
        filters: what is compared.
        renames: what a person has said about names that changed.
        questioner: who is asked where models do not say what is meant; nobody if not given.

    Raises:
        AmbiguousRenameError: something could be a rename, nobody said so, and nobody could be asked.
        DuplicateTableError: two `MetaData` declare the same table.
        FilterError: a filter failed.
    """
    filters = filters or Filters()
    models = [metadata] if isinstance(metadata, MetaData) else list(metadata)
    scope = filters.scope(schemas_of(models))
    live = await catalogue.read(connection, scope)
    wanted = await describe(models, catalogue, scope)
    wanted = await catalogue.align(connection, wanted, live)
    differences = await compare(wanted, live, catalogue, filters)
    operations = build(differences, wanted, live, catalogue)
    return Diff(tuple(map(Change, operations)), (*live.warnings, *wanted.warnings), wanted, live)
