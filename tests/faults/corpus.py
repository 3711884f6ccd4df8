"""Corpus: a history that uses every operation, several per revision, transactional and not, in both directions."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from tests.project import Project

ALL = ("sqlite", "postgresql", "mysql")


@dataclass(frozen=True)
class Piece:
    """One revision.

    Args:
        name: what it is about.
        upgrade, downgrade: the bodies, written for an async script.
        style: `async`, `plain` or `alembic`; the last two get the bodies without their `await`.
        on: the databases that have it.
        extra: further lines of its header.
    """

    name: str
    upgrade: str
    downgrade: str
    style: str = "async"
    on: Sequence[str] = ALL
    extra: str = ""


def write(root: Path, dialect: str, pieces: Sequence[Piece]) -> tuple[Project, tuple[str, ...]]:
    """Write those of *pieces* that *dialect* has as one line of revisions, and return their ids in order."""
    project = Project(root)
    ids = []
    for number, piece in enumerate((piece for piece in pieces if dialect in piece.on), 1):
        ids.append(f"{number:02d}_{piece.name}")
        project.revision(
            ids[-1],
            _in_style(piece.upgrade, piece.style),
            _in_style(piece.downgrade, piece.style),
            style=piece.style,
            extra=piece.extra,
        )
    return project, tuple(ids)


def _in_style(body: str, style: str) -> str:
    return body if style == "async" else re.sub(r"\b(await|async) ", "", body)


#: Shows whether something was done twice, or not at all.
COUNT = 'await op.execute("UPDATE users SET n = n + 1")'
BACK = 'await op.execute("UPDATE users SET n = n - 1")'

TABLES = (
    Piece(
        "users",
        """
        await op.create_table(
            "users",
            sa.Column("id", sa.Integer, primary_key=True),
            sa.Column("name", sa.String(40), nullable=False, index=True),
            sa.Column("email", sa.String(80), unique=True),
            sa.Column("n", sa.Integer, nullable=False, server_default="0"),
            comment="people",
        )
        users = sa.table("users", sa.column("id", sa.Integer), sa.column("name", sa.String), sa.column("email"))
        await op.bulk_insert(users, [{"id": i, "name": f"user {i}", "email": f"{i}@example.org"} for i in range(1, 6)])
        await op.execute("UPDATE users SET n = n + 1")
        """,
        'await op.drop_table("users")',
    ),
    Piece(
        "posts",
        f"""
        await op.create_table(
            "posts",
            sa.Column("id", sa.Integer, primary_key=True),
            sa.Column("user_id", sa.Integer, sa.ForeignKey("users.id", ondelete="CASCADE", name="fk_posts_user")),
            sa.Column("title", sa.String(40)),
            sa.Column("n", sa.Integer, nullable=False, server_default="0"),
        )
        await op.create_index("ix_posts_user", "posts", ["user_id"])
        await op.execute("INSERT INTO posts (id, user_id, title) SELECT id, id, name FROM users")
        {COUNT}
        """,
        f"{BACK}\nawait op.drop_table('posts')",
        "plain",
    ),
    Piece(
        "rows_between_columns",
        f"""
        await op.add_column("users", sa.Column("role", sa.String(20)))
        {COUNT}
        await op.add_column("posts", sa.Column("slug", sa.String(40)))
        await op.execute("UPDATE posts SET n = n + 10")
        await op.create_index("ix_posts_slug", "posts", ["slug"])
        await op.execute("UPDATE posts SET n = n * 3")
        await op.execute("UPDATE users SET role = 'reader'")
        await op.alter_column("users", "role", nullable=False, existing_type=sa.String(20))
        """,
        f"""
        await op.execute("UPDATE posts SET n = n / 3")
        await op.drop_index("ix_posts_slug", "posts")
        await op.execute("UPDATE posts SET n = n - 10")
        await op.drop_column("posts", "slug")
        {BACK}
        await op.drop_column("users", "role")
        """,
    ),
    Piece(
        "comments",
        f"""
        await op.create_table_comment("posts", "what people write")
        {COUNT}
        await op.drop_table_comment("users", existing_comment="people")
        """,
        f"""
        await op.create_table_comment("users", "people")
        {BACK}
        await op.drop_table_comment("posts", existing_comment="what people write")
        """,
        "plain",
    ),
    Piece(
        "constraints",
        f"""
        await op.create_unique_constraint("uq_posts_title", "posts", ["title"])
        {COUNT}
        await op.create_check_constraint("ck_posts_n", "posts", "n >= 0")
        await op.create_table("likes", sa.Column("post", sa.Integer), sa.Column("who", sa.Integer))
        await op.execute("INSERT INTO likes (post, who) SELECT id, user_id FROM posts")
        await op.create_foreign_key("fk_likes_post", "likes", "posts", ["post"], ["id"], ondelete="CASCADE")
        """,
        f"""
        await op.drop_constraint("fk_likes_post", "likes", type_="foreignkey")
        {BACK}
        await op.drop_table("likes")
        await op.drop_constraint("ck_posts_n", "posts", type_="check")
        await op.drop_constraint("uq_posts_title", "posts", type_="unique")
        """,
    ),
    Piece(
        "primary_key",
        f"""
        await op.create_table("bare", sa.Column("a", sa.Integer, nullable=False), sa.Column("b", sa.Integer))
        await op.execute("INSERT INTO bare (a, b) SELECT id, n FROM users")
        await op.create_primary_key("pk_bare", "bare", ["a"])
        {COUNT}
        await op.execute("UPDATE bare SET b = b + 1")
        """,
        f"""
        {BACK}
        await op.drop_constraint("pk_bare", "bare", type_="primary")
        await op.drop_table("bare")
        """,
    ),
    Piece(
        "alterations",
        f"""
        await op.alter_column("users", "name", type_=sa.String(60), existing_type=sa.String(40), nullable=True)
        {COUNT}
        await op.alter_column("users", "role", server_default="guest", existing_type=sa.String(20))
        await op.alter_column("posts", "title", type_=sa.Text().with_variant(sa.String(90), "mysql"))
        """,
        f"""
        await op.alter_column("posts", "title", type_=sa.String(40))
        await op.alter_column("users", "role", server_default=None, existing_type=sa.String(20))
        {BACK}
        await op.alter_column("users", "name", type_=sa.String(40), existing_type=sa.String(60), nullable=False)
        """,
        "plain",
    ),
    Piece(
        "new_names",
        f"""
        await op.rename_table("likes", "votes")
        {COUNT}
        await op.alter_column("votes", "who", new_column_name="voter", existing_type=sa.Integer)
        await op.execute("UPDATE votes SET voter = voter + 100")
        await op.alter_column("posts", "slug", new_column_name="path", existing_type=sa.String(40))
        """,
        f"""
        await op.alter_column("posts", "path", new_column_name="slug", existing_type=sa.String(40))
        await op.execute("UPDATE votes SET voter = voter - 100")
        await op.alter_column("votes", "voter", new_column_name="who", existing_type=sa.Integer)
        {BACK}
        await op.rename_table("votes", "likes")
        """,
    ),
    Piece(
        "many_tables",
        f"""
        for number in range(5):
            await op.create_table(
                f"part_{{number}}",
                sa.Column("id", sa.Integer, primary_key=True),
                sa.Column("n", sa.Integer, index=True),
            )
            await op.execute(f"INSERT INTO part_{{number}} (id, n) SELECT id, n FROM users WHERE id > {{number}}")
            {COUNT}
        """,
        f"""
        for number in reversed(range(5)):
            {BACK}
            await op.drop_table(f"part_{{number}}")
        """,
    ),
    Piece(
        "exchange",
        f"""
        await op.create_table("part_new", sa.Column("id", sa.BigInteger, primary_key=True), sa.Column("m", sa.Integer))
        await op.execute("INSERT INTO part_new (id, m) SELECT id, n + 1 FROM part_0")
        await op.rename_table("part_0", "part_old")
        {COUNT}
        await op.rename_table("part_new", "part_0")
        await op.execute("UPDATE part_0 SET m = m + 1")
        await op.drop_table("part_old")
        """,
        f"""
        await op.create_table("part_old", sa.Column("id", sa.Integer, primary_key=True), sa.Column("n", sa.Integer))
        await op.execute("INSERT INTO part_old (id, n) SELECT id, m - 2 FROM part_0")
        await op.drop_table("part_0")
        {BACK}
        await op.rename_table("part_old", "part_0")
        """,
        "plain",
    ),
    Piece(
        "only_if",
        f"""
        await op.create_table("part_1", sa.Column("id", sa.Integer), if_not_exists=True)
        await op.add_column("part_1", sa.Column("extra", sa.String(10), server_default="x"), if_not_exists=True)
        {COUNT}
        await op.add_column("part_1", sa.Column("n", sa.Integer), if_not_exists=True)
        await op.drop_index("ix_part_1_none", "part_1", if_exists=True)
        await op.create_index("ix_part_1_extra", "part_1", ["extra"], if_not_exists=True)
        await op.drop_table("nowhere", if_exists=True)
        """,
        f"""
        await op.drop_index("ix_part_1_extra", "part_1", if_exists=True)
        {BACK}
        await op.drop_column("part_1", "extra", if_exists=True)
        """,
    ),
)

INDEXES = (
    Piece(
        "big",
        f"""
        await op.create_table(
            "big",
            sa.Column("id", sa.Integer, primary_key=True, autoincrement=False),
            sa.Column("n", sa.Integer),
            sa.Column("label", sa.String(40)),
        )
        await op.execute(
            "INSERT INTO big (id, n, label) "
            "WITH RECURSIVE d(i) AS (SELECT 0 UNION ALL SELECT i + 1 FROM d WHERE i < 59) "
            "SELECT a.i * 60 + b.i, (a.i * 7 + b.i) % 100, 'a label' FROM d a, d b"
        )
        {COUNT}
        """,
        f"{BACK}\nawait op.drop_table('big')",
    ),
    Piece(
        "concurrently",
        f"""
        await op.create_index("ix_big_n", "big", ["n"], postgresql_concurrently=True)
        {COUNT}
        await op.create_index("ix_big_label", "big", ["label", "n"], postgresql_concurrently=True)
        await op.execute("UPDATE big SET n = n + 1 WHERE id < 500")
        await op.create_index("ix_big_id", "big", ["n", "id"], unique=True, postgresql_concurrently=True)
        """,
        f"""
        await op.drop_index("ix_big_id", "big", postgresql_concurrently=True)
        await op.execute("UPDATE big SET n = n - 1 WHERE id < 500")
        await op.drop_index("ix_big_label", "big", postgresql_concurrently=True)
        {BACK}
        await op.drop_index("ix_big_n", "big", postgresql_concurrently=True)
        """,
    ),
    Piece(
        "slow_changes",
        f"""
        await op.add_column("big", sa.Column("half", sa.Integer))
        await op.execute("UPDATE big SET half = n / 2")
        await op.create_index("ix_big_half", "big", ["half"])
        {COUNT}
        await op.alter_column("big", "half", type_=sa.BigInteger, existing_type=sa.Integer, nullable=False)
        await op.execute("UPDATE big SET half = half + 1")
        """,
        f"""
        await op.alter_column("big", "half", type_=sa.Integer, existing_type=sa.BigInteger, nullable=True)
        {BACK}
        await op.drop_index("ix_big_half", "big")
        await op.drop_column("big", "half")
        """,
    ),
)
