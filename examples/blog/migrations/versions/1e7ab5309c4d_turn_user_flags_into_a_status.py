"""turn user flags into a status

Two flags allowed four combinations, of which three had a meaning. One column with three values takes their place:

1. add `status`, still nullable, with its enumerated type;
2. fill it from `is_active` and `is_suspended`, where suspended goes before active;
3. require it, and drop the flags.

The way back brings the flags back as far as a status tells: nobody is active and suspended at once any more.

Revision ID: 1e7ab5309c4d
Revises: d4907b13f6a8
Create Date: 2026-04-13 16:30:27+00:00
"""

import sqlalchemy as sa

from asyncmig import Operations

revision = "1e7ab5309c4d"
down_revision = "d4907b13f6a8"
branch_labels = None
depends_on = None

# Only what the statements below need; the models of today may look different tomorrow.
user_status = sa.Enum("active", "inactive", "suspended", name="user_status")
users = sa.table(
    "users",
    sa.column("is_active", sa.Boolean()),
    sa.column("is_suspended", sa.Boolean()),
    sa.column("status", user_status),
)


async def upgrade(op: Operations) -> None:
    await op.add_column("users", sa.Column("status", user_status))
    await op.execute(users.update().values(status="inactive"))
    await op.execute(users.update().where(users.c.is_active.is_(sa.true())).values(status="active"))
    await op.execute(users.update().where(users.c.is_suspended.is_(sa.true())).values(status="suspended"))
    await op.alter_column("users", "status", nullable=False, server_default="active", existing_type=user_status)
    await op.drop_column("users", "is_active")
    await op.drop_column("users", "is_suspended")


async def downgrade(op: Operations) -> None:
    await op.add_column("users", sa.Column("is_active", sa.Boolean(), server_default=sa.true(), nullable=False))
    await op.add_column("users", sa.Column("is_suspended", sa.Boolean(), server_default=sa.false(), nullable=False))
    await op.execute(
        users.update().values(is_active=users.c.status == "active", is_suspended=users.c.status == "suspended")
    )
    await op.drop_column("users", "status")
    await op.drop_enum("user_status")
