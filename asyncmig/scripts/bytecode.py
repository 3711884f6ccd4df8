"""Bytecode: revision files that are there in compiled form only."""

from __future__ import annotations

import dis
import os
import sys
from collections.abc import Collection, Iterable, Iterator
from importlib.machinery import SourcelessFileLoader
from pathlib import Path
from types import CodeType
from typing import Any

from asyncmig.errors import ScriptError

__all__ = ["bytecode_names", "code_of", "header_text", "is_bytecode"]

_CACHE = "__pycache__"
#: Optimised bytecode has no asserts, and perhaps no docstrings; it is taken where nothing else is there.
_ENDINGS = tuple(f".{sys.implementation.cache_tag}{level}.pyc" for level in ("", ".opt-1", ".opt-2"))
#: Instructions that change no value.
_NOTHING = frozenset({"CACHE", "EXTENDED_ARG", "NOP", "NOT_TAKEN", "RESUME"})
_UNKNOWN: Any = object()


def is_bytecode(path: str | os.PathLike[str]) -> bool:
    """Whether *path* is a compiled file."""
    return os.fspath(path).endswith(".pyc")


def bytecode_names(directory: str, names: Collection[str]) -> list[str]:
    """The compiled revision files of *directory* that are without a source, as paths below it.

    They lie beside the sources (`ae10_x.pyc`), or where Python keeps its own (`__pycache__/ae10_x.cpython-311.pyc`), of
    which only those of this interpreter count.

    Args:
        directory: a directory of revision files.
        names: the names of all files in it.
    """
    stems = {name.partition(".")[0] for name in names if name.endswith(".py")}
    found = {}
    for name in sorted(names):
        if name.endswith(".pyc") and (stem := name.partition(".")[0]) not in stems:
            found[stem] = name
    folder = os.path.join(directory, _CACHE)
    kept = os.listdir(folder) if os.path.isdir(folder) else []
    for ending in _ENDINGS:
        for name in sorted(kept):
            stem = name.removesuffix(ending)
            if stem != name and stem not in stems and "." not in stem:
                found.setdefault(stem, os.path.join(_CACHE, name))
    return [name for name in found.values() if not os.path.basename(name).startswith(("__init__", ".#"))]


def code_of(data: bytes, path: Path | str) -> CodeType:
    """The code of a compiled file.

    Args:
        data: its bytes.
        path: the file, for messages.

    Raises:
        ScriptError: it was compiled by another Python, or is broken.
    """
    try:
        return _Loader(data, os.fspath(path)).code()
    except (ImportError, EOFError, ValueError, TypeError) as error:
        raise ScriptError(
            f"The compiled file cannot be read: {error}.",
            path=path,
            hint=f"python -m compileall -b VERSIONS    # with Python {sys.version_info[0]}.{sys.version_info[1]}",
        ) from error


class _Loader(SourcelessFileLoader):
    """Python's own check of a compiled file, for bytes that were read already."""

    def __init__(self, data: bytes, path: str) -> None:
        super().__init__("revision", path)
        self._data = data

    def get_data(self, path: str) -> bytes:
        return self._data

    def code(self) -> CodeType:
        found = self.get_code(self.name)
        if found is None:
            raise ImportError("there is no code in it")
        return found


def header_text(code: CodeType, names: Collection[str]) -> str:
    """The docstring and the plain values of *names* in compiled code, as source text that has the same."""
    lines = [f"{name} = {value!r}" for name, value in _values(dis.get_instructions(code)) if name in names]
    doc = next((value for name, value in _values(dis.get_instructions(code)) if name == "__doc__"), "")
    return "\n".join([repr(doc), *lines, ""])


def _values(instructions: Iterable[dis.Instruction]) -> Iterator[tuple[str, Any]]:
    """Names and the plain values that they are given at the top level."""
    stack: list[Any] = []
    known: dict[str, Any] = {}
    for each in instructions:
        match each.opname:
            case name if name in _NOTHING:
                continue
            case "LOAD_CONST" | "LOAD_SMALL_INT":
                stack.append(each.argval)
            case "LOAD_NAME":
                stack.append(known.get(each.argval, _UNKNOWN))
            case "COPY" if stack:
                stack.append(stack[-1])
            case "BUILD_LIST" | "BUILD_SET" | "BUILD_TUPLE":
                count = each.arg or 0
                items = stack[len(stack) - count :]
                del stack[len(stack) - count :]
                kind: Any = {"BUILD_LIST": list, "BUILD_SET": set, "BUILD_TUPLE": tuple}[each.opname]
                stack.append(_UNKNOWN if any(item is _UNKNOWN for item in items) else kind(items))
            case "LIST_EXTEND" | "SET_UPDATE" if len(stack) > 1 and _UNKNOWN not in stack[-2:]:
                items = stack.pop()
                stack[-1] = type(stack[-1])([*stack[-1], *items])
            case "STORE_NAME":
                value = stack.pop() if stack else _UNKNOWN
                if value is not _UNKNOWN:
                    known[each.argval] = value
                    yield each.argval, value
            case _:
                stack.clear()
