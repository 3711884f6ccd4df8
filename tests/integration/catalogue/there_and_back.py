"""There and back: one schema becomes another, and is undone again, with nothing left over."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from sqlalchemy import MetaData

from asyncmig.autogenerate import Diff, Filters, Renames, diff
from asyncmig.operations.base import Operation, TableName
from tests.integration.catalogue.setting import Setting

OURS = Filters(leave_out=frozenset({TableName("asyncmig_journal"), TableName("asyncmig_version")}))


async def there_and_back(here: Setting, before: MetaData, after: MetaData) -> Sequence[Operation[Any]]:
    """Create *before*, make *after* of it, and undo that; gives the operations that made it so."""
    await here.create(before)
    assert await _left(here, before) == []
    change = await _compared(here, after)
    await here.perform(*change.operations)
    assert await _left(here, after) == []
    await here.perform(*change.undone())
    assert await _left(here, before) == []
    return change.operations


async def _compared(here: Setting, models: MetaData) -> Diff:
    connection = here.connection.sync_connection
    assert connection is not None
    found = await diff(connection, here.catalogue, models, filters=OURS, renames=Renames(accept_loss=True))
    assert found.warnings == ()
    return found


async def _left(here: Setting, models: MetaData) -> list[str]:
    return [operation.describe() for operation in (await _compared(here, models)).operations]
