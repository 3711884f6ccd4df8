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


def _text(op, sql, **parameters):
    return op.get_bind().execute(sa.text(sql), parameters)


def _set(op, column, value, key=1):
    return _text(op, f"UPDATE t SET {column} = :value WHERE id = :id", value=value, id=key).rowcount


@add(*T)
def str_for_date_and_int(op):
    return _set(op, "d", DAY, "1")


@add(*T)
def str_for_timestamp(op):
    return _set(op, "ts", "2020-02-29 10:11:12.5")


@add(*T)
def str_for_timestamptz(op):
    return _set(op, "tz", "2020-02-29T10:11:12+02:00")


@add(*T)
def str_for_time(op):
    return _set(op, "tm", "10:11")


@add(*T)
def str_for_interval(op):
    return _set(op, "iv", "2 days 03:00")


@add(*T)
def str_for_numeric(op):
    return _set(op, "n", "12.345")


@add(*T)
def str_for_float(op):
    return _set(op, "f", "1e3")


@add(*T)
def str_for_boolean(op):
    return [_set(op, "b", "yes"), _set(op, "b", "f", 2)]


@add(*T)
def int_for_boolean_is_refused(op):
    return _set(op, "b", 1)


@add(*T)
def str_for_uuid(op):
    return _set(op, "u", KEY)


@add(*T)
def uuid_for_uuid_and_text(op):
    return [_set(op, "u", uuid.UUID(KEY)), _set(op, "x", uuid.UUID(KEY))]


@add(*T)
def str_for_json_and_jsonb(op):
    text = json.dumps({"a": [1, None, "b'c\\d"], "k:v": "100%"})
    return [_set(op, "j", text), _set(op, "jb", text)]


@add(*T)
def dict_for_json_is_refused(op):
    return _set(op, "jb", {"a": 1})


@add(*T)
def str_for_enum(op):
    return _set(op, "c", "green")


@add(*T)
def unknown_str_for_enum_is_refused(op):
    return _set(op, "c", "blue")


@add(*T)
def none_for_anything(op):
    return [_set(op, column, None) for column in ("d", "j", "u", "c", "ia", "n", "by")]


@add(*T)
def int_for_text(op):
    return [_set(op, "x", 5), _set(op, "s", -5)]


@add(*T)
def decimal_for_many(op):
    return [
        _set(op, "n", decimal.Decimal("-1.5")),
        _set(op, "f", decimal.Decimal("2.5")),
        _set(op, "x", decimal.Decimal("3.50")),
        _set(op, "bi", decimal.Decimal("7")),
    ]


@add(*T)
def not_a_number(op):
    return [
        _set(op, "f", float("nan")),
        _set(op, "f", float("-inf"), 2),
        _set(op, "n", decimal.Decimal("NaN")),
    ]


@add(*T)
def float_for_numeric_int_and_text(op):
    return [_set(op, "n", 0.1), _set(op, "si", 2.0), _set(op, "x", 1e20), _set(op, "f", -1.5)]


@add(*T)
def bytes_for_bytea(op):
    return [
        _set(op, "by", b"\x00\\'\xff"),
        _set(op, "by", memoryview(b"abc"), 2),
        _set(op, "by", bytearray(b"xyz"), -3),
    ]


@add(*T)
def str_for_bytea(op):
    return [_set(op, "by", "abc"), _set(op, "by", "\\x00ff", 2)]


@add(*T)
def datetime_for_many(op):
    moment = dt.datetime(2020, 2, 29, 10, 11, 12, 345)
    return [_set(op, column, moment) for column in ("ts", "tz", "d", "x", "s")]


@add(*T)
def aware_datetime_for_many(op):
    moment = dt.datetime(2020, 2, 29, 10, 11, 12, tzinfo=dt.timezone(dt.timedelta(hours=5, minutes=30)))
    return [_set(op, column, moment) for column in ("ts", "tz", "d", "x")]


@add(*T)
def date_time_and_timedelta(op):
    return [
        _set(op, "d", dt.date(2020, 2, 29)),
        _set(op, "ts", dt.date(2020, 2, 29)),
        _set(op, "tm", dt.time(1, 2, 3)),
        _set(op, "iv", dt.timedelta(days=-1, seconds=5, microseconds=7)),
    ]


@add(*T)
def list_for_array(op):
    return [
        _set(op, "ia", [1, -2, None]),
        _set(op, "ta", ["a", 'b"c', "d'e\\f", None]),
        _set(op, "ia", [], 2),
        _set(op, "ta", [None, None], 2),
        _set(op, "ia", [[1, 2], [3, 4]], -3),
    ]


@add(*T)
def list_of_str_for_array_of_enum_or_uuid_is_refused(op):
    return _set(op, "ca", ["red"])


@add(*T)
def array_as_str(op):
    return [
        _set(op, "ia", "{1,2}"),
        _set(op, "ca", "{red,green}"),
        _set(op, "ua", "{" + KEY + "}"),
        _set(op, "ta", '{a,"b c"}'),
    ]


@add(*T)
def range_as_str(op):
    return [_set(op, "r", "[1,5)"), _set(op, "dr", "[2020-01-01,2020-02-01]")]


@add(*T)
def range_as_range(op):
    return [
        _set(op, "r", pg.Range(1, 5)),
        _set(op, "dr", pg.Range(dt.date(2020, 1, 1), None, bounds="(]")),
        _set(op, "r", pg.Range(empty=True), 2),
    ]


@add(*T)
def str_for_inet_and_bit(op):
    return [_set(op, "ip", "10.0.0.1/8"), _set(op, "bits", "1010")]


@add(*T)
def bool_for_boolean_and_text(op):
    return [_set(op, "b", True), _set(op, "b", False, 2), _set(op, "x", "true")]


@add(*T)
def bool_for_int_is_refused(op):
    return _set(op, "si", True)


class Color(str, enum.Enum):  # noqa: UP042 - as scripts have it
    RED = "red"


class Number(enum.IntEnum):
    TWO = 2


class Bare(enum.Enum):
    RED = "red"


@add(*T)
def enum_members(op):
    return [_set(op, "c", Color.RED), _set(op, "si", Number.TWO), _set(op, "x", Color.RED)]


@add(*T)
def bare_enum_member_is_refused(op):
    return _set(op, "c", Bare.RED)


@add(*T)
def set_is_refused(op):
    return _set(op, "ta", {"a"})


@add(*T)
def concatenation(op):
    _text(op, "UPDATE t SET x = :x || 'a' || :y || s WHERE id = :id", x="p", y="q", id=1)
    return _text(op, "SELECT :x || 'a', :n + 1, -:n, 5 - :m", x="p", n=3, m=-4).all()


@add(*T)
def comparison_with_other_types(op):
    sql = "SELECT id FROM t WHERE id = :a AND s = :b AND :c < now() AND coalesce(d, :d) = :d"
    return _text(op, sql, a="1", b="one", c="2020-01-01", d=DAY).all()


@add(*T)
def text_against_int_is_refused(op):
    return _text(op, "SELECT id FROM t WHERE s = :s", s=1).all()


@add(*T)
def any_with_list(op):
    return [
        _text(op, "SELECT id FROM t WHERE id = ANY(:ids) ORDER BY id", ids=[1, 2, 9]).all(),
        _text(op, "SELECT id FROM t WHERE s = ANY(:names) ORDER BY id", names=["one", "two"]).all(),
        _text(op, "SELECT id FROM t WHERE id = ANY(:ids)", ids=[]).all(),
    ]


@add(*T)
def in_with_tuple(op):
    return [
        _text(op, "SELECT id FROM t WHERE id IN :ids ORDER BY id", ids=(1, 2, -3)).all(),
        _text(op, "SELECT id FROM t WHERE s IN :names ORDER BY id", names=("one",)).all(),
    ]


@add(*T)
def in_with_empty_tuple_is_refused(op):
    return _text(op, "SELECT id FROM t WHERE id IN :ids", ids=()).all()


@add(*T)
def in_expanding(op):
    clause = sa.text("SELECT id FROM t WHERE id IN :ids ORDER BY id").bindparams(sa.bindparam("ids", expanding=True))
    bind = op.get_bind()
    return [bind.execute(clause, {"ids": [1, 2]}).all(), bind.execute(clause, {"ids": []}).all()]


@add(*T)
def not_in_with_tuple(op):
    return _text(op, "DELETE FROM t WHERE id NOT IN :ids", ids=(1, 2)).rowcount


@add(*T)
def casts_next_to_binds(op):
    sql = (
        "SELECT (:x)::int, CAST(:y AS date), :z ::text, '5'::int + 1, (:j)::jsonb -> 'a',"
        " (:t)::timestamptz AT TIME ZONE 'UTC'"
    )
    return _text(op, sql, x="7", y=DAY, z=3, j='{"a": 1}', t="2020-01-01 00:00+01").all()


@add(*T)
def cast_right_after_bind(op):
    return op.get_bind().execute(sa.text(r"SELECT :x\:\:int, :y\:\:text"), {"x": "7", "y": 8}).all()


@add(*T)
def case_coalesce_and_limit(op):
    sql = """
        SELECT id, CASE WHEN s = :s THEN :a ELSE :b END, coalesce(x, :c), nullif(s, :s), greatest(:n, 2)
        FROM t ORDER BY id LIMIT :limit OFFSET :offset"""
    return _text(op, sql, s="one", a="x", b="y", c="z", n=5, limit=2, offset="1").all()


@add(*T)
def untyped_null(op):
    return _text(op, "SELECT :a IS NULL, coalesce(:a, 'x'), CASE WHEN :a IS NULL THEN 1 END", a=None).all()


@add(*T)
def untyped_selects(op):
    return _text(op, "SELECT :a, :b, :c, :d, :e", a="x", b=1, c=1.5, d=None, e=True).all()


@add(*T)
def insert_from_select_with_values(op):
    return _text(op, "INSERT INTO t (id, s, d, j) SELECT id + 10, :s, :d, :j FROM t", s="n", d=DAY, j="[1]").rowcount


@add(*T)
def insert_values_from_union(op):
    return _text(op, "INSERT INTO t (id, u) SELECT 5, :u UNION ALL SELECT 6, NULL", u=KEY).rowcount


@add(*T)
def jsonb_functions(op):
    sql = "UPDATE t SET jb = jsonb_set(coalesce(jb, '{}'), '{a}', :value) WHERE id = :id"
    first = _text(op, sql, value='"x"', id=1).rowcount
    _text(op, "UPDATE t SET jb = jb || :more WHERE jb IS NOT NULL", more='{"b": 2}')
    return [first, _text(op, "SELECT jb ->> :key, jb -> :key FROM t WHERE jb ? :key", key="a").all()]


@add(*T)
def json_build_object(op):
    return _text(op, "SELECT json_build_object('k', :v, 'n', :n)", v="x", n=2).all()


@add(*T)
def special_characters(op):
    for key, text in enumerate(
        ("it's", 'a "b"', "back\\slash", "50%", "%s %(x)s", ":name", "ünï\n☃", "a;b", "$1 $$"), 10
    ):
        _text(op, "INSERT INTO t (id, x) VALUES (:id, :x)", id=key, x=text)
    return _text(op, "SELECT x FROM t WHERE x LIKE :like ORDER BY id", like="%s %%").all()


@add(*T)
def nul_character_is_refused(op):
    return _set(op, "x", "a\0b")


@add(*T)
def like_with_percent(op):
    bind = op.get_bind()
    op.execute("UPDATE t SET x = 'like' WHERE s LIKE 'o%'")
    op.execute("UPDATE t SET x = 'both' WHERE s LIKE '%%w%%'")
    return [
        bind.execute(sa.text("SELECT id FROM t WHERE s LIKE 'o%'")).all(),
        bind.execute(sa.text("SELECT id FROM t WHERE s LIKE 'o%%'")).all(),
        bind.execute(sa.text("SELECT id, 7 % 4 FROM t WHERE s LIKE :p"), {"p": "o%"}).all(),
        bind.exec_driver_sql("SELECT id FROM t WHERE s LIKE 'o%%'").all(),
    ]


@add(*T)
def exec_driver_sql_with_a_single_percent_is_refused(op):
    return op.get_bind().exec_driver_sql("SELECT id FROM t WHERE s LIKE 'o%'").all()


@add(*T)
def exec_driver_sql_with_parameters(op):
    bind = op.get_bind()
    return [
        bind.exec_driver_sql("SELECT id FROM t WHERE s = %s AND id = %s", ("one", "1")).all(),
        bind.exec_driver_sql("SELECT id, 7 %% 4 FROM t WHERE s = %(s)s", {"s": "two"}).all(),
        bind.exec_driver_sql("INSERT INTO t (id, d) VALUES (%s, %s)", [(7, DAY), (8, DAY)]).rowcount in (-1, 2),
        bind.exec_driver_sql("SELECT count(*) FROM t").scalar(),
    ]


@add(*T)
def several_statements_in_one_text(op):
    bind = op.get_bind()
    bind.execute(sa.text("UPDATE t SET x = 'a' WHERE id = 1; UPDATE t SET x = 'b;c' WHERE id = 2;"))
    bind.execute(sa.text("CREATE TABLE other (id int); INSERT INTO other VALUES (1)"))
    bind.exec_driver_sql("INSERT INTO other VALUES (2); DELETE FROM t WHERE id = -3")
    op.execute("INSERT INTO other VALUES (3); INSERT INTO other VALUES (4)")
    return [
        bind.execute(sa.text("UPDATE t SET x = :x; SELECT x FROM t WHERE id = :id"), {"x": "p", "id": 1}).all(),
        bind.execute(sa.text("SELECT 1; SELECT 2; DELETE FROM other WHERE id = 1 RETURNING id")).all(),
    ]


@add(*T)
def function_with_a_body(op):
    op.execute(
        """
        CREATE OR REPLACE FUNCTION double(a int) RETURNS int AS $$
        DECLARE r int := 0; -- it's a comment; with 50%
        BEGIN
            r := a * 2;
            IF r % 2 = 0 THEN RETURN r; END IF;
            RETURN format('%s', r)::int;
        END;
        $$ LANGUAGE plpgsql;
        """
    )
    op.get_bind().execute(sa.text("DO $x$ BEGIN PERFORM 1; UPDATE t SET x = 'done;'; END $x$"))
    return _text(op, "SELECT double(:a)", a=4).all()
