"""create visits

Revision ID: b57e2a40d8c9
Revises:
Create Date: 2026-01-21 13:12:44+00:00
"""

import sqlalchemy as sa

from asyncmig import Operations

revision = "b57e2a40d8c9"
down_revision = None
branch_labels = None
depends_on = None


async def upgrade(op: Operations) -> None:
    await op.create_table(
        "visits",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), primary_key=True),
        sa.Column("path", sa.String(500), nullable=False),
        sa.Column("at", sa.DateTime(), server_default=sa.func.now(), nullable=False),
    )


async def downgrade(op: Operations) -> None:
    await op.drop_table("visits")
