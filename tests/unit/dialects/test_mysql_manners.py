"""Literals of MySQL in PyMySQL's form."""

import datetime as dt
from decimal import Decimal
from typing import Any

import pytest
from pymysql.converters import escape_string

from asyncmig.dialects.mysql_manners import literal, with_values


class Driver:
    escape_string = staticmethod(escape_string)


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (None, "NULL"),
        (True, "1"),
        (-5, "-5"),
        (1.5, "1.5e0"),
        (Decimal("1.50"), "1.50"),
        ("it's \\", "'it\\'s \\\\'"),
        (b"a'", "X'6127'"),
        (bytearray(b"a"), "X'61'"),
        (dt.date(2020, 1, 2), "'2020-01-02'"),
        (dt.timedelta(hours=30), "'30:00:00'"),
        ((1, "a"), "(1,'a')"),
        ([], "()"),
    ],
)
def test_value_is_written_as_pymysql_does(value: Any, text: str) -> None:
    assert literal(value, escape_string) == text


def test_dictionary_is_refused() -> None:
    with pytest.raises(TypeError, match="dict"):
        literal({"a": 1}, escape_string)


def test_text_is_filled() -> None:
    driver = Driver()
    assert with_values(driver, "SELECT 'a%'", None, RuntimeError) == "SELECT 'a%'"
    assert with_values(driver, "SELECT %s, '%%'", ["%s"], RuntimeError) == "SELECT '%s', '%'"
    assert with_values(driver, "SELECT %(a)s", {"a": 1, "b": 2}, RuntimeError) == "SELECT 1"
    assert with_values(driver, "SELECT %s", 1, RuntimeError) == "SELECT 1"
    with pytest.raises(RuntimeError, match="not enough arguments"):
        with_values(driver, "SELECT %s, %s", (1,), RuntimeError)
