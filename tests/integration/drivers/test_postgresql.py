"""Plain scripts written for psycopg2, on asyncpg: the same rows and values as Alembic gives, or both refuse."""

from pathlib import Path

import pytest

from tests.integration.drivers import (
    any_database,
    postgresql_core,
    postgresql_matrix,
    postgresql_reading,
    postgresql_sessions,
    postgresql_texts,
    postgresql_writing,
)
from tests.integration.drivers.harness import Cases, Oracle, chosen


@pytest.mark.postgresql
@chosen(
    postgresql_writing.CASES,
    postgresql_texts.CASES,
    postgresql_core.CASES,
    postgresql_reading.CASES,
    postgresql_sessions.CASES,
    postgresql_matrix.CASES,
    any_database.CASES,
)
def test_script_for_psycopg2_does_the_same_on_asyncpg(
    postgresql_oracle: Oracle, tmp_path: Path, cases: Cases, name: str
) -> None:
    postgresql_oracle.compare(cases, name, tmp_path)
