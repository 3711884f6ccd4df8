"""Source: the bytes of a Python file as text, by Python's own rules."""

from __future__ import annotations

import re
from pathlib import Path

from asyncmig.errors import ScriptError

__all__ = ["decode"]

_BOM = b"\xef\xbb\xbf"
_COOKIE = re.compile(rb"[ \t\f]*#.*?coding[:=][ \t]*([-\w.]+)")
_BLANK = re.compile(rb"[ \t\f]*(?:#[^\r\n]*)?\r?\n")


def decode(data: bytes, path: Path | str) -> str:
    """The text of a Python file: its encoding cookie and its byte order mark are obeyed, line ends are `\\n`.

    Raises:
        ScriptError: the bytes are not what the file says they are.
    """
    if data.startswith(_BOM):
        data = data[len(_BOM) :]
    encoding = "utf-8"
    # A cookie stands in one of the first two lines, and the second only counts after a blank or a comment.
    if b"coding" in data[:400]:
        cookie = _COOKIE.match(data)
        if cookie is None and (blank := _BLANK.match(data)):
            cookie = _COOKIE.match(data, blank.end())
        if cookie is not None:
            encoding = cookie[1].decode("ascii")
    try:
        text = data.decode(encoding)
    except UnicodeDecodeError as error:
        line = data.count(b"\n", 0, error.start) + 1
        raise ScriptError(
            f"The file is not {encoding}: {error.reason}.",
            path=path,
            line=line,
            hint="Save it as UTF-8, or name its encoding on the first line: # -*- coding: latin-1 -*-",
        ) from error
    except LookupError as error:
        raise ScriptError(f"The file names an unknown encoding: {encoding}.", path=path, line=1) from error
    return text.replace("\r\n", "\n").replace("\r", "\n") if "\r" in text else text
