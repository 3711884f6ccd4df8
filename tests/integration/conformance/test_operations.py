"""Every operation on every database: plan, print, apply, check, reverse, check, apply again, render, read back."""

from collections.abc import AsyncIterator
from contextlib import suppress
from typing import Any

import pytest
import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncEngine, create_async_engine
from sqlalchemy.pool import NullPool

from asyncmig.dialects.facts import Facts
from asyncmig.dialects.steps import Statement
from asyncmig.errors import IrreversibleOperationError, NeedsDatabaseError, UnsupportedOperationError
from asyncmig.operations import BulkInsert, Execute, Operation, RunPython
from asyncmig.rendering.operations import render
from tests.integration.conformance.cases import CASES
from tests.integration.conformance.harness import Bench, Case, bench, printed, schema_of, value_of
from tests.unit.rendering.recorder import read_back


@pytest.fixture
async def other_engine(request: pytest.FixtureRequest, database_url: str) -> AsyncIterator[AsyncEngine]:
    """A second empty database of the same kind, for what was printed."""
    kind = sa.make_url(database_url).get_backend_name()
    if kind == "sqlite":
        engine = create_async_engine(f"{database_url}.printed", poolclass=NullPool)
        yield engine
        await engine.dispose()
        return
    with request.getfixturevalue(f"{kind}_server").database() as url:
        engine = create_async_engine(url, poolclass=NullPool)
        yield engine
        await engine.dispose()


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
async def test_operation(case: Case, engine: AsyncEngine, other_engine: AsyncEngine) -> None:
    async with bench(engine, **case.options) as there:
        if engine.dialect.name not in case.on:
            if case.own_sql:
                pytest.skip("the SQL of another database")
            await elsewhere(there, engine, case)
            return
        await there.perform(*case.before, *map(Execute, case.rows))
        before = await schema_of(engine)
        plans_twice_alike(there, case.operation)
        await there.perform(case.operation)
        after = await schema_of(engine)
        if case.check is not None:
            case.check(after)
        if case.rows_after is not None:
            assert await value_of(engine, case.rows_after[0]) == case.rows_after[1]
        await print_does_what_running_does(there, case, other_engine, after)
        if case.reversible:
            reverse = case.operation.reversed()
            await there.perform(reverse)
            assert await schema_of(engine) == before
            await there.perform(case.operation)
            assert await schema_of(engine) == after
    renders_and_reads_back(case.operation)


async def elsewhere(there: Bench, engine: AsyncEngine, case: Case) -> None:
    """What a database does not have is refused by name or, where it means nothing there, changes nothing."""
    if case.means_nothing_elsewhere:
        await there.perform(*case.before)
        before = await schema_of(engine)
        await there.perform(case.operation)
        assert await schema_of(engine) == before
        return
    with suppress(UnsupportedOperationError):
        # What the operation is about may be just as unknown there.
        await there.perform(*case.before)
    with pytest.raises(UnsupportedOperationError) as caught:
        await there.perform(case.operation)
    assert caught.value.dialect == there.adapter.name
    assert caught.value.message.startswith(f"op.{case.operation.verb}:")


def plans_twice_alike(there: Bench, operation: Operation[Any]) -> None:
    """Planning an operation leaves it as it was."""
    if there.adapter.wants(operation):
        return
    plans = []
    for _ in range(2):
        steps = there.adapter.plan(operation, Facts())
        plans.append([str(step.sql) if isinstance(step, Statement) else step for step in steps])
    assert plans[0] == plans[1]


async def print_does_what_running_does(there: Bench, case: Case, other: AsyncEngine, after: Any) -> None:
    """The printed script, sent to an empty database, makes the same schema."""
    try:
        statements = await printed(there.adapter, [*case.before, *map(Execute, case.rows), case.operation])
    except NeedsDatabaseError as error:
        if not error.hint:
            raise
        return
    async with other.connect() as connection:
        await connection.execution_options(isolation_level="AUTOCOMMIT")
        for statement in statements:
            await connection.execute(sa.text(statement.replace(":", r"\:")))
    assert await schema_of(other) == after


def renders_and_reads_back(operation: Operation[Any]) -> None:
    """The rendered call builds the same operation."""
    if isinstance(operation, RunPython | BulkInsert):
        return
    source = render(operation, asynchronous=False)
    (again,) = read_back(source)
    assert render(again, asynchronous=False).text == source.text
    try:
        back = operation.reversed()
    except IrreversibleOperationError:
        return
    assert render(back).text
