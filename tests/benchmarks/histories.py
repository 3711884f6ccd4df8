"""Histories: revision files in any number, in Alembic's form and in ours.

The revisions change tables three by three: one creates a table, the next adds a column to it, the third an index.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Literal, TypeAlias

Form: TypeAlias = Literal["alembic", "async"]

#: Branchy histories: so many revisions from one merge to the next, of which this many in a line.
BLOCK, IN_LINE = 50, 40
BRANCHES, BRANCH_LENGTH = 3, 3

_ALEMBIC = '''"""{message}

Revision ID: {id}
Revises: {revises}
Create Date: 2026-03-14 09:26:53.589793

"""
from typing import Sequence, Union

from alembic import op
import sqlalchemy as sa


# revision identifiers, used by Alembic.
revision: str = {id!r}
down_revision: Union[str, Sequence[str], None] = {down!r}
branch_labels: Union[str, Sequence[str], None] = None
depends_on: Union[str, Sequence[str], None] = None


def upgrade() -> None:
    """Upgrade schema."""
{upgrade}


def downgrade() -> None:
    """Downgrade schema."""
{downgrade}
'''

_ASYNC = '''"""{message}

Revision ID: {id}
Revises: {revises}
Create Date: 2026-03-14 09:26:53+00:00
"""

import sqlalchemy as sa
from asyncmig import Operations

revision = {id!r}
down_revision = {down!r}
branch_labels = None
depends_on = None
{poison}

async def upgrade(op: Operations) -> None:
{upgrade}


async def downgrade(op: Operations) -> None:
{downgrade}
'''

#: Fails when the file is executed; its header is as readable as before.
_POISON = '\nraise RuntimeError("This file was executed, but only its header should have been read.")\n'

_CREATE_TABLE = """    {await_}op.create_table(
        {table!r},
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("code", sa.String(length=40), nullable=False),
        sa.Column("name", sa.String(length=100), nullable=True),
        sa.Column("amount", sa.Numeric(precision=10, scale=2), nullable=False),
        sa.Column("active", sa.Boolean(), nullable=False),
        sa.Column("created", sa.DateTime(), nullable=False),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("code", name="uq_{table}_code"),
    )"""
_DROP_TABLE = "    {await_}op.drop_table({table!r})"
_ADD_COLUMN = '    {await_}op.add_column({table!r}, sa.Column("note", sa.String(length=200), nullable=True))'
_DROP_COLUMN = '    {await_}op.drop_column({table!r}, "note")'
_CREATE_INDEX = '    {await_}op.create_index("ix_{table}_name", {table!r}, ["name"], unique=False)'
_DROP_INDEX = '    {await_}op.drop_index("ix_{table}_name", table_name={table!r})'

_KINDS = (
    ("create {table}", _CREATE_TABLE, _DROP_TABLE),
    ("add note to {table}", _ADD_COLUMN, _DROP_COLUMN),
    ("index the names of {table}", _CREATE_INDEX, _DROP_INDEX),
)


@dataclass(frozen=True)
class Node:
    """One revision of a generated history.

    Args:
        number: its place in the history.
        parents: what it follows.
    """

    number: int
    parents: tuple[str, ...]

    @property
    def id(self) -> str:
        """Its id: looks random, is the same in every run."""
        return node_id(self.number)

    @property
    def message(self) -> str:
        """What it does."""
        return _KINDS[self.number % 3][0].format(table=self._table)

    @property
    def file_name(self) -> str:
        """The name of its file."""
        return f"{self.id}_{self.message.replace(' ', '_')}.py"

    @property
    def _table(self) -> str:
        return f"t{self.number // 3:05}"

    def source(self, form: Form, *, poisoned: bool = False) -> str:
        """Its file.

        Args:
            form: Alembic's plain functions, or our async ones.
            poisoned: whether executing the file fails.
        """
        _, upgrade, downgrade = _KINDS[self.number % 3]
        await_ = "await " if form == "async" else ""
        down = self.parents if len(self.parents) > 1 else self.parents[0] if self.parents else None
        return (_ALEMBIC if form == "alembic" else _ASYNC).format(
            message=self.message,
            id=self.id,
            revises=", ".join(self.parents),
            down=down,
            upgrade=upgrade.format(table=self._table, await_=await_),
            downgrade=downgrade.format(table=self._table, await_=await_),
            poison=_POISON if poisoned else "",
        )


def node_id(number: int) -> str:
    """The id of the revision *number*."""
    return hashlib.sha256(b"%d" % number).hexdigest()[:12]


def linear(count: int) -> list[Node]:
    """*count* revisions, one after the other; they can be run."""
    return [Node(number, (node_id(number - 1),) if number else ()) for number in range(count)]


def branchy(count: int) -> list[Node]:
    """*count* revisions; every fifty end in three branches of three and a merge. Only their graph makes sense."""
    nodes: list[Node] = []
    tips: tuple[str, ...] = ()

    def add(parents: tuple[str, ...]) -> tuple[str, ...]:
        nodes.append(Node(len(nodes), parents))
        return (nodes[-1].id,)

    while len(nodes) < count:
        for _ in range(IN_LINE):
            tips = add(tips)
        ends: list[str] = []
        for _ in range(BRANCHES):
            end = tips
            for _ in range(BRANCH_LENGTH):
                end = add(end)
            ends += end
        tips = add(tuple(ends))
    return nodes[:count]


def heads_of(nodes: Sequence[Node]) -> list[str]:
    """The ids that no other revision follows."""
    followed = {parent for node in nodes for parent in node.parents}
    return [node.id for node in nodes if node.id not in followed]


def write_history(directory: Path, nodes: Iterable[Node], form: Form, *, poisoned: bool = False) -> None:
    """Write the files of *nodes* into *directory*."""
    directory.mkdir(parents=True, exist_ok=True)
    for node in nodes:
        (directory / node.file_name).write_text(node.source(form, poisoned=poisoned), "utf-8")
