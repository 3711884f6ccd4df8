"""Plain scripts that write to PostgreSQL as psycopg2 lets them."""

import datetime as dt
import decimal
import enum
import json
import uuid

import sqlalchemy as sa
from sqlalchemy.dialects import postgresql as pg

from tests.integration.drivers.harness import Cases

CASES = Cases(__name__)
add = CASES.add

T = (
    "CREATE TYPE color AS ENUM ('red', 'green')",
    """CREATE TABLE t (
        id int PRIMARY KEY, s varchar(50), x text, d date, ts timestamp, tz timestamptz, tm time, iv interval,
        n numeric(10, 2), f float8, b boolean, u uuid, j json, jb jsonb, c color, by bytea, ia int[], ta text[],
        bi bigint, si smallint, r int4range, dr daterange, ip inet, ua uuid[], ca color[], bits bit(4))""",
    "INSERT INTO t (id, s) VALUES (1, 'one'), (2, 'two'), (-3, 'minus')",
)
DAY = "2020-02-29"
KEY = "7f1d2f0e-5c5c-4a1c-9d5b-0d4f4d1f6f11"


def execute_text(op, sql, **parameters):
    return op.get_bind().execute(sa.text(sql), parameters)


def set_column(op, column, value, key=1):
    return execute_text(op, f"UPDATE t SET {column} = :value WHERE id = :id", value=value, id=key).rowcount


@add(*T)
def str_for_date_and_int(op):
    return set_column(op, "d", DAY, "1")


@add(*T)
def str_for_timestamp(op):
    return set_column(op, "ts", "2020-02-29 10:11:12.5")


@add(*T)
def str_for_timestamptz(op):
    return set_column(op, "tz", "2020-02-29T10:11:12+02:00")


@add(*T)
def str_for_time(op):
    return set_column(op, "tm", "10:11")


@add(*T)
def str_for_interval(op):
    return set_column(op, "iv", "2 days 03:00")


@add(*T)
def str_for_numeric(op):
    return set_column(op, "n", "12.345")


@add(*T)
def str_for_float(op):
    return set_column(op, "f", "1e3")


@add(*T)
def str_for_boolean(op):
    return [set_column(op, "b", "yes"), set_column(op, "b", "f", 2)]


@add(*T)
def int_for_boolean_is_refused(op):
    return set_column(op, "b", 1)


@add(*T)
def str_for_uuid(op):
    return set_column(op, "u", KEY)


@add(*T)
def uuid_for_uuid_andexecute_text(op):
    return [set_column(op, "u", uuid.UUID(KEY)), set_column(op, "x", uuid.UUID(KEY))]


@add(*T)
def str_for_json_and_jsonb(op):
    text = json.dumps({"a": [1, None, "b'c\\d"], "k:v": "100%"})
    return [set_column(op, "j", text), set_column(op, "jb", text)]


@add(*T)
def dict_for_json_is_refused(op):
    return set_column(op, "jb", {"a": 1})


@add(*T)
def str_for_enum(op):
    return set_column(op, "c", "green")


@add(*T)
def unknown_str_for_enum_is_refused(op):
    return set_column(op, "c", "blue")


@add(*T)
def none_for_anything(op):
    return [set_column(op, column, None) for column in ("d", "j", "u", "c", "ia", "n", "by")]


@add(*T)
def int_forexecute_text(op):
    return [set_column(op, "x", 5), set_column(op, "s", -5)]


@add(*T)
def decimal_for_many(op):
    return [
        set_column(op, "n", decimal.Decimal("-1.5")),
        set_column(op, "f", decimal.Decimal("2.5")),
        set_column(op, "x", decimal.Decimal("3.50")),
        set_column(op, "bi", decimal.Decimal("7")),
    ]


@add(*T)
def not_a_number(op):
    return [
        set_column(op, "f", float("nan")),
        set_column(op, "f", float("-inf"), 2),
        set_column(op, "n", decimal.Decimal("NaN")),
    ]


@add(*T)
def float_for_numeric_int_andexecute_text(op):
    return [set_column(op, "n", 0.1), set_column(op, "si", 2.0), set_column(op, "x", 1e20), set_column(op, "f", -1.5)]


@add(*T)
def bytes_for_bytea(op):
    return [
        set_column(op, "by", b"\x00\\'\xff"),
        set_column(op, "by", memoryview(b"abc"), 2),
        set_column(op, "by", bytearray(b"xyz"), -3),
    ]


@add(*T)
def str_for_bytea(op):
    return [set_column(op, "by", "abc"), set_column(op, "by", "\\x00ff", 2)]


@add(*T)
def datetime_for_many(op):
    moment = dt.datetime(2020, 2, 29, 10, 11, 12, 345)
    return [set_column(op, column, moment) for column in ("ts", "tz", "d", "x", "s")]


@add(*T)
def aware_datetime_for_many(op):
    moment = dt.datetime(2020, 2, 29, 10, 11, 12, tzinfo=dt.timezone(dt.timedelta(hours=5, minutes=30)))
    return [set_column(op, column, moment) for column in ("ts", "tz", "d", "x")]


@add(*T)
def date_time_and_timedelta(op):
    return [
        set_column(op, "d", dt.date(2020, 2, 29)),
        set_column(op, "ts", dt.date(2020, 2, 29)),
        set_column(op, "tm", dt.time(1, 2, 3)),
        set_column(op, "iv", dt.timedelta(days=-1, seconds=5, microseconds=7)),
    ]


@add(*T)
def list_for_array(op):
    return [
        set_column(op, "ia", [1, -2, None]),
        set_column(op, "ta", ["a", 'b"c', "d'e\\f", None]),
        set_column(op, "ia", [], 2),
        set_column(op, "ta", [None, None], 2),
        set_column(op, "ia", [[1, 2], [3, 4]], -3),
    ]


@add(*T)
def list_of_str_for_array_of_enum_or_uuid_is_refused(op):
    return set_column(op, "ca", ["red"])


@add(*T)
def array_as_str(op):
    return [
        set_column(op, "ia", "{1,2}"),
        set_column(op, "ca", "{red,green}"),
        set_column(op, "ua", "{" + KEY + "}"),
        set_column(op, "ta", '{a,"b c"}'),
    ]


@add(*T)
def range_as_str(op):
    return [set_column(op, "r", "[1,5)"), set_column(op, "dr", "[2020-01-01,2020-02-01]")]


@add(*T)
def range_as_range(op):
    return [
        set_column(op, "r", pg.Range(1, 5)),
        set_column(op, "dr", pg.Range(dt.date(2020, 1, 1), None, bounds="(]")),
        set_column(op, "r", pg.Range(empty=True), 2),
    ]


@add(*T)
def str_for_inet_and_bit(op):
    return [set_column(op, "ip", "10.0.0.1/8"), set_column(op, "bits", "1010")]


@add(*T)
def bool_for_boolean_andexecute_text(op):
    return [set_column(op, "b", True), set_column(op, "b", False, 2), set_column(op, "x", "true")]


@add(*T)
def bool_for_int_is_refused(op):
    return set_column(op, "si", True)


class Color(str, enum.Enum):  # noqa: UP042 - as scripts have it
    RED = "red"


class Number(enum.IntEnum):
    TWO = 2


class Bare(enum.Enum):
    RED = "red"


@add(*T)
def enum_members(op):
    return [set_column(op, "c", Color.RED), set_column(op, "si", Number.TWO), set_column(op, "x", Color.RED)]


@add(*T)
def bare_enum_member_is_refused(op):
    return set_column(op, "c", Bare.RED)


@add(*T)
def set_is_refused(op):
    return set_column(op, "ta", {"a"})
