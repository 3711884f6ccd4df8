"""Change: one operation of a diff, and what is to be known of it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from asyncmig.operations.base import Operation


@dataclass(frozen=True)
class Change:
    """One operation of a diff, and what is to be known of it.

    Args:
        operation: the operation.
        notes: what a reader of the revision should know, one sentence each.
        undo: what undoes it, in order, where that is not simply its reverse; empty where nothing has to be undone.
    """

    operation: Operation[Any]
    notes: tuple[str, ...] = ()
    undo: tuple[Operation[Any], ...] | None = None

    @property
    def is_lossy(self) -> bool:
        """Whether it loses data."""
        return self.operation.destructive

    @property
    def one_way(self) -> bool:
        """Whether nothing has to be undone for it."""
        return self.undo == ()

    def undone(self) -> tuple[Operation[Any], ...]:
        """The operations that undo it.

        Raises:
            IrreversibleOperationError: it cannot be undone.
        """
        return (self.operation.reversed(),) if self.undo is None else self.undo


@dataclass(frozen=True)
class Unit:
    """Changes that stay together in this order, and what they depend on beyond what their operations say.

    Args:
        changes: the changes.
        creates, drops: what they make and take away that no operation tells, such as objects beside tables.
        needs, frees: what that is made of.
        touches: what they change that no operation tells.
    """

    changes: tuple[Change, ...]
    creates: frozenset[Any] = field(default_factory=frozenset)
    drops: frozenset[Any] = field(default_factory=frozenset)
    needs: frozenset[Any] = field(default_factory=frozenset)
    frees: frozenset[Any] = field(default_factory=frozenset)
    touches: frozenset[Any] = field(default_factory=frozenset)

    @classmethod
    def of(cls, operation: Operation[Any], *notes: str) -> Unit:
        """One operation by itself."""
        return cls((Change(operation, notes),))

    def __iter__(self) -> Iterator[Operation[Any]]:
        return (change.operation for change in self.changes)
