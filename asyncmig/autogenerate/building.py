"""Building: operations from differences, with all that their reverse needs."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any

from asyncmig.autogenerate import from_models
from asyncmig.autogenerate.differences import Difference
from asyncmig.dialects.catalogue import Catalogue
from asyncmig.operations.base import Operation
from asyncmig.operations.columns import DropColumn
from asyncmig.schema import Snapshot


def build(
    differences: Iterable[Difference], wanted: Snapshot, live: Snapshot, catalogue: Catalogue
) -> list[Operation[Any]]:
    """The operations that do away with *differences*."""
    return [operation for difference in differences for operation in _operations(difference, live, catalogue)]


def _operations(difference: Difference, live: Snapshot, catalogue: Catalogue) -> Iterator[Operation[Any]]:
    if difference.kind == "table":
        if difference.wanted is not None:
            yield from from_models.create_table(difference.wanted)
        else:
            made = catalogue.table_operations(difference.live, live)
            yield from (operation.reversed() for operation in reversed(made))
    elif difference.pair is not None:
        table = difference.pair.wanted.name
        if difference.wanted is not None:
            yield from_models.add_column(table, difference.wanted)
        else:
            dropped = catalogue.column_of(difference.live, live)
            yield DropColumn(table.name, difference.live.name, schema=table.schema, dropped=dropped)
