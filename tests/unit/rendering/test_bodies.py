from __future__ import annotations

from typing import Any

import pytest
import sqlalchemy as sa
from sqlalchemy.dialects import postgresql

from asyncmig.errors import FilterError, OperationError
from asyncmig.operations import AddColumn, AlterTable, CreateTable, DropColumn, DropTable, Operation
from asyncmig.rendering.bodies import Content, render_bodies
from asyncmig.rendering.form import ScriptForm
from asyncmig.rendering.hook import RenderContext
from asyncmig.rendering.source import Source
from tests.unit.rendering.types_of_users import Money

PLAIN = ScriptForm(False, "op", frozenset({"import sqlalchemy as sa"}))
AWAITED = ScriptForm(True, "op", frozenset({"import sqlalchemy as sa"}))


def add(name: str, kind: Any) -> AddColumn:
    return AddColumn("users", sa.Column(name, kind))


def content(*operations: Operation[Any], **more: Any) -> Content:
    return Content(operations, tuple(one.reversed() for one in reversed(operations)), **more)


def test_bodies_are_indented_from_their_second_line_on() -> None:
    bodies = render_bodies(content(add("a", sa.Text()), add("b", sa.Text())), AWAITED)
    assert bodies.upgrades == (
        'await op.add_column("users", sa.Column("a", sa.Text()))\n'
        '    await op.add_column("users", sa.Column("b", sa.Text()))'
    )
    assert bodies.downgrades == ('await op.drop_column("users", "b")\n    await op.drop_column("users", "a")')


def test_plain_form_awaits_nothing() -> None:
    block = AlterTable("users", (add("a", sa.Text()), DropColumn("users", "b", dropped=sa.Column("b", sa.Text()))))
    bodies = render_bodies(content(block), PLAIN)
    assert bodies.upgrades == (
        'with op.batch_alter_table("users") as batch:\n'
        '        batch.add_column(sa.Column("a", sa.Text()))\n'
        '        batch.drop_column("b")'
    )
    assert render_bodies(content(block), AWAITED).upgrades.startswith("async with op.batch_alter_table(")


def test_imports_are_those_that_the_template_lacks() -> None:
    given = content(add("a", postgresql.JSONB()), add("b", Money(2)), add("c", sa.Text()))
    assert render_bodies(given, AWAITED).imports == (
        "import tests.unit.rendering.types_of_users\nfrom sqlalchemy.dialects import postgresql"
    )
    assert render_bodies(given, ScriptForm()).imports.splitlines()[0] == "import sqlalchemy as sa"


def test_long_table_is_laid_out_line_by_line() -> None:
    columns = tuple(sa.Column(f"a_column_with_a_long_name_{number}", sa.String(100)) for number in range(4))
    text = render_bodies(content(CreateTable("t", columns)), AWAITED).upgrades
    assert text.splitlines()[:2] == ["await op.create_table(", '        "t",']
    assert max(map(len, text.splitlines())) <= 120


def test_warnings_are_comments_above_the_operations() -> None:
    text = render_bodies(content(add("a", sa.Text()), warnings=("One. " * 40, "two")), AWAITED).upgrades
    lines = text.splitlines()
    assert lines[0].startswith("# One. One.")
    assert lines[1].startswith("    # One.")
    assert lines[-2:] == ["    # two", '    await op.add_column("users", sa.Column("a", sa.Text()))']
    assert max(map(len, lines)) <= 120


def test_notes_stand_above_their_operations() -> None:
    given = content(add("a", sa.Text()), add("b", sa.Text()), notes=((), ("Look at this.",)))
    assert render_bodies(given, AWAITED).upgrades.splitlines()[1] == "    # Look at this."


def test_what_is_not_reversed_is_said_in_the_body_and_marked() -> None:
    given = Content((DropTable("t"),), (), gaps=("drop table t",))
    assert given.irreversible == "drop table t"
    assert render_bodies(given, AWAITED).downgrades == "# Not reversed: drop table t\n    pass"
    assert content(add("a", sa.Text())).irreversible is None


def test_hook_writes_what_it_wants() -> None:
    asked = []

    def render_item(kind: str, item: Any, context: RenderContext) -> str | Source | bool:
        asked.append(kind)
        if kind == "type" and isinstance(item, Money):
            context.imports.add("from app import types")
            return "types.Money()"
        return False

    bodies = render_bodies(content(add("a", Money(2)), render_item=render_item), AWAITED)
    assert bodies.upgrades == 'await op.add_column("users", sa.Column("a", types.Money()))'
    assert bodies.imports == "from app import types"
    assert set(asked) == {"type", "column"}


@pytest.mark.parametrize("answer", [3, ["x"]])
def test_hook_that_gives_no_text_is_named(answer: Any) -> None:
    with pytest.raises(FilterError, match="render_item failed when it was asked about column 'a'"):
        render_bodies(content(add("a", sa.Text()), render_item=lambda *_: answer), AWAITED)


def test_hook_that_raises_is_named() -> None:
    with pytest.raises(FilterError, match="ZeroDivisionError"):
        render_bodies(content(add("a", sa.Text()), render_item=lambda *_: 1 / 0), AWAITED)  # type: ignore[arg-type,return-value]


def test_hook_is_asked_about_defaults_and_not_about_what_is_computed() -> None:
    asked = []

    def render_item(kind: str, item: Any, context: RenderContext) -> str | bool:
        asked.append((kind, getattr(item, "name", None)))
        return "sa.text('0')" if kind == "server_default" else False

    columns = (
        sa.Column("a", sa.Integer(), server_default="1"),
        sa.Column("b", sa.Integer(), sa.Computed("a + 1")),
        sa.UniqueConstraint("a", name="uq_a"),
    )
    text = render_bodies(content(CreateTable("t", columns), render_item=render_item), AWAITED).upgrades  # type: ignore[arg-type]
    assert "server_default=sa.text('0')" in text
    assert [kind for kind, _ in asked].count("server_default") == 1
    assert ("unique", "uq_a") in asked


def test_type_that_cannot_be_written_is_an_error_with_the_way_out() -> None:
    class Local(sa.types.UserDefinedType[str]):
        def get_col_spec(self, **_: Any) -> str:
            return "LOCAL"

    with pytest.raises(OperationError, match="cannot be written into a revision") as caught:
        render_bodies(content(add("a", Local())), AWAITED)
    assert caught.value.hint is not None
