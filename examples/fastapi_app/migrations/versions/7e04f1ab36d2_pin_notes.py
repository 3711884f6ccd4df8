"""pin notes

Revision ID: 7e04f1ab36d2
Revises: 2b8d5c61f9e3
Create Date: 2026-02-18 17:40:36+00:00
"""

import sqlalchemy as sa

from asyncmig import Operations

revision = "7e04f1ab36d2"
down_revision = "2b8d5c61f9e3"
branch_labels = None
depends_on = None


async def upgrade(op: Operations) -> None:
    await op.add_column("notes", sa.Column("pinned", sa.Boolean(), server_default=sa.false(), nullable=False))


async def downgrade(op: Operations) -> None:
    await op.drop_column("notes", "pinned")
