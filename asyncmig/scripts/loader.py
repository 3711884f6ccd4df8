"""Loader: executes the file of a revision and gives its script, leaving nothing behind in the interpreter."""

from __future__ import annotations

import hashlib
import itertools
import re
import sys
from collections.abc import Collection, Mapping
from importlib.machinery import ModuleSpec, SourceFileLoader, SourcelessFileLoader
from inspect import CO_COROUTINE, CO_VARARGS
from pathlib import Path
from types import CodeType, FunctionType, ModuleType
from typing import Any

from asyncmig.errors import AsyncmigError, ScriptError
from asyncmig.revisions.revision import Revision
from asyncmig.scripts.bytecode import code_of, is_bytecode
from asyncmig.scripts.checks import check_source, looks_clean
from asyncmig.scripts.imports import private_builtins
from asyncmig.scripts.module_imports import imports_of
from asyncmig.scripts.script import Script
from asyncmig.scripts.source import decode
from asyncmig.scripts.trace import line_in

__all__ = ["load_script"]

# Two histories in one process may have the same ids; their modules must not meet.
_numbers = itertools.count(1)

_RELATIVE_IMPORT = re.compile(rb"^[ \t]*from[ \t]+\.", re.MULTILINE)


def load_script(revision: Revision, *, modules: Mapping[str, Any], verbs: Collection[str] = ()) -> Script:
    """Execute the file of *revision*.

    Args:
        revision: the revision, with its path.
        modules: dotted names to objects: what the file gets when it imports them, at the top or inside a function.
        verbs: the words of `op` that must be awaited in an async function.

    Raises:
        ScriptError: the file cannot be read, does not parse, fails while it is executed, or has the wrong shape.
        UnawaitedOperationError: a directive is called in an async function without `await`.
    """
    if revision.path is None:
        raise ScriptError(f"Revision {revision.id} has no file.")
    path = revision.path
    name = f"_asyncmig_script_{next(_numbers)}_{re.sub(r'[^0-9A-Za-z_]', '_', revision.id)}"
    compiled = is_bytecode(path)
    loader = SourcelessFileLoader(name, str(path)) if compiled else SourceFileLoader(name, str(path))
    try:
        data = loader.get_data(str(path))
    except OSError as error:
        raise ScriptError(f"The file cannot be read: {error.strerror or error}.", path=path) from error
    if b"async def" in data and not compiled:
        text = decode(data, path)
        if not looks_clean(text, verbs):
            check_source(text, path, verbs)
    code = code_of(data, path) if compiled else _code(data, path)
    relative = any(each.level for each in imports_of(code)) if compiled else _RELATIVE_IMPORT.search(data) is not None
    module = _module(name, loader, path, relative=relative)
    module.__dict__["__builtins__"] = private_builtins(modules)
    _execute(code, module, path)
    upgrade, downgrade = _function(module, "upgrade", path), _function(module, "downgrade", path)
    return Script(revision, module, upgrade, downgrade, path, hashlib.sha256(data).hexdigest())


def _module(name: str, loader: SourceFileLoader | SourcelessFileLoader, path: Path, *, relative: bool) -> ModuleType:
    package = _package(path) if relative else ""
    module = ModuleType(name)
    module.__file__ = str(path)
    module.__loader__ = loader
    module.__package__ = package
    module.__spec__ = ModuleSpec(f"{package}.{path.stem}" if package else name, loader, origin=str(path))
    return module


def _package(path: Path) -> str:
    """The dotted name of the package that *path* lies in; empty if its directory is none."""
    parts: list[str] = []
    folder = path.absolute().parent
    if folder.name == "__pycache__":
        folder = folder.parent
    while (folder / "__init__.py").exists():
        parts.append(folder.name)
        folder = folder.parent
    return ".".join(reversed(parts))


def _code(data: bytes, path: Path) -> CodeType:
    """The compiled file; Python's cache of bytecode is neither read nor written.

    It takes a file that is as old and as long as it was for the same file, so a revision that is mended at once would
    run as it was. And to write it takes several times as long as to compile a file that is run once.
    """
    try:
        return compile(data, str(path), "exec", dont_inherit=True)
    except SyntaxError as error:
        raise ScriptError(f"The file does not parse: {error.msg}.", path=path, line=error.lineno) from error
    except ValueError as error:
        raise ScriptError(f"The file does not compile: {error}.", path=path) from error


def _execute(code: CodeType, module: ModuleType, path: Path) -> None:
    # Dataclasses and mapped classes look up the module of their class while they are made.
    name = module.__name__
    sys.modules[name] = module
    try:
        exec(code, module.__dict__)
    except AsyncmigError:
        raise
    except Exception as error:
        raise ScriptError(
            f"The file fails while it is read: {type(error).__name__}: {error}",
            path=path,
            line=line_in(Path(code.co_filename), error),
        ) from error
    finally:
        sys.modules.pop(name, None)


def _function(module: ModuleType, name: str, path: Path) -> Any:
    function = getattr(module, name, None)
    if function is not None and not callable(function):
        raise ScriptError(f"{name} is {type(function).__name__}, but must be a function.", path=path)
    if isinstance(function, FunctionType):
        _check_parameters(function, name, path)
    return function


def _check_parameters(function: FunctionType, name: str, path: Path) -> None:
    """An async function takes `op`, a plain one does not; whoever mixes them up is told which is which.

    What else a plain one takes is given by the run, or is missing there.
    """
    code = function.__code__
    keywords = code.co_kwonlyargcount - len(function.__kwdefaults__ or ())
    needed = code.co_argcount - len(function.__defaults__ or ()) + keywords
    is_async = bool(code.co_flags & CO_COROUTINE)
    takes_op = code.co_argcount > 0 or bool(code.co_flags & CO_VARARGS)
    if is_async and needed <= 1 and takes_op:
        return
    if not is_async and (needed == 0 or code.co_varnames[0] != "op"):
        return
    names = ", ".join(code.co_varnames[: code.co_argcount + code.co_kwonlyargcount])
    kind = "async, so it must take op and nothing else" if is_async else "plain, so it does not take op"
    hint = f"async def {name}(op) -> None:    # and await before each word of op"
    if not is_async:
        hint += f"\ndef {name}() -> None:            # and from asyncmig import op"
    raise ScriptError(f"{name}({names}) is {kind}.", path=path, line=code.co_firstlineno, hint=hint)
