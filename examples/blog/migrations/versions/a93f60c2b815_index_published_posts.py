"""index published posts

The front page lists the newest published posts. On PostgreSQL the index is built while the table stays in use; such a
statement cannot run inside a transaction, so what was done before it in the revision is committed first.

Revision ID: a93f60c2b815
Revises: 1e7ab5309c4d
Create Date: 2026-05-04 11:20:03+00:00
"""

import sqlalchemy as sa

from asyncmig import Operations

revision = "a93f60c2b815"
down_revision = "1e7ab5309c4d"
branch_labels = None
depends_on = None


async def upgrade(op: Operations) -> None:
    await op.create_index(
        "ix_posts_newest",
        "posts",
        ["created_at"],
        postgresql_where=sa.text("published"),
        postgresql_concurrently=True,
        sqlite_where=sa.text("published"),
    )


async def downgrade(op: Operations) -> None:
    await op.drop_index("ix_posts_newest", "posts", postgresql_concurrently=True)
