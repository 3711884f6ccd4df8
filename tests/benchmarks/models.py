"""Models: a module with many tables, of the kind that applications have, as it would be written by hand."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

#: Columns of every table; with the key and the reference to the table before, ten in all.
_COLUMNS = (
    'sa.Column("name", sa.String(80), nullable=False, comment="what it is called")',
    'sa.Column("code", sa.String(20), nullable=False)',
    'sa.Column("amount", sa.Numeric(12, 2), server_default=sa.text("0"), nullable=False)',
    'sa.Column("is_active", sa.Boolean(), server_default=sa.true(), nullable=False)',
    'sa.Column("created_at", sa.DateTime(), server_default=sa.func.now(), nullable=False, comment="when it was made")',
)
#: What PostgreSQL has of its own.
_OF_POSTGRESQL = (
    'sa.Column("labels", postgresql.ARRAY(sa.String(20)))',
    'sa.Column("details", postgresql.JSONB(), server_default=sa.text("\'{}\'::jsonb"), nullable=False)',
)
_OF_OTHERS = (
    'sa.Column("labels", sa.String(200))',
    'sa.Column("details", sa.String(500), server_default="none", nullable=False)',
)
_HEAD = '''"""Models."""

import sqlalchemy as sa
from sqlalchemy.dialects import postgresql

metadata = sa.MetaData()
'''


def write_models(path: Path, tables: int, backend: str) -> None:
    """Write a module whose `metadata` has so many tables.

    Args:
        path: the file.
        tables: how many.
        backend: the kind of database.
    """
    path.write_text(_HEAD + "".join(_table(number, backend) for number in range(tables)), "utf-8")


def _table(number: int, backend: str) -> str:
    lines = ",\n    ".join(_parts(number, backend))
    return f'\nsa.Table(\n    "table_{number:05}",\n    metadata,\n    {lines},\n)\n'


def _parts(number: int, backend: str) -> Iterator[str]:
    name = f"table_{number:05}"
    yield 'sa.Column("id", sa.Integer(), primary_key=True)'
    yield from _COLUMNS
    yield from _OF_POSTGRESQL if backend == "postgresql" else _OF_OTHERS
    if number % 5 == 0:
        yield f'sa.Column("state", sa.Enum("new", "open", "done", name="state_{number:05}"))'
    else:
        yield 'sa.Column("state", sa.String(10), comment="how far it is")'
    if number:
        parent = f"table_{number - 1:05}"
        yield 'sa.Column("parent_id", sa.Integer())'
        yield f'sa.ForeignKeyConstraint(["parent_id"], ["{parent}.id"], name="fk_{name}_parent", ondelete="CASCADE")'
    else:
        yield 'sa.Column("parent_id", sa.Integer())'
    yield f'sa.UniqueConstraint("code", name="uq_{name}_code")'
    yield f'sa.Index("ix_{name}_name", "name")'
    yield f'sa.Index("ix_{name}_created", "created_at", "is_active")'
