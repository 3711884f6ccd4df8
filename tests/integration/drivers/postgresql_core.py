"""Plain scripts that write to PostgreSQL with SQLAlchemy's Core and with `op`, with less typing than psycopg2 needs."""

import datetime as dt
import decimal
import uuid

import sqlalchemy as sa
from sqlalchemy.dialects import postgresql as pg
from sqlalchemy.dialects.postgresql import insert as pg_insert

from tests.integration.drivers.harness import Cases
from tests.integration.drivers.postgresql_writing import DAY, KEY, T

CASES = Cases(__name__)
add = CASES.add

LIGHT = sa.table(
    "t",
    *map(
        sa.column, ("id", "s", "x", "d", "ts", "tz", "n", "u", "j", "jb", "c", "ia", "ta", "b", "iv", "by", "r", "ca")
    ),
)
STRINGS = sa.table(
    "t",
    sa.column("id", sa.Integer),
    *[sa.column(name, sa.String) for name in ("s", "d", "ts", "tz", "n", "u", "j", "jb", "c", "iv", "b", "ip", "si")],
)


@add(*T)
def core_update_of_untyped_columns(op):
    values = {
        "d": DAY,
        "ts": f"{DAY} 10:00",
        "n": "1.5",
        "u": KEY,
        "jb": '{"a": 1}',
        "c": "red",
        "iv": "1 day",
        "b": "t",
    }
    result = op.get_bind().execute(LIGHT.update().where(LIGHT.c.id == "1").values(**values))
    return result.rowcount


@add(*T)
def core_update_of_string_columns(op):
    values = {"d": DAY, "tz": f"{DAY} 10:00+00", "n": "1.5", "u": KEY, "j": "[]", "c": "red", "ip": "::1", "si": "3"}
    op.execute(STRINGS.update().where(STRINGS.c.u.is_(None)).values(**values))
    return op.get_bind().execute(sa.select(STRINGS.c.id).where(STRINGS.c.u == KEY).order_by(STRINGS.c.id)).all()


@add(*T)
def core_update_of_untyped_columns_with_objects(op):
    values = {"d": dt.date(2020, 1, 1), "n": decimal.Decimal(2), "u": uuid.UUID(KEY), "ia": [1], "by": b"x", "b": True}
    return op.get_bind().execute(LIGHT.update().where(LIGHT.c.id == 1).values(**values)).rowcount


@add(*T)
def core_update_with_null(op):
    op.execute(LIGHT.update().values(d=None, jb=None, c=sa.null(), u=None, s=sa.literal_column("'x'")))
    op.execute(STRINGS.update().where(STRINGS.c.id == 1).values(d=None, j=None))


@add(*T)
def core_insert_many(op):
    rows = [{"id": n, "d": DAY, "u": KEY if n % 2 else None, "jb": "{}", "c": "green", "n": n} for n in range(10, 20)]
    op.get_bind().execute(LIGHT.insert(), rows)
    op.get_bind().execute(STRINGS.insert().values([{"id": 30, "d": DAY}, {"id": 31, "d": None}]))


@add(*T)
def core_insert_many_rows(op):
    rows = [{"id": n, "s": f"row {n}", "d": DAY} for n in range(10, 2500)]
    op.get_bind().execute(STRINGS.insert(), rows)
    return op.get_bind().execute(sa.select(sa.func.count()).select_from(STRINGS)).scalar()


@add(*T)
def core_insert_returning(op):
    table = sa.Table("t", sa.MetaData(), sa.Column("id", sa.Integer, primary_key=True), sa.Column("d", sa.String))
    bind = op.get_bind()
    one = bind.execute(table.insert().values(id=10, d=DAY).returning(table.c.id, table.c.d)).all()
    many = bind.execute(table.insert().returning(table.c.id), [{"id": 11, "d": DAY}, {"id": 12, "d": None}]).all()
    key = bind.execute(table.insert().values(id=20)).inserted_primary_key
    return [one, sorted(many), tuple(key)]


@add("CREATE TABLE s (id serial PRIMARY KEY, name text, at timestamptz)")
def core_insert_with_a_sequence(op):
    table = sa.Table(
        "s",
        sa.MetaData(),
        sa.Column("id", sa.Integer, primary_key=True),
        sa.Column("name", sa.String),
        sa.Column("at", sa.Text),
    )
    bind = op.get_bind()
    first = bind.execute(table.insert().values(name="a", at="2020-01-01")).inserted_primary_key
    keys = bind.execute(table.insert().returning(table.c.id), [{"name": n} for n in "bcd"]).scalars().all()
    return [tuple(first), sorted(keys)]


@add(*T)
def core_update_many(op):
    statement = (
        LIGHT.update().where(LIGHT.c.id == sa.bindparam("key")).values(d=sa.bindparam("day"), x=sa.bindparam("x"))
    )
    rows = [
        {"key": "1", "day": DAY, "x": "a"},
        {"key": 2, "day": None, "x": 5},
        {"key": -3, "day": dt.date(2020, 1, 1), "x": ""},
    ]
    op.get_bind().execute(statement, rows)
    op.get_bind().execute(sa.text("UPDATE t SET n = :n WHERE id = :id"), [{"n": "1", "id": 1}, {"n": 2, "id": "2"}])


@add(*T)
def core_delete_and_where(op):
    bind = op.get_bind()
    bind.execute(LIGHT.delete().where(LIGHT.c.id.in_(["1", "2"]), LIGHT.c.s.like("o%")))
    return bind.execute(sa.select(LIGHT.c.id, LIGHT.c.s).where(sa.or_(LIGHT.c.id < 0, LIGHT.c.d == DAY))).all()


@add(*T)
def core_upsert(op):
    statement = pg_insert(STRINGS).values(id=1, d=DAY, u=KEY)
    statement = statement.on_conflict_do_update(index_elements=["id"], set_={"d": statement.excluded.d, "u": KEY})
    op.execute(statement)
    op.execute(pg_insert(LIGHT).values(id=2, s="again").on_conflict_do_nothing())


@add(*T)
def core_from_select_and_case(op):
    chosen = sa.select(LIGHT.c.id + 100, sa.literal("lit"), sa.case((LIGHT.c.s == "one", DAY), else_=None))
    op.execute(LIGHT.insert().from_select(["id", "s", "d"], chosen))


@add(*T)
def core_cast_and_functions(op):
    bind = op.get_bind()
    return [
        bind.execute(sa.select(sa.cast("5", sa.Integer), sa.literal("a") + "b", sa.func.coalesce(None, "x"))).all(),
        bind.execute(sa.select(sa.func.date_trunc("month", sa.cast(DAY, sa.DateTime)))).all(),
        bind.execute(
            sa.select(sa.func.concat("a", 1, None), sa.func.length("abc"), sa.func.replace("aXb", "X", "-"))
        ).all(),
    ]


@add(*T)
def typed_columns(op):
    table = sa.table(
        "t",
        sa.column("id", sa.Integer),
        sa.column("jb", pg.JSONB),
        sa.column("j", sa.JSON),
        sa.column("u", pg.UUID(as_uuid=True)),
        sa.column("c", pg.ENUM("red", "green", name="color", create_type=False)),
        sa.column("ta", pg.ARRAY(sa.String)),
        sa.column("ca", pg.ARRAY(pg.ENUM("red", "green", name="color", create_type=False))),
        sa.column("tz", sa.DateTime(timezone=True)),
        sa.column("by", sa.LargeBinary),
        sa.column("n", sa.Numeric(10, 2)),
        sa.column("iv", sa.Interval),
        sa.column("r", pg.INT4RANGE),
        sa.column("dr", pg.DATERANGE),
        sa.column("ip", pg.INET),
        sa.column("bits", pg.BIT(4)),
    )
    values = {
        "jb": {"a": [1, "x'%"]},
        "j": None,
        "u": uuid.UUID(KEY),
        "c": "red",
        "ta": ["a", "b"],
        "ca": ["red"],
        "tz": dt.datetime(2020, 7, 1, 12, tzinfo=dt.UTC),
        "by": b"\x01",
        "n": 3,
        "iv": dt.timedelta(hours=30),
        "r": pg.Range(1, 4),
        "dr": pg.Range(dt.date(2020, 1, 1), dt.date(2020, 2, 1)),
        "ip": "10.0.0.1",
        "bits": "0101",
    }
    bind = op.get_bind()
    bind.execute(table.update().where(table.c.id == 1).values(values))
    bind.execute(table.update().where(table.c.id == 2).values(u=KEY, jb=sa.JSON.NULL, n="4.5", tz="2020-01-01"))
    return bind.execute(sa.select(table).order_by(table.c.id)).all()


@add(*T)
def bulk_insert_of_other_types(op):
    op.bulk_insert(STRINGS, [{"id": 10, "d": DAY, "u": KEY, "jb": "{}"}, {"id": 11, "d": None, "u": None, "jb": None}])
    op.bulk_insert(LIGHT, [{"id": 12, "d": dt.date(2020, 1, 1), "c": "red"}, {"id": 13, "d": DAY, "c": None}])
    op.bulk_insert(LIGHT, [{"id": 14, "n": "1.5", "ia": [1, 2]}], multiinsert=False)


@add(*T)
def op_execute_forms(op):
    op.execute('UPDATE t SET jb = \'{"a": "b:c", "t": "10:30"}\' WHERE id = 1')
    op.execute(sa.text("UPDATE t SET d = :d WHERE id = :id").bindparams(d=DAY, id="2"))
    op.execute(sa.text("UPDATE t SET s = 'x' WHERE id = :id").bindparams(sa.bindparam("id", -3, type_=sa.Integer)))
    op.execute(sa.DDL("COMMENT ON TABLE %(table)s IS 'it''s 100%%'", context={"table": "t"}))
    op.execute(sa.schema.CreateSequence(sa.Sequence("numbers")))
    op.execute(sa.schema.DropSequence(sa.Sequence("numbers")))
    op.execute("UPDATE t SET x = 'opt'", execution_options={"synchronize_session": False})
    op.execute(LIGHT.update().where(LIGHT.c.s == op.inline_literal("one")).values(x=op.inline_literal("it's")))


@add(*T)
def op_execute_with_a_colon_outside_of_a_string_is_a_parameter(op):
    op.execute("UPDATE t SET x = :missing")


@add(*T)
def literal_binds(op):
    statement = LIGHT.update().where(LIGHT.c.id == 1).values(x="it's 100%")
    text = str(statement.compile(dialect=op.get_bind().dialect, compile_kwargs={"literal_binds": True}))
    op.get_bind().exec_driver_sql(text)
    return text


@add(*T)
def compiled_text_of_the_dialect(op):
    statement = sa.select(STRINGS.c.id).where(STRINGS.c.u == KEY, LIGHT.c.s.like("a%"))
    return str(statement.compile(dialect=op.get_bind().dialect))


@add("CREATE TABLE tiny (id int); INSERT INTO tiny VALUES (1)")
def same_name_twice_and_unused(op):
    bind = op.get_bind()
    first = bind.execute(sa.text("SELECT :a, :a FROM tiny WHERE id = :a"), {"a": 1, "unused": object()}).all()
    return first


@add()
def enum_and_sequence_objects(op):
    bind = op.get_bind()
    color = pg.ENUM("red", "green", name="color")
    color.create(bind, checkfirst=True)
    color.create(bind, checkfirst=True)
    numbers = sa.Sequence("numbers")
    numbers.create(bind)
    op.create_table("e", sa.Column("c", pg.ENUM("red", "green", name="color", create_type=False)))
    bind.execute(sa.text("INSERT INTO e VALUES (:c)"), {"c": "red"})
    first = bind.execute(numbers.next_value()).scalar()
    second = bind.scalar(numbers)
    op.execute("ALTER TABLE e ALTER COLUMN c TYPE varchar(10)")
    color.drop(bind, checkfirst=True)
    return [first, second, bind.execute(sa.text("SELECT c FROM e")).all()]


@add(*T)
def ddl_on_the_bind(op):
    bind = op.get_bind()
    table = sa.Table("made", sa.MetaData(), sa.Column("id", sa.Integer, primary_key=True), sa.Column("x", sa.String(5)))
    bind.execute(sa.schema.CreateTable(table))
    bind.execute(sa.schema.CreateIndex(sa.Index("made_x", table.c.x)))
    bind.execute(sa.DDL("ALTER TABLE made ADD CHECK (x LIKE 'a%%')"))
    bind.execute(table.insert().values(id=1, x="ab"))
    bind.execute(sa.schema.AddConstraint(sa.UniqueConstraint(table.c.x, name="made_u")))
    return sa.inspect(bind).get_check_constraints("made")


@add(*T)
def server_defaults_and_python_defaults(op):
    op.add_column("t", sa.Column("at", sa.Date, server_default=sa.func.current_date(), nullable=False))
    op.add_column("t", sa.Column("n2", sa.Integer, server_default="5"))
    table = sa.table("t", sa.column("id"), sa.column("n2"), sa.column("s"))
    op.get_bind().execute(table.insert().values(id=50, s=sa.func.upper("x")))
    op.get_bind().execute(table.insert().values(id=51, n2=sa.select(sa.func.max(table.c.n2) + 1).scalar_subquery()))
    op.alter_column("t", "at", server_default=None)
    return op.get_bind().execute(sa.select(table).where(table.c.id >= 50).order_by(table.c.id)).all()


@add(*T)
def lightweight_tables_with_joins_and_subqueries(op):
    bind = op.get_bind()
    other = LIGHT.alias("other")
    joined = (
        sa.select(LIGHT.c.id, other.c.s).select_from(LIGHT.join(other, LIGHT.c.id == other.c.id)).order_by(LIGHT.c.id)
    )
    chosen = sa.select(LIGHT.c.id).where(LIGHT.c.s == "one")
    bind.execute(LIGHT.update().where(LIGHT.c.id.in_(chosen)).values(x=sa.func.concat(LIGHT.c.s, "-", LIGHT.c.id)))
    bind.execute(LIGHT.update().values(d=sa.case((LIGHT.c.id == 1, DAY), (LIGHT.c.id == 2, "2021-01-01"))))
    return [
        bind.execute(joined).all(),
        bind.execute(sa.select(sa.exists().where(LIGHT.c.x.isnot(None)))).scalar(),
        bind.execute(sa.select(LIGHT.c.x, LIGHT.c.d).where(LIGHT.c.d > "2020-01-01").order_by(LIGHT.c.id)).all(),
        bind.execute(sa.select(LIGHT.c.id).where(LIGHT.c.d.between("2020-01-01", DAY))).all(),
        bind.execute(sa.select(sa.func.count(sa.distinct(LIGHT.c.s)))).scalar(),
        bind.execute(sa.union_all(sa.select(sa.literal("a")), sa.select(sa.literal("b")))).all(),
    ]


@add(*T)
def jsonb_operators(op):
    bind = op.get_bind()
    table = sa.table("t", sa.column("id", sa.Integer), sa.column("jb", pg.JSONB))
    bind.execute(table.update().where(table.c.id == 1).values(jb={"a": {"b": [1, 2]}, "k": "v"}))
    bind.execute(table.update().where(table.c.id == 1).values(jb=table.c.jb.op("||")(sa.cast({"n": 1}, pg.JSONB))))
    bind.execute(table.update().where(table.c.id == 2).values(jb=sa.func.jsonb_build_object("x", "y", "n", 3)))
    return [
        bind.execute(sa.select(table.c.jb["a"]["b"][1], table.c.jb["k"].astext).where(table.c.id == 1)).all(),
        bind.execute(sa.select(table.c.id).where(table.c.jb.has_key("k"))).all(),
        bind.execute(sa.select(table.c.id).where(table.c.jb.contains({"n": 1}))).all(),
        bind.execute(sa.select(table.c.id).where(table.c.jb["x"].astext == "y")).all(),
        bind.execute(sa.select(table.c.jb[("a", "b", "0")].astext).where(table.c.id == 1)).all(),
        bind.execute(sa.select(sa.func.jsonb_array_elements(table.c.jb["a"]["b"])).where(table.c.id == 1)).all(),
    ]


@add(*T)
def array_operators(op):
    bind = op.get_bind()
    table = sa.table(
        "t", sa.column("id", sa.Integer), sa.column("ta", pg.ARRAY(sa.Text)), sa.column("ia", pg.ARRAY(sa.Integer))
    )
    bind.execute(table.update().where(table.c.id == 1).values(ta=["a", "b"], ia=[1, 2]))
    bind.execute(
        table.update().where(table.c.id == 2).values(ta=pg.array(["c"]), ia=sa.func.array_append(table.c.ia, 5))
    )
    return [
        bind.execute(sa.select(table.c.id).where(table.c.ta.contains(["a"]))).all(),
        bind.execute(sa.select(table.c.id).where(sa.literal("b") == sa.any_(table.c.ta))).all(),
        bind.execute(sa.select(table.c.ta[1], sa.func.unnest(table.c.ia)).where(table.c.id == 1)).all(),
        bind.execute(sa.select(sa.func.array_agg(table.c.id))).scalar() is not None,
        bind.execute(sa.select(table.c.id).where(table.c.id == sa.any_(sa.literal([1, 2])))).all(),
    ]


@add(*T)
def search_path_and_role(op):
    bind = op.get_bind()
    op.execute("CREATE SCHEMA IF NOT EXISTS elsewhere")
    bind.execute(sa.text("CREATE TABLE IF NOT EXISTS elsewhere.u (id int, d date)"))
    bind.execute(sa.text("SET LOCAL search_path TO elsewhere, public"))
    bind.execute(sa.text("INSERT INTO u VALUES (:id, :d)"), {"id": "1", "d": DAY})
    found = bind.execute(sa.text("SELECT d FROM u")).all()
    table = sa.table("u", sa.column("id"), schema="elsewhere")
    found += bind.execute(sa.select(table)).all()
    op.execute("DROP SCHEMA elsewhere CASCADE")
    bind.execute(sa.text("SET LOCAL search_path TO public"))
    return found


@add(*T)
def text_with_columns_and_bindparams(op):
    bind = op.get_bind()
    query = sa.text("SELECT id, jb, d FROM t WHERE id = :id").columns(
        sa.column("id", sa.Integer), sa.column("jb", pg.JSONB)
    )
    typed = sa.text("UPDATE t SET jb = :jb, d = :d, u = :u WHERE id = :id").bindparams(
        sa.bindparam("jb", type_=pg.JSONB), sa.bindparam("d", type_=sa.Date), sa.bindparam("u", type_=pg.UUID)
    )
    bind.execute(typed, {"jb": {"a": 1}, "d": dt.date(2020, 1, 1), "u": uuid.UUID(KEY), "id": 1})
    bind.execute(typed.params(jb=None, d=None, u=None, id=2))
    bind.execute(typed, [{"jb": [1], "d": None, "u": None, "id": -3}])
    return bind.execute(query, {"id": 1}).all()
