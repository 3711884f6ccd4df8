"""create products

Revision ID: 3f0c7b1e52a9
Revises:
Create Date: 2026-03-02 09:12:44+00:00
"""

import sqlalchemy as sa
from alembic import op

revision = "3f0c7b1e52a9"
down_revision = None
branch_labels = None
depends_on = None


def upgrade():
    op.create_table(
        "products",
        sa.Column("id", sa.Integer(), primary_key=True),
        sa.Column("name", sa.String(80), nullable=False),
    )


def downgrade():
    op.drop_table("products")
