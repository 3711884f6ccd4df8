"""Imports: an `__import__` of a script's own, so that `from alembic import op` gives it what the runtime chose."""

from __future__ import annotations

import builtins
import importlib
import importlib.util
import sys
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager, nullcontext
from importlib.machinery import ModuleSpec
from types import ModuleType, SimpleNamespace
from typing import Any

from asyncmig.scripts.bound_modules import BoundModules
from asyncmig.scripts.module_copies import ModuleCopies
from asyncmig.scripts.module_views import Extended, Joined, View
from asyncmig.scripts.search_path import SearchPath

__all__ = ["ScriptModules", "private_builtins"]

#: Imported as usual without a look, where nothing else is provided in their place.
_USUAL = frozenset(sys.stdlib_module_names - {"importlib"}) | {"sqlalchemy", "asyncmig"}


def private_builtins(modules: Mapping[str, Any]) -> dict[str, Any]:
    """The built-ins of a script, in which importing one of *modules* gives the object there.

    They carry over to the helper modules that a script imports: one that is bound to Alembic's `op` is executed for the
    scripts alone, with the same built-ins, and neither it nor what is provided is ever found in `sys.modules`.

    Args:
        modules: dotted names to objects. A name below one of them that is not among them is imported as usual. Scripts
            that are given the same `ScriptModules` share their copies of helpers.
    """
    return (modules if isinstance(modules, ScriptModules) else ScriptModules(modules)).private_builtins()


class ScriptModules(Mapping[str, Any]):
    """The modules that the scripts of one project get: what is provided, and their own copies of helper modules.

    Args:
        modules: dotted names to objects.
        search_path: where their imports look; where those of the process do by default.
    """

    def __init__(self, modules: Mapping[str, Any], search_path: SearchPath | None = None) -> None:
        self.search_path = search_path
        if search_path is not None:
            modules = {"sys": search_path.sys_view(), **modules}
        self._given = dict(modules)
        self._provided = {name: self._joined(name, given) for name, given in _with_children(modules).items()}
        self._usual = _USUAL - {name.partition(".")[0] for name in modules}
        self._copies = ModuleCopies(self.private_builtins, self._module)
        self._bound = BoundModules(self._copies.is_imported)
        importing = {"import_module": self._import_module}
        if "importlib" not in self._provided:
            util = View(importlib.util, {"module_from_spec": self._module_from_spec})
            self._provided["importlib"] = View(importlib, {**importing, "util": util})
            self._provided["importlib.util"] = util

    def __getitem__(self, name: str) -> Any:
        return self._given[name]

    def __iter__(self) -> Iterator[str]:
        return iter(self._given)

    def __len__(self) -> int:
        return len(self._given)

    def private_builtins(self) -> dict[str, Any]:
        """The built-ins of one module, with an `__import__` that gives these modules."""
        return {**vars(builtins), "__import__": self._import}

    def _import(
        self,
        name: str,
        globals: Mapping[str, object] | None = None,
        locals: Mapping[str, object] | None = None,
        fromlist: Sequence[str] | None = (),
        level: int = 0,
    ) -> Any:
        wanted = tuple(fromlist or ())
        full = _absolute(name, globals, level) if level else name
        top = full.partition(".")[0]
        if top in self._usual:
            return builtins.__import__(name, globals, locals, wanted, level)
        with self._searching():
            if not full or not self._is_own(full, wanted):
                return builtins.__import__(name, globals, locals, wanted, level)
            found = self._module(full)
            return self._with_names(full, found, wanted) if wanted else self._seen(top)

    def _searching(self) -> AbstractContextManager[None]:
        return nullcontext() if self.search_path is None else self.search_path.used()

    def _is_own(self, full: str, wanted: Iterable[str]) -> bool:
        """Whether one of the modules that an import names is provided or a copy, or is to become one."""
        parts = full.split(".")
        if parts[0] in self._provided:
            return True
        names = [".".join(parts[: count + 1]) for count in range(len(parts))]
        names += [f"{full}.{each}" for each in wanted]
        return any(name in self._copies or name in self._bound for name in names)

    def _module(self, name: str) -> Any:
        """The module *name* as scripts see it: provided, a copy, or imported as usual."""
        if name in self._provided:
            return self._provided[name]
        parent = name.rpartition(".")[0]
        if parent and parent not in self._provided:
            # As usual, the package comes first, and has the module as its attribute afterwards.
            self._module(parent)
        if name in self._copies or name in self._bound:
            return self._copies[name]
        if parent in self._copies and not self._bound.is_module(name):
            # To say so, importing it as usual would execute its package.
            raise ModuleNotFoundError(f"No module named {name!r}", name=name)
        return self._copies.imported_as_usual(name)

    def _seen(self, name: str) -> Any:
        """What the name of a package is bound to, with what is ours below it as its attributes."""
        found = self._module(name)
        return found if name in self._provided or name in self._copies else self._copies.view(name, found)

    def _joined(self, name: str, given: Any) -> Any:
        """A namespace that is provided as a module, which falls back on the real one; any other object as it is."""
        if not isinstance(given, SimpleNamespace | Extended):
            return given
        return Joined(name, given, lambda last: self._provided.get(f"{name}.{last}"), lambda: self._real(name))

    def _real(self, name: str) -> ModuleType:
        """The real module in whose place another object is provided."""
        try:
            return self._copies.imported_as_usual(name)
        except ModuleNotFoundError as error:
            given = ", ".join(sorted(self._given))
            raise ModuleNotFoundError(
                f"{error}: revision files are given {given}; whatever else they need must be installed",
                name=error.name,
            ) from error

    def _with_names(self, full: str, found: Any, wanted: Sequence[str]) -> Any:
        """What `from full import wanted` takes its names from."""
        if full in self._provided:
            missing = [name for name in wanted if name != "*" and not hasattr(found, name)]
            if not missing:
                return found
            # What we do not provide may be in the real package.
            real = builtins.__import__(self._real(full).__name__, None, None, missing, 0)
            return found if isinstance(found, Joined) else Joined(full, found, lambda last: None, lambda: real)
        if full in self._copies:
            names = getattr(found, "__all__", ()) if "*" in wanted else wanted
            for name in names:
                if not hasattr(found, name):
                    self._import_if_there(f"{full}.{name}")
            return found
        for name in wanted:
            child = f"{full}.{name}"
            # A function may have taken the name of the module that it comes from.
            if child in self._bound and isinstance(getattr(found, name, found), ModuleType):
                self._module(child)
            elif name != "*" and not hasattr(found, name):
                self._import_if_there(child)
        return self._copies.view(full, found)

    def _import_if_there(self, name: str) -> None:
        try:
            self._module(name)
        except ModuleNotFoundError as error:
            # Then it is no module: that there is no such attribute either is said by who asks for it.
            if error.name != name:
                raise

    def _import_module(self, name: str, package: str | None = None) -> Any:
        """`importlib.import_module` of scripts."""
        full = importlib.util.resolve_name(name, package)
        with self._searching():
            if full.partition(".")[0] in self._usual or not self._is_own(full, ()):
                return importlib.import_module(full)
            found = self._module(full)
            return found if full in self._provided or full in self._copies else self._copies.view(full, found)

    def _module_from_spec(self, spec: ModuleSpec) -> ModuleType:
        """`importlib.util.module_from_spec` of scripts: what is executed in the module imports as they do."""
        module = importlib.util.module_from_spec(spec)
        module.__dict__["__builtins__"] = self.private_builtins()
        return module


def _absolute(name: str, globals: Mapping[str, object] | None, level: int) -> str:
    """The full name of what a relative import names; empty when there is none, which the usual import reports."""
    package = (globals or {}).get("__package__")
    parts = package.split(".") if isinstance(package, str) and package else []
    if level > len(parts):
        return ""
    kept = parts[: len(parts) - level + 1]
    return ".".join([*kept, name] if name else kept)


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
                provided[parent] = Extended(provided[parent], {last: provided[child]})
            child = parent
    return provided
