"""Renames: what only has another name keeps its data, and nothing is dropped in silence."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import pytest
import sqlalchemy as sa
from sqlalchemy import Column, MetaData

from asyncmig.autogenerate import (
    Backfill,
    NewColumn,
    OneTimeDefault,
    RenameQuestion,
    Renames,
)
from asyncmig.errors import AmbiguousRenameError, AutogenerateError
from asyncmig.operations import AddColumn, AlterColumn, CreateTable, DropTable
from tests.unit.autogenerate.fakes import compared, described, models, undone


class Answering:
    """Answers every question in the same way, and remembers them."""

    def __init__(self, rename: bool | None = None, default: OneTimeDefault | Backfill | None = None) -> None:
        self.rename = rename
        self.default = default
        self.asked: list[RenameQuestion] = []
        self.columns: list[NewColumn] = []

    async def is_rename(self, question: RenameQuestion) -> bool | None:
        self.asked.append(question)
        return self.rename

    async def default_for(self, column: NewColumn) -> OneTimeDefault | Backfill | None:
        self.columns.append(column)
        return self.default


def users(*columns: Column[Any], name: str = "users", **options: Any) -> MetaData:
    metadata = MetaData()
    fixed = [Column("id", sa.Integer, primary_key=True), Column("email", sa.String(50))]
    sa.Table(name, metadata, *fixed, *columns, **options)
    return metadata


def before() -> MetaData:
    return users(Column("name", sa.String(20), nullable=False, index=True))


def after(**options: Any) -> MetaData:
    return users(Column("full_name", sa.String(20), nullable=False, **options))


async def test_a_column_that_may_be_another_one_is_an_error_where_nobody_answers() -> None:
    with pytest.raises(AmbiguousRenameError) as caught:
        await compared(before(), after())

    assert caught.value.candidates == (("users.name", "full_name"),)
    assert "users.name" in caught.value.message
    assert caught.value.hint is not None
    assert "--rename users.name=full_name" in caught.value.hint
    assert "--no-rename" in caught.value.hint
    assert caught.value.exit_code == 2


async def test_a_loss_can_be_accepted() -> None:
    found = await compared(before(), after(), renames=Renames(accept_loss=True))

    assert described(found) == [
        "drop index ix_users_name of users",
        "add column users.full_name String(length=20) not null",
        "drop column users.name",
    ]


async def test_a_given_rename_comes_first_and_the_rest_is_compared_under_the_new_name() -> None:
    found = await compared(before(), after(), renames=Renames.parse(["users.name=full_name"]))

    assert described(found) == ["alter column users.name: rename to full_name", "drop index ix_users_name of users"]
    assert undone(found) == [
        "create index ix_users_name on users (full_name)",
        "alter column users.full_name: rename to name",
    ]


async def test_a_renamed_column_may_change_too() -> None:
    wanted = users(Column("full_name", sa.String(99), index=True))

    found = await compared(before(), wanted, renames=Renames.parse(["users.name=users.full_name"]))

    assert described(found) == [
        "alter column users.name: rename to full_name",
        "drop index ix_users_name of users",
        "alter column users.full_name: type String(length=99), null",
        "create index ix_users_full_name on users (full_name)",
    ]


@pytest.mark.parametrize("hint", ["name", ["title", "name"]], ids=["one name", "several names"])
async def test_models_say_that_a_column_had_another_name(hint: str | Sequence[str]) -> None:
    found = await compared(before(), after(info={"renamed_from": hint}, index=True))

    assert described(found)[0] == "alter column users.name: rename to full_name"


async def test_a_hint_does_nothing_once_the_column_has_its_new_name() -> None:
    there = after()

    assert (await compared(there, after(info={"renamed_from": "name"}))).is_empty


@pytest.mark.parametrize("answer", [True, False])
async def test_somebody_is_asked_about_a_column(answer: bool) -> None:
    somebody = Answering(rename=answer)

    found = await compared(before(), after(), questioner=somebody)

    (question,) = somebody.asked
    assert (question.kind, question.table.name, question.old, question.new) == ("column", "users", "name", "full_name")
    assert question.score > 0.8
    assert any("rename to full_name" in line for line in described(found)) is answer


async def test_a_column_that_is_nothing_like_the_old_one_is_no_question() -> None:
    there = users(Column("age", sa.Integer))
    wanted = users(Column("note", sa.Text))

    found = await compared(there, wanted)

    assert described(found) == ["add column users.note Text()", "drop column users.age"]


async def test_a_table_that_may_be_another_one_is_an_error_where_nobody_answers() -> None:
    with pytest.raises(AmbiguousRenameError) as caught:
        await compared(users(), users(name="accounts"))

    assert caught.value.candidates == (("users", "accounts"),)


@pytest.mark.parametrize(
    ("renames", "options"),
    [
        (Renames.parse(["users=accounts"]), {}),
        (None, {"info": {"renamed_from": "users"}}),
    ],
    ids=["given", "hint of the model"],
)
async def test_a_table_gets_its_new_name_and_so_do_references_to_it(
    renames: Renames | None, options: dict[str, Any]
) -> None:
    there, wanted = users(), users(name="accounts", **options)
    for metadata, referent in ((there, "users"), (wanted, "accounts")):
        sa.Table(
            "posts", metadata, Column("id", sa.Integer, primary_key=True), Column("u", sa.ForeignKey(f"{referent}.id"))
        )

    found = await compared(there, wanted, renames=renames)

    assert described(found) == ["rename table users to accounts"]
    assert undone(found) == ["rename table accounts to users"]


async def test_a_column_of_a_renamed_table_can_be_renamed_by_either_name_of_the_table() -> None:
    for table in ("users", "accounts"):
        wanted = users(Column("full_name", sa.String(20), nullable=False), name="accounts")
        renames = Renames.parse(["users=accounts", f"{table}.name=full_name"])

        found = await compared(before(), wanted, renames=renames)

        assert described(found)[:2] == [
            "rename table users to accounts",
            "alter column accounts.name: rename to full_name",
        ]


async def test_a_rename_changes_checks_computed_columns_and_keys_with_it() -> None:
    def made(name: str) -> MetaData:
        return models(
            (
                "t",
                [
                    Column(name, sa.Integer, unique=True),
                    Column("twice", sa.Integer, sa.Computed(f"{name} * 2")),
                    sa.CheckConstraint(f"{name} > 0 AND 'old_one' <> ''", name="ck"),
                    sa.Index("ix", sa.text(f"abs({name})")),
                ],
            ),
            ("u", [Column("t_id", sa.ForeignKey(f"t.{name}"))]),
        )

    found = await compared(made("old_one"), made("new_one"), renames=Renames.parse(["t.old_one=new_one"]))

    assert described(found) == ["alter column t.old_one: rename to new_one"]


async def test_two_columns_are_asked_about_once_each_and_the_best_pair_first() -> None:
    there = users(Column("first_name", sa.String(20)), Column("last_name", sa.String(20)))
    wanted = users(Column("given_name", sa.String(20)), Column("last_name_at_birth", sa.String(20)))

    with pytest.raises(AmbiguousRenameError) as caught:
        await compared(there, wanted)

    assert caught.value.candidates == (("users.last_name", "last_name_at_birth"), ("users.first_name", "given_name"))


@pytest.mark.parametrize("option", ["users", "users.name", "=x", "a.b.c.d=e", "users.=x", "users.name="])
def test_a_rename_that_says_nothing_is_refused(option: str) -> None:
    with pytest.raises(AutogenerateError, match="does not say what gets which name"):
        Renames.parse([option])


async def test_a_rename_that_fits_nothing_is_refused() -> None:
    with pytest.raises(AutogenerateError, match=r"--rename users\.nam=full_name fits nothing"):
        await compared(before(), after(), renames=Renames.parse(["users.nam=full_name"]))


async def test_values_of_an_enum_can_be_renamed() -> None:
    there = models(("t", [Column("a", sa.Enum("x", "y", name="mood"))]))
    wanted = models(("t", [Column("a", sa.Enum("x", "z", name="mood"))]))

    found = await compared(there, wanted, renames=Renames.parse(["mood.y=z"]))

    (change,) = found.changes
    assert change.operation.renamed == {"y": "z"}  # type: ignore[attr-defined]
    assert change.notes == ()


async def test_many_tables_that_come_and_go_are_compared_in_time() -> None:
    there = models(*[(f"old_{number}", [Column(f"c{number}", sa.Integer)]) for number in range(300)])
    wanted = models(*[(f"new_{number}", [Column(f"d{number}", sa.Integer)]) for number in range(300)])

    found = await compared(there, wanted, renames=Renames(accept_loss=True))

    assert sum(isinstance(operation, CreateTable) for operation in found.operations) == 300
    assert sum(isinstance(operation, DropTable) for operation in found.operations) == 300


# -- new columns that must have a value -------------------------------------------------------------------------------


def _with_age() -> MetaData:
    return users(Column("age", sa.Integer, nullable=False))


async def test_a_new_column_that_must_have_a_value_is_noted_where_nobody_answers() -> None:
    found = await compared(users(), _with_age())

    assert described(found) == ["add column users.age Integer() not null"]
    assert found.changes[0].notes == ("users.age is NOT NULL and has no default for rows that are there.",)


async def test_a_default_is_given_once_and_taken_away() -> None:
    somebody = Answering(default=OneTimeDefault("18"))

    found = await compared(users(), _with_age(), questioner=somebody)

    assert [(question.table.name, question.column) for question in somebody.columns] == [("users", "age")]
    added, altered = found.operations
    assert isinstance(added, AddColumn)
    assert isinstance(altered, AlterColumn)
    assert str(added.column.server_default.arg) == "18"  # type: ignore[union-attr]
    assert (added.column.nullable, altered.server_default) == (False, None)
    assert undone(found) == ["alter column users.age: default 18", "drop column users.age"]


async def test_rows_are_filled_before_a_column_must_have_a_value() -> None:
    found = await compared(users(), _with_age(), questioner=Answering(default=Backfill("18")))

    assert described(found) == [
        "add column users.age Integer()",
        "execute UPDATE users SET age = 18 WHERE age IS NULL",
        "alter column users.age: not null",
    ]
    assert undone(found) == ["alter column users.age: null", "drop column users.age"]
    assert [change.one_way for change in found.changes] == [False, True, False]


@pytest.mark.parametrize(
    "column",
    [
        Column("a", sa.Integer, nullable=False, server_default="1"),
        Column("a", sa.Integer, sa.Identity()),
        Column("a", sa.Integer, sa.Computed("id + 1"), nullable=False),
        Column("a", sa.Integer),
    ],
    ids=["default", "identity", "computed", "nullable"],
)
async def test_a_new_column_that_has_a_value_is_no_question(column: Column[Any]) -> None:
    somebody = Answering()

    found = await compared(users(), users(column), questioner=somebody)

    assert somebody.columns == []
    assert found.changes[0].notes == ()
