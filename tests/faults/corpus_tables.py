"""Corpus: blocks of alterations, types, views, and revisions in the form in which Alembic reads them too."""

from __future__ import annotations

from tests.faults.corpus import BACK, COUNT, Piece

ALTERATIONS = (
    Piece(
        "block_plain",
        f"""
        with op.batch_alter_table("posts") as batch:
            batch.add_column(sa.Column("kind", sa.String(20), nullable=False, server_default="text"))
            batch.alter_column("n", type_=sa.BigInteger, existing_type=sa.Integer, existing_nullable=False)
            batch.create_check_constraint("ck_posts_kind", "kind <> ''")
            batch.create_index("ix_posts_kind", ["kind"])
        {COUNT}
        op.execute("UPDATE posts SET kind = 'long' WHERE id > 2")
        """,
        f"""
        {BACK}
        with op.batch_alter_table("posts") as batch:
            batch.drop_index("ix_posts_kind")
            batch.drop_constraint("ck_posts_kind", type_="check")
            batch.alter_column("n", type_=sa.Integer, existing_type=sa.BigInteger, existing_nullable=False)
            batch.drop_column("kind")
        """,
        "plain",
    ),
    Piece(
        "block_on_a_parent",
        f"""
        await op.add_column("users", sa.Column("nick", sa.String(20)))
        async with op.batch_alter_table("users", recreate="always") as table:
            table.alter_column("email", nullable=False, existing_type=sa.String(80))
            table.create_unique_constraint("uq_users_nick", ["nick"])
        {COUNT}
        await op.execute("UPDATE users SET nick = name")
        """,
        f"""
        {BACK}
        async with op.batch_alter_table("users", recreate="always") as table:
            table.drop_constraint("uq_users_nick", type_="unique")
            table.drop_column("nick")
            table.alter_column("email", nullable=True, existing_type=sa.String(80))
        """,
    ),
    Piece(
        "computed",
        f"""
        await op.add_column("big", sa.Column("twice", sa.Integer, sa.Computed("n * 2", persisted=True)))
        {COUNT}
        await op.execute("UPDATE big SET n = n + 1")
        await op.create_index("ix_big_twice", "big", ["twice"])
        """,
        f"""
        await op.drop_index("ix_big_twice", "big")
        await op.execute("UPDATE big SET n = n - 1")
        {BACK}
        await op.drop_column("big", "twice")
        """,
    ),
    Piece(
        "enum_column",
        f"""
        await op.create_enum("mood", ["sad", "ok"])
        await op.add_column("users", sa.Column("mood", sa.Enum("sad", "ok", name="mood"), server_default="ok"))
        {COUNT}
        await op.execute("UPDATE users SET mood = 'sad' WHERE id = 1")
        """,
        f"""
        {BACK}
        await op.drop_column("users", "mood")
        await op.drop_enum("mood")
        """,
    ),
    Piece(
        "views",
        f"""
        await op.execute("CREATE VIEW loud AS SELECT id, n FROM users WHERE n > 0")
        {COUNT}
        await op.execute("CREATE VIEW quiet AS SELECT id FROM loud")
        await op.execute("UPDATE posts SET n = n + 1")
        """,
        f"""
        await op.execute("UPDATE posts SET n = n - 1")
        await op.execute("DROP VIEW quiet")
        {BACK}
        await op.execute("DROP VIEW loud")
        """,
        "plain",
    ),
)

#: In the form in which Alembic reads them too; Alembic itself is killed on these.
ALEMBIC = (
    Piece(
        "alembic_tables",
        """
        op.create_table("orders", sa.Column("id", sa.Integer, primary_key=True), sa.Column("total", sa.Integer))
        op.execute("INSERT INTO orders (id, total) VALUES (1, 10), (2, 20)")
        op.create_table(
            "entries",
            sa.Column("id", sa.Integer, primary_key=True),
            sa.Column("order_id", sa.Integer, sa.ForeignKey("orders.id", name="fk_entries_order")),
        )
        op.create_index("ix_entries_order", "entries", ["order_id"])
        op.execute("INSERT INTO entries (id, order_id) SELECT id, id FROM orders")
        """,
        """
        op.drop_table("entries")
        op.drop_table("orders")
        """,
        "alembic",
    ),
    Piece(
        "alembic_columns",
        """
        op.add_column("orders", sa.Column("state", sa.String(20), server_default="new"))
        op.execute("UPDATE orders SET total = total + 1")
        op.create_index("ix_orders_state", "orders", ["state"])
        op.execute("UPDATE orders SET total = total * 2")
        op.add_column("orders", sa.Column("paid", sa.Integer))
        """,
        """
        op.drop_column("orders", "paid")
        op.execute("UPDATE orders SET total = total / 2")
        op.drop_index("ix_orders_state", table_name="orders")
        op.execute("UPDATE orders SET total = total - 1")
        op.drop_column("orders", "state")
        """,
        "alembic",
    ),
    Piece(
        "alembic_block",
        """
        with op.batch_alter_table("entries") as batch_op:
            batch_op.add_column(sa.Column("amount", sa.Integer(), nullable=False, server_default="1"))
            batch_op.alter_column("order_id", existing_type=sa.Integer(), nullable=False)
        op.execute("UPDATE entries SET amount = amount + 1")
        op.rename_table("entries", "items")
        op.execute("UPDATE items SET amount = amount + 1")
        """,
        """
        op.execute("UPDATE items SET amount = amount - 1")
        op.rename_table("items", "entries")
        with op.batch_alter_table("entries") as batch_op:
            batch_op.alter_column("order_id", existing_type=sa.Integer(), nullable=True)
            batch_op.drop_column("amount")
        """,
        "alembic",
    ),
)
