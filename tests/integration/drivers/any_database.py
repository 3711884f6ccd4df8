"""Plain scripts that use connections, engines, sessions and transactions on any database."""

import datetime as dt
import decimal

import sqlalchemy as sa
from sqlalchemy import orm

from tests.integration.drivers.harness import Cases

CASES = Cases(__name__)
add = CASES.add

T = (
    "CREATE TABLE t (id integer PRIMARY KEY, s varchar(50), d date, ts timestamp NULL, n numeric(10, 2), b boolean)",
    "INSERT INTO t (id, s) VALUES (1, 'a'), (2, 'b'), (3, 'c')",
)
TABLE = sa.table("t", *map(sa.column, ("id", "s", "d", "ts", "n", "b")))
TYPED = sa.table(
    "t",
    sa.column("id", sa.Integer),
    sa.column("s", sa.String(50)),
    sa.column("d", sa.Date),
    sa.column("ts", sa.DateTime),
    sa.column("n", sa.Numeric(10, 2)),
    sa.column("b", sa.Boolean),
)


class Base(orm.DeclarativeBase):
    pass


class Thing(Base):
    __tablename__ = "t"
    id = orm.mapped_column(sa.Integer, primary_key=True)
    s = orm.mapped_column(sa.String(50))


# -- values ---------------------------------------------------------------------------------------------------------


@add(*T)
def dates_as_text(op):
    bind = op.get_bind()
    bind.execute(
        sa.text("UPDATE t SET d = :d, ts = :ts WHERE id = :id"),
        {"d": "2020-02-29", "ts": "2020-02-29 10:11:12", "id": "1"},
    )
    bind.execute(TABLE.update().where(TABLE.c.id == 2).values(d="2020-03-01", n="1.5"))
    op.bulk_insert(TABLE, [{"id": 10, "d": "2020-01-01"}, {"id": 11, "d": None}])


@add(*T)
def typed_objects(op):
    bind = op.get_bind()
    values = {"d": dt.date(2020, 1, 2), "ts": dt.datetime(2020, 1, 2, 3, 4, 5), "n": decimal.Decimal("1.25"), "b": True}
    bind.execute(TYPED.update().where(TYPED.c.id == 1).values(**values))
    bind.execute(TYPED.insert(), [{"id": 10, "d": None, "b": False}, {"id": 11, "d": dt.date(2021, 1, 1), "b": None}])
    op.bulk_insert(TYPED, [{"id": 12, **values}])
    return bind.execute(sa.select(TYPED).order_by(TYPED.c.id)).all()


@add(*T)
def untyped_objects(op):
    values = {"d": dt.date(2020, 1, 2), "ts": dt.datetime(2020, 1, 2, 3, 4, 5), "b": True}
    op.get_bind().execute(sa.text("UPDATE t SET d = :d, ts = :ts, b = :b WHERE id = 1"), values)
    op.execute(TABLE.update().where(TABLE.c.id == 2).values(**values))
    return op.get_bind().execute(sa.text("SELECT d, ts, b FROM t ORDER BY id")).all()


@add(*T)
def untyped_decimal(op):
    op.get_bind().execute(sa.text("UPDATE t SET n = :n WHERE id = 1"), {"n": decimal.Decimal("1.5")})


@add(*T)
def text_with_percent_colon_and_quotes(op):
    bind = op.get_bind()
    op.execute("UPDATE t SET s = 'it''s 100% at 10:30' WHERE s LIKE 'a%'")
    op.execute(sa.text("UPDATE t SET s = '%%' WHERE s LIKE 'b%%'"))
    bind.execute(sa.text("UPDATE t SET s = :s WHERE s LIKE 'c%'"), {"s": "%s :x 'q' \"r\" \\n"})
    return bind.execute(sa.text("SELECT s FROM t WHERE s LIKE :p ORDER BY id"), {"p": "%\\%%"}).all()


@add(*T)
def core_with_in_and_functions(op):
    bind = op.get_bind()
    return [
        bind.execute(sa.select(TABLE.c.id).where(TABLE.c.s.in_(["a", "c"])).order_by(TABLE.c.id)).all(),
        bind.execute(sa.select(TABLE.c.id).where(TABLE.c.id.in_([])).order_by(TABLE.c.id)).all(),
        bind.execute(sa.select(sa.func.count(), sa.func.max(TABLE.c.id)).select_from(TABLE)).one(),
        bind.execute(sa.select(sa.func.coalesce(TABLE.c.n, "x"), sa.literal("l")).limit(1)).all(),
    ]


@add(*T)
def numbers_of_rows(op):
    bind = op.get_bind()
    return [
        bind.execute(sa.text("UPDATE t SET s = 'x' WHERE id > 1")).rowcount,
        bind.execute(TABLE.delete().where(TABLE.c.id == 3)).rowcount,
        bind.execute(sa.text("INSERT INTO t (id) VALUES (20), (21)")).rowcount,
    ]


@add(*T)
def ways_of_reading(op):
    bind = op.get_bind()
    query = sa.text("SELECT id, s FROM t ORDER BY id")
    row = bind.execute(query).fetchone()
    return [
        row.s,
        row[0],
        tuple(row),
        bind.execute(query).mappings().all(),
        bind.execute(query).scalars().all(),
        bind.scalar(sa.text("SELECT count(*) FROM t")),
        bind.execute(query).fetchmany(2),
        list(bind.execute(query).keys()),
        bind.execute(sa.text("SELECT 1 FROM t WHERE id = 99")).scalar(),
    ]


@add(*T)
def loop_with_an_open_result(op):
    bind = op.get_bind()
    for row in bind.execute(sa.text("SELECT id, s FROM t ORDER BY id")):
        bind.execute(sa.text("UPDATE t SET s = :s WHERE id = :id"), {"s": row.s * 2, "id": row.id})
        other = bind.execute(sa.text("SELECT id FROM t"))
        other.fetchone()


@add(*T)
def streamed_loop(op):
    bind = op.get_bind()
    result = bind.execute(sa.text("SELECT id FROM t ORDER BY id"), execution_options={"stream_results": True})
    return [row.id for row in result]


# -- inspection -----------------------------------------------------------------------------------------------------


@add(*T, "CREATE INDEX i ON t (s)")
def inspection(op):
    bind = op.get_bind()
    inspector = sa.inspect(bind)
    before = [column["name"] for column in inspector.get_columns("t")]
    op.add_column("t", sa.Column("more", sa.Integer))
    cached = [column["name"] for column in inspector.get_columns("t")]
    inspector.clear_cache()
    return [
        before,
        cached,
        [(column["name"], str(column["type"]), column["nullable"]) for column in inspector.get_columns("t")],
        [index["name"] for index in inspector.get_indexes("t")],
        inspector.has_table("t"),
        sa.inspect(bind.engine).has_table("nothing"),
        type(inspector).__mro__[-2].__name__,
    ]


@add(*T)
def reflection(op):
    bind = op.get_bind()
    table = sa.Table("t", sa.MetaData(), autoload_with=bind)
    bind.execute(table.insert().values(id=7, s="seven", d=dt.date(2020, 1, 1)))
    rows = bind.execute(sa.select(table.c.id, table.c.s, table.c.d).order_by(table.c.id)).all()
    metadata = sa.MetaData()
    metadata.reflect(bind, only=["t"])
    return [rows, [column.name for column in metadata.tables["t"].columns]]


@add(*T)
def inspector_of_the_engine_sees_what_is_committed(op):
    return "t" in sa.inspect(op.get_bind().engine).get_table_names()


@add(*T)
def metadata_create_and_drop(op):
    metadata = sa.MetaData()
    sa.Table("made", metadata, sa.Column("id", sa.Integer, primary_key=True), sa.Column("s", sa.String(10), index=True))
    metadata.create_all(op.get_bind())
    metadata.create_all(op.get_bind(), checkfirst=True)
    op.execute("INSERT INTO made (id, s) VALUES (1, 'x')")
    other = sa.Table("t", sa.MetaData())
    other.drop(op.get_bind())


# -- sessions -------------------------------------------------------------------------------------------------------


@add(*T)
def session_adds_and_commits(op):
    session = orm.Session(bind=op.get_bind())
    session.add_all([Thing(id=10, s="x"), Thing(id=11, s="y")])
    session.get(Thing, 1).s = "changed"
    session.delete(session.get(Thing, 2))
    session.commit()
    return [(one.id, one.s) for one in session.scalars(sa.select(Thing).order_by(Thing.id))]


@add(*T)
def session_rolls_back(op):
    bind = op.get_bind()
    bind.execute(sa.text("UPDATE t SET s = 'before' WHERE id = 1"))
    session = orm.Session(bind=bind)
    session.add(Thing(id=10, s="x"))
    session.flush()
    session.rollback()
    session.add(Thing(id=11, s="y"))
    session.commit()


@add(*T)
def session_closes_without_commit(op):
    session = orm.Session(bind=op.get_bind())
    session.add(Thing(id=10, s="x"))
    session.flush()
    session.close()


@add(*T)
def session_as_a_block_and_query(op):
    with orm.Session(op.get_bind()) as session, session.begin():
        session.query(Thing).filter(Thing.id > 1).update({"s": "u"}, synchronize_session=False)
        session.query(Thing).filter_by(id=3).delete()
        session.bulk_save_objects([Thing(id=20, s="bulk")])
        session.execute(sa.text("UPDATE t SET s = :s WHERE id = 1"), {"s": "text"})


@add(*T)
def session_with_a_conflict(op):
    session = orm.Session(bind=op.get_bind())
    with session.begin_nested():
        session.add(Thing(id=10))
    try:
        with session.begin_nested():
            session.add(Thing(id=1))
            session.flush()
    except sa.exc.IntegrityError:
        session.add(Thing(id=12))
    session.commit()


@add(*T)
def scoped_sessions(op):
    session = orm.scoped_session(orm.sessionmaker(bind=op.get_bind()))
    session.add(Thing(id=10))
    session.commit()
    session.remove()


# -- transactions ---------------------------------------------------------------------------------------------------


@add(*T)
def commit_of_the_bind(op):
    bind = op.get_bind()
    bind.execute(sa.text("UPDATE t SET s = 'x' WHERE id = 1"))
    bind.commit()
    bind.execute(sa.text("UPDATE t SET s = 'y' WHERE id = 2"))
    bind.commit()


@add(*T)
def rollback_of_the_bind(op):
    bind = op.get_bind()
    bind.execute(sa.text("UPDATE t SET s = 'x' WHERE id = 1"))
    bind.rollback()
    bind.execute(sa.text("UPDATE t SET s = 'y' WHERE id = 2"))
    bind.commit()


@add(*T)
def nested_transactions(op):
    bind = op.get_bind()
    bind.execute(sa.text("UPDATE t SET s = 'outer' WHERE id = 1"))
    with bind.begin_nested():
        bind.execute(sa.text("UPDATE t SET s = 'inner' WHERE id = 2"))
    savepoint = bind.begin_nested()
    bind.execute(sa.text("UPDATE t SET s = 'lost'"))
    savepoint.rollback()


@add(*T)
def transaction_of_the_bind(op):
    bind = op.get_bind()
    return [bind.in_transaction(), bind.get_transaction() is not None, bind.in_nested_transaction()]


@add(*T)
def failure_after_a_change(op):
    op.get_bind().execute(sa.text("UPDATE t SET s = 'x' WHERE id = 1"))
    raise RuntimeError("no")


# -- engines --------------------------------------------------------------------------------------------------------


@add(*T)
def second_connection_that_writes(op):
    with op.get_bind().engine.begin() as connection:
        connection.execute(sa.text("INSERT INTO t (id, s) VALUES (:id, :s)"), {"id": "10", "s": "second"})
    # (What a transaction that has begun before sees of it, is the server's isolation, and when it began.)


@add(*T)
def second_connection_that_reads(op):
    with op.get_bind().engine.connect() as connection:
        return connection.execute(sa.text("SELECT s FROM t ORDER BY id")).scalars().all()


@add(*T)
def second_connection_that_fails(op):
    try:
        with op.get_bind().engine.begin() as connection:
            connection.execute(sa.text("INSERT INTO t (id) VALUES (10)"))
            connection.execute(sa.text("INSERT INTO t (id) VALUES (1)"))
    except sa.exc.IntegrityError:
        op.execute("UPDATE t SET s = 'refused' WHERE id = 1")


@add(*T)
def second_connection_that_commits_as_it_goes(op):
    connection = op.get_bind().engine.connect()
    connection.execute(sa.text("INSERT INTO t (id) VALUES (10)"))
    connection.commit()
    connection.execute(sa.text("INSERT INTO t (id) VALUES (11)"))
    connection.rollback()
    connection.close()


@add(*T)
def session_on_the_engine(op):
    with orm.Session(op.get_bind().engine) as session:
        session.add(Thing(id=10, s="engine"))
        session.commit()
        return session.query(Thing).count()


@add(*T)
def names(op):
    bind = op.get_bind()
    return [
        bind.engine.name,
        bind.engine.driver,
        bind.dialect.name,
        bind.dialect.paramstyle,
        bind.engine.dialect.name,
        bind.engine.url.get_backend_name(),
        bind.engine.url.database is not None,
        bind.closed,
        op.get_context().dialect.name,
        op.get_context().dialect.paramstyle,
        str(sa.select(TABLE.c.id).where(TABLE.c.s.like("a%")).compile(dialect=op.get_context().dialect)),
        op.get_context().bind.dialect.name,
    ]


@add(*T)
def cursor_of_the_driver(op):
    cursor = op.get_bind().connection.cursor()
    cursor.execute("SELECT id, s FROM t ORDER BY id")
    first, rest = cursor.fetchone(), cursor.fetchall()
    names = [column[0] for column in cursor.description]
    cursor.execute("UPDATE t SET s = 'cursor' WHERE id = 1")
    count = cursor.rowcount
    cursor.close()
    return [first, list(rest), names, count]


@add(*T)
def errors(op):
    bind = op.get_bind()
    found = []
    for sql in (
        "INSERT INTO t (id) VALUES (1)",
        "SELECT * FROM missing",
        "SELEC 1",
        "SELECT missing FROM t",
        "DROP TABLE missing",
    ):
        savepoint = bind.begin_nested()
        try:
            bind.execute(sa.text(sql))
        except sa.exc.SQLAlchemyError as error:
            found.append((sql, type(error).__name__))
        savepoint.rollback()
    return found
