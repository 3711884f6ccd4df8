"""Imports of a module: which modules its code names, read without executing it."""

from __future__ import annotations

import dis
from collections.abc import Iterator
from inspect import CO_OPTIMIZED
from types import CodeType
from typing import NamedTuple

__all__ = ["Import", "imports_of", "mentions"]

_IMPORT_NAME = dis.opmap["IMPORT_NAME"]
_EXTENDED_ARG = dis.opmap["EXTENDED_ARG"]
_LOAD_CONST = dis.opmap["LOAD_CONST"]
_IMPORT_BYTE = bytes([_IMPORT_NAME])
_JUMP = next(dis.opmap[name] for name in ("POP_JUMP_FORWARD_IF_FALSE", "POP_JUMP_IF_FALSE") if name in dis.opmap)
_JUMP_BYTE = bytes([_JUMP])
#: What may stand between a name that is loaded and the jump that asks for its truth.
_BETWEEN = frozenset(dis.opmap[name] for name in ("CACHE", "TO_BOOL", "NOT_TAKEN") if name in dis.opmap)


class Import(NamedTuple):
    """One import statement, or one call of `import_module` with a name that is written out.

    Args:
        name: the dotted name, as it is written.
        level: how many dots stand before it.
        names: what is imported from it.
        eager: whether importing the module executes it; else it stands in a function.
    """

    name: str
    level: int
    names: tuple[str, ...]
    eager: bool


def imports_of(code: CodeType) -> list[Import]:
    """The imports in the *code* of a module and in its functions, without those that only a type checker sees."""
    found: list[Import] = []
    pending = [(code, True)]
    while pending:
        current, eager = pending.pop()
        found += _statements(current, eager)
        inner = [constant for constant in current.co_consts if isinstance(constant, CodeType)]
        pending += [(each, eager and not each.co_flags & CO_OPTIMIZED) for each in inner]
    return found


def mentions(code: CodeType, names: frozenset[str]) -> bool:
    """Whether *code* or a function in it uses one of *names*."""
    return not names.isdisjoint(code.co_names) or any(
        isinstance(constant, CodeType) and mentions(constant, names) for constant in code.co_consts
    )


def _statements(code: CodeType, eager: bool) -> Iterator[Import]:
    text = code.co_code
    skipped: list[range] | None = None
    at = text.find(_IMPORT_BYTE)
    while at >= 0:
        # Every other byte is an argument, which may have any value.
        if at % 2 == 0 and (found := _statement(code, text, at, eager)) is not None:
            if skipped is None:
                skipped = _type_checking(code)
            if not any(at in part for part in skipped):
                yield found
        at = text.find(_IMPORT_BYTE, at + 1)
    if "import_module" in code.co_names:
        for constant in code.co_consts:
            if isinstance(constant, str) and all(part.isidentifier() for part in constant.split(".")):
                yield Import(constant, 0, (), eager)


def _statement(code: CodeType, text: bytes, at: int, eager: bool) -> Import | None:
    """The statement whose `IMPORT_NAME` stands at *at*: before it the level and the names are loaded."""
    name, start = _argument(text, at)
    names, start = _argument(text, start - 2) if text[start - 2] == _LOAD_CONST else (-1, start - 2)
    level, start = _argument(text, start - 2)
    constants = code.co_consts
    if name >= len(code.co_names) or not 0 <= names < len(constants):
        return None
    if text[start if text[start] != _EXTENDED_ARG else start + 2] == _LOAD_CONST and level < len(constants):
        level = constants[level]
    listed = constants[names]
    return Import(code.co_names[name], level, listed if isinstance(listed, tuple) else (), eager)


def _argument(text: bytes, at: int) -> tuple[int, int]:
    """The argument of the instruction at *at*, and where the instruction begins with what extends its argument."""
    value, shift = text[at + 1], 8
    while at >= 2 and text[at - 2] == _EXTENDED_ARG:
        at -= 2
        value |= text[at + 1] << shift
        shift += 8
    return value, at


def _type_checking(code: CodeType) -> list[range]:
    """Where the bodies of `if TYPE_CHECKING:` stand."""
    if "TYPE_CHECKING" not in code.co_names:
        return []
    text, found = code.co_code, []
    at = text.find(_JUMP_BYTE)
    while at >= 0:
        if at % 2 == 0:
            length, start = _argument(text, at)
            before = start - 2
            while before > 0 and text[before] in _BETWEEN:
                before -= 2
            name, _ = _argument(text, before)
            # Newer interpreters keep a flag in the lowest bit of the name of an attribute or a global.
            names = {"LOAD_NAME": [name], "LOAD_ATTR": [name, name >> 1], "LOAD_GLOBAL": [name, name >> 1]}
            loaded = names.get(dis.opname[text[before]], [])
            if any(code.co_names[index : index + 1] == ("TYPE_CHECKING",) for index in loaded):
                found.append(range(at, at + 4 + 2 * length))
        at = text.find(_JUMP_BYTE, at + 1)
    return found
