"""Plain scripts that use MySQL as PyMySQL lets them."""

import datetime as dt
import decimal
import enum
import json
import uuid

import sqlalchemy as sa
from sqlalchemy.dialects import mysql

from tests.integration.drivers.harness import Cases

CASES = Cases(__name__)
add = CASES.add

T = (
    "CREATE TABLE t (id int PRIMARY KEY AUTO_INCREMENT, s varchar(50), x text, d date, ts datetime(6), tm time,"
    " n decimal(10, 2), f double, b tinyint(1), e enum('red', 'green'), st set('a', 'b'), bl blob, j json, bi bigint,"
    " bt bit(4), y year)",
    "INSERT INTO t (id, s) VALUES (1, 'one'), (2, 'two')",
)


def _set(op, column, value, key=1):
    return (
        op.get_bind().execute(sa.text(f"UPDATE t SET {column} = :v WHERE id = :id"), {"v": value, "id": key}).rowcount
    )


@add(*T)
def text_for_anything(op):
    values = {
        "d": "2020-02-29",
        "ts": "2020-02-29 10:11:12.5",
        "tm": "10:11",
        "n": "1.5",
        "f": "1e3",
        "b": "1",
        "e": "red",
    }
    return [_set(op, column, value, "1") for column, value in values.items()]


@add(*T)
def objects_for_anything(op):
    values = {
        "d": dt.date(2020, 2, 29),
        "ts": dt.datetime(2020, 2, 29, 10, 11, 12, 345),
        "tm": dt.timedelta(hours=30),
        "n": decimal.Decimal("1.25"),
        "f": 1.5,
        "b": True,
        "bl": b"\x00\xff'",
        "bi": 2**40,
        "x": 5,
        "s": dt.time(1, 2),
        "y": 2020,
        "bt": 5,
    }
    return [_set(op, column, value) for column, value in values.items()]


@add(*T)
def nulls(op):
    return [_set(op, column, None) for column in ("d", "ts", "n", "e", "j", "bl")]


@add(*T)
def json_as_text(op):
    _set(op, "j", json.dumps({"a": ["x'", 1, None], "k:v": "100%"}))
    return op.get_bind().execute(sa.text("SELECT j, JSON_EXTRACT(j, '$.a') FROM t WHERE id = 1")).all()


@add(*T)
def uuid_object(op):
    return _set(op, "s", uuid.UUID(int=5))


@add(*T)
def dict_is_refused_or_not(op):
    return _set(op, "j", {"a": 1})


@add(*T)
def lists_and_tuples(op):
    bind = op.get_bind()
    return [
        bind.execute(sa.text("SELECT id FROM t WHERE id IN :ids ORDER BY id"), {"ids": (1, 2)}).all(),
        bind.execute(sa.text("SELECT id FROM t WHERE s IN :ids ORDER BY id"), {"ids": ["one"]}).all(),
        bind.execute(
            sa.text("SELECT id FROM t WHERE id IN :ids").bindparams(sa.bindparam("ids", expanding=True)),
            {"ids": [1, 9]},
        ).all(),
    ]


class Color(enum.Enum):
    RED = "red"


@add(*T)
def enum_member(op):
    return _set(op, "e", Color.RED)


@add(*T)
def special_characters(op):
    bind = op.get_bind()
    for key, text in enumerate(
        ("it's", 'a "b"', "back\\slash", "50%", "%s %(x)s", ":name", "ü\n☃😀", "a;b", "nul\0"), 10
    ):
        bind.execute(sa.text("INSERT INTO t (id, x) VALUES (:id, :x)"), {"id": key, "x": text})
    return bind.execute(sa.text("SELECT x FROM t WHERE id >= 10 ORDER BY id")).all()


@add(*T)
def percent_signs(op):
    bind = op.get_bind()
    op.execute("UPDATE t SET x = '100%' WHERE s LIKE 'o%'")
    op.execute("UPDATE t SET x = '%%d' WHERE s LIKE '%%w%%'")
    op.execute("UPDATE t SET d = STR_TO_DATE('01/02/2020', '%d/%m/%Y')")
    return [
        bind.execute(sa.text("SELECT x, DATE_FORMAT(d, '%Y-%m') FROM t ORDER BY id")).all(),
        bind.exec_driver_sql("SELECT 7 % 4, 'a%'").all(),
        bind.exec_driver_sql("SELECT '%%'").all(),
        bind.exec_driver_sql("SELECT %s, '%%', 7 %% 4", ("x",)).all(),
        bind.exec_driver_sql("SELECT %(a)s", {"a": 1}).all(),
    ]


@add(*T)
def string_with_a_colon(op):
    op.execute('UPDATE t SET x = \'{"a": "b:c", "t": "10:30"}\' WHERE id = 1')
    op.execute(sa.text("UPDATE t SET x = 'a\\:b' WHERE id = 2"))


@add(*T)
def cursor_with_values(op):
    cursor = op.get_bind().connection.cursor()
    count = cursor.execute("UPDATE t SET s = %s WHERE id = %s", ("it's", 1))
    cursor.execute("SELECT id, s FROM t WHERE s LIKE 't%%' OR s = %(s)s ORDER BY id", {"s": "it's"})
    first, rest = cursor.fetchone(), cursor.fetchall()
    cursor.executemany("INSERT INTO t (s) VALUES (%s)", [("x",), ("y",)])
    cursor.execute("INSERT INTO t (s) VALUES ('z')")
    return [count, first, list(rest), cursor.lastrowid, cursor.rowcount]


@add(*T)
def cursor_with_dictionaries(op):
    from pymysql.cursors import DictCursor

    connection = op.get_bind().connection
    with connection.cursor(DictCursor) as cursor:
        cursor.execute("SELECT id, s FROM t WHERE id = %s", 1)
        rows = [cursor.fetchone(), cursor.fetchone()]
        cursor.execute("SELECT id FROM t ORDER BY id")
        rows += list(cursor)
        text = cursor.mogrify("SELECT %s, %s, %s", ("it's", b"x", None))
    return [rows, text, connection.dbapi_connection.escape("it's")]


@add(*T)
def cursor_with_values_that_do_not_fit(op):
    op.get_bind().connection.cursor().execute("SELECT %s, %s", (1,))


@add(*T)
def inserted_keys(op):
    table = sa.Table("t", sa.MetaData(), sa.Column("id", sa.Integer, primary_key=True), sa.Column("s", sa.String(50)))
    bind = op.get_bind()
    result = bind.execute(table.insert().values(s="x"))
    text = bind.execute(sa.text("INSERT INTO t (s) VALUES ('y')"))
    return [
        tuple(result.inserted_primary_key),
        text.lastrowid,
        bind.execute(sa.text("SELECT LAST_INSERT_ID()")).scalar(),
    ]


@add(*T)
def types_of_values(op):
    bind = op.get_bind()
    bind.execute(
        sa.text(
            "UPDATE t SET d = '2020-02-29', ts = '2020-02-29 01:02:03.5', tm = '30:00', n = 1.5, f = 2, b = 1,"
            " e = 'red', st = 'a,b', bl = 'abc', j = '{\"a\": 1}', bi = 5, bt = b'101', y = 2020,"
            " x = 'text' WHERE id = 1"
        )
    )
    return [
        bind.execute(sa.text("SELECT * FROM t WHERE id = 1")).all(),
        bind.execute(
            sa.text("SELECT 1, 1.5, 1e0, 'x', NULL, COUNT(*), SUM(id), AVG(id), NOW() > '2020-01-01' FROM t")
        ).all(),
        bind.execute(sa.text("SELECT CAST('a' AS BINARY), DATABASE() IS NULL, @@version_comment IS NULL")).all(),
    ]


@add(*T)
def show_and_information_schema(op):
    bind = op.get_bind()
    return [
        bind.execute(sa.text("SHOW TABLES LIKE 't'")).rowcount,
        [row[0] for row in bind.execute(sa.text("SHOW COLUMNS FROM t"))],
        bind.execute(sa.text("SHOW INDEX FROM t")).fetchall()[0][2],
        bind.execute(
            sa.text(
                "SELECT COLUMN_NAME FROM information_schema.COLUMNS WHERE TABLE_SCHEMA = DATABASE() AND TABLE_NAME = :t"
                " ORDER BY ORDINAL_POSITION LIMIT :n"
            ),
            {"t": "t", "n": 2},
        ).all(),
    ]


@add(*T)
def session_variables(op):
    bind = op.get_bind()
    op.execute("SET @x = 5")
    op.execute("SET FOREIGN_KEY_CHECKS = 0")
    bind.execute(sa.text("SET @y := :y"), {"y": "z"})
    op.execute("SET FOREIGN_KEY_CHECKS = 1")
    return bind.execute(sa.text("SELECT @x, @y, @@foreign_key_checks")).all()


@add(*T)
def warnings_do_no_harm(op):
    op.execute("INSERT IGNORE INTO t (id, s) VALUES (1, 'again'), (5, 'five')")
    op.execute("DROP TABLE IF EXISTS nothing")
    return op.get_bind().execute(sa.text("SELECT COUNT(*) FROM t")).scalar()


@add(*T)
def statements_that_commit_between_others(op):
    bind = op.get_bind()
    bind.execute(sa.text("UPDATE t SET s = 'x' WHERE id = 1"))
    op.add_column("t", sa.Column("more", sa.Integer))
    bind.execute(sa.text("ALTER TABLE t ADD COLUMN again INT"))
    bind.execute(sa.text("UPDATE t SET more = :m, again = :a"), {"m": "1", "a": 2})


@add(*T)
def upsert(op):
    table = sa.table("t", sa.column("id"), sa.column("s"))
    statement = mysql.insert(table).values(id=1, s="new")
    op.execute(statement.on_duplicate_key_update(s=statement.inserted.s))
    op.get_bind().execute(
        sa.text("REPLACE INTO t (id, s) VALUES (:id, :s)"), [{"id": 2, "s": "r"}, {"id": 3, "s": "s"}]
    )


@add(*T)
def procedure_and_function(op):
    op.execute(
        "CREATE FUNCTION twice(a INT) RETURNS INT DETERMINISTIC BEGIN DECLARE r INT; SET r = a * 2; RETURN r; END"
    )
    found = op.get_bind().execute(sa.text("SELECT twice(:a)"), {"a": 4}).scalar()
    op.execute("DROP FUNCTION twice")
    return found


@add(*T)
def prepared_statement_as_text(op):
    bind = op.get_bind()
    bind.execute(sa.text("SET @sql = 'UPDATE t SET s = ''prepared'''"))
    bind.execute(sa.text("PREPARE one FROM @sql"))
    bind.execute(sa.text("EXECUTE one"))
    bind.execute(sa.text("DEALLOCATE PREPARE one"))


@add(*T)
def unbuffered_loop(op):
    bind = op.get_bind()
    options = {"stream_results": True}
    return [row.id for row in bind.execute(sa.text("SELECT id FROM t ORDER BY id"), execution_options=options)]


@add(*T)
def zero_dates_and_times(op):
    return op.get_bind().execute(sa.text("SELECT CAST('0000-00-00' AS DATE), CAST('00:00' AS TIME)")).all()


@add(*T)
def bulk_insert_of_mixed_rows(op):
    table = sa.table(
        "t", sa.column("id", sa.Integer), sa.column("d", sa.String), sa.column("j", sa.JSON), sa.column("b", sa.Boolean)
    )
    op.bulk_insert(
        table, [{"id": 10, "d": "2020-01-01", "j": {"a": 1}, "b": True}, {"id": 11, "d": None, "j": None, "b": False}]
    )
    return op.get_bind().execute(sa.select(table).where(table.c.id >= 10).order_by(table.c.id)).all()


@add(*T)
def isolation_of_a_second_connection(op):
    with op.get_bind().engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        connection.execute(sa.text("INSERT INTO t (id) VALUES (50)"))
