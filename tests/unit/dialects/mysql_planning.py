"""What the tests of MySQL's planners share: a table as the server shows it, two adapters, and how a plan is read."""

from typing import Any

import pytest
import sqlalchemy as sa

from asyncmig.dialects.facts import Facts
from asyncmig.dialects.mysql import MySQLAdapter
from asyncmig.dialects.mysql_facts import parse_table
from asyncmig.dialects.steps import Statement
from asyncmig.operations import Operation, TableName

SHOWN = """CREATE TABLE `t` (
  `id` bigint unsigned NOT NULL AUTO_INCREMENT COMMENT 'it''s 100% :x',
  `name` varchar(20) COLLATE utf8mb4_bin NOT NULL DEFAULT 'x',
  `note` text COMMENT 'n',
  `updated` timestamp NULL DEFAULT CURRENT_TIMESTAMP ON UPDATE CURRENT_TIMESTAMP,
  `token` char(36) DEFAULT (uuid()) /*!80023 INVISIBLE */,
  `KEY` int DEFAULT NULL,
  PRIMARY KEY (`id`),
  UNIQUE KEY `uq` (`name`,`note`(5)),
  UNIQUE KEY `both` (`KEY`),
  KEY `i``x` (`name` DESC) USING BTREE,
  FULLTEXT KEY `words` (`note`),
  CONSTRAINT `fk` FOREIGN KEY (`KEY`) REFERENCES `s`.`u` (`id`) ON DELETE CASCADE,
  CONSTRAINT `both` FOREIGN KEY (`KEY`) REFERENCES `u` (`id`),
  CONSTRAINT `ck` CHECK ((`name` <> _utf8mb4'(,')) /*!80016 NOT ENFORCED */
) ENGINE=InnoDB AUTO_INCREMENT=5 DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_0900_ai_ci COMMENT='(x, y)'"""
TABLE = parse_table(SHOWN)
KNOWN = Facts(tables={TableName("t"): TABLE})


def adapter(version: tuple[int, ...] = (8, 0, 36), *, mariadb: bool = False, **options: Any) -> MySQLAdapter:
    dialect: Any = sa.make_url("mysql+aiomysql://").get_dialect()()
    dialect.server_version_info = version
    dialect.is_mariadb = mariadb
    return MySQLAdapter(dialect, **options)


MYSQL = adapter()
MARIADB = adapter((10, 11, 6), mariadb=True)
BOTH = pytest.mark.parametrize("database", [MYSQL, MARIADB], ids=["mysql", "mariadb"])


def sql(database: MySQLAdapter, operation: Operation[Any], facts: Facts | None = None) -> list[str]:
    """The statements of an operation, which is planned twice; offline unless there are facts."""
    once, again = (
        [
            " ".join(str(step.sql).split())
            for step in database.plan(operation, facts or Facts.unknown())
            if isinstance(step, Statement)
        ]
        for _ in range(2)
    )
    assert once == again
    return once
