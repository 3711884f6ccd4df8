"""RenderItem: a project's own say in how types, columns, defaults, constraints and indexes are written."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any, Literal, TypeAlias

from sqlalchemy import (
    CheckConstraint,
    Column,
    Computed,
    ForeignKey,
    ForeignKeyConstraint,
    Identity,
    Index,
    PrimaryKeyConstraint,
    Table,
    UniqueConstraint,
)
from sqlalchemy.dialects.postgresql import ExcludeConstraint
from sqlalchemy.engine import Dialect
from sqlalchemy.schema import FetchedValue
from sqlalchemy.types import TypeEngine

from asyncmig.errors import FilterError
from asyncmig.rendering.source import Source

__all__ = ["RenderContext", "RenderItem", "rendered_item"]

#: What things are called when they are asked about; the first that fits.
_KINDS: tuple[tuple[type[Any], str], ...] = (
    (TypeEngine, "type"),
    (Column, "column"),
    (FetchedValue, "server_default"),
    (PrimaryKeyConstraint, "primary_key"),
    (ForeignKey, "foreign_key"),
    (ForeignKeyConstraint, "foreign_key"),
    (UniqueConstraint, "unique"),
    (CheckConstraint, "check"),
    (ExcludeConstraint, "exclude"),
    (Index, "index"),
    (Table, "table"),
)


@dataclass
class RenderContext:
    """What `render_item` gets besides.

    Args:
        dialect: the database that the revision is written for.
        imports: lines of import; whoever writes something puts in what it needs.
    """

    dialect: Dialect | None = None
    imports: set[str] = field(default_factory=set)


#: Called with what kind of thing it is (`type`, `column`, `server_default`, `index`, ...), the thing and the context;
#: gives its source, or False where it has nothing to say.
RenderItem: TypeAlias = Callable[[str, Any, RenderContext], str | Source | Literal[False]]


def rendered_item(render_item: RenderItem, value: Any, dialect: Dialect | None) -> Source | None:
    """What *render_item* makes of *value*; None where it has nothing to say.

    Raises:
        FilterError: it fails, or gives no text.
    """
    kind = next((name for of, name in _KINDS if isinstance(value, of)), None)
    if kind is None or isinstance(value, Computed | Identity):
        return None
    context = RenderContext(dialect)
    try:
        given = render_item(kind, value, context)
        if isinstance(given, Source):
            return given.requiring(*context.imports)
        if given is False or given is None:
            return None
        if not isinstance(given, str):
            raise TypeError(f"it gave {given!r}, which is neither text nor False")
    except Exception as error:
        name = getattr(value, "name", None) or type(value).__name__
        raise FilterError(filter_name="render_item", asked=f"{kind} {name!r}", error=error) from error
    return Source(given, frozenset(context.imports))
