"""Header: what a revision file says about itself, read without executing it."""

from __future__ import annotations

import ast
import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from asyncmig.errors import ScriptError
from asyncmig.revisions.revision import Revision
from asyncmig.scripts.header_ast import HeaderValues, read_values
from asyncmig.scripts.source import decode

__all__ = ["HEADER_NAMES", "header_of", "read_header"]

_NAMES = "revision|down_revision|branch_labels|depends_on|phase|transactional|irreversible"
#: The names that a header may assign.
HEADER_NAMES = frozenset(_NAMES.split("|"))

# The docstring of a canonical file: plain, the first statement, and nothing behind it on its line.
_DOC = re.compile(r"""(?:[ \t]*(?:\#[^\n]*)?\n)*(?:\"\"\"([^"\\]*(?:"(?!"")[^"\\]*)*)\"\"\"|'''([^'\\]*)''')[ \t]*\n""")

# A name at the beginning of a line; if all of its line is a plain assignment, also the literal.
_LINE = re.compile(
    rf"""^({_NAMES})\b(?:[ \t]*(?::[^=\n#]*)?=[ \t]*"""
    r"""(None|True|False|"[^"\\\n]*"|'[^'\\\n]*'|[(\[][^)\]\\#]*[)\]])[ \t]*(?:\#[^\n]*)?$)?""",
    re.MULTILINE,
)
_CREATED = re.compile(r"^[ \t]*Create Date:[ \t]*(.*\S)", re.MULTILINE)
_ID_IN_NAME = re.compile(r"([a-f0-9]+)\.py")
_LITERALS = {"None": None, "True": True, "False": False}


def read_header(data: bytes, path: Path | str) -> Revision:
    """Read the header of a revision file.

    Args:
        data: the bytes of the file.
        path: the file, for messages; very old Alembic files have their id in its name only.

    Raises:
        ScriptError: it does not parse, a name is missing, or a value is not what it should be.
    """
    return header_of(data, path)[0]


def header_of(data: bytes, path: Path | str) -> tuple[Revision, bool]:
    """The same, and whether it is the same for as long as the file is: nothing of it is taken from a module."""
    text = decode(data, path)
    found = _canonical(text) or read_values(text, path, HEADER_NAMES)
    return _Checked(found.values, found.lines, path).revision(found.doc), not found.modules


def _canonical(text: str) -> HeaderValues | None:
    """Docstring and values of a file of the usual shape; None if anything about it is unusual."""
    values: dict[str, Any] = {}
    match = _DOC.match(text)
    if match is None:
        return None
    start = match.end()
    # A name inside of a later string is no assignment; where there is such a string before the last name, look closer.
    quote = text.find('"""', start)
    other = text.find("'''", start)
    end = min(quote if quote >= 0 else len(text), other if other >= 0 else len(text))
    for line in _LINE.finditer(text, start):
        name, literal = line.groups()
        if literal is None or name in values or line.start() > end:
            return None
        first = literal[0]
        if first in "\"'":
            values[name] = literal[1:-1]
        elif literal in _LITERALS:
            values[name] = _LITERALS[literal]
        else:
            try:
                values[name] = ast.literal_eval(literal)
            except (ValueError, SyntaxError):
                # Not plain after all: the slow way finds out, and says it with the line.
                return None
    if "revision" not in values or "down_revision" not in values:
        return None
    return HeaderValues((match[1] if match[1] is not None else match[2]).strip(), values, {})


class _Checked:
    """Turns values into a header, or says on which line one is wrong."""

    def __init__(self, values: Mapping[str, Any], lines: Mapping[str, int], path: Path | str) -> None:
        self._values = values
        self._lines = lines
        self._path = path

    def revision(self, doc: str) -> Revision:
        values = self._values
        phase = values.get("phase")
        if phase not in (None, "expand", "contract"):
            raise self._wrong("phase", "'expand', 'contract' or None", 'phase = "expand"')
        transactional = values.get("transactional", True)
        if not isinstance(transactional, bool):
            raise self._wrong("transactional", "True or False", "transactional = False")
        irreversible = values.get("irreversible")
        if irreversible is not None and not isinstance(irreversible, (str, bool)):
            raise self._wrong("irreversible", "the reason, as text", 'irreversible = "the old values are gone"')
        if isinstance(irreversible, bool):
            irreversible = "its file says so" if irreversible else None
        if "down_revision" not in values:
            raise ScriptError(
                "The file declares no down_revision.",
                path=self._path,
                hint="down_revision = None    # or the parent's id",
            )
        created = _CREATED.search(doc) if "Create Date:" in doc else None
        return Revision(
            self._id(),
            self._names("down_revision"),
            self._names("depends_on"),
            frozenset(self._names("branch_labels")),
            doc.partition("\n")[0].rstrip(),
            phase,
            doc,
            created[1] if created else None,
            transactional,
            irreversible,
            str(self._path),
        )

    def _id(self) -> str:
        if "revision" not in self._values:
            match = _ID_IN_NAME.fullmatch(Path(self._path).name)
            if match is None:
                raise ScriptError(
                    "Could not determine the revision id: the file declares no 'revision'.",
                    path=self._path,
                    hint='revision = "1d4f0a92c3e1"',
                )
            return match[1]
        value = self._values["revision"]
        if not isinstance(value, str) or not value:
            raise self._wrong("revision", "the id, as text", 'revision = "1d4f0a92c3e1"')
        return value

    def _names(self, name: str) -> tuple[str, ...]:
        value = self._values.get(name)
        if value is None:
            return ()
        if isinstance(value, str):
            return (value,)
        if isinstance(value, (tuple, list, set)) and all(isinstance(item, str) for item in value):
            return tuple(sorted(value) if isinstance(value, set) else value)
        raise self._wrong(name, "None, an id, or a tuple of ids", f'{name} = "1d4f0a92c3e1"')

    def _wrong(self, name: str, wanted: str, hint: str) -> ScriptError:
        return ScriptError(
            f"{name} must be {wanted}, but it is {self._values[name]!r}.",
            path=self._path,
            line=self._lines.get(name),
            hint=hint,
        )
