"""create orders

Revision ID: b8d24e6f9071
Revises: 3f0c7b1e52a9
Create Date: 2026-05-19 16:40:10+00:00
"""

import sqlalchemy as sa
from alembic import op

revision = "b8d24e6f9071"
down_revision = "3f0c7b1e52a9"
branch_labels = None
depends_on = None


def upgrade():
    with op.batch_alter_table("products") as batch_op:
        batch_op.add_column(sa.Column("price", sa.Integer(), nullable=False, server_default="0"))
    op.create_table(
        "orders",
        sa.Column("id", sa.Integer(), primary_key=True),
        sa.Column("product_id", sa.Integer(), sa.ForeignKey("products.id"), nullable=False),
    )
    op.create_index("ix_orders_product_id", "orders", ["product_id"])


def downgrade():
    op.drop_table("orders")
    with op.batch_alter_table("products") as batch_op:
        batch_op.drop_column("price")
