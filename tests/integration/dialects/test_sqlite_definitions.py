"""Stored definitions: whatever CREATE TABLE SQLite accepts is read, kept and rebuilt as SQLite understands it."""

import sqlite3
from collections.abc import Sequence
from contextlib import closing, suppress
from dataclasses import replace

import pytest
from hypothesis import assume, event, given, settings
from hypothesis import strategies as st
from sqlalchemy.dialects import sqlite as sqlite_dialect

from asyncmig.dialects.facts import Facts
from asyncmig.dialects.sqlite import SQLiteAdapter
from asyncmig.dialects.sqlite_facts import read_table
from asyncmig.dialects.sqlite_parse import parse_table
from asyncmig.dialects.sqlite_shadow import quote
from asyncmig.dialects.steps import Statement
from asyncmig.operations import AlterTable, TableName

# -- any CREATE TABLE -------------------------------------------------------------------------------------------------

PLAIN = ["a", "b", "id", "Key", "text", "end", "x$1", "_y", "ü", "generated", "always", "match", "rowid"]
ODD = ["a b", 'q"q', "select", "check", "it's", "-- no", "/* no", ")", ",", "", "in", "100%", ":x", "a`b", "]"]


def spelt(name: str) -> st.SearchStrategy[str]:
    """The ways to write a name."""
    ways = [quote(name), "`" + name.replace("`", "``") + "`"]
    if "]" not in name:
        ways.append(f"[{name}]")
    if name in PLAIN:
        ways += [name, name.upper()]
    return st.sampled_from(ways)


names = st.sampled_from(PLAIN + ODD).flatmap(spelt)
types = st.sampled_from(
    [
        "",
        "INT",
        "INTEGER",
        "TEXT",
        "varchar(20)",
        "DECIMAL ( 10 , 2 )",
        "double precision",
        '"odd type"',
        "[t](1)",
        "'s'",
    ]
)
conflict = st.sampled_from(["", "", "", "ON CONFLICT IGNORE", "on conflict replace", "ON CONFLICT ABORT"])
literals = st.sampled_from(
    ["1", "-5", "+2.5e3", "'x'", "'it''s, ) -- '", "NULL", "x'00ff'", "CURRENT_TIMESTAMP", "(1 + (2))", "true", '"dq"']
)
actions = st.lists(
    st.sampled_from(["ON DELETE CASCADE", "on update set null", "ON DELETE NO ACTION", "MATCH FULL"]), max_size=2
).map(" ".join)
deferrals = st.sampled_from(
    ["", "", "DEFERRABLE", "NOT DEFERRABLE INITIALLY IMMEDIATE", "DEFERRABLE INITIALLY DEFERRED"]
)


@st.composite
def references(draw: st.DrawFn) -> str:
    target = draw(st.sampled_from(["p", '"p"', "[other t]", "t"]))
    columns = draw(st.sampled_from(["", "(id)", '( "id" )']))
    return f"REFERENCES {target} {columns} {draw(actions)} {draw(deferrals)}"


@st.composite
def conditions(draw: st.DrawFn, columns: Sequence[str]) -> str:
    column = draw(st.sampled_from(columns))
    return draw(
        st.sampled_from(
            [
                f"{column} > 0",
                f"length({column}) < 5 -- short\n",
                f"{column} IN ('x', 'y)', 1)",
                f"CASE WHEN {column} = 1 THEN 0 ELSE 1 END",
                f"({column} IS NULL OR ({column} <> '/*'))",
            ]
        )
    )


@st.composite
def column_clauses(draw: st.DrawFn, columns: Sequence[str]) -> str:
    kinds = draw(
        st.lists(
            st.sampled_from(["not null", "unique", "check", "default", "collate", "references", "null"]),
            max_size=4,
            unique=True,
        )
    )
    text = []
    for kind in kinds:
        if draw(st.integers(0, 3)) == 0:
            text.append(f"CONSTRAINT {draw(names)}")
        match kind:
            case "not null":
                text.append(f"NOT NULL {draw(conflict)}")
            case "unique":
                text.append(f"UNIQUE {draw(conflict)}")
            case "check":
                text.append(f"CHECK ({draw(conditions(columns))})")
            case "default":
                text.append(f"DEFAULT {draw(literals)}")
            case "collate":
                text.append(draw(st.sampled_from(["COLLATE NOCASE", 'collate "RTRIM"', "COLLATE binary"])))
            case "references":
                text.append(draw(references()))
            case _:
                text.append("NULL")
    return " ".join(text)


@st.composite
def table_constraints(draw: st.DrawFn, columns: Sequence[str]) -> str:
    some = draw(st.lists(st.sampled_from(columns), min_size=1, max_size=2, unique=True))
    listed = ", ".join(f"{column} {draw(st.sampled_from(['', 'COLLATE NOCASE', 'DESC']))}" for column in some)
    remote = ", ".join("id" for _ in some)
    name = f"CONSTRAINT {draw(names)} " if draw(st.booleans()) else ""
    return name + draw(
        st.sampled_from(
            [
                f"UNIQUE ({listed}) {draw(conflict)}",
                f"CHECK ({draw(conditions(columns))}) {draw(conflict)}",
                f"FOREIGN KEY ({', '.join(some)}) REFERENCES p ({remote}) {draw(actions)} {draw(deferrals)}",
            ]
        )
    )


@st.composite
def statements(draw: st.DrawFn) -> str:
    """A CREATE TABLE of a table t, with comments and white space anywhere."""
    columns = draw(st.lists(names, min_size=2, max_size=5, unique_by=lambda name: unquoted(name).lower()))
    items = [f"{column} {draw(types)} {draw(column_clauses(columns))}" for column in columns]
    key = draw(st.sampled_from(["none", "column", "autoincrement", "table", "table"]))
    first = columns[0]
    if key == "column":
        items[0] = f"{first} TEXT PRIMARY KEY {draw(conflict)}"
    elif key == "autoincrement":
        items[0] = f"{first} INTEGER PRIMARY KEY AUTOINCREMENT"
    if draw(st.booleans()):
        kind = draw(st.sampled_from(["", "VIRTUAL", "stored"]))
        always = draw(st.sampled_from(["", "GENERATED ALWAYS"]))
        items.append(f"{quote('computed')} INT {always} AS (length({first}) + 1) {kind}")
    if key == "table":
        items.append(f"PRIMARY KEY ({', '.join(columns[:2])})")
    items += draw(st.lists(table_constraints(columns), max_size=3))
    options = draw(st.sampled_from(["", "", "STRICT", "WITHOUT ROWID", "without rowid, strict"]))
    space = st.sampled_from(["", "", " ", "\n    ", " -- note, with ) and '\n", " /* why, ( */ ", "\t"])
    body = ",".join(f"{draw(space)}{item}{draw(space)}" for item in items)
    return f"CREATE TABLE {draw(st.sampled_from(['t', '[t]', 't /* c */']))} ({body}){options}"


def unquoted(name: str) -> str:
    if name[0] == "[":
        return name[1:-1]
    return name[1:-1].replace(name[0] * 2, name[0]) if name[0] in '"`' else name


# -- how SQLite understands one ---------------------------------------------------------------------------------------

PRAGMAS = (
    "SELECT * FROM pragma_table_xinfo('t') ORDER BY cid",
    "SELECT * FROM pragma_foreign_key_list('t') ORDER BY id, seq",
    "SELECT seq, \"unique\", origin, partial FROM pragma_index_list('t') ORDER BY seq",
    "SELECT i.seq, x.seqno, x.name, x.\"desc\", x.coll FROM pragma_index_list('t') AS i "
    "JOIN pragma_index_xinfo(i.name) AS x ORDER BY i.seq, x.seqno",
    "SELECT type, ncol, wr, strict FROM pragma_table_list('t')",
)
VALUES = (None, 0, 1, -3, 2.5, "x", "y)", "long text", "/*", b"b")


def understood(sql: str) -> tuple[object, ...]:
    """What SQLite makes of a CREATE TABLE, and which rows it lets in."""
    with closing(made(sql)) as database:
        outcomes = fill(database)
        return (facts_of(database), outcomes, database.execute("SELECT * FROM t").fetchall())


def made(sql: str) -> sqlite3.Connection:
    """A database with the table."""
    database = sqlite3.connect(":memory:", isolation_level=None)
    database.execute("CREATE TABLE p (id INTEGER PRIMARY KEY)")
    database.execute(sql)
    return database


def facts_of(database: sqlite3.Connection) -> list[list[object]]:
    return [database.execute(pragma).fetchall() for pragma in PRAGMAS]


def fill(database: sqlite3.Connection) -> list[str]:
    """Insert rows of all kinds; what SQLite says to each."""
    query = "SELECT name FROM pragma_table_xinfo('t') WHERE hidden = 0"
    columns = [str(name) for (name,) in database.execute(query)]
    outcomes = []
    for number in range(len(VALUES)):
        row = [VALUES[(number + shift) % len(VALUES)] for shift in range(len(columns))]
        outcomes.append(_outcome(database, columns, row))
    return outcomes


def _outcome(database: sqlite3.Connection, columns: list[str], row: list[object]) -> str:
    marks = ", ".join("?" for _ in columns)
    try:
        database.execute(f"INSERT INTO t ({', '.join(map(quote, columns))}) VALUES ({marks})", row)
    except sqlite3.Error as error:
        return str(error)
    return "ok"


def accepted(sql: str) -> bool:
    with closing(sqlite3.connect(":memory:")) as database:
        try:
            database.execute(sql)
        except sqlite3.Error:
            return False
        return True


def stored(sql: str) -> str:
    with closing(sqlite3.connect(":memory:")) as database:
        database.execute(sql)
        return str(database.execute("SELECT sql FROM sqlite_master WHERE name = 't' AND type = 'table'").fetchone()[0])


def check_meaning(sql: str) -> None:
    assume(accepted(sql))
    text = stored(sql)
    definition = parse_table(text)
    assert definition.render() == text
    assert understood(definition.render("t")) == understood(sql)


test_definition_that_was_taken_apart_means_the_same = settings(max_examples=150, deadline=None)(
    given(statements())(check_meaning)
)


@pytest.mark.slow
@settings(max_examples=5000, deadline=None)
@given(statements())
def test_very_many_definitions_mean_the_same(sql: str) -> None:
    check_meaning(sql)


@settings(max_examples=150, deadline=None)
@given(statements(), st.sampled_from(["INDEX", "UNIQUE INDEX"]))
def test_rebuilt_table_is_the_same(sql: str, kind: str) -> None:
    assume(accepted(sql))
    with closing(made(sql)) as database:
        fill(database)
        column = quote(str(database.execute("SELECT name FROM pragma_table_xinfo('t')").fetchone()[0]))
        with suppress(sqlite3.IntegrityError):
            database.execute(f"CREATE {kind} ix ON t (lower({column}), {column} DESC) WHERE {column} > 0")
        database.execute(f"CREATE TRIGGER tr AFTER INSERT ON t BEGIN UPDATE t SET {column} = new.{column} WHERE 0; END")
        database.execute("CREATE VIEW v AS SELECT * FROM t")
        queries = ("SELECT * FROM v", "SELECT type, name, tbl_name FROM sqlite_master ORDER BY name, type")
        before = [facts_of(database), *(database.execute(query).fetchall() for query in queries)]
        rebuild(database)
        assert [facts_of(database), *(database.execute(query).fetchall() for query in queries)] == before
        assert database.execute("PRAGMA integrity_check").fetchall() == [("ok",)]


def rebuild(database: sqlite3.Connection) -> None:
    """Rebuild the table as the adapter plans it."""
    adapter = SQLiteAdapter(sqlite_dialect.dialect())
    name = TableName("t")
    found = read_table(lambda query, values: database.execute(query, tuple(values)).fetchall(), name, quote)
    for step in adapter.plan(AlterTable("t", (), recreate="always"), Facts(tables={name: found})):
        if isinstance(step, Statement):
            database.execute(str(step.sql))


@settings(max_examples=75, deadline=None)
@given(statements())
def test_definition_is_read_as_sqlite_reads_it(sql: str) -> None:
    assume(accepted(sql))
    with closing(sqlite3.connect(":memory:")) as database:
        database.execute(sql)
        found = read_table(
            lambda query, values: database.execute(query, tuple(values)).fetchall(), TableName("T"), quote
        )
        assert found is not None
        assert found.problem == ""
        definition = found.definition
        assert definition is not None
        (row,) = database.execute("SELECT wr, strict FROM pragma_table_list('t')")
        assert (not definition.has_rowid, "STRICT" in definition.options) == tuple(map(bool, row))
        keys = database.execute("SELECT name FROM pragma_table_xinfo('t') WHERE pk > 0 ORDER BY pk").fetchall()
        assert [name.lower() for name in definition.primary_key] == [str(name).lower() for (name,) in keys]
        declared = database.execute("SELECT name, type, \"notnull\" FROM pragma_table_xinfo('t')").fetchall()
        for column, (name, type_, not_null) in zip(definition.columns, declared, strict=True):
            assert column.name == name
            event(f"type {type_}")
            # The options make every key NOT NULL by themselves.
            assert definition.options or column.nullable is not bool(not_null)
        count = database.execute("SELECT count(DISTINCT id) FROM pragma_foreign_key_list('t')").fetchone()[0]
        assert len(definition.foreign_keys) == count


@settings(max_examples=75, deadline=None)
@given(statements(), st.data())
def test_parts_that_were_not_touched_mean_the_same(sql: str, data: st.DataObject) -> None:
    assume(accepted(sql))
    definition = parse_table(stored(sql))
    column = data.draw(st.sampled_from(definition.columns))
    rest = [other for other in definition.columns if other is not column]
    changed = replace(definition, columns=(*rest, column))
    again = parse_table(changed.render("t"))
    assert [other.text for other in again.columns] == [other.text for other in changed.columns]
    assert [clause.text for clause in again.constraints] == [clause.text for clause in changed.constraints]
    assert again.tail == definition.tail
    assert accepted(changed.render("t"))


@pytest.mark.parametrize(
    "sql",
    [
        "CREATE TABLE t (a INT, UNIQUE (a) CHECK (a > 0) CONSTRAINT x)",
        "CREATE TABLE t (a INT CONSTRAINT x, b INT CONSTRAINT y CONSTRAINT z NOT NULL)",
        "CREATE TABLE t (a INTEGER, PRIMARY KEY (a AUTOINCREMENT))",
        "CREATE TABLE t (a INT b INT, c GENERATED)",
        "CREATE TABLE t (generated ALWAYS AS (1), b)",
        "CREATE TABLE t ('a' 'text', UNIQUE ('a'))",
        "CREATE TABLE t (a INT NOT NULL DEFERRABLE, b)",
        "CREATE TABLE t (a NULL NULL ON CONFLICT ABORT, b DEFAULT 1 DEFAULT 2 COLLATE NOCASE COLLATE BINARY)",
        "CREATE TABLE t(a,b)",
        "CREATE TABLE t (a INT AS (1) STORED NOT NULL, b REFERENCES p ON DELETE SET DEFAULT NOT DEFERRABLE UNIQUE)",
    ],
)
def test_oddities_that_sqlite_accepts(sql: str) -> None:
    definition = parse_table(stored(sql))
    assert understood(definition.render("t")) == understood(sql)
