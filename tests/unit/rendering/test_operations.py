import subprocess
import sys
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, ClassVar

import pytest
import sqlalchemy as sa
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy.sql.elements import conv

from asyncmig.errors import OperationError
from asyncmig.operations import (
    AddColumn,
    AlterColumn,
    AlterTable,
    BulkInsert,
    CreateCheckConstraint,
    CreateForeignKey,
    CreateIndex,
    CreateTable,
    CreateTableComment,
    DropColumn,
    DropConstraint,
    DropIndex,
    DropTableComment,
    Execute,
    Operation,
    RenameTable,
    RunPython,
)
from asyncmig.operations.base import KEYWORDS, SPREAD
from asyncmig.rendering.operations import render, render_body
from asyncmig.rendering.source import Source
from tests.architecture.samples import SAMPLES, fill_roles
from tests.unit.rendering.recorder import read_back
from tests.unit.rendering.test_expressions import conditions
from tests.unit.rendering.test_schema_items import columns
from tests.unit.rendering.test_types import types

EVERYTHING = [operation for operations in SAMPLES.values() for operation in operations]


def text(operation: Operation[Any], **options: Any) -> str:
    return render(operation, **options).text


def test_a_call_is_awaited_in_an_async_script_only() -> None:
    operation = RenameTable("a", "b")

    assert text(operation) == 'await op.rename_table("a", "b")'
    assert text(operation, asynchronous=False) == 'op.rename_table("a", "b")'
    assert text(operation, prefix="operations") == 'await operations.rename_table("a", "b")'


def test_arguments_that_are_the_default_are_left_out() -> None:
    assert text(AlterColumn.of("t", "c", nullable=False)) == 'await op.alter_column("t", "c", nullable=False)'
    assert text(DropIndex.of("ix", "t")) == 'await op.drop_index("ix", table_name="t")'
    assert text(DropConstraint("ck", "t", "check")) == 'await op.drop_constraint("ck", "t", type_="check")'


def test_none_is_written_where_it_is_not_the_default() -> None:
    operation = AlterColumn.of("t", "c", server_default=None, comment=None)

    assert text(operation) == 'await op.alter_column("t", "c", comment=None, server_default=None)'


def test_items_options_and_final_names_stand_as_in_a_script() -> None:
    operation = CreateIndex.of(
        conv("ix"), "t", ["a", sa.func.lower(sa.column("b"))], unique=True, postgresql_using="gin"
    )

    assert text(operation, asynchronous=False) == (
        'op.create_index(op.f("ix"), "t", ["a", sa.func.lower(sa.column("b"))], unique=True, postgresql_using="gin")'
    )


def test_a_long_call_has_one_argument_a_line() -> None:
    operation = CreateTable.of(
        "users",
        sa.Column("id", sa.Integer(), primary_key=True),
        sa.Column("role", sa.Enum("admin", "user", name="role"), server_default="user", nullable=False),
    )

    assert text(operation, width=80) == (
        """await op.create_table(
    "users",
    sa.Column("id", sa.Integer(), primary_key=True),
    sa.Column(
        "role",
        sa.Enum("admin", "user", name="role"),
        server_default="user",
        nullable=False,
    ),
)"""
    )


def test_text_of_several_lines_is_laid_out_by_its_lines() -> None:
    operation = Execute("CREATE FUNCTION f() RETURNS int AS $$\nSELECT 1\n$$ LANGUAGE sql")

    assert text(operation, width=50) == (
        """await op.execute(
    "CREATE FUNCTION f() RETURNS int AS $$\\n"
    "SELECT 1\\n"
    "$$ LANGUAGE sql",
)"""
    )


def test_rows_go_into_a_table_that_has_only_what_they_need() -> None:
    users = sa.Table("users", sa.MetaData(), sa.Column("id", sa.Integer(), primary_key=True), schema="s")

    assert text(BulkInsert(users, [{"id": 1}]), asynchronous=False) == (
        'op.bulk_insert(sa.table("users", sa.column("id", sa.Integer()), schema="s"), [{"id": 1}])'
    )


def test_a_function_is_written_by_its_name_with_its_arguments() -> None:
    source = render(RunPython.of(fill_roles, 1, name="roles", batch=2), asynchronous=False)

    assert source.text == f'op.run({fill_roles.__module__}.fill_roles, 1, name="roles", batch=2)'
    assert source.imports == {f"import {fill_roles.__module__}"}


def test_a_value_that_nobody_can_write_is_an_error() -> None:
    with pytest.raises(OperationError, match=r"builtins\.object cannot be written"):
        render(Execute("SELECT :x", {"x": object()}))


def test_a_source_of_a_plug_in_is_used_in_operations() -> None:
    sources: Mapping[type, Callable[[Any], Source]] = {
        object: lambda value: Source("thing", frozenset({"import thing"}))
    }
    source = render(Execute("SELECT :x", {"x": range(3)}), sources=sources)

    assert source.text == 'await op.execute("SELECT :x", parameters={"x": thing})'
    assert source.imports == {"import thing"}


def test_a_block_leaves_out_the_table() -> None:
    operation = AlterTable(
        "users",
        (
            AddColumn("users", sa.Column("age", sa.Integer()), schema="s"),
            AlterColumn.of("users", "age", nullable=False, schema="s"),
            CreateIndex.of(conv("ix"), "users", ["age"], schema="s"),
            DropIndex.of("ix2", "users", schema="s"),
            CreateForeignKey.of("fk", "users", "t", ["a"], ["id"], source_schema="s", referent_schema="r"),
            CreateTableComment("users", "people", schema="s"),
            DropTableComment("users", schema="s"),
        ),
        schema="s",
        recreate="always",
    )

    assert text(operation) == (
        """async with op.batch_alter_table("users", schema="s", recreate="always") as batch:
    batch.add_column(sa.Column("age", sa.Integer()))
    batch.alter_column("age", nullable=False)
    batch.create_index(op.f("ix"), ["age"])
    batch.drop_index("ix2")
    batch.create_foreign_key("fk", "t", ["a"], ["id"], referent_schema="r")
    batch.create_table_comment("people")
    batch.drop_table_comment()"""
    )
    assert text(operation, asynchronous=False).startswith('with op.batch_alter_table("users"')


def test_a_block_that_rebuilds_only_is_empty() -> None:
    assert text(AlterTable("t", (), recreate="always")).endswith("as batch:\n    pass")


def test_a_block_has_the_whole_of_the_table_that_it_copies() -> None:
    table = sa.Table("t", sa.MetaData(), sa.Column("id", sa.Integer(), primary_key=True))
    source = render(AlterTable("t", (DropColumn.of("t", "c"),), copy_from=table))

    assert 'copy_from=sa.Table("t", sa.MetaData(), sa.Column("id", sa.Integer(), primary_key=True))' in source.text


@pytest.mark.parametrize(
    "operation",
    [DropColumn.of("other", "c"), DropColumn.of("t", "c", schema="s"), Execute("SELECT 1"), RenameTable("t", "u")],
    ids=["table", "schema", "execute", "rename"],
)
def test_what_cannot_stand_in_a_block_is_an_error(operation: Operation[Any]) -> None:
    with pytest.raises(OperationError, match="cannot stand in a block on table t"):
        render(AlterTable("t", (operation,)))


@dataclass(frozen=True, eq=False)
class Shard(Operation[None]):
    """An operation of a user's own kind."""

    verb: ClassVar[str] = "shard"
    table_name: str
    parts: int = field(default=2, kw_only=True)

    def describe(self) -> str:
        return f"shard {self.table_name}"


@dataclass(frozen=True, eq=False)
class Grant(Operation[None]):
    """An operation of a user's own kind that is built by `of`."""

    verb: ClassVar[str] = "grant"
    names: tuple[str, ...] = field(metadata=SPREAD)
    options: Mapping[str, Any] = field(default_factory=dict, metadata=KEYWORDS)

    @classmethod
    def of(cls, *names: str, **options: Any) -> "Grant":
        return cls(names, options)


@pytest.mark.parametrize(
    ("operation", "call"),
    [(Shard("t", parts=3), 'Shard("t", parts=3)'), (Grant.of("a", "b", c=1), 'Grant.of("a", "b", c=1)')],
    ids=["class", "of"],
)
def test_an_operation_of_a_users_own_kind_is_performed(operation: Operation[Any], call: str) -> None:
    source = render(operation, asynchronous=False)

    assert source.text == f"op.perform({__name__}.{call})"
    assert source.imports == {f"import {__name__}"}
    assert render(read_back(source)[0], asynchronous=False) == source


def test_a_body_without_operations_is_pass() -> None:
    assert render_body([]) == Source("pass")


def test_a_body_has_one_call_after_the_other_and_all_imports() -> None:
    source = render_body([RenameTable("a", "b"), AddColumn("b", sa.Column("c", sa.Integer()))], prefix="o")

    assert source.text == 'await o.rename_table("a", "b")\nawait o.add_column("b", sa.Column("c", sa.Integer()))'
    assert source.imports == {"import sqlalchemy as sa"}


def test_a_body_keeps_to_the_line_length_when_it_is_indented() -> None:
    operation = RenameTable("a" * 30, "b" * 30)
    length = len(text(operation))

    assert "\n" not in render_body([operation], width=length + 4).text
    assert "\n" in render_body([operation], width=length + 3).text


@pytest.mark.parametrize("asynchronous", [False, True])
def test_a_body_of_everything_is_read_back(asynchronous: bool) -> None:
    source = render_body(EVERYTHING, asynchronous=asynchronous)
    back = read_back(source, asynchronous=asynchronous)

    assert render_body(back, asynchronous=asynchronous) == source


def test_a_body_of_everything_is_as_ruff_lays_it_out() -> None:
    lines = render_body(EVERYTHING).text.splitlines()
    script = "async def upgrade(op):\n" + "".join(f"    {line}\n" for line in lines)
    ruff = subprocess.run(
        [sys.executable, "-m", "ruff", "format", "--isolated", "--line-length=120", "-"],
        input=script,
        capture_output=True,
        check=True,
        text=True,
    )

    assert ruff.stdout == script


names = st.text(st.characters(codec="utf-8", exclude_characters="\x00"), min_size=1, max_size=15)
maybe = st.none() | names
options = st.dictionaries(st.sampled_from(["mysql_engine", "postgresql_using", "sqlite_strict"]), names | st.booleans())
defaults = st.sampled_from([False, None]) | names | st.just(sa.func.now()) | st.just(sa.Computed("a + b"))
on_table = {
    AddColumn: st.builds(AddColumn, st.just("t"), columns, if_not_exists=st.sampled_from([None, True, False])),
    AlterColumn: st.builds(
        AlterColumn.of,
        st.just("t"),
        names,
        nullable=st.sampled_from([None, True, False]),
        comment=st.just(False) | maybe,
        server_default=defaults,
        type_=st.none() | types,
        existing_type=st.none() | types,
        new_column_name=maybe,
    ),
    CreateCheckConstraint: st.builds(CreateCheckConstraint.of, maybe, st.just("t"), names | conditions),
    CreateForeignKey: st.builds(
        CreateForeignKey.of,
        maybe.map(lambda name: name and conv(name)),
        st.just("t"),
        names,
        st.lists(names),
        st.lists(names),
    ),
    CreateIndex: st.builds(CreateIndex.of, names, st.just("t"), st.lists(names), unique=st.booleans()),
    CreateTableComment: st.builds(CreateTableComment, st.just("t"), maybe, existing_comment=maybe),
    DropColumn: st.builds(DropColumn.of, st.just("t"), names, if_exists=st.booleans()),
    DropConstraint: st.builds(DropConstraint, names, st.just("t"), st.sampled_from([None, "unique", "check"])),
    DropIndex: st.builds(DropIndex.of, names, st.just("t")),
}
operations = st.one_of(
    *on_table.values(),
    st.builds(RenameTable, names, names, schema=maybe),
    st.builds(Execute, names, st.none() | st.dictionaries(names, names | st.integers() | st.dates())),
    st.builds(
        lambda name, items, given, **known: CreateTable.of(name, *items, **known, **given),
        names,
        st.lists(columns, max_size=4),
        options,
        schema=maybe,
        comment=maybe,
        if_not_exists=st.booleans(),
    ),
    st.builds(
        lambda items, recreate: AlterTable("t", tuple(items), recreate=recreate),
        st.lists(st.one_of(*on_table.values()), min_size=1, max_size=3),
        st.sampled_from(["auto", "always", "never"]),
    ),
)


@given(st.lists(operations, max_size=3), st.booleans(), st.sampled_from([40, 120]))
def test_any_operations_are_read_back_as_they_were(
    given_operations: list[Operation[Any]], asynchronous: bool, width: int
) -> None:
    source = render_body(given_operations, asynchronous=asynchronous, width=width)
    back = read_back(source, asynchronous=asynchronous)

    assert [type(operation) for operation in back] == [type(operation) for operation in given_operations]
    assert render_body(back, asynchronous=asynchronous, width=width) == source


@given(operations)
def test_rendering_changes_nothing_and_depends_on_nothing(operation: Operation[Any]) -> None:
    assert render(operation) == render(operation)
