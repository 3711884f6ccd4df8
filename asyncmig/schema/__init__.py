"""Schema: what stands in a database, or shall stand there, as plain values that can be compared."""

from asyncmig.schema.scope import Scope
from asyncmig.schema.snapshot import ObjectKey, ObjectState, Snapshot
from asyncmig.schema.table import (
    CheckState,
    ColumnState,
    ComputedState,
    ExcludeState,
    ForeignKeyState,
    IdentityState,
    IndexElement,
    IndexState,
    PrimaryKeyState,
    TableState,
    UniqueState,
)
from asyncmig.schema.types import EnumState, SequenceState

__all__ = [
    "CheckState",
    "ColumnState",
    "ComputedState",
    "EnumState",
    "ExcludeState",
    "ForeignKeyState",
    "IdentityState",
    "IndexElement",
    "IndexState",
    "ObjectKey",
    "ObjectState",
    "PrimaryKeyState",
    "Scope",
    "SequenceState",
    "Snapshot",
    "TableState",
    "UniqueState",
]
