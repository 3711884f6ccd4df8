"""ModuleCopies: helper modules as the scripts of one project have them for themselves, outside of `sys.modules`."""

from __future__ import annotations

import builtins
import importlib
import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from importlib.machinery import ModuleSpec
from importlib.util import module_from_spec
from types import ModuleType
from typing import Any

from asyncmig.scripts.bound_modules import find_spec
from asyncmig.scripts.module_views import PackageView

__all__ = ["ModuleCopies"]

# While a copy is executed it is found in sys.modules, which all threads share.
_LOCK = threading.RLock()
_NOTHING: Any = object()


class ModuleCopies:
    """Copies of helper modules, each executed once, with its own built-ins.

    Args:
        make_builtins: gives the built-ins of one module.
        module: gives any module as scripts see it.
    """

    def __init__(self, make_builtins: Callable[[], dict[str, Any]], module: Callable[[str], Any]) -> None:
        self._make_builtins = make_builtins
        self._module = module
        self._copies: dict[str, ModuleType] = {}
        self._views: dict[str, PackageView] = {}
        #: The copies that are being executed, and what stood in `sys.modules` in their place.
        self._replaced: dict[str, Any] = {}

    def __contains__(self, name: str) -> bool:
        return name in self._copies

    def is_imported(self, name: str) -> bool:
        """Whether the host process has imported the module *name*."""
        return self._replaced.get(name, sys.modules.get(name, _NOTHING)) is not _NOTHING

    def __getitem__(self, name: str) -> ModuleType:
        """The copy of the module *name*, which is made now if there is none.

        Raises:
            ModuleNotFoundError: there is no such module.
        """
        with _LOCK:
            if name in self._copies:
                return self._copies[name]
            parent, _, last = name.rpartition(".")
            path = self._module(parent).__path__ if parent else None
            if name in self._copies:
                # Its package has imported it.
                return self._copies[name]
            spec = find_spec(name, path)
            if spec is None:
                raise ModuleNotFoundError(f"No module named {name!r}", name=name)
            module = self._executed(name, spec)
            if parent in self._copies:
                setattr(self._copies[parent], last, module)
            return module

    def _executed(self, name: str, spec: ModuleSpec) -> ModuleType:
        module = module_from_spec(spec)
        # They stand there before the module is executed, so that its functions import with them for ever after.
        module.__dict__["__builtins__"] = {**self._make_builtins(), "__build_class__": self._class_builder(module)}
        self._copies[name] = module
        try:
            with self._findable(module):
                if spec.loader is not None:
                    spec.loader.exec_module(module)
                # A module may put something else in its place.
                self._copies[name] = sys.modules.get(name, module)
        except BaseException:
            del self._copies[name]
            raise
        return self._copies[name]

    @contextmanager
    def _findable(self, module: ModuleType) -> Iterator[None]:
        """Let *module* be found in `sys.modules`: dataclasses, mapped classes and circular imports look there."""
        name = module.__name__
        with _LOCK:
            if name in self._replaced:
                yield
                return
            self._replaced[name] = sys.modules.get(name, _NOTHING)
            sys.modules[name] = module
            try:
                yield
            finally:
                _put(name, self._replaced.pop(name))

    def _class_builder(self, module: ModuleType) -> Callable[..., Any]:
        """What makes the classes of *module*, also those that its functions define while a revision runs."""

        def build_class(*arguments: Any, **options: Any) -> Any:
            with self._findable(module):
                return builtins.__build_class__(*arguments, **options)

        return build_class

    def imported_as_usual(self, name: str) -> ModuleType:
        """The module *name*, imported once for the whole process, as if no copy were there."""
        with self._hidden():
            module = importlib.import_module(name)
        parent, _, last = name.rpartition(".")
        if parent in self._copies:
            setattr(self._copies[parent], last, module)
        return module

    @contextmanager
    def _hidden(self) -> Iterator[None]:
        """What was in `sys.modules` before is there again for a while, in place of copies that are being executed."""
        if not self._replaced:
            yield
            return
        hidden = {name: sys.modules.get(name, _NOTHING) for name in self._replaced}
        for name, before in self._replaced.items():
            _put(name, before)
        try:
            yield
        finally:
            for name, copy in hidden.items():
                # It may have been imported for real in between, which is to stay.
                self._replaced[name] = sys.modules.get(name, _NOTHING)
                _put(name, copy)

    def view(self, name: str, real: ModuleType) -> ModuleType:
        """The package *real* with its copies as attributes; *real* itself when there are none below it."""
        if not any(each.startswith(f"{name}.") for each in self._copies):
            return real
        if name not in self._views:
            self._views[name] = PackageView(real, lambda last: self._child(f"{name}.{last}"))
        return self._views[name]

    def _child(self, name: str) -> ModuleType | None:
        if name in self._copies:
            return self._copies[name]
        if not any(each.startswith(f"{name}.") for each in self._copies):
            return None
        real = sys.modules.get(name)
        return None if real is None else self.view(name, real)


def _put(name: str, module: Any) -> None:
    if module is _NOTHING:
        sys.modules.pop(name, None)
    else:
        sys.modules[name] = module
