"""AutogenContext: what hooks of Alembic get while models are compared and a revision is written."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from sqlalchemy import Connection, inspect
from sqlalchemy.engine import Dialect

__all__ = ["AutogenContext"]


class AutogenContext:
    """What hooks get while models are compared and a revision is written.

    Args:
        migration_context: where the database is; None where source is written without one.
        metadata: the models; those of the context by default.
        opts: further options.
        autogenerate: whether models are compared.
    """

    def __init__(
        self,
        migration_context: Any,
        metadata: Any = None,
        opts: Mapping[str, Any] | None = None,
        autogenerate: bool = True,
    ) -> None:
        self.migration_context = migration_context
        known = {} if migration_context is None else migration_context.opts
        self.opts: dict[str, Any] = {**known, **(opts or {})}
        self.metadata = metadata if metadata is not None else self.opts.get("target_metadata")
        #: Lines of import; whoever writes something puts in what it needs.
        self.imports: set[str] = set()
        self._autogenerate = autogenerate

    @property
    def connection(self) -> Connection | None:
        """The connection."""
        connection: Connection | None = getattr(self.migration_context, "connection", None)
        return connection

    @property
    def dialect(self) -> Dialect | None:
        """SQLAlchemy's dialect."""
        return getattr(self.migration_context, "dialect", None)

    @property
    def inspector(self) -> Any:
        """SQLAlchemy's inspector of the database."""
        return inspect(self.connection)

    def run_name_filters(self, name: str | None, type_: str, parent_names: Mapping[str, Any]) -> bool:
        """Whether a name is looked at."""
        include = self.opts.get("include_name")
        return include is None or bool(include(name, type_, parent_names))

    def run_object_filters(self, object_: Any, name: str | None, type_: str, reflected: bool, compare_to: Any) -> bool:
        """Whether a difference in an object is one."""
        include = self.opts.get("include_object")
        return include is None or bool(include(object_, name, type_, reflected, compare_to))
