"""index visits

Revision ID: f218c6d05a7b
Revises: b57e2a40d8c9
Create Date: 2026-02-02 09:00:31+00:00
"""

from asyncmig import Operations

revision = "f218c6d05a7b"
down_revision = "b57e2a40d8c9"
branch_labels = None
depends_on = None


async def upgrade(op: Operations) -> None:
    await op.create_index("ix_visits_at", "visits", ["at"])


async def downgrade(op: Operations) -> None:
    await op.drop_index("ix_visits_at", "visits")
