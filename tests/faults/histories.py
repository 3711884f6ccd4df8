"""Histories: short ones for herds and signals."""

from __future__ import annotations

from dataclasses import replace

from tests.faults.corpus import Piece


def herd(*, for_alembic: bool = False) -> tuple[Piece, ...]:
    """Twenty revisions that count how often they were run; one builds an index without blocking writes.

    Args:
        for_alembic: write them so that Alembic can run them, too.
    """
    build = 'await op.create_index("ix_herd_n", "herd", ["n", "id"], postgresql_concurrently=True)'
    if for_alembic:
        build = f"async with op.get_context().autocommit_block():\n            {build}"
    first = Piece(
        "first",
        """
        await op.create_table(
            "herd", sa.Column("id", sa.Integer, primary_key=True, autoincrement=False), sa.Column("n", sa.Integer)
        )
        await op.execute(
            "INSERT INTO herd (id, n) WITH RECURSIVE d(i) AS (SELECT 0 UNION ALL SELECT i + 1 FROM d WHERE i < 89) "
            "SELECT a.i * 90 + b.i, 1 FROM d a, d b"
        )
        """,
        'await op.drop_table("herd")',
    )
    index = Piece(
        "index",
        f"""
        {build}
        await op.execute("UPDATE herd SET n = n + 1 WHERE id < 100")
        """,
        'await op.drop_index("ix_herd_n", "herd")',
    )
    others = [
        Piece(
            f"step_{number}",
            f"""
            await op.create_table("t_{number}", sa.Column("id", sa.Integer, primary_key=True))
            await op.execute("UPDATE herd SET n = n + 1 WHERE id < 100")
            await op.add_column("t_{number}", sa.Column("n", sa.Integer, server_default="{number}"))
            """,
            f'await op.drop_table("t_{number}")',
            "async" if number % 2 else "plain",
        )
        for number in range(18)
    ]
    pieces = (first, *others[:9], index, *others[9:])
    return tuple(replace(piece, style="alembic") for piece in pieces) if for_alembic else pieces


#: What the counter of the herd says when each revision was run once.
COUNTED = 20
