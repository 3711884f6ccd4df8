"""Plain scripts written for PyMySQL, on aiomysql: the same rows and values as Alembic gives, or both refuse."""

from pathlib import Path

import pytest

from tests.integration.drivers import any_database, mysql_cases, mysql_matrix
from tests.integration.drivers.harness import Cases, Oracle, chosen


@pytest.mark.mysql
@chosen(mysql_cases.CASES, mysql_matrix.CASES, any_database.CASES)
def test_script_for_pymysql_does_the_same_on_aiomysql(
    mysql_oracle: Oracle, tmp_path: Path, cases: Cases, name: str
) -> None:
    mysql_oracle.compare(cases, name, tmp_path)
