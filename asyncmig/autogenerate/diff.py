"""Diff: what makes of a database what models want."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import Connection, MetaData

from asyncmig.autogenerate.adding import Answers, question_for
from asyncmig.autogenerate.altering import rename_column
from asyncmig.autogenerate.beside import renamed_values
from asyncmig.autogenerate.blocks import in_blocks
from asyncmig.autogenerate.building import Builder
from asyncmig.autogenerate.changes import Change, Unit
from asyncmig.autogenerate.choosing import Choice
from asyncmig.autogenerate.circles import without_circles
from asyncmig.autogenerate.comparing import compare
from asyncmig.autogenerate.dependents import with_dependents
from asyncmig.autogenerate.described import describe, kinds_of, schemas_of
from asyncmig.autogenerate.differences import Difference
from asyncmig.autogenerate.filters import Filters
from asyncmig.autogenerate.order import ordered
from asyncmig.autogenerate.pacing import Pace
from asyncmig.autogenerate.questions import Questioner
from asyncmig.autogenerate.renamed import NewNames
from asyncmig.autogenerate.renames import FoundRenames, find_renames
from asyncmig.autogenerate.renaming import Renames
from asyncmig.autogenerate.restoring import Restored
from asyncmig.dialects.catalogue import Catalogue
from asyncmig.operations.base import Operation, TableName
from asyncmig.operations.tables import RenameTable
from asyncmig.schema import Scope, Snapshot


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
        return tuple(operation for change in reversed(self.changes) for operation in change.undone())


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
    scope = filters.scope(schemas_of(models), kinds_of(models))
    live = await catalogue.read(connection, scope)
    wanted = await describe(models, catalogue, scope)
    live = filters.looked_at(live, wanted)
    line = _Line(catalogue, filters, scope, renames or Renames(), questioner)
    return await line.diff(connection, wanted, live)


async def diff_between(wanted: Snapshot, live: Snapshot, catalogue: Catalogue, *, filters: Filters) -> Diff:
    """What makes of a database what another one is; changes nothing.

    Args:
        wanted: what the other one has, with objects of SQLAlchemy as the models of all that differs.
        live: what the database has.
        catalogue: what has read it.
        filters: what is compared.
    """
    line = _Line(catalogue, filters, filters.scope(), Renames(accept_loss=True), None)
    return await line.diff(None, wanted, live)


class _Line:
    """The way from two snapshots to a diff.

    Args:
        catalogue: the words of the database.
        filters: what is compared.
        scope: what is looked at.
        renames: what a person has said about names.
        questioner: who is asked.
    """

    def __init__(
        self,
        catalogue: Catalogue,
        filters: Filters,
        scope: Scope,
        renames: Renames,
        questioner: Questioner | None,
    ) -> None:
        self._catalogue = catalogue
        self._filters = filters
        self._scope = scope
        self._renames = renames
        self._questioner = questioner

    async def diff(self, connection: Connection | None, wanted: Snapshot, live: Snapshot) -> Diff:
        """The diff; where there is a connection, for snapshots that are not aligned yet."""
        catalogue, pace = self._catalogue, Pace()
        found = await find_renames(wanted, live, self._renames, self._questioner)
        names = NewNames(found.tables, found.columns, self._values(wanted, live), catalogue.adapter.quote)
        was, live = live, names.snapshot(live)
        if connection is not None:
            wanted = await catalogue.align(connection, wanted, live)
        choice = Choice(self._filters, self._scope, Restored(catalogue, live))
        differences = await compare(wanted, live, catalogue, choice, drop_schemas=self._filters.drop_schemas)
        units = [*self._renamed(found, was, live)]
        if differences:
            answers = await self._answers(differences)
            renamed = frozenset({*found.tables.values(), *found.columns})
            differences = with_dependents(differences, wanted, live, catalogue, self._renames, renamed)
            for unit in Builder(catalogue, live, answers, self._renames).units(differences):
                units.append(unit)  # others get their turn in between
                await pace()
        changes = tuple(change for unit in await self._in_order(units, live) for change in unit.changes)
        warnings = tuple(dict.fromkeys((*live.warnings, *wanted.warnings)))
        return Diff(changes, warnings, wanted, live)

    def _values(self, wanted: Snapshot, live: Snapshot) -> dict[TableName, dict[str, str]]:
        """The values of enumerated types that get other names."""
        pairs = [(wanted.enums[name], enum) for name, enum in live.enums.items() if name in wanted.enums]
        found = {old.name: renamed_values(new, old, self._renames) for new, old in pairs if new != old}
        return {name: values for name, values in found.items() if values}

    def _renamed(self, found: FoundRenames, was: Snapshot, live: Snapshot) -> Iterable[Unit]:
        for old, new in found.tables.items():
            change = Change(RenameTable(old.name, new.name, schema=old.schema))
            yield Unit((change,), touches=frozenset({("names", new)}))
        old_names = {new: old for old, new in found.tables.items()}
        for table, columns in found.columns.items():
            state = was.tables[old_names.get(table, table)]
            for column in state.columns:
                if (name := columns.get(column.name)) is not None:
                    change = Change(rename_column(table, column, name, self._catalogue, live))
                    yield Unit((change,), touches=frozenset({("names", table)}))

    async def _answers(self, differences: Iterable[Difference]) -> Answers:
        """What rows that are there get in new columns, as far as somebody answers."""
        answers = {}
        if self._questioner is not None:
            for difference in differences:
                question = question_for(difference)
                answer = None if question is None else await self._questioner.default_for(question)
                if question is not None and answer is not None:
                    answers[question.table, question.column] = answer
        return answers

    async def _in_order(self, units: Sequence[Unit], live: Snapshot) -> list[Unit]:
        limit = self._catalogue.adapter.traits.max_identifier
        if self._catalogue.traits.inline_keys:
            units = list(without_circles(units, limit=limit, creating=False))
            return await ordered(await in_blocks(units), live.default_schema)
        return await ordered(without_circles(units, limit=limit), live.default_schema)
