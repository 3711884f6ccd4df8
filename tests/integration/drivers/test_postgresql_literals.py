"""Literals of PostgreSQL in psycopg2's form, read by the server: the value that went in comes out."""

from collections.abc import Iterator

import psycopg2
import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy.engine import make_url

from asyncmig.dialects.postgresql_literals import literal
from tests.servers import DatabaseServer

TEXTS = st.text(alphabet=st.characters(exclude_characters="\0", exclude_categories=["Cs"]))


@pytest.fixture(scope="module", params=["on", "off"])
def cursor(postgresql_server: DatabaseServer, request: pytest.FixtureRequest) -> Iterator[object]:
    """A cursor of psycopg2, with and without `standard_conforming_strings`."""
    with postgresql_server.database() as name:
        url = make_url(name)
        connection = psycopg2.connect(
            host=url.host, port=url.port, user=url.username, password=url.password, dbname=url.database
        )
        connection.autocommit = True
        with connection.cursor() as cursor:
            cursor.execute(f"SET standard_conforming_strings = {request.param}")
            cursor.execute("SET escape_string_warning = off")
            yield cursor
        connection.close()


@given(text=TEXTS)
def test_any_text_comes_back(cursor: psycopg2.extensions.cursor, text: str) -> None:
    cursor.execute(f"SELECT {literal(text)}, {literal([text, None])}, 'after'".encode())
    assert cursor.fetchone() == (text, [text, None], "after")


@given(value=st.binary())
def test_any_bytes_come_back(cursor: psycopg2.extensions.cursor, value: bytes) -> None:
    cursor.execute(f"SELECT {literal(value)}")
    (found,) = cursor.fetchone() or (b"",)
    assert bytes(found) == value


@given(
    value=st.one_of(
        st.integers(-(2**63), 2**63 - 1),
        st.floats(allow_nan=False),
        st.decimals(allow_nan=False, allow_infinity=False, places=3),
        st.datetimes(),
        st.dates(),
        st.times(),
        st.timedeltas(),
        st.uuids(),
        st.booleans(),
        st.lists(st.integers(-5, 5), min_size=1),
    )
)
def test_any_value_is_the_one_that_psycopg2_writes(cursor: psycopg2.extensions.cursor, value: object) -> None:
    if hasattr(value, "hex") and hasattr(value, "urn"):
        cursor.execute("SELECT %s::uuid = " + literal(value), (str(value),))
    else:
        cursor.execute("SELECT %s IS NOT DISTINCT FROM " + literal(value).replace("%", "%%"), (value,))
    assert cursor.fetchone() == (True,)
