"""Values as psycopg2 hands them out."""

import datetime as dt
from typing import Any, NamedTuple

import pytest

from asyncmig.dialects.postgresql_values import array_text, composite_text, converters, value_text


class Type(NamedTuple):
    oid: int
    kind: str = "scalar"


def turned(type_: Type, value: Any, zone: str = "UTC") -> Any:
    found = converters([type_], zone)
    assert found is not None
    (convert,) = found
    assert convert is not None
    return convert(value)


def test_row_of_common_types_stays_as_it_is() -> None:
    assert converters([Type(23), Type(25), Type(1700), Type(1007, "array"), Type(3802)], "UTC") is None


@pytest.mark.parametrize(
    ("oid", "value", "expected"),
    [
        (18, b"r", "r"),
        (18, b"\0", ""),
        (22, [1, 2], "1 2"),
        (22, "1 2", "1 2"),
        (30, [], ""),
        (600, (1.0, 2.5), "(1,2.5)"),
        (2278, None, ""),
        (1002, [b"a", None], ["a", None]),
        (869, None, None),
        (17, None, None),
    ],
)
def test_value_is_turned(oid: int, value: Any, expected: Any) -> None:
    assert turned(Type(oid), value) == expected


def test_bytes_become_a_memoryview() -> None:
    assert isinstance(turned(Type(17), b"a"), memoryview)


@pytest.mark.parametrize(("month", "hours"), [(1, -5), (7, -4)])
def test_moment_has_the_offset_of_the_zone_of_the_session(month: int, hours: int) -> None:
    moment = dt.datetime(2020, month, 1, 12, tzinfo=dt.UTC)
    found = turned(Type(1184), moment, "America/New_York")
    assert found == moment
    assert found.tzinfo == dt.timezone(dt.timedelta(hours=hours))
    assert turned(Type(1185, "array"), [moment, None], "America/New_York")[0].utcoffset() == dt.timedelta(hours=hours)


def test_moment_in_a_zone_that_python_does_not_know_is_in_utc() -> None:
    moment = dt.datetime(2020, 1, 1, tzinfo=dt.UTC)
    assert turned(Type(1184), moment, "<+03>-03") == moment
    assert turned(Type(1184), None, "UTC") is None


def test_moment_at_the_end_of_time_stays() -> None:
    end = dt.datetime.max.replace(tzinfo=dt.UTC)
    assert turned(Type(1184), end, "Asia/Tokyo") == end


@pytest.mark.parametrize(
    ("value", "text"),
    [
        ([], "{}"),
        (["a", None, "NULL", "null", ""], '{a,NULL,"NULL","null",""}'),
        (["a b", "c,d", 'e"f', "g\\h", "{i}"], '{"a b","c,d","e\\"f","g\\\\h","{i}"}'),
        ([["a"], ["b"]], "{{a},{b}}"),
    ],
)
def test_array_of_a_type_of_ones_own_is_text(value: Any, text: str) -> None:
    assert array_text(value) == text
    assert turned(Type(16400, "array"), value) == text


@pytest.mark.parametrize(
    ("value", "text"),
    [
        ((1, None, "a"), "(1,,a)"),
        (("", "a b", 'c"d', "e\\f", "(g)"), '("","a b","c""d","e\\\\f","(g)")'),
        ((True, 1.0, [1, 2]), '(t,1,"{1,2}")'),
    ],
)
def test_row_is_text(value: Any, text: str) -> None:
    assert composite_text(value) == text
    assert turned(Type(16400, "composite"), value) == text


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (False, "f"),
        (1.5, "1.5"),
        (b"a", "\\x61"),
        (dt.datetime(2020, 1, 1, 2), "2020-01-01 02:00:00"),
        (dt.datetime(2020, 1, 1, tzinfo=dt.UTC), "2020-01-01 00:00:00+00"),
        (dt.date(2020, 1, 1), "2020-01-01"),
    ],
)
def test_value_in_a_row_is_text(value: Any, text: str) -> None:
    assert value_text(value) == text
