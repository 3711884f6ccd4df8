"""Servers that crash: a run whose server dies ends with an error, and the next one goes on where it stopped."""

import os
import random
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.faults.corpus_more import CORPUS
from tests.faults.databases import Database, MySQL, PostgreSQL
from tests.faults.forks import Forks
from tests.faults.matrix import Matrix
from tests.faults.summary import Summary
from tests.servers import DatabaseServer, ServerMissing
from tests.servers.session import SERVERS

pytestmark = pytest.mark.slow

#: How many times each server crashes.
_CRASHES = 12


@pytest.fixture(params=[PostgreSQL, MySQL], ids=lambda kind: kind.name)
def crashing(request: pytest.FixtureRequest) -> Iterator[tuple[DatabaseServer, Database]]:
    """A private server that keeps over a crash what was committed, and a database on it."""
    server = SERVERS[request.param.name](durable=True)
    try:
        server.start()
    except ServerMissing as missing:
        if os.environ.get("CI"):
            pytest.fail(str(missing), pytrace=False)
        pytest.skip(str(missing))
    database = request.param(server.create_database())
    yield server, database
    database.close()
    server.stop()


def test_crashes_of_the_server_are_resumed(
    crashing: tuple[DatabaseServer, Database], forks: Forks, tmp_path: Path, summary: Summary
) -> None:
    server, database = crashing
    chance = random.Random(database.name)
    matrix = Matrix(database, forks, tmp_path / "history", CORPUS)
    positions = sorted(chance.sample(range(len(matrix.moves)), _CRASHES))
    matrix.learn(positions)
    errors = 0

    for position in positions:
        matrix.advance(position)
        database.close()
        pid = forks.start(matrix.job(position))
        time.sleep(chance.uniform(0, matrix.known(position).duration))
        server.crash()
        ended = forks.wait(pid)
        server.start()
        assert ended.report is not None and (ended.is_done or ended.report.ours), ended.words
        errors += not ended.is_done
        assert list(matrix.resume(position)) == []
    summary.lines.append(
        f"crashes of the server of {database.name}: {len(positions)}, {errors} in the middle of a run; resumed right"
    )
