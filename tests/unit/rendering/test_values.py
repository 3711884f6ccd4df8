import enum
import functools
import math
import uuid
from collections.abc import Callable
from datetime import UTC, date, datetime, time, timedelta, timezone
from decimal import Decimal
from types import MappingProxyType
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

import pytest
import sqlalchemy as sa
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy.sql.elements import conv

from asyncmig.errors import OperationError
from asyncmig.rendering.operations import value_source
from asyncmig.rendering.source import Source
from tests.unit.rendering.recorder import read_value


class Color(enum.Enum):
    RED = "r"


class Role(str, enum.Enum):  # noqa: UP042 - as many applications have it
    USER = "user"


class Level(enum.IntEnum):
    LOW = 1


class Right(enum.Flag):
    READ = 1
    WRITE = 2


class Outer:
    class Inner(enum.Enum):
        A = 1

    @classmethod
    def make(cls) -> None:
        """Something with a name that can be imported."""

    def bound(self) -> None:
        """Something without one."""


class Money:
    pass


def make() -> None:
    """A function with a name that can be imported."""


HERE = __name__

WRITTEN = [
    (None, "None"),
    (True, "True"),
    (-5, "-5"),
    (1.5, "1.5"),
    (1e300, "1e+300"),
    ("x", '"x"'),
    (b"a'b", 'b"a\'b"'),
    (b'a"b', "b'a\"b'"),
    (Decimal("1.50"), 'decimal.Decimal("1.50")'),
    (Decimal("NaN"), 'decimal.Decimal("NaN")'),
    (date(2026, 1, 2), "datetime.date(2026, 1, 2)"),
    (time(1, 2), "datetime.time(1, 2)"),
    (datetime(2026, 1, 2, 3, 4, tzinfo=UTC), "datetime.datetime(2026, 1, 2, 3, 4, tzinfo=datetime.timezone.utc)"),
    (
        datetime(2026, 10, 25, 2, 30, tzinfo=ZoneInfo("Europe/Berlin"), fold=1),
        'datetime.datetime(2026, 10, 25, 2, 30, fold=1, tzinfo=zoneinfo.ZoneInfo("Europe/Berlin"))',
    ),
    (timedelta(days=1), "datetime.timedelta(days=1)"),
    (timezone(timedelta(hours=2)), "datetime.timezone(datetime.timedelta(seconds=7200))"),
    (UUID(int=5), 'uuid.UUID("00000000-0000-0000-0000-000000000005")'),
    ((), "()"),
    ((1,), "(1,)"),
    ([1, [2]], "[1, [2]]"),
    ({"a": 1, 2: None}, '{"a": 1, 2: None}'),
    (MappingProxyType({"a": 1}), '{"a": 1}'),
    (set(), "set()"),
    ({"b", "a"}, '{"a", "b"}'),
    (frozenset(), "frozenset()"),
    (frozenset({2, 1}), "frozenset({1, 2})"),
    (sa.quoted_name("x", None), '"x"'),
    (sa.quoted_name("x", True), 'sa.quoted_name("x", True)'),
    (conv("ix"), 'op.f("ix")'),
    (Color.RED, f"{HERE}.Color.RED"),
    (Role.USER, f"{HERE}.Role.USER"),
    (Level.LOW, f"{HERE}.Level.LOW"),
    (Right.READ, f"{HERE}.Right.READ"),
    (Right.READ | Right.WRITE, f"{HERE}.Right(3)"),
    (Outer.Inner.A, f"{HERE}.Outer.Inner.A"),
    (make, f"{HERE}.make"),
    (Outer.make, f"{HERE}.Outer.make"),
    (Money, f"{HERE}.Money"),
    (len, "len"),
    (dict, "dict"),
    (uuid.uuid4, "uuid.uuid4"),
    (datetime.now, "datetime.datetime.now"),
    (math.floor, "math.floor"),
]


@pytest.mark.parametrize(("value", "text"), WRITTEN, ids=[text for _, text in WRITTEN])
def test_a_plain_value_is_written_so_that_it_can_be_read_back(value: Any, text: str) -> None:
    source = value_source(value)

    assert source.text == text
    assert value_source(read_value(source)) == source


def test_infinite_numbers_can_be_read_back() -> None:
    assert read_value(value_source(math.inf)) == math.inf
    assert math.isnan(read_value(value_source(math.nan)))


def test_a_partial_function_keeps_its_arguments() -> None:
    partial = read_value(value_source(functools.partial(int, "11", base=2)))

    assert partial() == 3


def test_a_final_name_uses_the_name_of_op() -> None:
    assert value_source(conv("ix"), prefix="operations").text == 'operations.f("ix")'


def test_a_value_says_which_modules_it_needs() -> None:
    source = value_source([Decimal(1), UUID(int=1), Color.RED])

    assert source.imports == {"import decimal", "import uuid", f"import {HERE}"}


def local() -> Callable[[], None]:
    def inner() -> None: ...

    return inner


@pytest.mark.parametrize("function", [lambda: 1, local(), Outer().bound], ids=["lambda", "local", "bound"])
def test_a_function_without_a_name_to_import_is_an_error_that_says_so(function: Any) -> None:
    with pytest.raises(OperationError, match="cannot be imported") as caught:
        value_source(function)

    assert "top level of a module" in str(caught.value.hint)


def test_a_class_of_the_main_program_is_an_error() -> None:
    kind = type("Thing", (), {"__module__": "__main__"})

    with pytest.raises(OperationError, match="__main__"):
        value_source(kind)


def test_an_unknown_value_is_an_error_that_says_how_to_register_it() -> None:
    with pytest.raises(OperationError, match=f"{HERE}.Money") as caught:
        value_source({"price": Money()})

    assert "sources={Money: lambda value: Source(" in str(caught.value.hint)


def test_a_generator_is_not_consumed() -> None:
    rows = iter([1])

    with pytest.raises(OperationError):
        value_source(rows)

    assert list(rows) == [1]


def test_a_source_of_a_plug_in_writes_its_class_and_what_derives_from_it() -> None:
    class Dollar(Money):
        pass

    sources = {Money: lambda value: Source(f"{type(value).__name__}()", frozenset({"from app import money"}))}
    source = value_source([Money(), Dollar()], sources=sources)

    assert source.text == "[Money(), Dollar()]"
    assert source.imports == {"from app import money"}


def test_a_source_of_a_plug_in_comes_before_our_own_for_the_same_class() -> None:
    assert value_source(5, sources={int: lambda value: Source(f"int({value})")}).text == "int(5)"
    assert value_source(True, sources={int: lambda value: Source(f"int({value})")}).text == "True"


values = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats(allow_nan=False)
    | st.text()
    | st.binary()
    | st.decimals(allow_nan=False)
    | st.dates()
    | st.datetimes(timezones=st.none() | st.just(UTC) | st.just(ZoneInfo("Europe/Berlin")))
    | st.times()
    | st.timedeltas()
    | st.uuids()
    | st.sampled_from([*Color, *Role, *Level]),
    lambda children: (
        st.lists(children)
        | st.tuples(children, children)
        | st.dictionaries(st.text(), children)
        | st.frozensets(st.text() | st.integers())
    ),
    max_leaves=10,
)


@given(values)
def test_any_value_is_read_back_as_it_was(value: Any) -> None:
    source = value_source(value)

    assert read_value(source) == value
    assert read_value(source.laid_out(width=20)) == value
