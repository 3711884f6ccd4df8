"""Corpus: what one database alone has, and the whole."""

from __future__ import annotations

from tests.faults.corpus import BACK, COUNT, INDEXES, TABLES, Piece
from tests.faults.corpus_blocks import BLOCKS, FUNCTIONS, LAST, OUTSIDE
from tests.faults.corpus_tables import ALEMBIC, ALTERATIONS

PG, MY, LITE = ("postgresql",), ("mysql",), ("sqlite",)

POSTGRESQL = (
    Piece(
        "enum_values",
        f"""
        await op.execute("UPDATE users SET mood = 'sad' WHERE id = 2")
        await op.add_enum_value("mood", "good", after="ok")
        await op.execute("UPDATE users SET mood = 'good' WHERE id = 3")
        {COUNT}
        await op.add_enum_value("mood", "bad", before="sad")
        await op.alter_column("users", "mood", server_default="good")
        await op.rename_enum_value("mood", "ok", "fine")
        """,
        f"""
        await op.rename_enum_value("mood", "fine", "ok")
        await op.alter_column("users", "mood", server_default="ok")
        {BACK}
        await op.execute("UPDATE users SET mood = 'ok' WHERE mood = 'good'")
        """,
        on=PG,
    ),
    Piece(
        "exclusion",
        f"""
        await op.create_exclude_constraint("ex_votes", "votes", (sa.column("voter"), "="), using="btree")
        {COUNT}
        await op.create_check_constraint("ck_votes", "votes", "voter > 0", postgresql_not_valid=True)
        await op.execute("UPDATE posts SET n = n + 1")
        await op.validate_constraint("ck_votes", "votes")
        """,
        f"""
        await op.drop_constraint("ck_votes", "votes")
        await op.execute("UPDATE posts SET n = n - 1")
        {BACK}
        await op.drop_constraint("ex_votes", "votes")
        """,
        on=PG,
    ),
    Piece(
        "triggers",
        f"""
        await op.execute('''
            CREATE FUNCTION touch() RETURNS trigger LANGUAGE plpgsql AS $$
            BEGIN NEW.n := NEW.n + 1; RETURN NEW; END; $$
        ''')
        await op.execute("CREATE TRIGGER tr BEFORE UPDATE ON posts FOR EACH ROW EXECUTE FUNCTION touch()")
        async with op.get_context().autocommit_block():
            await op.execute("UPDATE posts SET n = n + 1")
            await op.execute("REINDEX TABLE CONCURRENTLY posts")
        {COUNT}
        """,
        f"""
        {BACK}
        async with op.get_context().autocommit_block():
            await op.execute("VACUUM posts")
        await op.execute("DROP TRIGGER tr ON posts; DROP FUNCTION touch()")
        """,
        on=PG,
    ),
    Piece(
        "concurrently_outside",
        f"""
        await op.create_index("ix_big_two", "big", ["n", "label"], postgresql_concurrently=True)
        await op.drop_index("ix_big_label", "big", postgresql_concurrently=True)
        {COUNT}
        await op.execute("CREATE INDEX CONCURRENTLY ix_big_label ON big (label DESC, n)")
        await op.drop_index("ix_big_two", "big", postgresql_concurrently=True)
        """,
        f"""
        {BACK}
        await op.drop_index("ix_big_label", "big", postgresql_concurrently=True)
        await op.create_index("ix_big_label", "big", ["label", "n"], postgresql_concurrently=True)
        """,
        "plain",
        on=PG,
        extra=OUTSIDE,
    ),
)

MYSQL = (
    Piece(
        "statements_that_commit",
        f"""
        await op.execute("CREATE TABLE spare LIKE part_2")
        await op.execute("INSERT INTO spare SELECT * FROM part_2")
        await op.execute("RENAME TABLE part_2 TO part_x, spare TO part_2, part_x TO spare")
        {COUNT}
        await op.execute("TRUNCATE TABLE spare")
        await op.execute("INSERT INTO spare (id, n) VALUES (1, 1)")
        await op.execute("ANALYZE TABLE spare")
        await op.execute("UPDATE spare SET n = n + 1")
        """,
        f"""
        {BACK}
        await op.execute("DROP TABLE spare")
        """,
        on=MY,
    ),
    Piece(
        "routines",
        f"""
        await op.execute("CREATE TRIGGER tr BEFORE UPDATE ON posts FOR EACH ROW SET NEW.n = NEW.n + 1")
        await op.execute("UPDATE posts SET n = n + 1")
        await op.execute("CREATE PROCEDURE touch() UPDATE posts SET n = n + 1")
        {COUNT}
        await op.alter_column("posts", "title", comment="the title", existing_type=sa.String(90))
        """,
        f"""
        {BACK}
        await op.alter_column("posts", "title", comment=None, existing_type=sa.String(90))
        await op.execute("DROP PROCEDURE touch")
        await op.execute("DROP TRIGGER tr")
        """,
        "plain",
        on=MY,
    ),
    Piece(
        "places",
        f"""
        await op.add_column("posts", sa.Column("where_a", sa.Integer), insert_after="id")
        {COUNT}
        await op.alter_column("posts", "where_a", type_=sa.BigInteger, insert_after="title")
        await op.execute("UPDATE posts SET where_a = n")
        await op.alter_column("posts", "where_a", new_column_name="where_b")
        """,
        f"""
        {BACK}
        await op.drop_column("posts", "where_b")
        """,
        on=MY,
    ),
    Piece(
        "outside_with_facts",
        f"""
        await op.alter_column("users", "name", nullable=False)
        {COUNT}
        await op.alter_column("users", "name", server_default="nobody")
        await op.execute("UPDATE users SET name = 'somebody' WHERE id = 5")
        await op.create_unique_constraint("uq_users_name", "users", ["name"])
        """,
        f"""
        await op.drop_constraint("uq_users_name", "users", type_="unique")
        {BACK}
        await op.alter_column("users", "name", server_default=None, nullable=True)
        """,
        on=MY,
        extra=OUTSIDE,
    ),
)

SQLITE = (
    Piece(
        "rebuild_with_children",
        f"""
        await op.create_table(
            "tree",
            sa.Column("id", sa.Integer, primary_key=True),
            sa.Column("up", sa.Integer, sa.ForeignKey("tree.id", ondelete="CASCADE", name="fk_tree")),
        )
        await op.execute("INSERT INTO tree (id, up) VALUES (1, NULL), (2, 1), (3, 2)")
        async with op.batch_alter_table("tree", recreate="always") as table:
            table.add_column(sa.Column("n", sa.Integer, nullable=False, server_default="1"))
        {COUNT}
        await op.alter_column("tree", "n", type_=sa.BigInteger)
        """,
        f"{BACK}\nawait op.drop_table('tree')",
        on=LITE,
    ),
    Piece(
        "rebuild_of_a_big_table",
        f"""
        await op.alter_column("big", "label", nullable=False, server_default="none")
        {COUNT}
        async with op.get_context().autocommit_block():
            await op.execute("UPDATE big SET n = n + 1")
            await op.execute("VACUUM")
        await op.execute("UPDATE big SET n = n + 1")
        """,
        f"""
        await op.execute("UPDATE big SET n = n - 1")
        async with op.get_context().autocommit_block():
            await op.execute("UPDATE big SET n = n - 1")
        {BACK}
        await op.alter_column("big", "label", nullable=True, server_default=None)
        """,
        "plain",
        on=LITE,
    ),
    Piece(
        "rebuild_twice",
        f"""
        await op.create_check_constraint("ck_users_n", "users", "n >= 0")
        {COUNT}
        await op.alter_column("posts", "user_id", nullable=False, existing_type=sa.Integer)
        await op.execute("UPDATE posts SET n = n + 1")
        await op.drop_constraint("ck_users_n", "users", type_="check")
        """,
        f"""
        await op.execute("UPDATE posts SET n = n - 1")
        {BACK}
        await op.alter_column("posts", "user_id", nullable=True, existing_type=sa.Integer)
        """,
        on=LITE,
    ),
    Piece(
        "outside_rebuild",
        f"""
        await op.create_table("solo", sa.Column("id", sa.Integer, primary_key=True), sa.Column("n", sa.Integer))
        await op.execute("INSERT INTO solo (id, n) SELECT id, n FROM users")
        {COUNT}
        await op.add_column("solo", sa.Column("m", sa.Integer))
        await op.execute("UPDATE solo SET m = n")
        """,
        f"{BACK}\nawait op.drop_table('solo')",
        on=LITE,
        extra=OUTSIDE,
    ),
)

CORPUS = (
    *TABLES, *INDEXES, *BLOCKS, *FUNCTIONS, *ALTERATIONS, *ALEMBIC, *POSTGRESQL, *MYSQL, *SQLITE, *LAST
)  # fmt: skip
