"""Intended: where asyncmig gives another schema than Alembic on purpose, each as a program that shows it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from tests.differential.schema import Kind


@dataclass(frozen=True)
class Difference:
    """A difference that is there on purpose.

    Args:
        name: a short name.
        why: why ours is what people want.
        on: the kind of database.
        program: the body of an `upgrade`, on the schema of `programs.SCHEMA`.
        theirs: a pattern of what Alembic says or leaves.
        ours: a pattern of what asyncmig says or leaves instead.
    """

    name: str
    why: str
    on: Kind
    program: str
    theirs: str
    ours: str


DIFFERENCES: Sequence[Difference] = (
    Difference(
        "add_column creates the enumerated type that it needs",
        "With Alembic it fails, unless the script creates the type first.",
        "postgresql",
        'op.add_column("things", sa.Column("kind", sa.Enum("a", "b", name="kinds")))',
        'type "kinds" does not exist',
        "accepted",
    ),
    Difference(
        "execution_options belong to their statement",
        "With Alembic they hold for the rest of the run: here the sign after it would be doubled.",
        "postgresql",
        "op.execute(\"SELECT 1\", execution_options={'no_parameters': True})\n"
        "op.execute(\"UPDATE things SET name = '5%' WHERE id = 1\")",
        r"- rows of .*5%%",
        r"\+ rows of .*5%",
    ),
    Difference(
        "a block on SQLite keeps a CHECK without a name",
        "Alembic drops it with a warning.",
        "sqlite",
        'op.execute("CREATE TABLE narrow (id INTEGER PRIMARY KEY, a INTEGER, CHECK (a > 0))")\n'
        'with op.batch_alter_table("narrow", recreate="always") as batch_op:\n'
        '    batch_op.add_column(sa.Column("b", sa.Integer()))',
        "^$",
        r"\+ table narrow: check None a > 0",
    ),
    Difference(
        "a block on SQLite keeps triggers",
        "Alembic's copy of the table has none.",
        "sqlite",
        'op.execute("CREATE TRIGGER watch AFTER INSERT ON things BEGIN SELECT 1; END")\n'
        'with op.batch_alter_table("things", recreate="always") as batch_op:\n'
        '    batch_op.add_column(sa.Column("b", sa.Integer()))',
        "^$",
        r"\+ views and triggers: trigger \| watch",
    ),
    Difference(
        "a block on SQLite copies a table with a generated column",
        "Alembic tries to insert into the generated column.",
        "sqlite",
        'op.create_table("sums", sa.Column("a", sa.Integer()), sa.Column("b", sa.Integer(), sa.Computed("a * 2")))\n'
        'with op.batch_alter_table("sums") as batch_op:\n'
        '    batch_op.alter_column("a", existing_type=sa.Integer(), nullable=False)',
        "cannot INSERT into generated column",
        "accepted",
    ),
    Difference(
        "every directive rebuilds on SQLite where it must",
        "Alembic wants batch_alter_table around it.",
        "sqlite",
        'op.drop_constraint("uq_name", "things", type_="unique")',
        "No support for ALTER of constraints in SQLite dialect",
        "accepted",
    ),
    Difference(
        "the words that SQLite reserves are quoted",
        "SQLAlchemy does not know some of them.",
        "sqlite",
        'op.add_column("things", sa.Column("returning", sa.Integer()))',
        'near "returning": syntax error',
        "accepted",
    ),
)
