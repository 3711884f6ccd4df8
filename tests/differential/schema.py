"""Schema: the generator's own model of a database, which keeps every revision legal and its downgrade right."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from typing import Literal, TypeAlias

from tests.differential.source import call, names, quoted

Kind: TypeAlias = Literal["sqlite", "postgresql", "mysql"]
_WORDS_OF_SQL = frozenset(
    {"order", "group", "key", "value", "type", "position", "count", "rank", "level", "source", "returning"}
)
KINDS: tuple[Kind, ...] = ("sqlite", "postgresql", "mysql")


@dataclass(frozen=True)
class Type:
    """A type of a column.

    Args:
        source: how it is written.
        family: what values it takes: `string`, `integer`, ...
        values: the values of an enumerated type.
        name: the name of the enumerated type in the database, where it has one of its own.
        checked: whether it brings a CHECK of its own.
        indexable: whether an index on the whole value is possible.
    """

    source: str
    family: str
    values: tuple[str, ...] = ()
    name: str | None = None
    checked: bool = False
    indexable: bool = True


@dataclass(frozen=True)
class Column:
    """A column.

    Args:
        name: its name.
        type: its type.
        nullable: whether it takes NULL.
        default: the server default, as source.
        volatile: whether the default gives another value each time.
        comment: its comment.
        extra: further arguments, such as `sa.Identity()`, as source.
        keywords: further keywords, as source.
        distinct: whether all rows have different values or none.
        needed: whether something else depends on it, so that it must stay as it is.
        filled_by: `computed` or `identity` where the database fills it.
    """

    name: str
    type: Type
    nullable: bool = True
    default: str | None = None
    volatile: bool = False
    comment: str | None = None
    extra: str | None = None
    keywords: tuple[tuple[str, str], ...] = ()
    distinct: bool = False
    needed: bool = False
    filled_by: str | None = None

    @property
    def is_bare(self) -> bool:
        """Whether its name needs no quotes in SQL written by hand."""
        return self.name not in _WORDS_OF_SQL

    def source(self) -> str:
        """`sa.Column(...)`."""
        parts = [quoted(self.name), self.type.source]
        if self.extra:
            parts.append(self.extra)
        return call(
            "sa.Column",
            *parts,
            nullable=str(self.nullable),
            server_default=self.default,
            comment=None if self.comment is None else quoted(self.comment),
            **dict(self.keywords),
        )


@dataclass(frozen=True)
class Key:
    """A primary key or a unique constraint; its name is None where the database chose one that we do not know."""

    name: str | None
    columns: tuple[str, ...]
    keywords: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True)
class ForeignKey:
    """A foreign key to the table `target`."""

    name: str | None
    columns: tuple[str, ...]
    target: str
    target_columns: tuple[str, ...]
    keywords: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True)
class Check:
    """A check of `columns`."""

    name: str
    condition: str
    columns: tuple[str, ...]


@dataclass(frozen=True)
class Index:
    """An index; `elements` is the source of its columns, `columns` are those that it uses."""

    name: str
    elements: str
    columns: tuple[str, ...]
    keywords: tuple[tuple[str, str], ...] = ()


@dataclass
class Table:
    """A table.

    Args:
        name: its name.
        columns: its columns, in order.
        schema: its schema.
        primary: its primary key.
        uniques, foreign_keys, checks, indexes: what is on it.
        comment: its comment.
        keywords: options, as source.
        rows: the keys of its rows.
        next_row: the number of the next one.
        used: names of columns that it has or had.
        pinned: whether it has something that this model does not know, so that it cannot be dropped and made again.
    """

    name: str
    columns: list[Column] = field(default_factory=list)
    schema: str | None = None
    primary: Key | None = None
    uniques: list[Key] = field(default_factory=list)
    foreign_keys: list[ForeignKey] = field(default_factory=list)
    checks: list[Check] = field(default_factory=list)
    indexes: list[Index] = field(default_factory=list)
    comment: str | None = None
    keywords: tuple[tuple[str, str], ...] = ()
    rows: list[int] = field(default_factory=list)
    next_row: int = 1
    used: set[str] = field(default_factory=set)
    pinned: bool = False

    @property
    def full_name(self) -> str:
        """Its name with its schema."""
        return f"{self.schema}.{self.name}" if self.schema else self.name

    @property
    def schema_source(self) -> str | None:
        """Its schema as source."""
        return quoted(self.schema) if self.schema else None

    def column(self, name: str) -> Column:
        """One of its columns."""
        return next(one for one in self.columns if one.name == name)

    def replace(self, column: str, /, **changes: object) -> Column:
        """Change one of its columns."""
        place = next(place for place, one in enumerate(self.columns) if one.name == column)
        self.columns[place] = replace(self.columns[place], **changes)  # type: ignore[arg-type]
        return self.columns[place]

    def remove(self, name: str) -> None:
        """Take a column away."""
        self.columns = [one for one in self.columns if one.name != name]

    def in_foreign_key(self, name: str) -> bool:
        """Whether a foreign key of the table uses a column."""
        return any(name in one.columns for one in self.foreign_keys)

    def in_key(self, name: str) -> bool:
        """Whether a key of the table uses a column."""
        keys = [*self.uniques, *([self.primary] if self.primary else [])]
        return any(name in one.columns for one in keys)

    def is_plain(self, name: str) -> bool:
        """Whether a column may be changed: nothing but indexes depends on it."""
        column = self.column(name)
        return not (
            column.needed
            or column.filled_by
            or column.type.checked
            or self.in_key(name)
            or self.in_foreign_key(name)
            or any(name in one.columns for one in self.checks)
        )

    def is_free(self, name: str) -> bool:
        """Whether nothing depends on a column at all."""
        return self.is_plain(name) and not any(name in one.columns for one in self.indexes)


def key_source(word: str, key: Key, name: str | None) -> str:
    """`sa.PrimaryKeyConstraint(...)` or `sa.UniqueConstraint(...)`."""
    return call(word, *map(quoted, key.columns), name=name, **dict(key.keywords))


def foreign_key_source(key: ForeignKey, name: str | None) -> str:
    """`sa.ForeignKeyConstraint(...)`."""
    targets = names([f"{key.target}.{column}" for column in key.target_columns])
    return call("sa.ForeignKeyConstraint", names(key.columns), targets, **{"name": name, **dict(key.keywords)})


def column_names(table: Table, columns: Sequence[str]) -> str:
    """The columns, in the words of names: `email_created`."""
    return "_".join(columns)
