from typing import Any

import pytest
import sqlalchemy as sa

from asyncmig.migrator.summary import summary
from asyncmig.operations import (
    AddColumn,
    AlterColumn,
    AlterTable,
    CreateIndex,
    CreateTable,
    CreateUniqueConstraint,
    DropTable,
    Execute,
    Operation,
    RenameTable,
)


def table(name: str) -> CreateTable:
    return CreateTable(name, (sa.Column("id", sa.Integer()),))


def column(name: str) -> AddColumn:
    return AddColumn("posts", sa.Column(name, sa.String(20), nullable=False))


@pytest.mark.parametrize(
    ("operations", "words"),
    [
        ([column("rating")], "add column posts.rating"),
        ([column("a"), column("b")], "add column posts.a and posts.b"),
        ([table("tags"), CreateIndex("ix", "tags", ["id"]), column("a")], "create table tags and add column posts.a"),
        ([column("a"), CreateIndex("ix_a", "posts", ["a"])], "add column posts.a and create index ix_a on posts"),
        ([AlterColumn("posts", "a", nullable=False)], "alter column posts.a"),
        ([RenameTable("a", "b")], "rename table a to b"),
        ([AlterTable("posts", (column("a"), column("b")))], "add column posts.a and posts.b"),
        ([CreateUniqueConstraint("uq", "posts", ["a"])], "add unique constraint uq on posts"),
        ([Execute("UPDATE\n  posts SET a = 1")], "execute UPDATE posts SET a = 1"),
        ([table(name) for name in "abcd"], "create table a, b, c and d"),
        ([*[table(name) for name in "abcd"], DropTable("e")], "create table a, b, c and 2 more changes"),
    ],
)
def test_message_says_what_is_done(operations: list[Operation[Any]], words: str) -> None:
    assert summary(operations) == words
