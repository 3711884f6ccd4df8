"""Every kind of operation must be answered by every interpreter of operations."""

import dataclasses
import importlib
import inspect
import pkgutil
from typing import Any

import pytest

import asyncmig.operations
from asyncmig.dialects.facts import Facts
from asyncmig.dialects.steps import Call, Statement, Step
from asyncmig.errors import (
    IrreversibleOperationError,
    NeedsDatabaseError,
    OperationError,
    UnsupportedOperationError,
)
from asyncmig.operations import AlterTable, Operation, TableName
from asyncmig.rendering.operations import render
from asyncmig.runtime.directives import Directives, Operations, SyncOperations
from tests.architecture.samples import SAMPLES
from tests.unit.rendering.recorder import read_back

ADAPTERS = {"postgresql": "PostgreSQLAdapter", "mysql": "MySQLAdapter", "sqlite": "SQLiteAdapter"}


def concrete_kinds() -> list[type[Operation[Any]]]:
    """The operations that asyncmig itself has."""
    for module in pkgutil.iter_modules(asyncmig.operations.__path__, "asyncmig.operations."):
        importlib.import_module(module.name)
    kinds: list[type[Operation[Any]]] = [Operation]
    for kind in kinds:
        kinds += [sub for sub in kind.__subclasses__() if sub not in kinds]
    own = (kind for kind in kinds if kind.__module__.startswith("asyncmig.operations."))
    return sorted((kind for kind in own if not kind.__name__.startswith("_") and kind is not Operation), key=str)


KINDS = concrete_kinds()
EACH_KIND = pytest.mark.parametrize("kind", KINDS, ids=lambda kind: kind.__name__)
EACH_SAMPLE = pytest.mark.parametrize(
    "operation",
    [
        pytest.param(operation, id=f"{kind.__name__}-{number}")
        for kind, operations in SAMPLES.items()
        for number, operation in enumerate(operations)
    ],
)


def rendered(operation: Operation[Any]) -> str:
    return render(operation, asynchronous=False).text


@EACH_KIND
def test_every_operation_has_a_sample(kind: type[Operation[Any]]) -> None:
    assert SAMPLES.get(kind), f"Add an operation of kind {kind.__name__} to tests/architecture/samples.py."
    assert all(type(operation) is kind for operation in SAMPLES[kind])


@EACH_KIND
def test_every_operation_is_frozen_data_that_compares_by_identity(kind: type[Operation[Any]]) -> None:
    assert "__dataclass_fields__" in vars(kind)
    assert kind.__dataclass_params__.frozen  # type: ignore[attr-defined]
    assert not kind.__dataclass_params__.eq  # type: ignore[attr-defined]
    assert kind.__eq__ is object.__eq__


@EACH_KIND
def test_every_operation_is_exported_and_has_a_verb(kind: type[Operation[Any]]) -> None:
    assert kind.__name__ in asyncmig.operations.__all__
    assert kind.verb.isidentifier()
    assert kind.__doc__


def test_every_verb_belongs_to_one_operation() -> None:
    verbs = [kind.verb for kind in KINDS]

    assert sorted(verbs) == sorted(set(verbs))


@EACH_KIND
def test_every_operation_has_a_word_on_op(kind: type[Operation[Any]]) -> None:
    if kind is AlterTable:
        assert callable(Operations.batch_alter_table)
        assert callable(SyncOperations.batch_alter_table)
        return
    built = getattr(Directives, kind.verb).build

    assert built == getattr(kind, "of", kind)


@EACH_KIND
def test_the_second_constructor_has_the_parameters_of_the_class(kind: type[Operation[Any]]) -> None:
    if not hasattr(kind, "of"):
        return
    fields = {field.name: field for field in dataclasses.fields(kind)}
    plain = {name for name, field in fields.items() if not set(field.metadata) - {"sql"}}
    parameters = inspect.signature(kind.of).parameters
    named = {name for name, item in parameters.items() if item.kind not in (item.VAR_KEYWORD, item.VAR_POSITIONAL)}
    spread = [field for field in fields.values() if field.metadata.get("spread")]
    keywords = [field for field in fields.values() if field.metadata.get("keywords")]

    assert named == plain
    assert len(spread) == sum(item.kind is item.VAR_POSITIONAL for item in parameters.values())
    assert len(keywords) == sum(item.kind is item.VAR_KEYWORD for item in parameters.values())


@EACH_SAMPLE
def test_a_description_is_one_line_that_begins_in_lower_case(operation: Operation[Any]) -> None:
    words = operation.describe()

    assert words == words.strip()
    assert len(words.splitlines()) == 1
    assert words[0].islower()
    assert " object at 0x" not in words


@EACH_SAMPLE
def test_the_tables_of_an_operation_are_table_names(operation: Operation[Any]) -> None:
    tables = operation.tables()

    assert isinstance(tables, frozenset)
    assert all(isinstance(table, TableName) for table in tables)


@EACH_SAMPLE
@pytest.mark.parametrize("asynchronous", [False, True])
def test_rendering_and_reading_back_gives_the_same_operation(operation: Operation[Any], asynchronous: bool) -> None:
    source = render(operation, asynchronous=asynchronous)
    back = read_back(source, asynchronous=asynchronous)

    assert [type(item) for item in back] == [type(operation)]
    assert render(back[0], asynchronous=asynchronous) == source


@EACH_SAMPLE
def test_the_reverse_of_the_reverse_is_the_operation(operation: Operation[Any]) -> None:
    try:
        twice = operation.reversed().reversed()
    except IrreversibleOperationError as refusal:
        twice = operation
        assert_is_helpful(refusal)

    assert type(twice) is type(operation)
    assert rendered(twice) == rendered(operation)


@EACH_SAMPLE
@pytest.mark.parametrize("dialect", ADAPTERS)
def test_every_adapter_plans_the_operation_or_says_that_it_cannot(operation: Operation[Any], dialect: str) -> None:
    module = pytest.importorskip(f"asyncmig.dialects.{dialect}", exc_type=ModuleNotFoundError)
    adapter = getattr(module, ADAPTERS[dialect])(importlib.import_module(f"sqlalchemy.dialects.{dialect}").dialect())

    def plan() -> list[str]:
        try:
            return [_words(step) for step in adapter.plan(operation, Facts.unknown())]
        except (UnsupportedOperationError, NeedsDatabaseError) as refusal:
            return [assert_is_helpful(refusal)]

    assert plan() == plan()


def assert_is_helpful(refusal: OperationError) -> str:
    """A refusal says what to do, or names the database that cannot."""
    assert refusal.hint or isinstance(refusal, UnsupportedOperationError)
    return str(refusal)


def _words(step: Step) -> str:
    if isinstance(step, Statement):
        options = sorted(step.execution_options.items())
        return f"{step.sql} {step.parameters} {step.transactional} {options}"
    return f"{step.function} {step.arguments} {step.keywords}" if isinstance(step, Call) else str(step)
