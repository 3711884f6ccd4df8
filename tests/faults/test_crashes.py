"""Crashes: a run that is killed or cut at any moment is resumed by the next one, and ends where it would have ended."""

import os
import random
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from asyncmig import Migrator
from tests.faults.child import Job
from tests.faults.corpus import TABLES, Piece, write
from tests.faults.corpus_blocks import OUTSIDE
from tests.faults.corpus_more import CORPUS
from tests.faults.corpus_objects import OBJECTS
from tests.faults.corpus_tables import ALEMBIC
from tests.faults.databases import Database, MySQL
from tests.faults.forks import Forks
from tests.faults.matrix import Blow, Matrix
from tests.faults.summary import Summary

#: Kills of the long form on each of the four databases.
KILLS = int(os.environ.get("ASYNCMIG_FAULTS_KILLS", "1200")) // 4
SEED = int(os.environ.get("ASYNCMIG_FAULTS_SEED", "1"))


def test_a_sample_of_kills_is_resumed(database: Database, forks: Forks, tmp_path: Path) -> None:
    chance = random.Random(f"{SEED} {database.name}")
    matrix = Matrix(database, forks, tmp_path / "history", CORPUS)
    # SQLite comes in two kinds.
    positions = sorted(chance.sample(range(len(matrix.moves)), 12 if database.can_be_cut else 6))
    matrix.learn(positions)
    for position in positions:
        matrix.strike(position, chance)
    assert not matrix.tally.wrong, "\n".join(matrix.tally.wrong)
    assert matrix.tally.right == len(positions)


@pytest.mark.slow
def test_hundreds_of_kills_are_resumed(database: Database, forks: Forks, tmp_path: Path, summary: Summary) -> None:
    chance = random.Random(f"{SEED} {database.name}")
    matrix = Matrix(database, forks, tmp_path / "history", CORPUS)
    summary.tallies.append(matrix.tally)
    positions = range(len(matrix.moves))
    matrix.learn(positions)
    while matrix.tally.kills < KILLS:
        for position in positions:
            matrix.strike(position, chance)
        matrix.reset()
    assert not matrix.tally.wrong, "\n".join(matrix.tally.wrong)


REBUILD = Piece(
    "rebuild",
    """
    await op.create_table("t", sa.Column("id", sa.Integer, primary_key=True), sa.Column("n", sa.Integer, index=True))
    await op.execute("INSERT INTO t (id, n) VALUES (1, 1), (2, 2)")
    async with op.batch_alter_table("t", recreate="always") as table:
        table.alter_column("n", nullable=False, existing_type=sa.Integer)
        table.add_column(sa.Column("m", sa.Integer, unique=True))
    await op.execute("UPDATE t SET n = n + 1")
    """,
    "await op.drop_table('t')",
    extra=OUTSIDE,
)


def test_a_table_that_is_rebuilt_outside_transactions_is_whole(sqlite: Database, forks: Forks, tmp_path: Path) -> None:
    matrix = Matrix(sqlite, forks, tmp_path / "history", [REBUILD])
    matrix.learn([0])
    answers = matrix.known(0).passed["answer"]
    for number in range(answers // 3, answers, 12):
        matrix.reset()
        matrix.strike_with(0, [Blow("answer", number)])
    assert not matrix.tally.wrong, "\n".join(matrix.tally.wrong)


UNCERTAIN = Piece(
    "uncertain",
    """
    import os, pathlib, signal

    async def fill(connection):
        await connection.execute(sa.text("INSERT INTO t (id) VALUES (7)"))
        if not pathlib.Path("{once}").exists():
            pathlib.Path("{once}").touch()
            os.kill(os.getpid(), signal.SIGKILL)

    await op.create_table("t", sa.Column("id", sa.Integer, primary_key=True))
    async with op.get_context().autocommit_block():
        await op.run(fill)
    await op.create_index("ix_t", "t", ["id"])
    """,
    "pass",
)


async def test_a_function_outside_transactions_that_was_killed_is_said_to_be_uncertain(
    server_or_file: Database, forks: Forks, tmp_path: Path
) -> None:
    database = server_or_file
    piece = replace(UNCERTAIN, upgrade=UNCERTAIN.upgrade.format(once=tmp_path / "once"))
    project, ids = write(tmp_path / "history", database.dialect, [piece])
    job = Job(database.url, str(project.location), "upgrade", "heads")
    assert forks.run(job).was_killed
    for _ in range(2):
        ended = forks.run(job)
        assert ended.report is not None and ended.report.exit_code == 23
        assert f"asyncmig resolve {ids[0]} --done" in ended.words and "--not-done" in ended.words
    async with Migrator(database.url, project.location) as migrator:
        await migrator.resolve(ids[0], done=True)
    assert forks.run(job).is_done
    assert (database.rows("SELECT id FROM t"), database.journal()) == ([(7,)], [])


#: Revisions that Alembic reads, too.
BOTH = (*(replace(piece, style="alembic") for piece in TABLES if piece.name not in ("comments", "only_if")), *ALEMBIC)
KILLS_OF_BOTH = 40


@pytest.fixture
def mysql(mysql_url: str) -> Iterator[MySQL]:
    database = MySQL(mysql_url)
    yield database
    database.close()


@pytest.mark.slow
def test_the_same_kills_with_alembic_on_mysql(mysql: MySQL, forks: Forks, tmp_path: Path, summary: Summary) -> None:
    tallies = []
    for tool in ("alembic", "asyncmig"):
        chance = random.Random(SEED)
        matrix = Matrix(mysql, forks, tmp_path / tool, BOTH, tool)
        positions = range(len(matrix.moves))
        matrix.learn(positions)
        for position in sorted(chance.sample(positions, min(KILLS_OF_BOTH, len(positions)))):
            matrix.strike(position, chance)
        matrix.reset()
        tallies.append(matrix.tally)
        summary.lines.append(
            f"{tool}, the same {len(BOTH)} revisions on MySQL or MariaDB: kills done {matrix.tally.kills}, "
            f"moves resumed right {matrix.tally.right}, wrong {len(matrix.tally.wrong)}"
        )
    assert tallies[0].wrong and not tallies[1].wrong, "\n".join(tallies[1].wrong)


def test_objects_beside_tables_are_whole(database: Database, forks: Forks, tmp_path: Path) -> None:
    chance = random.Random(f"{SEED} {database.name}")
    matrix = Matrix(database, forks, tmp_path / "history", (TABLES[0], *OBJECTS))
    positions = range(len(matrix.moves))
    matrix.learn(positions)
    for position in positions:
        matrix.strike(position, chance)
        matrix.reset()
    assert not matrix.tally.wrong, "\n".join(matrix.tally.wrong)
    assert matrix.tally.right > 0
