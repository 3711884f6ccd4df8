"""Plain scripts written for sqlite3, on aiosqlite: the same rows and values as Alembic gives, or both refuse."""

from pathlib import Path

import pytest

from tests.integration.drivers import any_database, sqlite_cases, sqlite_matrix
from tests.integration.drivers.harness import Cases, Oracle, chosen


@pytest.mark.sqlite
@chosen(sqlite_cases.CASES, sqlite_matrix.CASES, any_database.CASES)
def test_script_for_sqlite3_does_the_same_on_aiosqlite(
    sqlite_oracle: Oracle, tmp_path: Path, cases: Cases, name: str
) -> None:
    sqlite_oracle.compare(cases, name, tmp_path)
