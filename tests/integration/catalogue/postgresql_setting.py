"""Setting of PostgreSQL: databases that are emptied instead of made anew, and what still differs in them."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterator, Sequence
from contextlib import asynccontextmanager, contextmanager
from dataclasses import replace
from typing import Any

import sqlalchemy as sa

from asyncmig.schema import Scope, Snapshot, TableState
from tests.integration.catalogue.postgresql_models import EXTENSIONS
from tests.integration.catalogue.setting import Setting, in_order, setting
from tests.servers import DatabaseServer
from tests.servers.base import run

#: The default schema and the one that some models use.
SCOPE = Scope((None, "far"))
_PREPARE = (
    "CREATE SCHEMA extensions",
    *(f"CREATE EXTENSION {name} SCHEMA extensions" for name in EXTENSIONS),
    "DO $$ BEGIN EXECUTE format('ALTER DATABASE %I SET search_path = public, extensions', current_database()); END $$",
)
_EMPTY = (
    "DROP SCHEMA IF EXISTS far CASCADE",
    "DROP SCHEMA public CASCADE",
    "CREATE SCHEMA public",
    "GRANT USAGE ON SCHEMA public TO PUBLIC",
    "CREATE SCHEMA far",
)


@contextmanager
def prepared(server: DatabaseServer) -> Iterator[str]:
    """A database that has extensions, which is emptied of everything else before each use."""
    with server.database() as url:
        run(_execute(url, _PREPARE))
        yield url


async def _execute(url: str, statements: Sequence[str]) -> None:
    async with setting(url) as here:
        await here.execute(*statements)


@asynccontextmanager
async def emptied(url: str) -> AsyncIterator[Setting]:
    """A setting on the database at *url* without anything in it but extensions."""
    async with setting(url) as here:
        await here.execute(*_EMPTY)
        yield here


async def wanted(here: Setting, metadata: sa.MetaData, live: Snapshot) -> Snapshot:
    """What models want, aligned to what is there."""
    found = await here.wanted(metadata, live)
    assert found.warnings == ()
    return found


def differences(wanted: Snapshot, live: Snapshot) -> list[str]:
    """What differs in the tables, one line each."""
    return [*_differences(wanted, live)]


def _differences(wanted: Snapshot, live: Snapshot) -> Iterator[str]:
    for name in sorted({*wanted.tables, *live.tables}, key=str):
        one, other = wanted.tables.get(name), live.tables.get(name)
        if one is None or other is None:
            yield f"{name}: {one} / {other}"
            continue
        one, other = _settled(one, other)
        for field in one.__dataclass_fields__:
            first, second = getattr(one, field), getattr(other, field)
            if field == "model" or first == second:
                continue
            if field == "columns":
                pairs = zip(first, second, strict=False)
                yield from (f"{name}: {left} / {right}" for left, right in pairs if left != right)
                if len(first) == len(second):
                    continue
            yield f"{name}: {field}: {first} / {second}"


def _settled(wanted: TableState, live: TableState) -> tuple[TableState, TableState]:
    """Both, with the names that the database has given what has none, and with the options that are wanted."""
    parts: dict[str, Any] = {}
    for kind in ("uniques", "foreign_keys", "checks", "excludes"):
        taken = {one.name for one in getattr(wanted, kind)}
        free = [one for one in getattr(live, kind) if one.name not in taken]
        found = []
        for one in getattr(wanted, kind):
            if one.name is None:
                match = next((other for other in free if replace(other, name=None) == one), one)
                free = [other for other in free if other is not match]
                one = replace(one, name=match.name)
            found.append(one)
        parts[kind] = tuple(found)
    key = wanted.primary_key
    if key is not None and key.name is None and live.primary_key is not None:
        key = replace(key, name=live.primary_key.name)
    options = {name: live.options[name] for name in wanted.options}
    return (
        replace(
            in_order(replace(wanted, primary_key=key, **parts)), excludes=tuple(sorted(parts["excludes"], key=repr))
        ),
        replace(in_order(live), options=options, excludes=tuple(sorted(live.excludes, key=repr))),
    )
