"""Indexes that are built or dropped without blocking writes: cut in the middle, nothing invalid is left behind."""

import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import psycopg2  # type: ignore[import-untyped]
import pytest

from tests.faults.child import Job
from tests.faults.corpus import Piece, write
from tests.faults.databases import PostgreSQL
from tests.faults.forks import Ended, Forks

TABLE = Piece(
    "table",
    """
    await op.create_table("t", sa.Column("id", sa.Integer, primary_key=True), sa.Column("n", sa.Integer))
    await op.create_index("ix_old", "t", ["n"])
    """,
    'await op.drop_table("t")',
)
CREATED = "CREATE INDEX ix_new ON public.t USING btree (n, id)"
CASES = {
    "create_index": ('await op.create_index("ix_new", "t", ["n", "id"], postgresql_concurrently=True)', CREATED),
    "create_index_if_not_exists": (
        'await op.create_index("ix_new", "t", ["n", "id"], postgresql_concurrently=True, if_not_exists=True)',
        CREATED,
    ),
    "drop_index": ('await op.drop_index("ix_old", "t", postgresql_concurrently=True)', None),
    "drop_index_if_exists": ('await op.drop_index("ix_old", "t", postgresql_concurrently=True, if_exists=True)', None),
    "text": ('await op.execute("CREATE INDEX CONCURRENTLY ix_new ON t (n, id)")', CREATED),
    "text_if_not_exists": ('await op.execute("CREATE INDEX CONCURRENTLY IF NOT EXISTS ix_new ON t (n, id)")', CREATED),
    "text_that_drops": ('await op.execute("DROP INDEX CONCURRENTLY ix_old")', None),
}


@pytest.fixture
def database(postgresql_url: str) -> Iterator[PostgreSQL]:
    database = PostgreSQL(postgresql_url)
    yield database
    database.close()


@contextmanager
def writer(database: PostgreSQL) -> Iterator[None]:
    """Somebody who writes to the table in a transaction that stays open, for which such statements wait."""
    url = database.parsed
    connection = psycopg2.connect(host=url.host, port=url.port, user=url.username, dbname=url.database)
    with connection.cursor() as cursor:
        cursor.execute("LOCK TABLE t IN ROW EXCLUSIVE MODE")
        yield
    connection.close()


def cut_in_the_middle(database: PostgreSQL, forks: Forks, job: Job) -> Ended:
    """Start a run, wait until its statement waits for the writer, and cut its connection."""
    waiting = (
        "SELECT pid FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'"
        " AND query LIKE '%INDEX CONCURRENTLY%' AND pid <> pg_backend_pid()"
    )
    pid = forks.start(job)
    deadline = time.monotonic() + 20
    while not (found := database.rows(waiting)):
        assert time.monotonic() < deadline, "the statement did not wait"
        time.sleep(0.02)
    database.rows(f"SELECT pg_terminate_backend({found[0][0]}, 5000)")
    return forks.wait(pid)


@pytest.mark.parametrize(
    ("case", "again"), [*((case, 1) for case in CASES), ("create_index", 2), ("drop_index", 2), ("text", 2)]
)
def test_a_statement_that_was_cut_is_done_by_the_next_run(
    database: PostgreSQL, forks: Forks, tmp_path: Path, case: str, again: int
) -> None:
    call, expected = CASES[case]
    project, ids = write(tmp_path / "history", "postgresql", (TABLE, Piece("index", call, "pass")))
    job = Job(database.url, str(project.location), "upgrade", ids[0])
    assert forks.run(job).is_done
    job = Job(database.url, str(project.location), "upgrade", ids[1])
    for _ in range(again):
        with writer(database):
            ended = cut_in_the_middle(database, forks, job)
        assert ended.report is not None and ended.report.ours, ended.words
    ended = forks.run(job)
    assert ended.is_done, ended.words
    indexes: dict[str, bool] = dict(
        database.rows(
            "SELECT pg_get_indexdef(indexrelid), indisvalid AND indisready AND indislive FROM pg_index"
            " WHERE indrelid = 't'::regclass AND NOT indisprimary"
        )
    )
    old = "CREATE INDEX ix_old ON public.t USING btree (n)"
    assert indexes == ({old: True, expected: True} if expected else {})
    assert database.journal() == []
