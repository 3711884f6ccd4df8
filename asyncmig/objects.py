"""Objects: what a database has beside tables, declared with the models: views, functions, triggers, extensions.

    from asyncmig.objects import View

    View("active_users", "SELECT id, name FROM users WHERE active", metadata=Base.metadata)

A declaration is kept on its `MetaData`; comparing models with a database then counts it as wanted.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import KW_ONLY, InitVar, dataclass, field
from types import MappingProxyType
from typing import Any, ClassVar, TypeAlias, TypeVar

from sqlalchemy import MetaData, Table, TextClause
from sqlalchemy.sql.expression import SelectBase

__all__ = ["Extension", "Function", "MaterializedView", "SchemaObject", "Trigger", "View", "objects_of"]

#: Where a `MetaData` keeps what is declared on it.
_KEY = "asyncmig.objects"
_NO_OPTIONS: Mapping[str, Any] = MappingProxyType({})

T = TypeVar("T")

#: The query of a view; or one for each database, by the names that SQLAlchemy has for them.
Definition: TypeAlias = str | SelectBase | TextClause | Mapping[str, str | SelectBase | TextClause]
#: A text; or one for each database.
Text: TypeAlias = str | Mapping[str, str]


@dataclass(frozen=True, eq=False)
class SchemaObject:
    """What all declarations share.

    Args:
        name: its name.
        metadata: the models that it belongs to; their schema is its schema where it names none.
        schema: the schema it is in.
        needs: tables and other objects that it is made of, where the names in its definition do not tell.
        dialects: the databases that it is for, by SQLAlchemy's names; None: all that have such a thing.
    """

    kind: ClassVar[str]
    name: str
    _: KW_ONLY
    metadata: InitVar[MetaData | None] = None
    schema: str | None = None
    needs: Sequence[Table | SchemaObject] = ()
    dialects: Collection[str] | None = None

    def __post_init__(self, metadata: MetaData | None) -> None:
        if metadata is None:
            return
        if self.schema is None and metadata.schema is not None:
            object.__setattr__(self, "schema", metadata.schema)
        metadata.info.setdefault(_KEY, []).append(self)

    def is_for(self, names: Collection[str]) -> bool:
        """Whether it is for a database of one of these *names*."""
        given = [value for value in vars(self).values() if isinstance(value, Mapping) and value is not self._options]
        wanted = self.dialects is None or any(name in self.dialects for name in names)
        return wanted and all(any(name in value for name in names) for value in given)

    @property
    def _options(self) -> Any:
        return getattr(self, "options", None)


@dataclass(frozen=True, eq=False)
class View(SchemaObject):
    """A view.

    Args:
        name: its name.
        definition: its query: text, a `select()`, or a mapping from SQLAlchemy's names of databases to these.
        options: dialect options, as `op.create_view` takes them.
        metadata, schema, needs, dialects: as of every object.
    """

    kind: ClassVar[str] = "view"
    definition: Definition
    _: KW_ONLY
    options: Mapping[str, Any] = field(default_factory=lambda: _NO_OPTIONS)


@dataclass(frozen=True, eq=False)
class MaterializedView(SchemaObject):
    """A materialized view (PostgreSQL).

    Args:
        name: its name.
        definition: its query, as of a `View`.
        indexes: statements that create its indexes; they come with it, and are not compared.
        with_data: False leaves it empty until it is refreshed.
        options: dialect options, as `op.create_materialized_view` takes them.
        metadata, schema, needs, dialects: as of every object.
    """

    kind: ClassVar[str] = "materialized_view"
    definition: Definition
    _: KW_ONLY
    indexes: Sequence[str] = ()
    with_data: bool = True
    options: Mapping[str, Any] = field(default_factory=lambda: _NO_OPTIONS)


@dataclass(frozen=True, eq=False)
class Function(SchemaObject):
    """A function or a procedure (PostgreSQL, MySQL, MariaDB).

    Args:
        name: its name.
        arguments: its parameters, as they stand between the parentheses; a text, or one for each database.
        definition: all that stands behind the parentheses; a text, or one for each database.
        procedure: whether it is a procedure.
        metadata, schema, needs, dialects: as of every object.
    """

    kind: ClassVar[str] = "function"
    arguments: Text
    definition: Text
    _: KW_ONLY
    procedure: bool = False


@dataclass(frozen=True, eq=False)
class Trigger(SchemaObject):
    """A trigger.

    Args:
        name: its name.
        table: the table or view, or its name.
        event: when it runs: `"BEFORE UPDATE"`; a text, or one for each database.
        definition: all that stands behind the table; a text, or one for each database.
        constraint: whether it is a constraint trigger (PostgreSQL).
        metadata, schema, needs, dialects: as of every object; schema and metadata are those of a `Table`.
    """

    kind: ClassVar[str] = "trigger"
    table: str | Table | View
    event: Text
    definition: Text
    _: KW_ONLY
    constraint: bool = False

    def __post_init__(self, metadata: MetaData | None) -> None:
        table = self.table
        if not isinstance(table, str):
            if self.schema is None:
                object.__setattr__(self, "schema", table.schema)
            if metadata is None and isinstance(table, Table):
                metadata = table.metadata
        super().__post_init__(metadata)

    @property
    def table_name(self) -> str:
        """The name of the table."""
        return self.table if isinstance(self.table, str) else str(self.table.name)


@dataclass(frozen=True, eq=False)
class Extension(SchemaObject):
    """An extension (PostgreSQL).

    Args:
        name: its name.
        version: the version that is wanted; None: any.
        cascade: create what it needs, too.
        metadata, schema, needs, dialects: as of every object; the schema is where its own objects go.
    """

    kind: ClassVar[str] = "extension"
    _: KW_ONLY
    version: str | None = None
    cascade: bool = False

    def __post_init__(self, metadata: MetaData | None) -> None:
        # An extension itself stands in no schema, so it does not go into that of the models.
        schema = self.schema
        super().__post_init__(metadata)
        object.__setattr__(self, "schema", schema)


def variant(value: T | Mapping[str, T], names: Collection[str]) -> T:
    """What is meant for a database, by its names; the value itself where it is the same for all."""
    if isinstance(value, Mapping):
        return next(value[name] for name in names if name in value)
    return value


def objects_of(metadata: MetaData) -> tuple[SchemaObject, ...]:
    """What is declared on *metadata*, in order."""
    return tuple(metadata.info.get(_KEY, ()))
