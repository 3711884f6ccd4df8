"""What operations say of themselves, in plans, in logs of a run and in errors."""

from typing import Any

import pytest
import sqlalchemy as sa

from asyncmig.operations import AddColumn, AlterColumn, CreateIndex, DropIndex, Operation


@pytest.mark.parametrize(
    ("operation", "words"),
    [
        (AlterColumn.of("users", "id", type_=sa.BigInteger), "alter column users.id: type BigInteger()"),
        (AlterColumn.of("users", "id", type_=sa.BigInteger()), "alter column users.id: type BigInteger()"),
        (AddColumn("users", sa.Column("age", sa.Integer)), "add column users.age Integer()"),
        (CreateIndex.of("ix", "users", ["a", "b"]), "create index ix on users (a, b)"),
        (CreateIndex.of(None, "users", ["a"], unique=True), "create unique index on users (a)"),
        (DropIndex.of("ix"), "drop index ix"),
    ],
)
def test_description(operation: Operation[Any], words: str) -> None:
    assert operation.describe() == words
