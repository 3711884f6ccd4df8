"""Plain scripts that use SQLite as sqlite3 lets them."""

import datetime as dt

import sqlalchemy as sa
from sqlalchemy.dialects.sqlite import insert

from tests.integration.drivers.harness import Cases

CASES = Cases(__name__)
add = CASES.add

T = (
    "CREATE TABLE t (id INTEGER PRIMARY KEY, s TEXT, d DATE, ts TIMESTAMP, j JSON, b BLOB, n NUMERIC)",
    "INSERT INTO t (id, s) VALUES (1, 'a'), (2, 'b'), (3, NULL)",
)
FAMILY = (
    "CREATE TABLE p (id INTEGER PRIMARY KEY)",
    "CREATE TABLE c (id INTEGER PRIMARY KEY, p INTEGER REFERENCES p (id) ON DELETE CASCADE)",
    "INSERT INTO p VALUES (1), (2)",
    "INSERT INTO c VALUES (10, 1), (20, 2)",
)


@add(*T)
def function_on_the_raw_connection(op):
    raw = op.get_bind().connection.dbapi_connection
    raw.create_function("twice", 1, lambda value: None if value is None else value * 2)
    op.execute("UPDATE t SET s = twice(s)")
    op.get_bind().connection.create_function("plus", 2, lambda a, b: a + b, deterministic=True)
    return op.get_bind().execute(sa.text("SELECT plus(id, :n) FROM t"), {"n": 5}).all()


@add(*T)
def aggregate_and_collation_on_the_raw_connection(op):
    class Longest:
        def __init__(self):
            self.found = ""

        def step(self, value):
            self.found = max(self.found, value or "", key=len)

        def finalize(self):
            return self.found

    raw = op.get_bind().connection.dbapi_connection
    raw.create_aggregate("longest", 1, Longest)
    raw.create_collation("backwards", lambda a, b: (a < b) - (a > b))
    bind = op.get_bind()
    return [
        bind.execute(sa.text("SELECT longest(s) FROM t")).scalar(),
        bind.execute(sa.text("SELECT s FROM t WHERE s NOT NULL ORDER BY s COLLATE backwards")).all(),
    ]


@add(*T)
def raw_execute(op):
    raw = op.get_bind().connection.dbapi_connection
    rows = raw.execute("SELECT id, s FROM t WHERE id < ? ORDER BY id", (3,)).fetchall()
    raw.executemany("INSERT INTO t (id, s) VALUES (?, ?)", [(10, "x"), (11, "y")])
    cursor = raw.cursor()
    found = cursor.execute("SELECT count(*) FROM t WHERE s = :s", {"s": "x"}).fetchone()
    last = cursor.execute("INSERT INTO t (s) VALUES ('z')").lastrowid
    return [rows, found, last, [row[0] for row in raw.execute("SELECT id FROM t ORDER BY id")]]


@add(*T)
def script_of_the_raw_connection(op):
    op.get_bind().connection.executescript(
        """
        CREATE TABLE made (id INTEGER); -- one; two
        INSERT INTO made VALUES (1);
        CREATE TRIGGER r AFTER INSERT ON t BEGIN INSERT INTO made VALUES (new.id); UPDATE t SET s = 'x'; END;
        INSERT INTO t (id) VALUES (30);
        """
    )
    cursor = op.get_bind().connection.cursor()
    cursor.executescript("BEGIN; INSERT INTO made VALUES (2); COMMIT; INSERT INTO made VALUES (3)")


@add(*T)
def values_of_the_raw_connection(op):
    raw = op.get_bind().connection.dbapi_connection
    return [raw.total_changes >= 0, len(list(raw.iterdump())) > 3]


@add(*T)
def pragmas(op):
    bind = op.get_bind()
    return [
        bind.execute(sa.text("PRAGMA table_info(t)")).all(),
        bind.exec_driver_sql("PRAGMA foreign_keys").scalar(),
        bind.execute(sa.text("PRAGMA table_info('t')")).mappings().first()["name"],
        bind.execute(sa.text("SELECT name FROM pragma_table_info('t')")).scalars().all(),
    ]


@add(*FAMILY)
def foreign_keys_on_and_off_on_the_bind(op):
    bind = op.get_bind()
    bind.execute(sa.text("PRAGMA foreign_keys=ON"))
    on = bind.execute(sa.text("PRAGMA foreign_keys")).scalar()
    bind.execute(sa.text("DELETE FROM p WHERE id = 1"))
    bind.commit()
    bind.execute(sa.text("PRAGMA foreign_keys=OFF"))
    off = bind.execute(sa.text("PRAGMA foreign_keys")).scalar()
    bind.execute(sa.text("DELETE FROM p WHERE id = 2"))
    return [on, off]


@add(*FAMILY)
def foreign_keys_off_around_a_rebuild(op):
    op.execute("PRAGMA foreign_keys=ON")
    op.execute("PRAGMA foreign_keys=OFF")
    with op.batch_alter_table("p") as batch:
        batch.add_column(sa.Column("s", sa.String(5)))
        batch.alter_column("s", new_column_name="name")
    op.execute("PRAGMA foreign_keys=ON")
    return op.get_bind().execute(sa.text("SELECT * FROM c ORDER BY id")).all()


@add(*T)
def vacuum_and_text_of_transactions(op):
    op.get_bind().execute(sa.text("VACUUM"))
    op.execute("UPDATE t SET s = 'x' WHERE id = 1")
    op.get_bind().execute(sa.text("COMMIT"))
    op.execute("UPDATE t SET s = 'y' WHERE id = 2")


@add(*T)
def begin_as_text(op):
    bind = op.get_bind()
    bind.execute(sa.text("BEGIN"))
    bind.execute(sa.text("UPDATE t SET s = 'x'"))
    bind.execute(sa.text("COMMIT"))


@add(*T)
def dates(op):
    bind = op.get_bind()
    bind.execute(
        sa.text("UPDATE t SET d = :d, ts = :ts WHERE id = 1"),
        {"d": dt.date(2020, 2, 29), "ts": dt.datetime(2020, 2, 29, 10, 11, 12, 345)},
    )
    table = sa.table(
        "t", sa.column("id"), sa.column("d", sa.Date), sa.column("ts", sa.DateTime), sa.column("j", sa.JSON)
    )
    bind.execute(table.insert(), [{"id": 9, "d": dt.date(2021, 1, 1), "ts": dt.datetime(2021, 1, 1), "j": {"a": [1]}}])
    return [
        bind.execute(sa.select(table).where(table.c.id.in_([1, 9])).order_by(table.c.id)).all(),
        bind.execute(sa.text("SELECT d, ts, j FROM t WHERE id IN (1, 9) ORDER BY id")).all(),
    ]


@add(*T)
def list_is_refused(op):
    op.get_bind().execute(sa.text("UPDATE t SET s = :s"), {"s": ["a"]})


@add(*T)
def several_statements_on_the_bind_are_refused(op):
    op.get_bind().execute(sa.text("UPDATE t SET s = 'x'; UPDATE t SET s = 'y'"))


@add(*T)
def question_marks(op):
    bind = op.get_bind()
    return [
        bind.exec_driver_sql("SELECT id FROM t WHERE s = ? AND id = ?", ("a", 1)).all(),
        bind.exec_driver_sql("SELECT id FROM t WHERE s LIKE 'a%'").all(),
        bind.exec_driver_sql("INSERT INTO t (id) VALUES (?)", [(7,), (8,)]).rowcount,
        bind.exec_driver_sql("SELECT '100%', '?', '%%'").all(),
    ]


@add(*T)
def blobs_and_numbers(op):
    bind = op.get_bind()
    bind.execute(sa.text("UPDATE t SET b = :b, n = :n WHERE id = 1"), {"b": b"\x00\xff", "n": 1.5})
    return bind.execute(sa.text("SELECT b, n, typeof(n), 1, 'x', NULL FROM t WHERE id = 1")).all()


@add(*T)
def upsert_and_returning(op):
    table = sa.table("t", sa.column("id"), sa.column("s"))
    statement = insert(table).values(id=1, s="again")
    op.execute(statement.on_conflict_do_update(index_elements=["id"], set_={"s": statement.excluded.s}))
    return op.get_bind().execute(table.update().where(table.c.id > 1).values(s="r").returning(table.c.id)).all()


@add(*T)
def commit_then_failure(op):
    bind = op.get_bind()
    bind.execute(sa.text("UPDATE t SET s = 'kept' WHERE id = 1"))
    bind.commit()
    bind.execute(sa.text("UPDATE t SET s = 'lost' WHERE id = 2"))
    raise RuntimeError("no")


@add(*T)
def second_connection_in_autocommit(op):
    with op.get_bind().engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        connection.execute(sa.text("INSERT INTO t (id) VALUES (50)"))
    engine = op.get_bind().engine.execution_options(isolation_level="AUTOCOMMIT")
    with engine.begin() as connection:
        connection.execute(sa.text("INSERT INTO t (id) VALUES (51)"))
    raw = op.get_bind().engine.raw_connection()
    raw.cursor().execute("INSERT INTO t (id) VALUES (?)", (52,))
    raw.commit()
    raw.close()


@add(*T)
def second_connection_left_open(op):
    connection = op.get_bind().engine.connect()
    connection.execute(sa.text("SELECT 1 FROM t"))
    op.add_column("t", sa.Column("more", sa.Integer))
    connection.close()


@add(*T)
def autocommit_block(op):
    with op.get_context().autocommit_block():
        op.get_bind().execute(sa.text("UPDATE t SET s = 'x' WHERE id = 1"))
        op.execute("UPDATE t SET s = 'y' WHERE id = 2")
    op.get_bind().execute(sa.text("UPDATE t SET s = 'z' WHERE id = 3"))
