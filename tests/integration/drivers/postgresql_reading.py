"""Plain scripts that read from PostgreSQL what psycopg2 gives them."""

import contextlib

import sqlalchemy as sa

from tests.integration.drivers.harness import Cases

CASES = Cases(__name__)
add = CASES.add


def _all(op, sql, **parameters):
    return op.get_bind().execute(sa.text(sql), parameters).all()


@add()
def numbers(op):
    return _all(op, "SELECT 1, 1::bigint, 1.50, 1::float8, 1::real, true, NULL, 1::smallint, 1::oid")


@add()
def dates_and_times(op):
    return _all(
        op,
        "SELECT '2020-02-29'::date, '2020-02-29 10:11:12.5'::timestamp, '10:11'::time, '10:11+02'::timetz,"
        " '1 year 2 months 3 days 04:05:06.7'::interval, '-1 day'::interval",
    )


@add()
def moments_in_the_zone_of_the_session(op):
    bind = op.get_bind()
    found = _all(op, "SELECT '2020-07-01 12:00+00'::timestamptz, ARRAY['2020-01-01 12:00+00'::timestamptz]")
    bind.execute(sa.text("SET LOCAL TIME ZONE 'America/New_York'"))
    return [found, _all(op, "SELECT '2020-07-01 12:00+00'::timestamptz, '2020-01-01 12:00+00'::timestamptz")]


@add()
def json_comes_decoded(op):
    return _all(op, "SELECT '{\"a\": [1, 2.5]}'::json, '[null]'::jsonb, '\"x\"'::jsonb, 'null'::jsonb, '5'::json")


@add()
def json_through_text_type(op):
    return _all(
        op, "SELECT '{\"a\": 1}'::jsonb::text, '{\"a\": {\"b\": 1}}'::jsonb -> 'a', '{\"a\": 1}'::jsonb ->> 'a'"
    )


@add()
def uuid_and_network(op):
    return [
        str(_all(op, "SELECT '7f1d2f0e-5c5c-4a1c-9d5b-0d4f4d1f6f11'::uuid")[0][0]),
        _all(op, "SELECT '10.0.0.1'::inet, '10.0.0.1/8'::inet, '10.0.0.0/8'::cidr, '08:00:2b:01:02:03'::macaddr"),
        _all(op, "SELECT ARRAY['10.0.0.1'::inet]"),
    ]


@add()
def bytea(op):
    return _all(op, "SELECT 'abc'::bytea, ARRAY['a'::bytea]")


@add()
def bits_and_money(op):
    return _all(op, "SELECT B'1010', B'10101010101'::varbit, 12.5::money")


@add()
def names_and_chars_of_the_catalogue(op):
    return [
        _all(op, "SELECT relname, relkind, relpersistence FROM pg_class WHERE relname = 'pg_class'"),
        _all(op, "SELECT contype FROM pg_constraint LIMIT 0"),
        _all(
            op, "SELECT 'pg_class'::regclass, 'int4'::regtype, 'now'::regproc, 'a'::\"char\", 'n'::name, 'c'::char(3)"
        ),
        _all(op, "SELECT '1 2'::int2vector, '1 2'::oidvector, ARRAY['a'::name]"),
    ]


@add("CREATE TYPE color AS ENUM ('red', 'green and blue')", "CREATE EXTENSION IF NOT EXISTS citext SCHEMA pg_catalog")
def enums_and_their_arrays(op):
    return _all(
        op,
        "SELECT 'red'::color, ARRAY['red'::color, 'green and blue', NULL], enum_range(NULL::color), ARRAY[]::color[]",
    )


@add()
def arrays(op):
    return _all(
        op,
        "SELECT ARRAY[1, 2], ARRAY['a', NULL], ARRAY[[1], [2]], ARRAY[1.5], ARRAY[true], ARRAY[]::text[],"
        " ARRAY['2020-01-01'::date], ARRAY['{}'::jsonb], string_to_array('a,b', ',')",
    )


@add("CREATE TABLE t (a int, b text, c boolean)", "INSERT INTO t VALUES (1, 'x y', true), (NULL, '', false)")
def whole_rows_and_points(op):
    return [
        _all(op, "SELECT t FROM t ORDER BY a"),
        _all(op, "SELECT (a, b) FROM t ORDER BY a"),
        _all(op, "SELECT point(1, 2.5)"),
    ]


@add()
def full_text_and_xml(op):
    return _all(op, "SELECT to_tsvector('simple', 'b a'), 'a & b'::tsquery, 'a'::text COLLATE \"C\"")


@add()
def void_and_setting(op):
    return _all(op, "SELECT pg_advisory_xact_lock(1), set_config('a.b', 'c', true), current_setting('a.b')")


@add("CREATE TABLE t (id int, s text)", "INSERT INTO t VALUES (1, 'a'), (2, 'b'), (3, 'c')")
def ways_of_reading(op):
    bind = op.get_bind()
    query = sa.text("SELECT id, s FROM t ORDER BY id")
    result = bind.execute(query)
    keys = list(result.keys())
    row = result.fetchone()
    return [
        keys,
        row.id,
        row[1],
        row._mapping["s"],
        row._asdict(),
        result.fetchmany(1),
        result.fetchall(),
        result.fetchall(),
        bind.execute(query).scalar(),
        bind.execute(query).scalars().all(),
        bind.execute(query).mappings().all(),
        bind.scalar(query),
        bind.execute(query).first(),
        dict(bind.execute(query).all()),
        bind.execute(query).rowcount,
        bind.execute(query).returns_rows,
        bind.scalars(query).all(),
        bind.execute(sa.text("SELECT count(*) FROM t")).scalar_one(),
        bind.execute(sa.text("SELECT 1 WHERE false")).scalar(),
    ]


@add("CREATE TABLE t (id int, s text)", "INSERT INTO t SELECT n, 'x' || n FROM generate_series(1, 300) n")
def loop_with_an_open_result(op):
    bind = op.get_bind()
    seen = 0
    for row in bind.execute(sa.text("SELECT id, s FROM t ORDER BY id")):
        bind.execute(sa.text("UPDATE t SET s = :s WHERE id = :id"), {"s": f"y{row.id}", "id": row.id})
        seen += 1
    return seen


@add("CREATE TABLE t (id int, s text)", "INSERT INTO t SELECT n, 'x' || n FROM generate_series(1, 5000) n")
def loops_with_rows_left_on_the_server(op):
    bind = op.get_bind()
    total = 0
    options = {"stream_results": True, "max_row_buffer": 100}
    query = sa.text("SELECT id FROM t WHERE s LIKE :p ORDER BY id")
    for row in bind.execute(query, {"p": "x%"}, execution_options=options):
        if row.id % 1000 == 0:
            bind.execute(sa.text("UPDATE t SET s = 'z' WHERE id = :id"), {"id": str(row.id)})
        total += row.id
    parts = [
        len(part) for part in bind.execute(sa.text("SELECT id FROM t").execution_options(yield_per=1000)).partitions()
    ]
    return [total, parts]


@add("CREATE TABLE t (id int, s text)", "INSERT INTO t VALUES (1, 'a')")
def select_again_after_the_table_has_changed(op):
    bind = op.get_bind()
    query = sa.text("SELECT * FROM t")
    before = bind.execute(query).all()
    op.add_column("t", sa.Column("n", sa.Integer))
    middle = bind.execute(query).all()
    bind.execute(sa.text("ALTER TABLE t ALTER COLUMN id TYPE text"))
    after = bind.execute(query).all()
    bind.connection.cursor().execute("ALTER TABLE t DROP COLUMN s")
    return [before, middle, after, bind.execute(query).all(), bind.execute(sa.text("SELECT t FROM t")).all()]


@add("CREATE TYPE color AS ENUM ('red')", "CREATE TABLE t (c color)", "INSERT INTO t VALUES ('red')")
def type_that_is_made_anew(op):
    bind = op.get_bind()
    before = bind.execute(sa.text("SELECT c FROM t")).all()
    op.execute("ALTER TYPE color RENAME TO color_old")
    op.execute("CREATE TYPE color AS ENUM ('red', 'blue')")
    op.execute("ALTER TABLE t ALTER COLUMN c TYPE color USING c::text::color")
    op.execute("DROP TYPE color_old")
    bind.execute(sa.text("INSERT INTO t VALUES (:c)"), {"c": "blue"})
    return [before, bind.execute(sa.text("SELECT c FROM t ORDER BY c")).all()]


@add(
    "CREATE TABLE p (id int PRIMARY KEY)",
    "CREATE TABLE t (id serial PRIMARY KEY, p int REFERENCES p (id), s varchar(5) UNIQUE)",
    "CREATE INDEX i ON t (p, s DESC)",
    "CREATE VIEW v AS SELECT id FROM t",
    "ALTER TABLE t ADD CONSTRAINT positive CHECK (p > 0)",
)
def inspection(op):
    inspector = sa.inspect(op.get_bind())
    columns = [(one["name"], str(one["type"]), one["nullable"], one["default"]) for one in inspector.get_columns("t")]
    return [
        sorted(set(inspector.get_table_names()) - {"asyncmig_log"}),
        inspector.get_view_names(),
        columns,
        inspector.get_indexes("t"),
        inspector.get_foreign_keys("t"),
        inspector.get_pk_constraint("t"),
        inspector.get_unique_constraints("t"),
        inspector.get_check_constraints("t"),
        inspector.has_table("t"),
        inspector.has_table("none"),
        inspector.get_schema_names(),
        inspector.default_schema_name,
    ]


@add(
    "CREATE TYPE color AS ENUM ('red')",
    "CREATE TABLE t (id serial PRIMARY KEY, c color, j jsonb, a int[], n numeric(5, 2))",
)
def reflected_table(op):
    bind = op.get_bind()
    table = sa.Table("t", sa.MetaData(), autoload_with=bind)
    bind.execute(
        table.insert(), [{"c": "red", "j": {"a": 1}, "a": [1], "n": "1.5"}, {"c": None, "j": None, "a": [], "n": 2}]
    )
    metadata = sa.MetaData()
    metadata.reflect(bind=bind)
    return [
        [(column.name, repr(column.type)) for column in table.columns],
        sorted(name for name in metadata.tables if not name.startswith(("alembic", "asyncmig"))),
        bind.execute(sa.select(table).order_by(table.c.id)).all(),
        sa.inspect(bind.engine).has_table("t"),
        sa.inspect(bind).get_enums(),
        bind.dialect.has_table(bind, "t"),
    ]


@add("CREATE TABLE t (id int PRIMARY KEY, s text NOT NULL)", "INSERT INTO t VALUES (1, 'a')")
def classes_of_errors(op):
    bind = op.get_bind()
    found = []
    for sql in (
        "INSERT INTO t VALUES (1, 'b')",
        "INSERT INTO t VALUES (2, NULL)",
        "SELECT * FROM missing",
        "SELEC 1",
        "SELECT 1/0",
        "SELECT 'x'::int",
        "SELECT missing FROM t",
        "CREATE TABLE t (id int)",
        "DROP TABLE missing",
        "SELECT * FROM none.t",
        "DO $$ BEGIN RAISE EXCEPTION 'no'; END $$",
        "SELECT 99999999999::int",
        "SET LOCAL statement_timeout = 'x'",
        "LOCK TABLE missing",
        "SELECT nextval('missing')",
        "SELECT current_setting('missing.x')",
        "ALTER TABLE t DROP COLUMN z",
    ):
        savepoint = bind.begin_nested()
        try:
            bind.execute(sa.text(sql))
        except sa.exc.SQLAlchemyError as error:
            found.append(
                (sql, type(error).__name__, type(error.orig).__mro__[-4].__name__, getattr(error.orig, "pgcode", None))
            )
        savepoint.rollback()
    return [(sql, name, code) for sql, name, _, code in found]


@add("CREATE TABLE t (id int PRIMARY KEY)")
def error_ends_the_transaction(op):
    bind = op.get_bind()
    with contextlib.suppress(sa.exc.ProgrammingError):
        bind.execute(sa.text("SELECT * FROM missing"))
    bind.execute(sa.text("SELECT 1"))
