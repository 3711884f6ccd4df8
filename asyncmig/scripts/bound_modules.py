"""BoundModules: which modules hold on to Alembic's `op`, so that scripts need copies of their own."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable, Iterable, Iterator
from importlib.machinery import ModuleSpec, SourceFileLoader
from types import CodeType
from typing import Any

from asyncmig.scripts.module_imports import Import, imports_of, mentions
from asyncmig.scripts.module_text import ModuleText, read_text

__all__ = ["BoundModules", "find_spec"]

#: What a module that imports one of these does with it depends on whose it is; anything else of Alembic does not.
_BINDING = frozenset({"op", "context", "operations"})
#: What the code of a module that defines models names.
_MODELS = frozenset({"__tablename__", "__table__", "DeclarativeBase", "declarative_base"})
#: Packages that need no look: they know nothing of Alembic.
_KNOWN = frozenset(sys.stdlib_module_names) | {"sqlalchemy", "asyncmig"}


class BoundModules:
    """Which modules are bound to Alembic's `op`: they import it, or import at their top a module that is bound.

    Their code is read, nothing is executed. First their text says which can have to do with Alembic at all: those are
    few, and only they are compiled. What a module imports inside its functions counts for `op` itself only:
    else an application's models would be bound as soon as one of their methods can reach a helper.

    Args:
        is_imported: whether the host process has imported a module.
    """

    def __init__(self, is_imported: Callable[[str], bool] = sys.modules.__contains__) -> None:
        self._is_imported = is_imported
        self._importers: dict[str, set[str]] = {}
        self._seen: set[str] = set()
        self._bound: set[str] = set()
        self._specs: dict[str, ModuleSpec] = {}
        #: What was looked for in vain during one examination.
        self._missing: set[str] = set()
        self._installed: bool | None = None

    def __contains__(self, name: str) -> bool:
        """Whether the module *name* is bound; False when there is no such module."""
        if name.partition(".")[0] in _KNOWN or is_alembic(name):
            return False
        if name not in self._seen:
            self._examine(name)
        return name in self._bound

    @property
    def alembic_is_installed(self) -> bool:
        """Whether the real Alembic can be imported here."""
        if self._installed is None:
            try:
                self._installed = self._spec("alembic") is not None
            except ImportError:
                # Who looks for modules may refuse to find one.
                self._installed = False
        return self._installed

    def is_module(self, name: str) -> bool:
        """Whether there is a module *name*."""
        return self._spec(name) is not None

    def _examine(self, name: str) -> None:
        """Read *name* and everything that it imports at its top, and see who is bound by it."""
        self._missing.clear()
        suspects = self._suspects(name)
        pending, bound = [name], list[str]()
        looked_for: set[str] = set()
        while pending:
            current = pending.pop()
            if current in self._seen or current in looked_for:
                continue
            # A module that is not there yet may be there the next time.
            (looked_for if self._spec(current) is None else self._seen).add(current)
            if current not in suspects:
                continue
            code = self._code(current)
            imports = [] if code is None else imports_of(code)
            if code is not None and any(self._binds(each, code) for each in imports):
                bound.append(current)
            unique = self.alembic_is_installed and self._is_unique(current, code)
            for target in self._targets(current, imports, with_parent=not unique):
                self._importers.setdefault(target, set()).add(current)
                if target in self._bound:
                    bound.append(current)
                pending.append(target)
        while bound:
            current = bound.pop()
            if current not in self._bound:
                self._bound.add(current)
                bound += self._importers.get(current, ())

    def _suspects(self, name: str) -> set[str]:
        """Which of *name* and what it imports can be bound, as far as their text tells."""
        importers: dict[str, set[str]] = {}
        pending, visited, marked = [name], set[str](), list[str]()
        while pending:
            current = pending.pop()
            if current in visited or current in self._seen:
                continue
            visited.add(current)
            text = self._text(current)
            if text is None or text.names_alembic:
                marked.append(current)
            code = self._code(current) if text is None else None
            imports = text.imports if text is not None else [] if code is None else imports_of(code)
            for target in self._targets(current, imports, with_parent=True):
                importers.setdefault(target, set()).add(current)
                if target in self._bound or self._spec(target) is None:
                    marked.append(current)
                pending.append(target)
        suspects: set[str] = set()
        while marked:
            current = marked.pop()
            if current not in suspects:
                suspects.add(current)
                marked += importers.get(current, ())
        return suspects

    def _text(self, name: str) -> ModuleText | None:
        """What the source of a module says; None where there is none to be read."""
        spec = self._spec(name)
        if spec is None or type(spec.loader) is not SourceFileLoader or not spec.origin:
            return None
        try:
            with open(spec.origin, "rb") as file:
                return read_text(file.read())
        except OSError:
            return None

    def _binds(self, statement: Import, code: CodeType) -> bool:
        if statement.level or not is_alembic(statement.name):
            return False
        if statement.eager and not self.alembic_is_installed:
            # As usual it could not be imported at all.
            return True
        _, _, rest = statement.name.partition(".")
        if rest:
            return rest.partition(".")[0] in _BINDING
        names = frozenset(statement.names)
        return not names.isdisjoint(_BINDING | {"*"}) or (not names and mentions(code, _BINDING))

    def _targets(self, name: str, imports: list[Import], *, with_parent: bool) -> Iterator[str]:
        """The modules that are executed when *name* is imported, as far as they are worth a look."""
        parent = name.rpartition(".")[0]
        there = self._spec(name) is not None
        if there and parent and not self._is_imported(parent) and with_parent:
            # Who imports it as usual imports its package first, with the real Alembic where there is one.
            yield parent
        for each in imports:
            base = self._absolute(name, each) if each.eager else None
            if base is None or not self._is_followed(name, base):
                continue
            yield base
            for part in each.names:
                if self._spec(f"{base}.{part}") is not None:
                    yield f"{base}.{part}"

    def _is_unique(self, name: str, code: CodeType | None) -> bool:
        """Whether a module must not be executed twice: it registers tables, or is not written in Python."""
        if code is not None:
            return _defines_tables(code)
        spec = self._spec(name)
        return spec is None or spec.submodule_search_locations is None

    def _absolute(self, name: str, statement: Import) -> str | None:
        if not statement.level:
            return statement.name
        spec = self._spec(name)
        package = name if spec is not None and spec.submodule_search_locations is not None else name.rpartition(".")[0]
        parts = package.split(".")
        if statement.level > len(parts):
            return None
        kept = parts[: len(parts) - statement.level + 1]
        return ".".join([*kept, statement.name] if statement.name else kept)

    def _is_followed(self, importer: str, name: str) -> bool:
        top = name.partition(".")[0]
        if top in _KNOWN or top == "alembic":
            return False
        if top == importer.partition(".")[0] or "alembic" in top:
            return True
        # What was installed for other reasons does not use our user's op; an application's own packages may.
        spec = self._spec(top)
        return spec is not None and not _is_installed(spec)

    def _code(self, name: str) -> CodeType | None:
        """The code of a module; None for one that is not written in Python."""
        spec = self._spec(name)
        get_code: Any = getattr(spec.loader, "get_code", None) if spec is not None else None
        if get_code is None:
            return None
        try:
            code = get_code(name)
        except (ImportError, SyntaxError, ValueError, OSError):
            # Importing it says what is wrong with it.
            return None
        return code if isinstance(code, CodeType) else None

    def _spec(self, name: str) -> ModuleSpec | None:
        spec = self._specs.get(name)
        if spec is not None or name in self._missing:
            return spec
        spec = self._found(name)
        if spec is None:
            self._missing.add(name)
        else:
            self._specs[name] = spec
        return spec

    def _found(self, name: str) -> ModuleSpec | None:
        if name in sys.modules:
            # None stands there for what must not be imported.
            return getattr(sys.modules[name], "__spec__", None)
        parent = name.rpartition(".")[0]
        if not parent:
            return find_spec(name, None)
        places = self._places(parent)
        return None if places is None else find_spec(name, places)

    def _places(self, package: str) -> list[str] | None:
        """The directories in which the modules of *package* are; None when it is no package."""
        spec = self._spec(package)
        places: Any = getattr(sys.modules.get(package), "__path__", spec.submodule_search_locations if spec else None)
        return None if places is None else list(places)


def is_alembic(name: str) -> bool:
    """Whether *name* is Alembic or a module of it."""
    return name == "alembic" or name.startswith("alembic.")


def find_spec(name: str, path: Any) -> ModuleSpec | None:
    """Where the module *name* is; unlike `importlib.util.find_spec`, nothing is imported.

    Args:
        name: its full name.
        path: where its package looks for modules; None for a module that is in none.
    """
    for finder in sys.meta_path:
        find: Any = getattr(finder, "find_spec", None)
        try:
            spec: ModuleSpec | None = find(name, path) if find is not None else None
        except KeyError:
            # A package without `__init__.py` below one that is not imported yet, which Python does not expect.
            spec = _folder_spec(name, path)
        if spec is not None:
            return spec
    return None


def _folder_spec(name: str, path: Iterable[str]) -> ModuleSpec:
    last = name.rpartition(".")[2]
    spec = ModuleSpec(name, None, is_package=True)
    folders = [os.path.join(place, last) for place in path]
    spec.submodule_search_locations = [folder for folder in folders if os.path.isdir(folder)]
    return spec


def _defines_tables(code: CodeType) -> bool:
    """Whether a module registers tables or models with something that others share."""
    return mentions(code, _MODELS) or {"Column", "Table"} <= set(code.co_names)


def _is_installed(spec: ModuleSpec) -> bool:
    origin = (spec.origin or "").replace("\\", "/")
    return "/site-packages/" in origin or "/dist-packages/" in origin
