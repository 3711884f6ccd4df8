"""Rewriter: functions that change the operations of a new revision, each those of one class."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from typing import Any, TypeVar

from asyncmig.runtime.alembic.op_containers import MigrationScript, OpContainer

__all__ = ["Rewriter"]

Function = TypeVar("Function", bound=Callable[..., Any])


class Rewriter:
    """Functions that change the operations of a new revision: it is given as `process_revision_directives`.

        writer = Rewriter()

        @writer.rewrites(ops.AddColumnOp)
        def add_column(context, revision, op):
            op.column.nullable = True
            return op

    A function gives one operation, or several, for the one that it got.
    """

    def __init__(self) -> None:
        self._functions: dict[type[Any], Callable[..., Any]] = {}
        self._next: Sequence[Callable[..., Any]] = ()

    def chain(self, other: Callable[..., Any]) -> Rewriter:
        """One that lets *other*, a `Rewriter` or any other such function, have its say after this one."""
        chained = Rewriter()
        chained._functions = dict(self._functions)
        chained._next = (*self._next, other)
        return chained

    def rewrites(self, operator: type[Any] | Iterable[type[Any]]) -> Callable[[Function], Function]:
        """A decorator for what changes operations of one class, or of several."""
        kinds = (operator,) if isinstance(operator, type) else tuple(operator)

        def register(function: Function) -> Function:
            self._functions.update(dict.fromkeys(kinds, function))
            return function

        return register

    def __call__(self, context: Any, revision: Any, directives: list[Any]) -> None:
        """Change the operations of all *directives*."""
        self.process_revision_directives(context, revision, directives)

    def process_revision_directives(self, context: Any, revision: Any, directives: list[Any]) -> None:
        """The same."""
        directives[:] = self._each(context, revision, directives)
        for other in self._next:
            other(context, revision, directives)

    def _each(self, context: Any, revision: Any, ops: Iterable[Any]) -> list[Any]:
        found: list[Any] = []
        for op in ops:
            for one in self._rewritten(context, revision, op):
                self._go_down(context, revision, one)
                found.append(one)
        return found

    def _rewritten(self, context: Any, revision: Any, op: Any) -> list[Any]:
        function = next((self._functions[kind] for kind in type(op).__mro__ if kind in self._functions), None)
        if function is None:
            return [op]
        made = function(context, revision, op)
        if made is None:
            return []
        return list(made) if isinstance(made, list | tuple) else [made]

    def _go_down(self, context: Any, revision: Any, op: Any) -> None:
        if isinstance(op, MigrationScript):
            op.upgrade_ops = self._each(context, revision, op.upgrade_ops_list)
            op.downgrade_ops = self._each(context, revision, op.downgrade_ops_list)
        elif isinstance(op, OpContainer):
            op.ops = self._each(context, revision, op.ops)
