"""Changes of a column give these statements on PostgreSQL."""

from typing import Any

import pytest
import sqlalchemy as sa
from sqlalchemy.dialects.postgresql.asyncpg import dialect

from asyncmig.dialects.facts import Facts
from asyncmig.dialects.postgresql import PostgreSQLAdapter
from asyncmig.errors import OperationError, UnsupportedOperationError
from asyncmig.operations import AlterColumn, TableName


def plan(*, version: tuple[int, ...] | None = None, facts: Facts | None = None, **changes: Any) -> list[str]:
    """The statements of `op.alter_column("t", "c", ...)`, without `ALTER TABLE t ALTER COLUMN c`."""
    spoken = dialect()  # type: ignore[no-untyped-call]
    if version is not None:
        spoken.server_version_info = version
    adapter = PostgreSQLAdapter(spoken)
    operation = AlterColumn.of("t", "c", **changes)
    first, second = ([step.sql for step in adapter.plan(operation, facts or Facts())] for _ in range(2))
    assert first == second
    return [sql.removeprefix("ALTER TABLE t ALTER COLUMN c ") for sql in first]


def test_order_is_type_null_default_comment_name() -> None:
    assert plan(
        type_=sa.BigInteger,
        postgresql_using="c::bigint",
        nullable=False,
        server_default="5",
        comment="it's",
        new_column_name="D",
    ) == [
        "DROP DEFAULT",
        "TYPE BIGINT USING c::bigint",
        "SET NOT NULL",
        "SET DEFAULT '5'",
        "COMMENT ON COLUMN t.c IS 'it''s'",
        'ALTER TABLE t RENAME c TO "D"',
    ]


@pytest.mark.parametrize(
    ("changes", "statements"),
    [
        ({}, []),
        ({"existing_type": sa.Integer(), "existing_nullable": False}, []),
        ({"type_": sa.String(5)}, ["TYPE VARCHAR(5)"]),
        ({"nullable": True}, ["DROP NOT NULL"]),
        ({"comment": None}, ["COMMENT ON COLUMN t.c IS NULL"]),
        ({"new_column_name": "c"}, []),
        ({"server_default": None}, ["DROP DEFAULT"]),
        ({"server_default": "it's"}, ["SET DEFAULT 'it''s'"]),
        ({"server_default": sa.text("now()")}, ["SET DEFAULT now()"]),
        ({"server_default": sa.func.now()}, ["SET DEFAULT now()"]),
        ({"server_default": sa.false(), "existing_type": sa.Boolean()}, ["SET DEFAULT false"]),
        ({"server_default": sa.text("'a:b'::text")}, ["SET DEFAULT 'a:b'::text"]),
        ({"server_default": None, "type_": sa.Text()}, ["DROP DEFAULT", "TYPE TEXT"]),
        ({"mysql_something": 1, "existing_comment": "x"}, []),
    ],
)
def test_change_gives_its_statements(changes: dict[str, Any], statements: list[str]) -> None:
    assert plan(**changes) == statements


def test_schema_is_named_everywhere() -> None:
    adapter = PostgreSQLAdapter(dialect())  # type: ignore[no-untyped-call]
    operation = AlterColumn.of("t", "C", schema="s", nullable=True, comment="x", new_column_name="d")
    assert [step.sql for step in adapter.plan(operation, Facts())] == [
        'ALTER TABLE s.t ALTER COLUMN "C" DROP NOT NULL',
        "COMMENT ON COLUMN s.t.\"C\" IS 'x'",
        'ALTER TABLE s.t RENAME "C" TO d',
    ]
    removed = AlterColumn.of("t", "C", schema="s", comment=None)
    assert [step.sql for step in adapter.plan(removed, Facts())] == ['COMMENT ON COLUMN s.t."C" IS NULL']


def test_using_without_a_type_is_an_error_that_shows_the_line() -> None:
    with pytest.raises(OperationError, match="no type_ is given") as error:
        plan(postgresql_using="c::int")
    assert error.value.hint == "op.alter_column('t', 'c', type_=..., postgresql_using='c::int')"


@pytest.mark.parametrize("place", ["insert_before", "insert_after"])
def test_column_cannot_be_moved(place: str) -> None:
    with pytest.raises(UnsupportedOperationError, match="cannot move a column"):
        plan(**{place: "x"})


# -- enums and checks of types -----------------------------------------------------------------------------------------


def test_missing_enum_is_created_first() -> None:
    mood = sa.Enum("ok", "sad", name="mood")
    assert plan(type_=mood, postgresql_using="c::mood") == [
        "CREATE TYPE mood AS ENUM ('ok', 'sad')",
        "TYPE mood USING c::mood",
    ]
    assert plan(type_=mood, facts=Facts(types={TableName("mood"): ("ok", "sad")})) == ["TYPE mood"]
    assert plan(type_=sa.Enum("ok", name="mood", create_type=False)) == ["TYPE mood"]


def test_check_of_the_old_type_goes_and_that_of_the_new_one_comes() -> None:
    old = sa.Enum("a", name="before", native_enum=False, create_constraint=True)
    new = sa.Enum("a", "b", name="later", native_enum=False, create_constraint=True)
    assert plan(type_=new, existing_type=old, new_column_name="d") == [
        "ALTER TABLE t DROP CONSTRAINT before",
        "TYPE VARCHAR(1)",
        "ALTER TABLE t RENAME c TO d",
        "ALTER TABLE t ADD CONSTRAINT later CHECK (d IN ('a', 'b'))",
    ]
    assert plan(nullable=True, existing_type=old) == ["DROP NOT NULL"]


def test_native_types_have_no_check() -> None:
    native = sa.Enum("a", name="native", create_constraint=True)
    assert plan(type_=sa.Boolean(create_constraint=True), existing_type=native) == ["TYPE BOOLEAN"]


def test_check_without_a_name_cannot_be_dropped() -> None:
    old = sa.Enum("a", native_enum=False, create_constraint=True)
    with pytest.raises(OperationError, match="CHECK of existing_type has no name"):
        plan(type_=sa.Text(), existing_type=old)


# -- identity ----------------------------------------------------------------------------------------------------------

REFLECTED = {
    "always": False,
    "start": 1,
    "increment": 1,
    "minvalue": 1,
    "maxvalue": 2**31 - 1,
    "cycle": False,
    "cache": 1,
}


@pytest.mark.parametrize("existing", [None, False])
def test_identity_is_added(existing: Any) -> None:
    assert plan(server_default=sa.Identity(always=True, start=5), existing_server_default=existing) == [
        "ADD GENERATED ALWAYS AS IDENTITY (START WITH 5)"
    ]


def test_identity_follows_a_default_that_is_dropped() -> None:
    old = sa.text("nextval('t_c_seq')")
    assert plan(server_default=sa.Identity(), existing_server_default=old, nullable=False) == [
        "DROP DEFAULT",
        "SET NOT NULL",
        "ADD GENERATED BY DEFAULT AS IDENTITY",
    ]


def test_identity_is_dropped_before_not_null() -> None:
    assert plan(server_default=None, existing_server_default=sa.Identity(), nullable=True) == [
        "DROP IDENTITY",
        "DROP NOT NULL",
    ]
    assert plan(server_default="1", existing_server_default=sa.Identity()) == ["DROP IDENTITY", "SET DEFAULT '1'"]


@pytest.mark.parametrize(
    ("new", "old", "change"),
    [
        ({}, REFLECTED, None),
        ({"always": True}, REFLECTED, "SET GENERATED ALWAYS"),
        ({}, {**REFLECTED, "always": True}, "SET GENERATED BY DEFAULT"),
        ({"increment": 2, "cycle": True}, REFLECTED, "SET INCREMENT BY 2 SET CYCLE"),
        ({}, {**REFLECTED, "increment": 5, "cache": 9}, "SET INCREMENT BY 1 SET CACHE 1"),
        ({"minvalue": 0, "maxvalue": 9}, REFLECTED, "SET START WITH 0 SET MINVALUE 0 SET MAXVALUE 9"),
        ({"start": 1}, {**REFLECTED, "maxvalue": 9}, "SET NO MAXVALUE"),
        ({"nominvalue": True, "nomaxvalue": True}, REFLECTED, None),
        ({"maxvalue": 2**63 - 1}, REFLECTED, None),
        ({"increment": -1}, {"increment": -1, "start": -1, "minvalue": -(2**31), "maxvalue": -1, "cache": 1}, None),
        ({"start": 7}, {"start": 1}, "SET START WITH 7"),
        ({}, {"increment": -1}, "SET INCREMENT BY 1 SET START WITH 1 SET NO MINVALUE SET NO MAXVALUE RESTART"),
    ],
)
def test_only_what_differs_of_an_identity_is_set(new: dict[str, Any], old: dict[str, Any], change: str | None) -> None:
    statements = plan(server_default=sa.Identity(**new), existing_server_default=sa.Identity(**old))
    assert statements == ([] if change is None else [change])


# -- generated columns -------------------------------------------------------------------------------------------------


def test_expression_is_dropped() -> None:
    assert plan(server_default=None, existing_server_default=sa.Computed("a")) == ["DROP EXPRESSION"]
    assert plan(server_default="1", existing_server_default=sa.Computed("a")) == ["DROP EXPRESSION", "SET DEFAULT '1'"]


def test_column_cannot_become_a_generated_one() -> None:
    with pytest.raises(UnsupportedOperationError, match="cannot make an existing column a generated one") as error:
        plan(server_default=sa.Computed("a + 1"))
    assert "op.drop_column('t', 'c')" in str(error.value.hint)


def test_expression_is_changed_where_the_server_can() -> None:
    changes = {"server_default": sa.Computed("a + 1"), "existing_server_default": sa.Computed("a + 2")}
    assert plan(**changes, version=(17, 0)) == plan(**changes) == ["SET EXPRESSION AS (a + 1)"]
    with pytest.raises(UnsupportedOperationError, match=r"PostgreSQL 15\.4 cannot change the expression"):
        plan(**changes, version=(15, 4))


def test_same_expression_is_left_alone() -> None:
    changes = {"server_default": sa.Computed("a  + 1"), "existing_server_default": sa.Computed("a + 1")}
    assert plan(**changes, version=(13, 0)) == []


def test_stored_does_not_become_virtual() -> None:
    changes = {
        "server_default": sa.Computed("a", persisted=False),
        "existing_server_default": sa.Computed("a", persisted=True),
    }
    with pytest.raises(UnsupportedOperationError, match="between stored and virtual"):
        plan(**changes)
