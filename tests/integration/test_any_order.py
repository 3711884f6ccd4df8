"""Property: whichever way revisions are applied and reverted, the same heads mean the same schema."""

import random
from contextlib import suppress
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import inspect
from sqlalchemy.ext.asyncio import AsyncEngine

from asyncmig.errors import AmbiguousRevisionError, InvalidTargetError
from asyncmig.revisions.graph import RevisionGraph
from tests.project import Project

#: What each revision adds: a table, a column or an index, and what the schema shows of it.
Shown = frozenset[str]


def write_history(project: Project, chance: random.Random, size: int) -> dict[str, Shown]:
    """Write a random history with branches, merges and dependencies; what each revision shows in the schema."""
    shows: dict[str, Shown] = {}
    lines: dict[str, set[str]] = {}
    tables: dict[str, set[str]] = {}
    for number in range(size):
        id = f"r{number:03}"
        parents = chance.sample(sorted(shows), k=min(len(shows), chance.choice([0, 1, 1, 1, 1, 2])))
        parents = [one for one in parents if not any(one in lines[other] for other in parents if other != one)]
        below = set().union(*[lines[one] | {one} for one in parents]) if parents else set()
        others = sorted(set(shows) - below)
        depends = chance.choice(others) if others and chance.random() < 0.2 else None
        lines[id] = below | ({depends} | lines[depends] if depends else set())
        # A column or an index goes only onto a table that is certain to be there.
        there = sorted(set().union(*[tables[one] for one in lines[id]]) if lines[id] else set())
        upgrade, downgrade, shows[id] = _change(id, chance, there)
        tables[id] = {f"t_{id}"} if upgrade.startswith("await op.create_table") else set()
        down: Any = None if not parents else parents[0] if len(parents) == 1 else tuple(parents)
        project.revision(id, upgrade, downgrade, down=down, depends=depends)
    return shows


def _change(id: str, chance: random.Random, tables: list[str]) -> tuple[str, str, Shown]:
    kind = chance.choice(["table", "column", "index"]) if tables else "table"
    if kind == "table":
        columns = 'sa.Column("id", sa.Integer, primary_key=True), sa.Column("n", sa.Integer)'
        create = f'await op.create_table("t_{id}", {columns})'
        return create, f'await op.drop_table("t_{id}")', frozenset({f"t_{id}"})
    table = chance.choice(tables)
    if kind == "column":
        add = f'await op.add_column("{table}", sa.Column("c_{id}", sa.Integer))'
        return add, f'await op.drop_column("{table}", "c_{id}")', frozenset({f"{table}.c_{id}"})
    create = f'await op.create_index("i_{id}", "{table}", ["n"])'
    return create, f'await op.drop_index("i_{id}", "{table}")', frozenset({f"{table}:i_{id}"})


async def shown(engine: AsyncEngine) -> Shown:
    """What the schema shows, in the same words."""

    def read(connection: Any) -> Shown:
        found = set()
        inspector = inspect(connection)
        for table in inspector.get_table_names():
            if not table.startswith("t_"):
                continue
            found.add(table)
            found |= {f"{table}.{one['name']}" for one in inspector.get_columns(table) if one["name"].startswith("c_")}
            found |= {f"{table}:{one['name']}" for one in inspector.get_indexes(table)}
        return frozenset(found)

    async with engine.connect() as connection:
        return await connection.run_sync(read)


def expected(graph: RevisionGraph, heads: tuple[str, ...], shows: dict[str, Shown]) -> Shown:
    """What the schema must show at these heads."""
    return frozenset().union(*[shows[one] for one in graph.ancestors(*heads)]) if heads else frozenset()


async def walk(tmp_path: Path, engine: AsyncEngine, seed: int, *, size: int, steps: int) -> None:
    chance = random.Random(seed)
    root = tmp_path / str(seed)
    root.mkdir()
    project = Project(root)
    shows = write_history(project, chance, size)
    async with project.migrator(engine) as migrator:
        graph = migrator.history_files.graph
        for _ in range(steps):
            go = migrator.upgrade if chance.random() < 0.6 else migrator.downgrade
            # A target above a downgrade or below an upgrade is refused, and nothing happens.
            with suppress(InvalidTargetError, AmbiguousRevisionError):
                await go(chance.choice([*shows, "base" if go == migrator.downgrade else "heads"]))
            heads = tuple(one.id for one in await migrator.current())
            assert await shown(engine) == expected(graph, heads, shows), f"seed {seed}"
        assert set((await migrator.upgrade("heads")).heads or graph.real_heads) == set(graph.real_heads)
        assert await shown(engine) == frozenset().union(*shows.values())
        assert (await migrator.downgrade("base")).heads == ()
        assert await shown(engine) == frozenset()


@pytest.mark.parametrize("seed", range(3))
async def test_any_order_of_targets_ends_in_the_same_schema(tmp_path: Path, engine: AsyncEngine, seed: int) -> None:
    await walk(tmp_path, engine, seed, size=10, steps=10)


@pytest.mark.slow
@pytest.mark.parametrize("seed", range(100, 140))
async def test_any_order_of_targets_in_long(tmp_path: Path, engine: AsyncEngine, seed: int) -> None:
    await walk(tmp_path, engine, seed, size=25, steps=25)
