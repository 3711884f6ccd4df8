"""Plain scripts whose texts PostgreSQL can read only because psycopg2 writes the values into them."""

import sqlalchemy as sa

from tests.integration.drivers.harness import Cases
from tests.integration.drivers.postgresql_writing import DAY, KEY, T, execute_text, set_column

CASES = Cases(__name__)
add = CASES.add


@add(*T)
def concatenation(op):
    execute_text(op, "UPDATE t SET x = :x || 'a' || :y || s WHERE id = :id", x="p", y="q", id=1)
    return execute_text(op, "SELECT :x || 'a', :n + 1, -:n, 5 - :m", x="p", n=3, m=-4).all()


@add(*T)
def comparison_with_other_types(op):
    sql = "SELECT id FROM t WHERE id = :a AND s = :b AND :c < now() AND coalesce(d, :d) = :d"
    return execute_text(op, sql, a="1", b="one", c="2020-01-01", d=DAY).all()


@add(*T)
def text_against_int_is_refused(op):
    return execute_text(op, "SELECT id FROM t WHERE s = :s", s=1).all()


@add(*T)
def any_with_list(op):
    return [
        execute_text(op, "SELECT id FROM t WHERE id = ANY(:ids) ORDER BY id", ids=[1, 2, 9]).all(),
        execute_text(op, "SELECT id FROM t WHERE s = ANY(:names) ORDER BY id", names=["one", "two"]).all(),
        execute_text(op, "SELECT id FROM t WHERE id = ANY(:ids)", ids=[]).all(),
    ]


@add(*T)
def in_with_tuple(op):
    return [
        execute_text(op, "SELECT id FROM t WHERE id IN :ids ORDER BY id", ids=(1, 2, -3)).all(),
        execute_text(op, "SELECT id FROM t WHERE s IN :names ORDER BY id", names=("one",)).all(),
    ]


@add(*T)
def in_with_empty_tuple_is_refused(op):
    return execute_text(op, "SELECT id FROM t WHERE id IN :ids", ids=()).all()


@add(*T)
def in_expanding(op):
    clause = sa.text("SELECT id FROM t WHERE id IN :ids ORDER BY id").bindparams(sa.bindparam("ids", expanding=True))
    bind = op.get_bind()
    return [bind.execute(clause, {"ids": [1, 2]}).all(), bind.execute(clause, {"ids": []}).all()]


@add(*T)
def not_in_with_tuple(op):
    return execute_text(op, "DELETE FROM t WHERE id NOT IN :ids", ids=(1, 2)).rowcount


@add(*T)
def casts_next_to_binds(op):
    sql = (
        "SELECT (:x)::int, CAST(:y AS date), :z ::text, '5'::int + 1, (:j)::jsonb -> 'a',"
        " (:t)::timestamptz AT TIME ZONE 'UTC'"
    )
    return execute_text(op, sql, x="7", y=DAY, z=3, j='{"a": 1}', t="2020-01-01 00:00+01").all()


@add(*T)
def cast_right_after_bind(op):
    return op.get_bind().execute(sa.text(r"SELECT :x\:\:int, :y\:\:text"), {"x": "7", "y": 8}).all()


@add(*T)
def case_coalesce_and_limit(op):
    sql = """
        SELECT id, CASE WHEN s = :s THEN :a ELSE :b END, coalesce(x, :c), nullif(s, :s), greatest(:n, 2)
        FROM t ORDER BY id LIMIT :limit OFFSET :offset"""
    return execute_text(op, sql, s="one", a="x", b="y", c="z", n=5, limit=2, offset="1").all()


@add(*T)
def untyped_null(op):
    return execute_text(op, "SELECT :a IS NULL, coalesce(:a, 'x'), CASE WHEN :a IS NULL THEN 1 END", a=None).all()


@add(*T)
def untyped_selects(op):
    return execute_text(op, "SELECT :a, :b, :c, :d, :e", a="x", b=1, c=1.5, d=None, e=True).all()


@add(*T)
def insert_from_select_with_values(op):
    return execute_text(
        op, "INSERT INTO t (id, s, d, j) SELECT id + 10, :s, :d, :j FROM t", s="n", d=DAY, j="[1]"
    ).rowcount


@add(*T)
def insert_values_from_union(op):
    return execute_text(op, "INSERT INTO t (id, u) SELECT 5, :u UNION ALL SELECT 6, NULL", u=KEY).rowcount


@add(*T)
def jsonb_functions(op):
    sql = "UPDATE t SET jb = jsonb_set(coalesce(jb, '{}'), '{a}', :value) WHERE id = :id"
    first = execute_text(op, sql, value='"x"', id=1).rowcount
    execute_text(op, "UPDATE t SET jb = jb || :more WHERE jb IS NOT NULL", more='{"b": 2}')
    return [first, execute_text(op, "SELECT jb ->> :key, jb -> :key FROM t WHERE jb ? :key", key="a").all()]


@add(*T)
def json_build_object(op):
    return execute_text(op, "SELECT json_build_object('k', :v, 'n', :n)", v="x", n=2).all()


@add(*T)
def special_characters(op):
    for key, text in enumerate(
        ("it's", 'a "b"', "back\\slash", "50%", "%s %(x)s", ":name", "ünï\n☃", "a;b", "$1 $$"), 10
    ):
        execute_text(op, "INSERT INTO t (id, x) VALUES (:id, :x)", id=key, x=text)
    return execute_text(op, "SELECT x FROM t WHERE x LIKE :like ORDER BY id", like="%s %%").all()


@add(*T)
def nul_character_is_refused(op):
    return set_column(op, "x", "a\0b")


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
def several_statements_in_oneexecute_text(op):
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
    return execute_text(op, "SELECT double(:a)", a=4).all()
