"""create notes

Revision ID: 94d0a6c3e871
Revises:
Create Date: 2026-02-11 10:05:12+00:00
"""

import sqlalchemy as sa

from asyncmig import op

revision = "94d0a6c3e871"
down_revision = None
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "notes",
        sa.Column("id", sa.Integer(), primary_key=True),
        sa.Column("title", sa.String(200), nullable=False),
    )


def downgrade() -> None:
    op.drop_table("notes")
