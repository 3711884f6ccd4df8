"""create customers

Revision ID: 6d0c93e7b1f4
Revises:
Create Date: 2026-01-20 08:30:00+00:00
"""

import sqlalchemy as sa

from asyncmig import Operations

revision = "6d0c93e7b1f4"
down_revision = None
branch_labels = None
depends_on = None


async def upgrade(op: Operations) -> None:
    await op.create_table(
        "customers",
        sa.Column("id", sa.Integer(), primary_key=True),
        sa.Column("name", sa.String(100), nullable=False),
    )


async def downgrade(op: Operations) -> None:
    await op.drop_table("customers")
