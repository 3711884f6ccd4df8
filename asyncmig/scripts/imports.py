"""Imports: an `__import__` of a script's own, so that `from alembic import op` gives it what the runtime chose."""

from __future__ import annotations

import builtins
from collections.abc import Callable, Mapping, Sequence
from types import ModuleType, SimpleNamespace
from typing import Any

__all__ = ["private_builtins"]


def private_builtins(modules: Mapping[str, Any]) -> dict[str, Any]:
    """The built-ins of a script, in which importing one of *modules* gives the object there.

    Args:
        modules: dotted names to objects. A name below one of them that is not among them is imported as usual.
    """
    return {**vars(builtins), "__import__": _importer(modules)}


def _importer(modules: Mapping[str, Any]) -> Callable[..., Any]:
    provided = _with_children(modules)
    usual = builtins.__import__

    def private_import(
        name: str,
        globals: Mapping[str, object] | None = None,
        locals: Mapping[str, object] | None = None,
        fromlist: Sequence[str] | None = (),
        level: int = 0,
    ) -> Any:
        found = None if level else provided.get(name)
        if found is None:
            return usual(name, globals, locals, fromlist or (), level)
        if not fromlist:
            # `import a.b` binds a, and finds b as its attribute.
            return provided[name.partition(".")[0]]
        missing = [wanted for wanted in fromlist if wanted != "*" and not hasattr(found, wanted)]
        if not missing:
            return found
        # What we do not provide may be in the real package; if that is not there either, its error says so.
        real = usual(name, globals, locals, missing, 0)
        return _Joined(found, real)

    return private_import


class _Joined:
    """Two modules as one: the first one's names go first."""

    def __init__(self, first: object, second: ModuleType) -> None:
        self._first = first
        self._second = second

    def __getattr__(self, name: str) -> Any:
        return getattr(self._first if hasattr(self._first, name) else self._second, name)


def _with_children(modules: Mapping[str, Any]) -> dict[str, Any]:
    """*modules*, with each name's parents, and each parent with its children as attributes."""
    provided = dict(modules)
    for name in sorted(modules, key=len, reverse=True):
        child = name
        while "." in child:
            parent, _, last = child.rpartition(".")
            if parent not in provided:
                provided[parent] = SimpleNamespace()
            if not hasattr(provided[parent], last):
                # Never change what was given: it may be shared.
                provided[parent] = _joined_child(provided[parent], last, provided[child])
            child = parent
    return provided


def _joined_child(parent: Any, name: str, child: Any) -> SimpleNamespace:
    return SimpleNamespace(**{**getattr(parent, "__dict__", {}), name: child})
