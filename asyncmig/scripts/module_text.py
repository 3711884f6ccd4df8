"""Module text: what the source of a module may import, found without compiling it; rather too much than too little."""

from __future__ import annotations

import re
from typing import NamedTuple

from asyncmig.scripts.module_imports import Import

__all__ = ["ModuleText", "read_text"]

#: A name, or a gap, may go on after a backslash at the end of a line.
_GAP = rb"(?:[ \t\f]|\\\r?\n)"
_FROM = re.compile(
    rb"\bfrom"
    + _GAP
    + rb"*(\.[. \t]*)?([\w.]*)"
    + _GAP
    + rb"*\bimport\b"
    + _GAP
    + rb"*(\((?:[^)#]|#[^\n]*)*\)|[^\n;#()\\]*(?:\\\r?\n[^\n;#()\\]*)*)"
)
_IMPORT = re.compile(rb"\bimport" + _GAP + rb"+([\w.][^\n;#()\\]*(?:\\\r?\n[^\n;#()\\]*)*)")
_NAMES = re.compile(rb"[^,\s\\()][^,\\()\n]*")
_COMMENT = re.compile(rb"#[^\n]*")
#: Imports whose names are not plain, or are continued in the middle.
_NOT_PLAIN = re.compile(rb"\bimport[^\n]*[\x80-\xff]|\bfrom[^\n]*[\x80-\xff][^\n]*import")
_CONTINUED = re.compile(rb"\.\s*\\\r?\n|\\\r?\n\s*\.")


class ModuleText(NamedTuple):
    """What the source of a module says.

    Args:
        names_alembic: whether the word occurs in it.
        imports: at least everything that it imports; comments and texts may look like imports, too.
    """

    names_alembic: bool
    imports: list[Import]


def read_text(source: bytes) -> ModuleText | None:
    """What a source says; None where it has to be compiled to know."""
    if _is_unusual(source):
        return None
    found: list[Import] = []
    for dots, name, names in _FROM.findall(source):
        listed = tuple(_first(each) for each in _NAMES.findall(_COMMENT.sub(b"", names)))
        found.append(Import(name.decode("ascii"), dots.count(b"."), listed, eager=True))
    for names in _IMPORT.findall(source):
        found += [Import(_first(each), 0, (), eager=True) for each in _NAMES.findall(names)]
    return ModuleText(b"alembic" in source, found)


def _is_unusual(source: bytes) -> bool:
    """Whether there may be imports that are not seen here."""
    if b"import_module" in source or b"__import__" in source:
        return True
    if not source.isascii() and (b"\0" in source or _NOT_PLAIN.search(source) is not None):
        return True
    return (b"\\\n" in source or b"\\\r\n" in source) and _CONTINUED.search(source) is not None


def _first(text: bytes) -> str:
    """The name that is imported, without what it is to be called."""
    words = text.split(None, 1)
    return words[0].decode("ascii", "ignore") if words else ""
