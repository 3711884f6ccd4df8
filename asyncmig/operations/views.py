"""Views: the operations on views and materialized views."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, ClassVar

from asyncmig.operations.base import HIDDEN, KEYWORDS, Operation, TableName
from asyncmig.operations.sql import SQL, Query


class _ViewOperation(Operation[None]):
    """What the operations on a view share: a view stands among the tables."""

    view_name: str
    schema: str | None

    @property
    def view(self) -> TableName:
        """The view with its schema."""
        return TableName(self.view_name, self.schema)

    def tables(self) -> frozenset[TableName]:
        return frozenset({self.view})


@dataclass(frozen=True, eq=False)
class CreateView(_ViewOperation):
    """Create a view.

    Args:
        view_name: the name of the view.
        definition: the query: text, or a `select()`.
        schema: the schema it goes into.
        options: dialect options: `postgresql_with` (a mapping), `mysql_algorithm`, `mysql_sql_security`.
    """

    verb: ClassVar[str] = "create_view"
    view_name: str
    definition: Query = field(metadata=SQL)
    schema: str | None = field(default=None, kw_only=True)
    options: Mapping[str, Any] = field(default_factory=dict, kw_only=True, metadata=KEYWORDS)

    @classmethod
    def of(cls, view_name: str, definition: Query, *, schema: str | None = None, **options: Any) -> CreateView:
        """Create the view *view_name*; *definition* is its query."""
        return cls(view_name, definition, schema=schema, options=options)

    def describe(self) -> str:
        return f"create view {self.view}"

    def reversed(self) -> DropView:
        return DropView(self.view_name, schema=self.schema, dropped=self)


@dataclass(frozen=True, eq=False)
class ReplaceView(_ViewOperation):
    """Give a view another query; what was granted on it stays where the database can.

    Args:
        view_name: the name of the view.
        definition: the new query: text, or a `select()`.
        schema: the schema it is in.
        recreate: drop it and create it anew, with what was granted on it and the views that are made of it (PostgreSQL,
            which cannot take columns out of a view or change them).
        options: dialect options, as of `create_view`.
        existing: the operation that would create it as it was; known when this comes of a comparison.
    """

    verb: ClassVar[str] = "replace_view"
    view_name: str
    definition: Query = field(metadata=SQL)
    schema: str | None = field(default=None, kw_only=True)
    recreate: bool = field(default=False, kw_only=True)
    options: Mapping[str, Any] = field(default_factory=dict, kw_only=True, metadata=KEYWORDS)
    existing: CreateView | None = field(default=None, kw_only=True, metadata=HIDDEN)

    @classmethod
    def of(
        cls, view_name: str, definition: Query, *, schema: str | None = None, recreate: bool = False, **options: Any
    ) -> ReplaceView:
        """Give the view *view_name* another query."""
        return cls(view_name, definition, schema=schema, recreate=recreate, options=options)

    @property
    def created(self) -> CreateView:
        """The operation that would create it as it is to be."""
        return CreateView(self.view_name, self.definition, schema=self.schema, options=self.options)

    def describe(self) -> str:
        return f"replace view {self.view}"

    def reversed(self) -> Operation[Any]:
        before = self.existing
        if before is None:
            return super().reversed()
        return ReplaceView(
            before.view_name,
            before.definition,
            schema=before.schema,
            recreate=True,
            options=before.options,
            existing=self.created,
        )


@dataclass(frozen=True, eq=False)
class DropView(_ViewOperation):
    """Drop a view.

    Args:
        view_name: the name of the view.
        schema: the schema it is in.
        if_exists: do nothing when there is no such view.
        dropped: the operation that would create it again; known when this is a reversal.
    """

    verb: ClassVar[str] = "drop_view"
    destructive: ClassVar[bool] = True
    view_name: str
    schema: str | None = field(default=None, kw_only=True)
    if_exists: bool = field(default=False, kw_only=True)
    dropped: CreateView | None = field(default=None, kw_only=True, metadata=HIDDEN)

    def describe(self) -> str:
        return f"drop view {self.view}"

    def reversed(self) -> Operation[Any]:
        return self.dropped or super().reversed()


@dataclass(frozen=True, eq=False)
class CreateMaterializedView(_ViewOperation):
    """Create a materialized view (PostgreSQL).

    Args:
        view_name: the name of the view.
        definition: the query: text, or a `select()`.
        schema: the schema it goes into.
        with_data: False leaves it empty until it is refreshed.
        indexes: statements that create its indexes.
        options: dialect options: `postgresql_with` (a mapping), `postgresql_tablespace`.
    """

    verb: ClassVar[str] = "create_materialized_view"
    view_name: str
    definition: Query = field(metadata=SQL)
    schema: str | None = field(default=None, kw_only=True)
    with_data: bool = field(default=True, kw_only=True)
    indexes: Sequence[str] = field(default=(), kw_only=True)
    options: Mapping[str, Any] = field(default_factory=dict, kw_only=True, metadata=KEYWORDS)

    @classmethod
    def of(
        cls,
        view_name: str,
        definition: Query,
        *,
        schema: str | None = None,
        with_data: bool = True,
        indexes: Sequence[str] = (),
        **options: Any,
    ) -> CreateMaterializedView:
        """Create the materialized view *view_name*; *definition* is its query."""
        return cls(view_name, definition, schema=schema, with_data=with_data, indexes=indexes, options=options)

    def describe(self) -> str:
        return f"create materialized view {self.view}"

    def reversed(self) -> DropMaterializedView:
        return DropMaterializedView(self.view_name, schema=self.schema, dropped=self)


@dataclass(frozen=True, eq=False)
class ReplaceMaterializedView(_ViewOperation):
    """Give a materialized view another query: it is dropped and created anew, with all that hangs on it (PostgreSQL).

    Args:
        view_name: the name of the view.
        definition: the new query: text, or a `select()`.
        schema: the schema it is in.
        with_data: False leaves it empty until it is refreshed.
        options: dialect options, as of `create_materialized_view`.
        existing: the operation that would create it as it was; known when this comes of a comparison.
    """

    verb: ClassVar[str] = "replace_materialized_view"
    view_name: str
    definition: Query = field(metadata=SQL)
    schema: str | None = field(default=None, kw_only=True)
    with_data: bool = field(default=True, kw_only=True)
    options: Mapping[str, Any] = field(default_factory=dict, kw_only=True, metadata=KEYWORDS)
    existing: CreateMaterializedView | None = field(default=None, kw_only=True, metadata=HIDDEN)

    @classmethod
    def of(
        cls, view_name: str, definition: Query, *, schema: str | None = None, with_data: bool = True, **options: Any
    ) -> ReplaceMaterializedView:
        """Give the materialized view *view_name* another query."""
        return cls(view_name, definition, schema=schema, with_data=with_data, options=options)

    @property
    def created(self) -> CreateMaterializedView:
        """The operation that would create it as it is to be, without its indexes."""
        return CreateMaterializedView(
            self.view_name, self.definition, schema=self.schema, with_data=self.with_data, options=self.options
        )

    def describe(self) -> str:
        return f"replace materialized view {self.view}"

    def reversed(self) -> Operation[Any]:
        before = self.existing
        if before is None:
            return super().reversed()
        return ReplaceMaterializedView(
            before.view_name,
            before.definition,
            schema=before.schema,
            with_data=before.with_data,
            options=before.options,
            existing=self.created,
        )


@dataclass(frozen=True, eq=False)
class RefreshMaterializedView(_ViewOperation):
    """Fill a materialized view anew.

    Args:
        view_name: the name of the view.
        schema: the schema it is in.
        concurrently: do not lock out those who read it; it must have a unique index.
        with_data: False empties it instead.
    """

    verb: ClassVar[str] = "refresh_materialized_view"
    view_name: str
    schema: str | None = field(default=None, kw_only=True)
    concurrently: bool = field(default=False, kw_only=True)
    with_data: bool = field(default=True, kw_only=True)

    def describe(self) -> str:
        return f"refresh materialized view {self.view}"

    def reversed(self) -> RefreshMaterializedView:
        # The rows that it is made of are others then.
        return self


@dataclass(frozen=True, eq=False)
class DropMaterializedView(_ViewOperation):
    """Drop a materialized view.

    Args:
        view_name: the name of the view.
        schema: the schema it is in.
        if_exists: do nothing when there is no such view.
        dropped: the operation that would create it again; known when this is a reversal.
    """

    verb: ClassVar[str] = "drop_materialized_view"
    destructive: ClassVar[bool] = True
    view_name: str
    schema: str | None = field(default=None, kw_only=True)
    if_exists: bool = field(default=False, kw_only=True)
    dropped: CreateMaterializedView | None = field(default=None, kw_only=True, metadata=HIDDEN)

    def describe(self) -> str:
        return f"drop materialized view {self.view}"

    def reversed(self) -> Operation[Any]:
        return self.dropped or super().reversed()
