"""Corpus: revisions that are not one transaction, that call functions, and that look at the database."""

from __future__ import annotations

from tests.faults.corpus import BACK, COUNT, Piece

#: The line of a header that takes a revision out of transactions.
OUTSIDE = "transactional = False"

BLOCKS = (
    Piece(
        "block_of_rows",
        f"""
        {COUNT}
        async with op.get_context().autocommit_block():
            await op.execute("UPDATE posts SET n = n + 7")
            await op.execute("UPDATE posts SET n = n * 2")
            await op.execute("INSERT INTO votes (post, voter) VALUES (1, 500)")
        await op.execute("UPDATE posts SET n = n + 1")
        """,
        f"""
        await op.execute("UPDATE posts SET n = n - 1")
        async with op.get_context().autocommit_block():
            await op.execute("DELETE FROM votes WHERE voter = 500")
            await op.execute("UPDATE posts SET n = n / 2")
            await op.execute("UPDATE posts SET n = n - 7")
        {BACK}
        """,
    ),
    Piece(
        "blocks_of_tables",
        f"""
        await op.add_column("posts", sa.Column("first", sa.Integer))
        async with op.get_context().autocommit_block():
            await op.create_table("inside", sa.Column("id", sa.Integer, primary_key=True), sa.Column("n", sa.Integer))
            await op.execute("INSERT INTO inside (id, n) SELECT id, n FROM users")
            await op.create_index("ix_inside_n", "inside", ["n"])
        {COUNT}
        await op.add_column("posts", sa.Column("second", sa.Integer))
        async with op.get_context().autocommit_block():
            await op.execute("UPDATE inside SET n = n + 1")
            await op.alter_column("inside", "n", new_column_name="m", existing_type=sa.Integer)
            await op.execute("UPDATE inside SET m = m + 1")
        await op.execute("UPDATE posts SET first = 1, second = 2")
        """,
        f"""
        async with op.get_context().autocommit_block():
            await op.execute("UPDATE inside SET m = m - 1")
            await op.drop_table("inside")
        await op.drop_column("posts", "second")
        {BACK}
        async with op.get_context().autocommit_block():
            await op.execute("UPDATE posts SET n = n + 0")
        await op.drop_column("posts", "first")
        """,
        "plain",
    ),
    Piece(
        "outside_async",
        f"""
        await op.create_table("loose", sa.Column("id", sa.Integer, primary_key=True), sa.Column("n", sa.Integer))
        await op.execute("INSERT INTO loose (id, n) SELECT id, n FROM users")
        {COUNT}
        await op.create_index("ix_loose_n", "loose", ["n"], postgresql_concurrently=True)
        await op.execute("UPDATE loose SET n = n + 1")
        await op.add_column("loose", sa.Column("m", sa.Integer, unique=True))
        """,
        f"""
        await op.drop_column("loose", "m")
        await op.execute("UPDATE loose SET n = n - 1")
        await op.drop_index("ix_loose_n", "loose", postgresql_concurrently=True)
        {BACK}
        await op.drop_table("loose")
        """,
        extra=OUTSIDE,
    ),
    Piece(
        "outside_plain",
        f"""
        {COUNT}
        await op.bulk_insert(
            sa.table("loose", sa.column("id", sa.Integer), sa.column("n", sa.Integer)),
            [{{"id": i, "n": i}} for i in range(100, 1400)],
        )
        await op.rename_table("loose", "lost")
        await op.execute("UPDATE lost SET n = n + 3")
        """,
        f"""
        await op.execute("UPDATE lost SET n = n - 3")
        await op.rename_table("lost", "loose")
        await op.execute("DELETE FROM loose WHERE id >= 100")
        {BACK}
        """,
        "plain",
        extra=OUTSIDE,
    ),
    Piece(
        "several_statements",
        f"""
        await op.execute(
            "UPDATE posts SET n = n + 1; UPDATE posts SET n = n * 2; CREATE INDEX ix_several ON votes (voter)"
        )
        {COUNT}
        async with op.get_context().autocommit_block():
            await op.execute("UPDATE posts SET n = n + 3; UPDATE users SET n = n + 1; UPDATE posts SET n = n * 2")
        await op.execute("UPDATE posts SET title = :title WHERE id = :id", {{"title": "it's 5 %", "id": 1}})
        """,
        f"""
        async with op.get_context().autocommit_block():
            await op.execute("UPDATE posts SET n = n / 2; UPDATE users SET n = n - 1; UPDATE posts SET n = n - 3")
        {BACK}
        await op.drop_index("ix_several", "votes")
        await op.execute("UPDATE posts SET n = n / 2; UPDATE posts SET n = n - 1")
        await op.execute("UPDATE posts SET title = :title WHERE id = :id", {{"title": "user 1", "id": 1}})
        """,
    ),
)

FUNCTIONS = (
    Piece(
        "function_async",
        f"""
        async def fill(connection, step):
            await connection.execute(sa.text("UPDATE posts SET n = n + :step"), {{"step": step}})
            return await connection.scalar(sa.text("SELECT max(n) FROM posts"))

        await op.add_column("posts", sa.Column("top", sa.Integer))
        highest = await op.run(fill, 5)
        {COUNT}
        await op.add_column("posts", sa.Column("bottom", sa.Integer))
        await op.execute("UPDATE posts SET top = :top", {{"top": highest}})
        """,
        f"""
        async def empty(connection):
            await connection.execute(sa.text("UPDATE posts SET n = n - 5"))

        await op.drop_column("posts", "bottom")
        await op.run(empty)
        {BACK}
        await op.drop_column("posts", "top")
        """,
    ),
    Piece(
        "function_plain",
        f"""
        def fill(connection):
            connection.execute(sa.text("UPDATE posts SET n = n + 2"))
            connection.execute(sa.text("UPDATE posts SET n = n * 2"))

        op.create_index("ix_posts_top", "posts", ["top"])
        op.run(fill)
        op.drop_index("ix_posts_top", "posts")
        {COUNT}
        op.add_column("posts", sa.Column("over", sa.Integer))
        """,
        f"""
        def empty(connection):
            connection.execute(sa.text("UPDATE posts SET n = n / 2 - 2"))

        op.drop_column("posts", "over")
        op.run(empty)
        {BACK}
        """,
        "plain",
    ),
    Piece(
        "question",
        f"""
        count = (await op.execute("SELECT count(*) FROM users")).scalar()
        await op.add_column("users", sa.Column("of", sa.Integer))
        await op.execute("UPDATE users SET of = :count", {{"count": count}})
        if count == 5:
            await op.create_index("ix_users_of", "users", ["of"])
        {COUNT}
        """,
        f"""
        {BACK}
        await op.drop_index("ix_users_of", "users")
        await op.drop_column("users", "of")
        """,
    ),
    Piece(
        "expressions",
        f"""
        posts = sa.table("posts", sa.column("id", sa.Integer), sa.column("n", sa.Integer), sa.column("title", sa.Text))
        await op.execute(posts.update().where(posts.c.id > 1).values(n=posts.c.n + 4))
        await op.bulk_insert(posts, [{{"id": 50, "n": sa.text("3 + 4"), "title": "fifty"}}], multiinsert=False)
        await op.create_index("ix_posts_n", "posts", [sa.text("n DESC")])
        {COUNT}
        await op.execute(posts.delete().where(posts.c.id == 50))
        """,
        f"""
        {BACK}
        await op.drop_index("ix_posts_n", "posts")
        await op.execute("UPDATE posts SET n = n - 4 WHERE id > 1")
        """,
        "plain",
    ),
    Piece(
        "operation_objects",
        f"""
        from asyncmig.operations import AddColumn, CreateIndex
        await op.perform(AddColumn("votes", sa.Column("weight", sa.Integer, server_default="1", nullable=False)))
        {COUNT}
        await op.invoke(CreateIndex.of("ix_votes_weight", "votes", ["weight"]))
        await op.execute("UPDATE votes SET weight = weight + 1")
        """,
        f"""
        await op.drop_index("ix_votes_weight", "votes")
        {BACK}
        await op.drop_column("votes", "weight")
        """,
    ),
)

LAST = (
    Piece(
        "many_columns",
        f"""
        await op.create_table("wide", sa.Column("id", sa.Integer, primary_key=True))
        await op.execute("INSERT INTO wide (id) SELECT id FROM users")
        for number in range(6):
            await op.add_column("wide", sa.Column(f"c{{number}}", sa.Integer, server_default=str(number)))
            await op.execute(f"UPDATE wide SET c{{number}} = c{{number}} + 1")
        {COUNT}
        """,
        f"""
        {BACK}
        for number in reversed(range(1, 6)):
            await op.drop_column("wide", f"c{{number}}")
            await op.execute("UPDATE wide SET c0 = c0 + 1")
        await op.drop_table("wide")
        """,
    ),
    Piece(
        "blocks_between_functions",
        f"""
        async def up(connection):
            await connection.execute(sa.text("UPDATE wide SET c0 = c0 * 2"))
            return {{"rows": 5}}

        kept = await op.run(up)
        async with op.get_context().autocommit_block():
            await op.create_index("ix_wide_c1", "wide", ["c1"], postgresql_concurrently=True)
            await op.execute("UPDATE wide SET c1 = c1 + 1")
        await op.run(up, name="once more")
        {COUNT}
        await op.execute("UPDATE wide SET c2 = :rows", {{"rows": kept["rows"]}})
        await op.add_column("wide", sa.Column("c6", sa.Integer))
        """,
        f"""
        await op.drop_column("wide", "c6")
        {BACK}
        async with op.get_context().autocommit_block():
            await op.drop_index("ix_wide_c1", "wide", postgresql_concurrently=True)
        await op.execute("UPDATE wide SET c0 = c0 / 4, c1 = c1 - 1, c2 = 3")
        """,
    ),
    Piece(
        "portions_outside",
        f"""
        rows = [{{"id": i, "c0": i, "c1": 1}} for i in range(1000, 3300)]
        async with op.get_context().autocommit_block():
            await op.bulk_insert(sa.table("wide", *map(sa.column, ("id", "c0", "c1"))), rows)
            await op.execute("UPDATE wide SET c1 = c1 + 1")
        {COUNT}
        """,
        f"""
        {BACK}
        async with op.get_context().autocommit_block():
            await op.execute("UPDATE wide SET c1 = c1 - 1")
            await op.execute("DELETE FROM wide WHERE id >= 1000")
        """,
        "plain",
    ),
    Piece(
        "keys_between_rows",
        f"""
        await op.create_table("owner", sa.Column("id", sa.Integer, primary_key=True), sa.Column("n", sa.Integer))
        await op.execute("INSERT INTO owner (id, n) SELECT id, n FROM users")
        await op.add_column("wide", sa.Column("owner_id", sa.Integer))
        await op.execute("UPDATE wide SET owner_id = 1 WHERE id < 10")
        await op.create_foreign_key("fk_wide_owner", "wide", "owner", ["owner_id"], ["id"])
        {COUNT}
        await op.create_index("ix_wide_owner", "wide", ["owner_id"])
        await op.execute("UPDATE owner SET n = n + 1")
        """,
        f"""
        await op.execute("UPDATE owner SET n = n - 1")
        await op.drop_constraint("fk_wide_owner", "wide", type_="foreignkey")
        await op.drop_index("ix_wide_owner", "wide")
        {BACK}
        await op.drop_column("wide", "owner_id")
        await op.drop_table("owner")
        """,
    ),
    Piece(
        "drop_again",
        f"""
        await op.drop_column("users", "nick")
        await op.drop_table("part_3")
        {COUNT}
        await op.drop_table("bare")
        await op.drop_index("ix_posts_kind", "posts")
        """,
        f"""
        await op.create_index("ix_posts_kind", "posts", ["kind"])
        await op.create_table("bare", sa.Column("a", sa.Integer, nullable=False), sa.Column("b", sa.Integer))
        await op.create_primary_key("pk_bare", "bare", ["a"])
        {BACK}
        await op.create_table("part_3", sa.Column("id", sa.Integer, primary_key=True), sa.Column("n", sa.Integer))
        await op.add_column("users", sa.Column("nick", sa.String(20)))
        await op.create_unique_constraint("uq_users_nick", "users", ["nick"])
        """,
    ),
)
