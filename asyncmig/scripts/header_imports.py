"""HeaderImports: what the imports of a revision file give to the values of its header."""

from __future__ import annotations

import ast
import functools
from collections.abc import Iterator
from importlib import import_module
from pathlib import Path
from typing import Any

from asyncmig.errors import ScriptError

__all__ = ["HeaderImports"]


class HeaderImports:
    """The imports at the top level of a revision file, each carried out when a value of the header needs it.

    Args:
        body: the statements of the file.
        path: the file, for messages.
    """

    def __init__(self, body: list[ast.stmt], path: Path | str) -> None:
        self._path = path
        self._names = dict(_names(body))
        #: The modules that were imported: a value from there may change while the file does not.
        self.used: set[str] = set()

    def knows(self, node: ast.expr) -> bool:
        """Whether *node* is an imported name, or an attribute of one."""
        return _dotted(node).partition(".")[0] in self._names

    def value(self, node: ast.expr) -> Any:
        """What *node* is.

        Raises:
            ScriptError: the module cannot be imported, or has no such name.
        """
        name, *attributes = _dotted(node).split(".")
        module, attribute = self._names[name]
        self.used.add(module)
        try:
            if attribute is None:
                # `import a.b` binds a, `import a.b as c` binds b.
                found: Any = import_module(module)
                if module.partition(".")[0] == name and "." in module:
                    found = import_module(name)
            else:
                found = _from(module, attribute)
            return functools.reduce(getattr, attributes, found)
        except Exception as error:
            raise ScriptError(
                f"{ast.unparse(node)} cannot be imported: {type(error).__name__}: {error}",
                path=self._path,
                line=node.lineno,
                hint="Install what the file imports, or let prepend_sys_path name the directory where it is.",
            ) from error


def _from(module: str, name: str) -> Any:
    """What `from module import name` gives."""
    found = import_module(module)
    try:
        return getattr(found, name)
    except AttributeError:
        # The submodule of a package that does not import it by itself.
        return import_module(f"{module}.{name}")


def _names(body: list[ast.stmt]) -> Iterator[tuple[str, tuple[str, str | None]]]:
    """Each name that is bound by an import, with its module and, unless it is the module itself, its name there."""
    for statement in body:
        match statement:
            case ast.Import(names=names):
                for each in names:
                    yield each.asname or each.name.partition(".")[0], (each.name, None)
            case ast.ImportFrom(module=str(module), names=names, level=0):
                for each in names:
                    yield each.asname or each.name, (module, each.name)
            case ast.Try(body=inner):
                yield from _names(inner)
            case _:
                continue


def _dotted(node: ast.expr) -> str:
    """The text of a name with attributes; empty for anything else."""
    match node:
        case ast.Name(id=name):
            return name
        case ast.Attribute(value=value, attr=attribute) if before := _dotted(value):
            return f"{before}.{attribute}"
        case _:
            return ""
