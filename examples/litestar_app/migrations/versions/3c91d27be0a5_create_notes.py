"""create notes

Revision ID: 3c91d27be0a5
Revises:
Create Date: 2026-02-11 10:05:12+00:00
"""

import sqlalchemy as sa

from asyncmig import Operations

revision = "3c91d27be0a5"
down_revision = None
branch_labels = None
depends_on = None


async def upgrade(op: Operations) -> None:
    await op.create_table(
        "notes",
        sa.Column("id", sa.Integer(), primary_key=True),
        sa.Column("title", sa.String(200), nullable=False),
    )


async def downgrade(op: Operations) -> None:
    await op.drop_table("notes")
