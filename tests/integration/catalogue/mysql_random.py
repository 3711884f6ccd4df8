"""Random models of MySQL and MariaDB: small schemas whose names overlap, so that one is often a change of another."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from random import Random
from typing import Any

import sqlalchemy as sa
from sqlalchemy import Column, MetaData, Table
from sqlalchemy.dialects import mysql

TABLES = ("authors", "books", "chapters", "notes")
COLUMNS = ("a", "b", "c", "d", "e", "select")
NUMBERS: tuple[Callable[[], Any], ...] = (
    sa.Integer,
    sa.BigInteger,
    lambda: sa.Numeric(10, 2),
    lambda: mysql.INTEGER(unsigned=True),
    lambda: mysql.INTEGER(7, zerofill=True),
    sa.Double,
    sa.Boolean,
)
TEXTS: tuple[Callable[[], Any], ...] = (
    lambda: sa.String(20),
    lambda: sa.String(50),
    lambda: sa.String(50, collation="utf8mb4_bin"),
    lambda: mysql.VARCHAR(20, charset="latin1"),
    lambda: sa.CHAR(20),
    lambda: sa.Enum("new", "it's", name="mood"),
    lambda: mysql.ENUM("new", "old", "it's", collation="utf8mb4_bin"),
)
OTHERS: tuple[Callable[[], Any], ...] = (
    sa.Text,
    mysql.LONGTEXT,
    sa.JSON,
    sa.Date,
    lambda: sa.LargeBinary(20),
    lambda: sa.VARBINARY(20),
    lambda: sa.Boolean(create_constraint=True),
    lambda: mysql.BIT(4),
)
TIMES: tuple[Callable[[], Any], ...] = (sa.DateTime, sa.TIMESTAMP)
NOW = ("CURRENT_TIMESTAMP", "now()", "CURRENT_TIMESTAMP ON UPDATE CURRENT_TIMESTAMP", "'2020-01-02 03:04:05'")
OPTIONS: tuple[dict[str, str], ...] = (
    {},
    {},
    {"mysql_row_format": "COMPRESSED"},
    {"mysql_row_format": "DYNAMIC", "mysql_stats_persistent": "1"},
    {"mysql_charset": "latin1"},
    {"mysql_collate": "utf8mb4_bin"},
    {"mysql_charset": "utf8mb4", "mysql_collate": "utf8mb4_unicode_ci"},
)


class MySQLModels:
    """Makes random models.

    Args:
        random: where chance comes from.
    """

    def __init__(self, random: Random) -> None:
        self.random = random
        self.metadata = MetaData()

    def make(self) -> MetaData:
        """Models of a few tables."""
        names = [name for name in TABLES if self._chance(0.75)]
        for name in names:
            self._table(name, names)
        return self.metadata

    def _chance(self, share: float) -> bool:
        return self.random.random() < share

    def _table(self, name: str, others: Sequence[str]) -> None:
        key = Column("id", sa.Integer, primary_key=True, autoincrement=self._chance(0.7))
        number = Column("n", sa.Integer)
        columns = [self._column(each) for each in COLUMNS if self._chance(0.6)]
        references = [self._reference(name, other) for other in others if self._chance(0.4)]
        options: dict[str, Any] = dict(self.random.choice(OPTIONS))
        if self._chance(0.3):
            options["comment"] = self.random.choice(("one", "it's another"))
        table = Table(name, self.metadata, key, number, *columns, *references, **options)
        self._parts(table, columns, references)

    def _column(self, name: str) -> Column[Any]:
        kind = self.random.choice(("number", "number", "text", "text", "other", "time", "computed"))
        options: dict[str, Any] = {"nullable": self._chance(0.6)}
        if self._chance(0.2):
            options["comment"] = self.random.choice(("one", "two"))
        items: list[Any] = []
        if kind == "number":
            type_ = self.random.choice(NUMBERS)()
            options |= self._default("0", "1", sa.text("0"), sa.text("(1 + 1)"))
        elif kind == "text":
            type_ = self.random.choice(TEXTS)()
            options |= self._default("new", "it's")
        elif kind == "time":
            type_ = self.random.choice(TIMES)()
            options |= self._default(*map(sa.text, NOW))
        elif kind == "computed":
            type_ = sa.Integer()
            items.append(sa.Computed(self.random.choice(("n + 1", "n * (2 + n)")), self._chance(0.5)))
            del options["nullable"]
        else:
            type_ = self.random.choice(OTHERS)()
        return Column(name, type_, *items, **options)

    def _default(self, *values: Any) -> dict[str, Any]:
        return {"server_default": self.random.choice(values)} if self._chance(0.4) else {}

    def _reference(self, table: str, other: str) -> Column[Any]:
        ondelete = self.random.choice((None, "CASCADE", "SET NULL", "RESTRICT"))
        name = self.random.choice((None, f"fk_{table}_{other}"))
        key = sa.ForeignKey(f"{other}.id", ondelete=ondelete, name=name)
        return Column(f"{other}_id", sa.Integer, key, index=self._chance(0.3), unique=self._chance(0.2) or None)

    def _parts(self, table: Table, columns: Sequence[Column[Any]], references: Sequence[Column[Any]]) -> None:
        large = [each for each in columns if isinstance(each.type, sa.Text | sa.LargeBinary | mysql.LONGTEXT)]
        small = [
            each
            for each in columns
            if each.name not in {one.name for one in large} and not isinstance(each.type, sa.JSON)
        ]
        for number in range(2):
            if small and self._chance(0.4):
                chosen: list[Any] = self.random.sample(small, min(len(small), self.random.choice((1, 2))))
                if references and self._chance(0.3):
                    chosen.insert(0, self.random.choice(references))
                if self._chance(0.2):
                    chosen[-1] = chosen[-1].desc()
                sa.Index(f"ix_{table.name}_{number}", *chosen, unique=self._chance(0.3))
        if large and self._chance(0.5):
            length = self.random.choice((5, 10))
            sa.Index(f"ix_{table.name}_large", large[0], mysql_length={large[0].name: length})
        if len(small) > 1 and self._chance(0.3):
            names = [column.name for column in self.random.sample(small, 2)]
            table.append_constraint(sa.UniqueConstraint(*names, name=self.random.choice((f"uq_{table.name}", None))))
        if self._chance(0.3):
            text = f"(n > {self.random.choice('01')}) AND n <> 5"
            table.append_constraint(sa.CheckConstraint(text, name=self.random.choice((f"ck_{table.name}", None))))


def random_mysql_models(seed: int) -> MetaData:
    """The models of a number."""
    return MySQLModels(Random(seed)).make()
