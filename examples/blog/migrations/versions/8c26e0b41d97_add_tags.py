"""add tags

A revision in the plain form: `upgrade()` takes nothing, `op` is imported, and nothing is awaited. Both forms may stand
in one history; `op.get_bind()` is a real synchronous connection here.

Revision ID: 8c26e0b41d97
Revises: 5f1d3a9c7e20
Create Date: 2026-03-09 14:02:10+00:00
"""

import sqlalchemy as sa

from asyncmig import op

revision = "8c26e0b41d97"
down_revision = "5f1d3a9c7e20"
branch_labels = None
depends_on = None


def upgrade() -> None:
    tags = op.create_table(
        "tags",
        sa.Column("id", sa.Integer(), primary_key=True),
        sa.Column("name", sa.String(50), unique=True, nullable=False),
        sa.Column("slug", sa.String(50), unique=True, nullable=False),
    )
    op.create_table(
        "post_tags",
        sa.Column("post_id", sa.Integer(), sa.ForeignKey("posts.id", ondelete="CASCADE"), nullable=False),
        sa.Column("tag_id", sa.Integer(), sa.ForeignKey("tags.id", ondelete="CASCADE"), nullable=False),
        sa.PrimaryKeyConstraint("post_id", "tag_id"),
    )
    op.bulk_insert(
        tags,
        [
            {"name": "News", "slug": "news"},
            {"name": "How to", "slug": "how-to"},
            {"name": "Off topic", "slug": "off-topic"},
        ],
    )


def downgrade() -> None:
    op.drop_table("post_tags")
    op.drop_table("tags")
