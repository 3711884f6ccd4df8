"""Every kind of value for every kind of column by every way of writing: what each gives, or how each refuses."""

import datetime as dt
import decimal
import enum
import uuid
from collections.abc import Callable
from functools import cache
from typing import Any

import sqlalchemy as sa
from sqlalchemy import orm

from tests.integration.drivers.harness import Cases


class Word(str, enum.Enum):  # noqa: UP042 - as scripts have it
    A = "a"


class Bare(enum.Enum):
    A = "a"


VALUES: dict[str, Any] = {
    "none": None,
    "true": True,
    "int": 1,
    "negative": -7,
    "big": 2**40,
    "float": 1.5,
    "decimal": decimal.Decimal("2.50"),
    "word": "a",
    "empty": "",
    "digits": "12",
    "date as text": "2020-02-29",
    "moment as text": "2020-02-29 10:11:12.5",
    "moment with zone as text": "2020-02-29T10:11:12+02:00",
    "time as text": "10:11:12",
    "json as text": '{"a": [1, "b%"]}',
    "uuid as text": "7f1d2f0e-5c5c-4a1c-9d5b-0d4f4d1f6f11",
    "array as text": "{a,b}",
    "range as text": "[1,5)",
    "bits as text": "1010",
    "network as text": "10.0.0.1",
    "quotes": 'it\'s "%s" \\ :x 100%',
    "date": dt.date(2020, 2, 29),
    "moment": dt.datetime(2020, 2, 29, 10, 11, 12, 500),
    "moment with zone": dt.datetime(2020, 2, 29, 10, 11, 12, tzinfo=dt.UTC),
    "time": dt.time(10, 11, 12),
    "interval": dt.timedelta(days=1, seconds=5),
    "uuid": uuid.UUID("7f1d2f0e-5c5c-4a1c-9d5b-0d4f4d1f6f11"),
    "bytes": b"a\xff'",
    "memoryview": memoryview(b"a"),
    "list of words": ["a", None],
    "list of numbers": [1, 2],
    "empty list": [],
    "tuple": (1, 2),
    "dict": {"a": 1},
    "member of words": Word.A,
    "member": Bare.A,
}


def by_text(bind: Any, column: str, value: Any) -> None:
    bind.execute(sa.text(f"UPDATE m SET {column} = :value WHERE id = :id"), {"value": value, "id": "1"})


def by_text_insert(bind: Any, column: str, value: Any) -> None:
    bind.execute(sa.text("DELETE FROM m"))
    bind.execute(sa.text(f"INSERT INTO m (id, {column}) VALUES (:id, :value)"), [{"value": value, "id": 1}])


def by_untyped_column(bind: Any, column: str, value: Any) -> None:
    table = sa.table("m", sa.column("id"), sa.column(column))
    bind.execute(table.update().where(table.c.id == 1).values({column: value}))


def by_column_of_strings(bind: Any, column: str, value: Any) -> None:
    table = sa.table("m", sa.column("id", sa.Integer), sa.column(column, sa.String))
    bind.execute(table.delete())
    bind.execute(table.insert(), [{"id": 1, column: value}, {"id": 2, column: None}])


def by_comparison(bind: Any, column: str, value: Any) -> None:
    bind.execute(sa.text(f"UPDATE m SET id = 1 WHERE {column} = :value OR id = 1"), {"value": value})


def by_session(bind: Any, column: str, value: Any) -> None:
    model = _model(column)
    with orm.Session(bind) as session:
        setattr(session.get(model, 1), column, value)
        session.flush()
        session.expunge_all()


@cache
def _model(column: str) -> Any:
    """A model that takes the column for one of strings."""

    class Base(orm.DeclarativeBase):
        pass

    class Model(Base):
        __table__ = sa.Table(
            "m", sa.MetaData(), sa.Column("id", sa.Integer, primary_key=True), sa.Column(column, sa.String)
        )

    return Model


WAYS = (by_text, by_text_insert, by_untyped_column, by_column_of_strings, by_comparison, by_session)


def matrix(module: str, setup: tuple[str, ...], columns: tuple[str, ...], read: str) -> Cases:
    """A case for each way.

    Args:
        module: the module that has the cases.
        setup: what makes a table `m` with *columns* and one row.
        columns: its columns, but for `id`.
        read: a query for one column, `{column}`, of the row.
    """
    cases = Cases(module)
    for way in WAYS:
        cases.add(*setup)(_case(way, columns, read))
    return cases


def _case(way: Callable[[Any, str, Any], None], columns: tuple[str, ...], read: str) -> Callable[[Any], Any]:
    def case(op: Any) -> Any:
        return {
            f"{name} for {column}": _tried(op.get_bind(), way, column, value, read)
            for column in columns
            for name, value in VALUES.items()
        }

    case.__name__ = way.__name__
    return case


def _tried(bind: Any, way: Callable[[Any, str, Any], None], column: str, value: Any, read: str) -> Any:
    savepoint = bind.begin_nested()
    try:
        way(bind, column, value)
        found = bind.execute(sa.text(read.format(column=column))).all()
    except Exception as error:
        found = type(error).__name__
    # (A savepoint is gone where the server has ended the whole transaction.)
    savepoint.rollback()
    return found
