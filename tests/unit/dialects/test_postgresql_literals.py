"""Literals of PostgreSQL in psycopg2's form: what is written, and that no text can break out of its quotes."""

import datetime as dt
import enum
import re
from collections import namedtuple
from decimal import Decimal
from typing import Any
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from asyncmig.dialects.postgresql_literals import Finished, NoLiteralError, literal, quoted, with_values

KEY = "7f1d2f0e-5c5c-4a1c-9d5b-0d4f4d1f6f11"


class Number(enum.IntEnum):
    TWO = 2


class Color(str, enum.Enum):  # noqa: UP042 - as scripts have it
    RED = "red"


class Bare(enum.Enum):
    RED = "red"


class Quoted:
    """What tells psycopg2 how it is written."""

    def getquoted(self) -> bytes:
        return b"now()"


class Conforming:
    def __conform__(self, protocol: object) -> Quoted:
        return Quoted()


Pair = namedtuple("Pair", "a b")


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (None, "NULL"),
        (True, "true"),
        (False, "false"),
        (5, "5"),
        (-5, " -5"),
        (Number.TWO, "2"),
        (1.5, "1.5"),
        (-1e20, " -1e+20"),
        (float("nan"), "'NaN'::float"),
        (float("inf"), "'Infinity'::float"),
        (float("-inf"), "'-Infinity'::float"),
        (Decimal("1.50"), "1.50"),
        (Decimal("-1"), " -1"),
        (Decimal("NaN"), "'NaN'::numeric"),
        ("it's", "'it''s'"),
        ("a\\b'", " E'a\\\\b'''"),
        (Color.RED, "'red'"),
        (b"\x00\xff", " E'\\\\x00ff'::bytea"),
        (bytearray(b"a"), " E'\\\\x61'::bytea"),
        (memoryview(b"a"), " E'\\\\x61'::bytea"),
        (dt.date(2020, 2, 29), "'2020-02-29'::date"),
        (dt.datetime(2020, 2, 29, 1, 2, 3), "'2020-02-29T01:02:03'::timestamp"),
        (dt.datetime(2020, 2, 29, tzinfo=dt.UTC), "'2020-02-29T00:00:00+00:00'::timestamptz"),
        (dt.time(1, 2), "'01:02:00'::time"),
        (dt.time(1, 2, tzinfo=dt.UTC), "'01:02:00+00:00'::timetz"),
        (dt.timedelta(days=-1, microseconds=7), "'-1 days 0.000007 seconds'::interval"),
        (UUID(KEY), f"'{KEY}'::uuid"),
        ([], "'{}'"),
        ([None, None], "'{NULL,NULL}'"),
        ([[], []], "'{{},{}}'"),
        ([1, None, -2], "ARRAY[1,NULL, -2]"),
        ([["a'"], ["b"]], "ARRAY[ARRAY['a'''],ARRAY['b']]"),
        ((1, "a"), "(1, 'a')"),
        (Pair(1, None), "(1, NULL)"),
        ((), "()"),
        (Finished("now()"), "now()"),
        (Quoted(), "now()"),
        (Conforming(), "now()"),
    ],
    ids=lambda value: value if isinstance(value, str) else type(value).__name__,
)
def test_value_is_written_as_psycopg2_does(value: Any, text: str) -> None:
    assert literal(value) == text


@pytest.mark.parametrize(
    ("value", "advice"),
    [
        ({"a": 1}, "json.dumps"),
        ({1}, "list"),
        (Bare.RED, ".value"),
        (object(), "'object'"),
        (1j, "'complex'"),
    ],
    ids=["dictionary", "set", "member", "object", "complex"],
)
def test_value_that_psycopg2_does_not_know_is_refused_with_what_to_write(value: Any, advice: str) -> None:
    with pytest.raises(NoLiteralError, match=re.escape(advice)):
        literal(value)


def test_nul_character_is_refused() -> None:
    with pytest.raises(ValueError, match="NUL"):
        quoted("a\0b")


@given(st.text(alphabet=st.characters(exclude_characters="\0", exclude_categories=["Cs"])))
def test_string_ends_where_its_quotes_end_whatever_the_server_makes_of_backslashes(text: str) -> None:
    written = quoted(text)
    if "\\" in text:
        assert written.startswith(" E'")
        inside = written.removeprefix(" E").removesuffix("'")[1:].replace("\\\\", "")
    else:
        assert written.startswith("'")
        inside = written[1:-1]
    assert written.endswith("'")
    left = inside.replace("''", "")
    assert "'" not in left
    assert "\\" not in left


@given(st.text(), st.integers())
def test_value_that_looks_like_a_place_is_not_filled_again(text: str, number: int) -> None:
    text = text.replace("\0", "")
    filled = with_values("%(a)s|%(b)s|%%", {"a": text + "%(b)s %s %%", "b": number})
    assert filled == f"{quoted(text + '%(b)s %s %%')}|{literal(number)}|%"


@pytest.mark.parametrize(
    ("sql", "parameters", "filled"),
    [
        ("SELECT 'a%'", None, "SELECT 'a%'"),
        ("SELECT 'a%%'", None, "SELECT 'a%%'"),
        ("SELECT 'a%%'", {}, "SELECT 'a%'"),
        ("SELECT 'a%%'", (), "SELECT 'a%'"),
        ("SELECT 1", {"unused": object()}, "SELECT 1"),
        ("SELECT %s, %s", [1, None], "SELECT 1, NULL"),
        ("SELECT %(a b)s", {"a b": "x"}, "SELECT 'x'"),
    ],
)
def test_text_is_filled(sql: str, parameters: Any, filled: str) -> None:
    assert with_values(sql, parameters) == filled


@pytest.mark.parametrize(
    ("sql", "parameters", "error"),
    [
        ("SELECT 'a%'", (1,), ValueError),
        ("SELECT 'a%'", {}, TypeError),
        ("SELECT %s", {"a": 1}, TypeError),
        ("SELECT %(a)s", (1,), TypeError),
        ("SELECT %(a)s", {}, KeyError),
        ("SELECT %s, %s", (1,), IndexError),
        ("SELECT %s", (1, 2), TypeError),
        ("SELECT 100%", (), ValueError),
    ],
)
def test_text_that_cannot_be_filled_is_refused(sql: str, parameters: Any, error: type[Exception]) -> None:
    with pytest.raises(error):
        with_values(sql, parameters)
