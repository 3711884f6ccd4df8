"""Choice: which differences a project's filters let through."""

from __future__ import annotations

from typing import Any

from asyncmig.autogenerate.differences import Difference, TablePair
from asyncmig.autogenerate.filters import Filters
from asyncmig.autogenerate.restoring import Restored
from asyncmig.schema import ColumnState, ObjectState, Scope, TableState

#: What filters call the parts of a table.
_NAMES = {
    "table": "table",
    "column": "column",
    "index": "index",
    "unique": "unique_constraint",
    "foreign_key": "foreign_key_constraint",
    "check": "check_constraint",
    "exclude": "exclude_constraint",
    "primary_key": "primary_key_constraint",
}


class Choice:
    """Which differences a project's filters let through.

    Filters are asked only about what differs; the objects that they are asked with are made only then.

    Args:
        filters: the filters.
        scope: what is looked at.
        restored: what the database has, as objects.
    """

    def __init__(self, filters: Filters, scope: Scope, restored: Restored) -> None:
        self._filters = filters
        self._scope = scope
        self._restored = restored
        self._tables: dict[int, bool] = {}

    @property
    def compares_all_columns(self) -> bool:
        """Whether a function wants to see also the columns that are the same."""
        return callable(self._filters.compare_type) or callable(self._filters.compare_server_default)

    def takes(self, difference: Difference) -> bool:
        """Whether a difference counts."""
        kind = _NAMES.get(difference.kind)
        if difference.kind == "object":
            return self._filters.include_object is None or self._takes_object(difference)
        if kind is None:
            return difference.pair is None or self._takes_table(difference.pair)
        if difference.kind == "table":
            return self._takes_new_or_gone(difference)
        pair = difference.pair
        if pair is None or not self._takes_table(pair):
            return False
        if difference.wanted is None and not self._has_name(pair, difference.live.name, kind):
            return False
        return self._filters.include_object is None or self._takes_part(difference, pair, kind)

    def type_differs(self, pair: TablePair, wanted: ColumnState, live: ColumnState) -> bool | None:
        """What the filters say of two types."""
        if not callable(self._filters.compare_type):
            return None if self._filters.compare_type else False
        column = self._restored.column(pair.live, live)
        return self._filters.type_differs(column, wanted.model, column.type, wanted.model.type)

    def default_differs(self, pair: TablePair, wanted: ColumnState, live: ColumnState) -> bool | None:
        """What the filters say of two defaults."""
        if not callable(self._filters.compare_server_default):
            return None if self._filters.compare_server_default else False
        column = self._restored.column(pair.live, live)
        return self._filters.default_differs(column, wanted.model, live.default, wanted.default)

    def _takes_table(self, pair: TablePair) -> bool:
        if self._filters.include_object is None:
            return True
        key = id(pair.wanted)
        if key not in self._tables:
            live = self._restored.table(pair.live)
            self._tables[key] = self._filters.includes(pair.wanted.model, pair.name.name, "table", False, live)
        return self._tables[key]

    def _takes_new_or_gone(self, difference: Difference) -> bool:
        if self._filters.include_object is None:
            return True
        state: TableState = difference.wanted or difference.live
        gone = difference.wanted is None
        item = self._restored.table(state) if gone else state.model
        return self._filters.includes(item, state.name.name, "table", gone, None)

    def _takes_object(self, difference: Difference) -> bool:
        """Views and the like are what `asyncmig.objects` has for them."""
        wanted: ObjectState | None = difference.wanted
        live: ObjectState | None = difference.live
        if wanted is None:
            assert live is not None
            return self._filters.includes(live.model, live.key.name, live.key.kind, True, None)
        compare_to = None if live is None else live.model
        return self._filters.includes(wanted.model, wanted.key.name, wanted.key.kind, False, compare_to)

    def _takes_part(self, difference: Difference, pair: TablePair, kind: str) -> bool:
        wanted = None if difference.wanted is None else difference.wanted.model
        live = None if difference.live is None else self._live(pair, difference.live)
        part: Any = difference.wanted or difference.live
        if difference.wanted is None:
            # There is nothing to ask about what SQLAlchemy has no object for.
            return live is None or self._filters.includes(live, part.name, kind, True, None)
        return self._filters.includes(wanted, part.name, kind, False, live)

    def _live(self, pair: TablePair, part: Any) -> Any:
        if isinstance(part, ColumnState):
            return self._restored.column(pair.live, part)
        return self._restored.part(pair.live, part)

    def _has_name(self, pair: TablePair, name: str | None, kind: str) -> bool:
        table = pair.name
        return self._scope.has(
            name, kind, schema_name=table.schema, table_name=table.name, schema_qualified_table_name=str(table)
        )
