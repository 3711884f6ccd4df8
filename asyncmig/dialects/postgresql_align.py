"""Align: what models say in the words of the server, where it is only the words that differ."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from typing import Any, Final

from sqlalchemy import Column, Connection, Enum, Index, TextClause
from sqlalchemy import schema as sa_schema
from sqlalchemy.exc import DBAPIError

from asyncmig.dialects.adapter import DialectAdapter
from asyncmig.dialects.postgresql_asking import Asking
from asyncmig.dialects.postgresql_index_text import index_text
from asyncmig.dialects.postgresql_probes import Answer, Doubts, Probes
from asyncmig.dialects.postgresql_schema_read import Types, major_version
from asyncmig.dialects.slices import sliced
from asyncmig.operations.base import TableName
from asyncmig.schema import ColumnState, IndexState, Snapshot, TableState, UniqueState

_NOT_VALID: Final = "postgresql_not_valid"
_PARTITION: Final = "postgresql_partition_by"
#: What the server words, of each kind of parts.
_FIELDS: Final[Mapping[str, tuple[str, ...]]] = {
    "checks": ("expression",),
    "excludes": ("definition",),
    "indexes": ("elements", "options"),
}
Tables = Mapping[TableName, TableState]
#: How many tables are looked at before others have their turn.
_SLICE: Final = 50


class Alignment:
    """What models say in the words of the server, where it is only the words that differ.

    The server is shown the expressions in temporary tables, in a transaction that is rolled back. What it says then is
    not always what it would say of the same expression if it had been given in its own words, as it is when a table is
    made again of what was read. So where it still does not say the same, both are shown to it in its own words.

    Args:
        adapter: the adapter.
        wanted: what the models say.
        live: what the database has.
        types: the types that stand beside tables.
    """

    def __init__(self, adapter: DialectAdapter, wanted: Snapshot, live: Snapshot, types: Types) -> None:
        self.adapter = adapter
        self.wanted = wanted
        self.live = live
        self.types = types

    async def aligned(self, connection: Connection) -> Snapshot:
        """The snapshot of the models, with the words of the server."""
        lost = bool(self.live.tables.keys() - self.wanted.tables.keys())
        doubts: dict[TableName, Doubts] = {}
        tables = dict(self.wanted.tables)
        async for some in sliced(list(tables), _SLICE):
            for name in some:
                there = self.live.tables.get(name)
                if there is not None:
                    tables[name] = _left_open(tables[name], there)
                if (there is not None or lost) and (found := self._doubts(tables[name], there)):
                    doubts[name] = found
        warnings = self.wanted.warnings
        if doubts:
            try:
                tables |= await self._asked(connection, {name: tables[name] for name in doubts}, doubts)
            except DBAPIError as error:
                warnings = (*warnings, _refused(error, len(doubts)))
        return replace(self.wanted, tables=tables, warnings=warnings)

    def _doubts(self, table: TableState, there: TableState | None) -> Doubts:
        doubts = _doubts(table, there)
        # The server cannot say anything of a type that is still to be created.
        new = [one.name for one in table.columns if one.name in doubts.columns and self._is_new_type(one)]
        return replace(doubts, columns=doubts.columns.difference(new)) if new else doubts

    def _is_new_type(self, column: ColumnState) -> bool:
        model: Column[Any] | None = column.model
        if model is None or not isinstance(model.type, Enum) or not model.type.native_enum:
            return False
        schema = None if model.type.schema == self.live.default_schema else model.type.schema
        known = {enum.name for enum in self.types.enums.values()}
        return column.type not in self.types.enums and TableName(model.type.name or "", schema) not in known

    async def _asked(
        self, connection: Connection, tables: Tables, doubts: Mapping[TableName, Doubts]
    ) -> dict[TableName, TableState]:
        asking = Asking(self.adapter, connection)
        probes = Probes(self.adapter, self.types.words, major_version(connection), self._declared_index)
        asked: dict[TableName, Callable[[], Answer]] = {}
        async for some in sliced(list(tables), _SLICE):
            asked |= {name: probes.add(tables[name], doubts[name]) for name in some}
        async with asking.transaction():
            await probes.ask(asking)
            found: dict[TableName, TableState] = {}
            async for some in sliced(list(tables), _SLICE):
                found |= {name: _reworded(tables[name], asked[name]()) for name in some}
            return found | await self._compared(asking, found, len(probes))

    async def _compared(self, asking: Asking, tables: Tables, first: int) -> dict[TableName, TableState]:
        """What still is not the same, as the database has it, where the server makes the same of both."""
        probes = Probes(self.adapter, self.types.words, major_version(asking.connection), self._index, first)
        asked: dict[TableName, tuple[Doubts, Callable[[], Answer], Doubts, Callable[[], Answer]]] = {}
        async for some in sliced([name for name in tables if name in self.live.tables], _SLICE):
            for name in some:
                table, there = tables[name], self.live.tables[name]
                ours, theirs = _both(table, there)
                if ours and theirs:
                    asked[name] = ours, probes.add(table, ours), theirs, probes.add(there, theirs)
        if not asked:
            return {}
        await probes.ask(asking)
        found: dict[TableName, TableState] = {}
        for name, (ours, of_ours, theirs, of_theirs) in asked.items():
            wanted, live = tables[name], self.live.tables[name]
            again, there = _reworded(wanted, of_ours()), _reworded(live, of_theirs())
            found[name] = _adopted(wanted, again, ours, live, there, theirs)
        return found

    def _declared_index(self, index: IndexState) -> str:
        model: Index | None = index.model
        if model is None or not any(isinstance(element, TextClause) for element in model.expressions):
            return self._index(index)
        # A text may say more than an expression.
        text = self.adapter.ddl(sa_schema.CreateIndex(model))
        preparer: Any = self.adapter.printing.identifier_preparer
        return text.partition(f" ON {preparer.format_table(model.table)} ")[2]

    def _index(self, index: IndexState) -> str:
        return index_text(index, self.adapter.quote)


# -- what is in doubt -----------------------------------------------------------------------------------------------


def _doubts(wanted: TableState, live: TableState | None) -> Doubts:
    """What of a table is not said as the server says it."""
    there = {} if live is None else {column.name: column for column in live.columns}
    # A column may be one of these that has got another name.
    lost = live is None or not there.keys() <= {column.name for column in wanted.columns}
    partition = wanted.options.get(_PARTITION)
    columns = frozenset(one.name for one in wanted.columns if _is_doubtful(one, there.get(one.name), lost))
    checks, excludes, indexes = [
        _unlike(getattr(wanted, kind), getattr(live, kind, ()), fields) for kind, fields in _FIELDS.items()
    ]
    if live is not None and live.options.get(_PARTITION) == partition:
        partition = None
    return Doubts(columns, checks, excludes, indexes, partition)


def _is_doubtful(wanted: ColumnState, live: ColumnState | None, lost: bool) -> bool:
    if live is None:
        return lost
    return (
        wanted.type != live.type
        or wanted.collation != live.collation
        or (wanted.default is not None and wanted.default != live.default)
        or (wanted.computed is not None and wanted.computed != live.computed)
    )


def _said(state: Any, fields: Sequence[str]) -> tuple[Any, ...]:
    return tuple([getattr(state, field) for field in fields])


def _unlike(wanted: Sequence[Any], live: Sequence[Any], fields: Sequence[str]) -> tuple[int, ...]:
    """The places of what is not said so in *live* by the same name, or by any where it has none."""
    by_name = {one.name: one for one in live}
    return tuple(
        [
            place
            for place, one in enumerate(wanted)
            if not _says_same(one, by_name.get(one.name), fields)
            and (one.name in by_name or all(not _says_same(one, other, fields) for other in live))
        ]
    )


def _says_same(one: Any, other: Any, fields: Sequence[str]) -> bool:
    return other is not None and all([getattr(one, field) == getattr(other, field) for field in fields])


def _both(wanted: TableState, live: TableState) -> tuple[Doubts, Doubts]:
    """What of two tables might be the same in other words."""
    ours = _doubts(wanted, live)
    if not ours:
        return ours, ours
    there = {column.name: column for column in live.columns}
    columns = frozenset(
        one.name
        for one in wanted.columns
        if one.name in ours.columns
        and (other := there.get(one.name)) is not None
        and one.type == other.type
        and ((one.default and other.default and one.default != other.default) or _other_computed(one, other))
    )
    theirs = _doubts(live, wanted)
    checks, excludes, indexes = [bool(getattr(ours, kind) and getattr(theirs, kind)) for kind in _FIELDS]
    return (
        Doubts(columns, ours.checks * checks, ours.excludes * excludes, ours.indexes * indexes),
        Doubts(columns, theirs.checks * checks, theirs.excludes * excludes, theirs.indexes * indexes),
    )


def _other_computed(one: ColumnState, other: ColumnState) -> bool:
    return (
        one.computed is not None
        and other.computed is not None
        and one.computed.stored == other.computed.stored
        and one.computed.expression != other.computed.expression
    )


# -- what the server has said ---------------------------------------------------------------------------------------


def _reworded(table: TableState, answer: Answer) -> TableState:
    """A table as the server words it."""
    options = table.options
    if answer.partition is not None:
        options = {**options, _PARTITION: answer.partition}
    parts: dict[str, Any] = {
        kind: _replaced(getattr(table, kind), getattr(answer, kind), fields) for kind, fields in _FIELDS.items()
    }
    columns = tuple([_reworded_column(column, answer.columns.get(column.name)) for column in table.columns])
    return replace(table, columns=columns, options=options, **parts)


def _replaced(states: tuple[Any, ...], said: Mapping[int, Any], fields: Sequence[str]) -> tuple[Any, ...]:
    found = list(states)
    for place, state in said.items():
        if state is not None:
            found[place] = replace(found[place], **{name: getattr(state, name) for name in fields})
    return tuple(found)


def _reworded_column(column: ColumnState, said: ColumnState | None) -> ColumnState:
    if said is None:
        return column
    computed = said.computed if column.computed is not None else None
    return replace(column, type=said.type, collation=said.collation, default=said.default, computed=computed)


def _adopted(
    wanted: TableState, ours: TableState, asked: Doubts, live: TableState, theirs: TableState, answered: Doubts
) -> TableState:
    """*wanted* with the words of *live*, where *ours* and *theirs*, which say the same once more, do not differ."""
    said = {column.name: column for column in theirs.columns}
    there = {column.name: column for column in live.columns}
    columns = [
        replace(column, default=there[column.name].default, computed=there[column.name].computed)
        if column.name in asked.columns
        and (again.default, again.computed) == (said[column.name].default, said[column.name].computed)
        else column
        for column, again in zip(wanted.columns, ours.columns, strict=True)
    ]
    parts: dict[str, Any] = {}
    for kind, fields in (
        ("checks", ("expression",)),
        ("excludes", ("definition",)),
        ("indexes", ("elements", "options")),
    ):
        found = list(getattr(wanted, kind))
        known = {_said(getattr(theirs, kind)[place], fields): place for place in getattr(answered, kind)}
        for place in getattr(asked, kind):
            same = known.get(_said(getattr(ours, kind)[place], fields))
            if same is not None:
                source = getattr(live, kind)[same]
                found[place] = replace(found[place], **dict(zip(fields, _said(source, fields), strict=True)))
        parts[kind] = tuple(found)
    return replace(wanted, columns=tuple(columns), **parts)


# -- what models leave open -----------------------------------------------------------------------------------------


def _left_open(table: TableState, live: TableState) -> TableState:
    """What the model leaves to the database, as the database has it."""
    changes: dict[str, Any] = {}
    columns = [_open_column(column, live) for column in table.columns]
    if any(one is not other for one, other in zip(columns, table.columns, strict=True)):
        changes["columns"] = tuple(columns)
    if table.uniques and (kept := _not_merged(table, live)) != table.uniques:
        changes["uniques"] = kept
    for kind in ("checks", "foreign_keys"):
        states = getattr(table, kind)
        if any(one.options for one in states):
            valid = {_without_validity(one) for one in getattr(live, kind) if not one.options}
            valid |= {replace(one, name=None) for one in valid}
            changes[kind] = tuple(
                [_without_validity(one) if _without_validity(one) in valid else one for one in states]
            )
    return replace(table, **changes) if changes else table


def _not_merged(table: TableState, live: TableState) -> tuple[UniqueState, ...]:
    """The unique constraints without those that the server leaves out of CREATE TABLE, as another one does the same.

    Added to a table that is there, it does make them.
    """
    key = table.primary_key
    alike: dict[Any, list[UniqueState]] = {}
    for one in table.uniques:
        alike.setdefault(_shape(one), []).append(one)
    there = {(one.name, _shape(one)) for one in live.uniques}
    left_out: set[int] = set()
    for shape, group in alike.items():
        in_key = key is not None and shape == (key.columns, key.options, False, False)
        if in_key or len(group) > 1:
            found = [one for one in group if (one.name, shape) in there]
            kept = found or ([] if in_key else group[:1])
            left_out |= {id(one) for one in group} - {id(one) for one in kept}
    return tuple([one for one in table.uniques if id(one) not in left_out])


def _shape(unique: UniqueState) -> tuple[Any, ...]:
    return unique.columns, unique.options, unique.deferrable, unique.initially_deferred


def _without_validity(state: Any) -> Any:
    """A constraint that may have been made NOT VALID, as it is when it has been validated since."""
    if not state.options:
        return state
    return replace(state, options=tuple([option for option in state.options if option[0] != _NOT_VALID]))


def _open_column(column: ColumnState, live: TableState) -> ColumnState:
    """A column whose default is made by something that the model only mentions (`FetchedValue`)."""
    model: Column[Any] | None = column.model
    if model is None or model.server_default is None or model.server_default.has_argument:
        return column
    if model.computed is not None or model.identity is not None:
        return column
    there = live.column(column.name)
    if there is None:
        return column
    return replace(
        column,
        default=there.default,
        computed=there.computed,
        identity=there.identity,
        autoincrement=there.autoincrement,
    )


def _refused(error: DBAPIError, count: int) -> str:
    why = str(getattr(error, "orig", error)).splitlines()[0]
    tables = "1 table" if count == 1 else f"{count} tables"
    return (
        f"PostgreSQL was not able to say how it words defaults, conditions and indexes of {tables} ({why}); they are"
        " compared as the models write them."
    )
