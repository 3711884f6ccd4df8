"""Plain scripts that use cursors, engines, ORM sessions and transactions on PostgreSQL."""

import datetime as dt
import io
import json
import uuid

import sqlalchemy as sa
from sqlalchemy import orm
from sqlalchemy.dialects import postgresql as pg

from tests.integration.drivers.harness import Cases

CASES = Cases(__name__)
add = CASES.add

T = (
    "CREATE TABLE t (id serial PRIMARY KEY, s text, d date, u uuid, jb jsonb)",
    "INSERT INTO t (s) VALUES ('a'), ('b')",
)
KEY = "7f1d2f0e-5c5c-4a1c-9d5b-0d4f4d1f6f11"


# -- cursors --------------------------------------------------------------------------------------------------------


@add(*T)
def cursor_with_percent_s(op):
    cursor = op.get_bind().connection.cursor()
    cursor.execute("INSERT INTO t (s, d) VALUES (%s, %s)", ("it's", "2020-01-01"))
    cursor.execute("UPDATE t SET jb = %(j)s WHERE s LIKE 'a%%'", {"j": json.dumps({"a": 1})})
    count = cursor.rowcount
    cursor.execute("SELECT id, s, jb FROM t WHERE s = ANY(%s) ORDER BY id", (["a", "it's"],))
    names = [column[0] for column in cursor.description]
    first, rest = cursor.fetchone(), cursor.fetchall()
    return [count, names, first, rest, cursor.rowcount, cursor.fetchone(), type(first).__name__]


@add(*T)
def cursor_of_the_dbapi_connection(op):
    with op.get_bind().connection.dbapi_connection.cursor() as cursor:
        cursor.execute("SELECT s FROM t WHERE id IN %s ORDER BY id", ((1, 2),))
        rows = list(cursor)
        cursor.execute("SELECT s FROM t WHERE s LIKE 'a%'")
        rows += cursor.fetchmany(5)
        cursor.executemany("INSERT INTO t (s) VALUES (%s)", [("x",), ("y",)])
        cursor.execute("SELECT 1; SELECT 2")
        return [rows, cursor.fetchall(), cursor.mogrify("SELECT %s, %s", ("x", -1))]


@add(*T)
def cursor_without_rows(op):
    cursor = op.get_bind().connection.cursor()
    cursor.execute("UPDATE t SET s = 'x'")
    return cursor.fetchall()


@add(*T)
def cursor_with_too_few_values(op):
    op.get_bind().connection.cursor().execute("SELECT %s, %s", (1,))


@add(*T)
def cursor_with_too_many_values(op):
    op.get_bind().connection.cursor().execute("SELECT %s", (1, 2))


@add(*T)
def cursor_with_a_missing_name(op):
    op.get_bind().connection.cursor().execute("SELECT %(a)s", {"b": 2})


@add(*T)
def named_cursor(op):
    cursor = op.get_bind().connection.cursor("mine")
    cursor.execute("SELECT id FROM generate_series(1, 5000) AS id")
    return [cursor.fetchone(), len(cursor.fetchmany(10)), len(cursor.fetchall())]


@add(*T)
def helpers_of_psycopg2(op):
    from psycopg2.extras import Json, execute_batch, execute_values

    cursor = op.get_bind().connection.cursor()
    execute_values(cursor, "INSERT INTO t (s, d) VALUES %s", [("p", "2020-01-01"), ("ü", None)])
    execute_batch(cursor, "UPDATE t SET d = %s WHERE s = %s", [("2020-01-02", "a"), ("2020-01-03", "b")])
    cursor.execute("UPDATE t SET jb = %s WHERE s = 'a'", (Json({"ü": "it's"}),))
    op.get_bind().execute(sa.text("UPDATE t SET jb = :j WHERE s = 'b'"), {"j": Json([1])})


@add(*T)
def error_of_a_cursor(op):
    try:
        op.get_bind().connection.cursor().execute("SELECT * FROM missing")
    except Exception as error:
        return error.pgcode


@add(*T)
def copying(op):
    cursor = op.get_bind().connection.cursor()
    cursor.copy_from(io.StringIO("10\tx\\ty\n11\t\\N\n"), "t", columns=("id", "s"))
    count = cursor.rowcount
    cursor.copy_expert("COPY t (id, s) FROM STDIN WITH (FORMAT csv)", io.BytesIO('20,"ü,"\n'.encode()))
    text, binary = io.StringIO(), io.BytesIO()
    cursor.copy_expert("COPY (SELECT id, s FROM t ORDER BY id) TO STDOUT WITH CSV HEADER", text)
    cursor.copy_to(binary, "t", sep="|", null="", columns=("id", "s"))
    return [count, text.getvalue(), sorted(binary.getvalue().splitlines()), cursor.rowcount]


@add(*T)
def copying_what_does_not_fit(op):
    try:
        op.get_bind().connection.cursor().copy_from(io.StringIO("no number\n"), "t", columns=("id",))
    except Exception as error:
        return error.pgcode


@add(*T)
def isolation_of_the_raw_connection(op):
    raw = op.get_bind().connection.dbapi_connection
    op.get_bind().execute(sa.text("INSERT INTO t (s) VALUES ('rolled back')"))
    raw.set_isolation_level(0)
    cursor = raw.cursor()
    cursor.execute("CREATE TYPE late AS ENUM ('a')")
    cursor.execute("ALTER TYPE late ADD VALUE 'b'")
    cursor.execute("CREATE INDEX CONCURRENTLY i ON t (s)")
    raw.set_isolation_level(1)
    op.get_bind().execute(sa.text("INSERT INTO t (s) VALUES (:s)"), {"s": "kept"})
    op.add_column("t", sa.Column("c", sa.Enum("a", "b", name="late", create_type=False), server_default="b"))


@add(*T)
def rule_with_several_actions(op):
    op.get_bind().execute(
        sa.text("CREATE RULE r AS ON DELETE TO t DO ALSO (UPDATE t SET d = '2020-01-01'; SELECT 1 AS one)")
    )
    op.execute("DELETE FROM t WHERE id = 1")


# -- ORM ------------------------------------------------------------------------------------------------------------


class Base(orm.DeclarativeBase):
    pass


class Thing(Base):
    """A model that says less than the table does, as models in scripts do."""

    __tablename__ = "t"
    id = orm.mapped_column(sa.Integer, primary_key=True)
    s = orm.mapped_column(sa.String)
    d = orm.mapped_column(sa.String)
    u = orm.mapped_column(sa.String)
    jb = orm.mapped_column(sa.Text)


class Typed(Base):
    __table__ = sa.Table(
        "t",
        sa.MetaData(),
        sa.Column("id", sa.Integer, primary_key=True),
        sa.Column("s", sa.String),
        sa.Column("d", sa.Date),
        sa.Column("u", pg.UUID(as_uuid=True)),
        sa.Column("jb", pg.JSONB),
    )


@add(*T)
def session_flush_with_loose_models(op):
    session = orm.Session(bind=op.get_bind())
    session.add_all([Thing(s="x", d="2020-01-01", u=KEY, jb="{}"), Thing(s="y"), Thing(s="z", d=None)])
    session.flush()
    for thing in session.query(Thing).filter(Thing.s.in_(["a", "b"])):
        thing.d = "2020-02-02"
    session.query(Thing).filter_by(s="x").update({"d": "2020-03-03"})
    session.commit()
    return [str(one.d) for one in session.query(Thing).order_by(Thing.id)]


@add(*T)
def session_with_typed_models(op):
    with orm.Session(op.get_bind()) as session:
        session.add(Typed(s="x", d=dt.date(2020, 1, 1), u=uuid.UUID(KEY), jb={"a": 1}))
        session.commit()
        one = session.scalars(sa.select(Typed).where(Typed.u == KEY)).one()
        session.delete(session.get(Typed, 1))
        session.commit()
        return [one.s, one.d, str(one.u), one.jb]


@add(*T)
def sessionmaker_and_bulk(op):
    session = orm.sessionmaker(bind=op.get_bind())()
    session.bulk_save_objects([Thing(s=f"n{n}", d="2020-01-01") for n in range(5)])
    session.bulk_insert_mappings(Thing, [{"s": f"m{n}", "u": KEY} for n in range(5)])
    session.bulk_update_mappings(Thing, [{"id": 1, "d": "2020-05-05"}, {"id": 2, "d": "2020-06-06"}])
    session.execute(sa.text("UPDATE t SET jb = :j WHERE id = :id"), {"j": "[]", "id": "1"})
    session.commit()


@add(*T)
def session_on_the_engine(op):
    with orm.Session(op.get_bind().engine) as session:
        session.add(Thing(s="engine", d="2020-01-01"))
        session.commit()
        return session.query(Thing).count()


@add(*T)
def session_commits_and_goes_on(op):
    session = orm.Session(bind=op.get_bind())
    session.add(Thing(s="x"))
    session.commit()
    op.execute("UPDATE t SET s = s || '!'")
    session.add(Thing(s="y"))
    session.commit()
    session.close()
    op.add_column("t", sa.Column("n", sa.Integer))


# -- engines --------------------------------------------------------------------------------------------------------


@add(*T)
def second_connection(op):
    engine = op.get_bind().engine
    with engine.begin() as connection:
        connection.execute(sa.text("INSERT INTO t (s, d) VALUES (:s, :d)"), {"s": "second", "d": "2020-01-01"})
    with engine.connect() as connection:
        count = connection.execute(sa.text("SELECT count(*) FROM t WHERE id = ANY(:ids)"), {"ids": [1, 2, 3]}).scalar()
        cursor = connection.connection.cursor()
        cursor.execute("SELECT %s", ("x",))
        return [count, cursor.fetchall()]


@add(*T)
def second_connection_in_autocommit(op):
    with op.get_bind().engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        connection.execute(sa.text("CREATE INDEX CONCURRENTLY i ON t (s)"))
        connection.exec_driver_sql("INSERT INTO t (s) VALUES (%s)", ("auto",))


@add(*T)
def engine_with_options_and_raw_connection(op):
    engine = op.get_bind().engine.execution_options(isolation_level="AUTOCOMMIT")
    with engine.connect() as connection:
        connection.execute(sa.text("UPDATE t SET d = :d"), {"d": "2020-01-01"})
    raw = op.get_bind().engine.raw_connection()
    cursor = raw.cursor()
    cursor.execute("INSERT INTO t (s) VALUES (%s)", ("raw",))
    raw.commit()
    cursor.close()
    raw.close()


@add(*T)
def names_of_engine_and_url(op):
    bind = op.get_bind()
    return [
        bind.engine.name,
        bind.dialect.name,
        bind.engine.url.get_backend_name(),
        bind.engine.dialect.name,
        bind.dialect.supports_sequences,
        bind.dialect.server_version_info >= (12,),
        bind.closed,
        bind.in_transaction(),
        bind.dialect.paramstyle,
        bind.engine.dialect.default_schema_name,
    ]


# -- transactions ---------------------------------------------------------------------------------------------------


@add(*T)
def nested_transactions(op):
    bind = op.get_bind()
    with bind.begin_nested():
        bind.execute(sa.text("INSERT INTO t (s) VALUES ('kept')"))
    try:
        with bind.begin_nested():
            bind.execute(sa.text("INSERT INTO t (s, d) VALUES ('lost', :d)"), {"d": "no date"})
    except sa.exc.DataError:
        bind.execute(sa.text("INSERT INTO t (s) VALUES ('after')"))
    savepoint = bind.begin_nested()
    bind.execute(sa.text("DELETE FROM t"))
    savepoint.rollback()
    return bind.in_nested_transaction()


@add(*T)
def savepoint_as_text(op):
    op.execute("SAVEPOINT one")
    op.execute("DELETE FROM t")
    op.execute("ROLLBACK TO SAVEPOINT one")
    op.get_bind().execute(sa.text("RELEASE SAVEPOINT one"))


@add(*T)
def begin_in_a_transaction_is_refused(op):
    with op.get_bind().begin():
        pass


@add(*T)
def commit_as_text_before_what_stands_alone(op):
    op.execute("INSERT INTO t (s) VALUES ('x')")
    op.execute("COMMIT")
    op.execute("CREATE TYPE late AS ENUM ('a')")
    op.execute("ALTER TYPE late ADD VALUE 'b'")


@add(*T)
def commit_as_text_on_the_bind(op):
    bind = op.get_bind()
    bind.execute(sa.text("COMMIT"))
    bind.execute(sa.text("CREATE TYPE late AS ENUM ('a')"))
    bind.execute(sa.text("ALTER TYPE late ADD VALUE 'b'"))
    bind.execute(sa.text("INSERT INTO t (s) VALUES ('x')"))
    op.add_column("t", sa.Column("n", sa.Integer))


@add(*T)
def autocommit_block(op):
    with op.get_context().autocommit_block():
        op.execute("CREATE INDEX CONCURRENTLY i ON t (s)")
        op.get_bind().execute(sa.text("UPDATE t SET d = :d"), {"d": "2020-01-01"})
        op.get_bind().execute(sa.text("INSERT INTO t (s) VALUES ('p'); INSERT INTO t (s) VALUES ('q')"))
    op.execute("UPDATE t SET s = 'after' WHERE id = 1")
    return op.get_bind().execute(sa.text("SELECT count(*) FROM t")).scalar()


@add(*T)
def failure_rolls_back(op):
    op.get_bind().execute(sa.text("INSERT INTO t (s, d) VALUES ('x', :d)"), {"d": "2020-01-01"})
    op.add_column("t", sa.Column("n", sa.Integer))
    raise RuntimeError("no")


@add(*T)
def temporary_table(op):
    bind = op.get_bind()
    bind.execute(sa.text("CREATE TEMPORARY TABLE tmp (id int, d date) ON COMMIT DROP"))
    bind.execute(sa.text("INSERT INTO tmp VALUES (:id, :d)"), [{"id": "1", "d": "2020-01-01"}, {"id": 2, "d": None}])
    op.execute("UPDATE t SET d = tmp.d FROM tmp WHERE tmp.id = t.id")


@add(*T)
def execution_options_of_the_connection(op):
    bind = op.get_bind().execution_options(schema_translate_map={None: "public"})
    table = sa.table("t", sa.column("s"))
    return bind.execute(sa.select(table.c.s).order_by(table.c.s)).all()


@add(*T)
def dates_in_python(op):
    bind = op.get_bind()
    for row in bind.execute(sa.text("SELECT id, now() AS at FROM t")).mappings():
        bind.execute(sa.text("UPDATE t SET d = :d WHERE id = :id"), {"d": dt.date(2020, 1, row["id"]), "id": row["id"]})
        assert row["at"].tzinfo is not None
