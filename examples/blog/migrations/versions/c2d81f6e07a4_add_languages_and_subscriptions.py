"""add languages and subscriptions

Revision ID: c2d81f6e07a4
Revises: a93f60c2b815
Create Date: 2026-06-15 07:58:40+00:00
"""

import sqlalchemy as sa

from asyncmig import Operations

revision = "c2d81f6e07a4"
down_revision = "a93f60c2b815"
branch_labels = None
depends_on = None


async def upgrade(op: Operations) -> None:
    await op.create_table(
        "subscriptions",
        sa.Column("reader_id", sa.Integer(), primary_key=True),
        sa.Column("author_id", sa.Integer(), primary_key=True),
        sa.Column("since", sa.DateTime(), server_default=sa.func.now(), nullable=False),
        sa.PrimaryKeyConstraint("reader_id", "author_id", name=op.f("pk_subscriptions")),
        sa.ForeignKeyConstraint(
            ["reader_id"],
            ["users.id"],
            name=op.f("fk_subscriptions_reader_id_users"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["author_id"],
            ["users.id"],
            name=op.f("fk_subscriptions_author_id_users"),
            ondelete="CASCADE",
        ),
        sa.CheckConstraint("reader_id <> author_id", name=op.f("ck_subscriptions_not_oneself")),
    )
    await op.add_column("posts", sa.Column("language", sa.String(length=10), server_default="en", nullable=False))
    await op.create_index(op.f("ix_posts_language"), "posts", ["language"])


async def downgrade(op: Operations) -> None:
    await op.drop_index(op.f("ix_posts_language"), table_name="posts")
    await op.drop_column("posts", "language")
    await op.drop_table("subscriptions")
