"""Bytecode: the compiled file of a revision, kept where Python keeps it, and never taken for another text."""

from __future__ import annotations

import io
import marshal
import os
import sys
import time
from importlib.util import MAGIC_NUMBER, cache_from_source, source_hash
from pathlib import Path
from types import CodeType

__all__ = ["code_of"]

#: A file of bytecode that holds for the text with a certain hash (PEP 552); Python's own importer checks it, too.
_HEADER = MAGIC_NUMBER + (0b11).to_bytes(4, "little")


def code_of(data: bytes, path: Path) -> CodeType:
    """The compiled text of a file.

    Python itself believes bytecode that is as old as its file and made from as many bytes. A revision that is mended
    within a second of being read, by as many letters, would be run as it was before; so this goes by the text.

    Args:
        data: the text.
        path: the file.

    Raises:
        SyntaxError: the text does not parse.
        ValueError: it has null bytes.
    """
    name = str(path)
    digest = source_hash(data)
    try:
        cache = cache_from_source(name)
    except NotImplementedError:
        # This Python keeps no bytecode.
        return compile(data, name, "exec", dont_inherit=True)
    code = _kept(cache, digest, name)
    if code is None:
        code = compile(data, name, "exec", dont_inherit=True)
        if not sys.dont_write_bytecode:
            _keep(cache, _HEADER + digest + marshal.dumps(code))
    return code


def _kept(cache: str, digest: bytes, name: str) -> CodeType | None:
    try:
        with io.open_code(cache) as file:
            data = file.read()
        if not data.startswith(_HEADER + digest):
            return None
        code = marshal.loads(data[len(_HEADER) + len(digest) :])
    except (OSError, EOFError, ValueError, TypeError):
        # None yet, or a broken one: it is made again.
        return None
    # A directory that was moved brings its bytecode along, which would name the old place in tracebacks.
    return code if isinstance(code, CodeType) and code.co_filename == name else None


def _keep(cache: str, data: bytes) -> None:
    """Write it beside its place and move it there, so that nobody ever reads half of it."""
    temporary = f"{cache}.{os.getpid()}.{time.monotonic_ns()}"
    try:
        os.makedirs(os.path.dirname(cache), exist_ok=True)
        with open(temporary, "xb") as file:
            file.write(data)
        os.replace(temporary, cache)
    except OSError:
        # A read-only checkout works without it, only slower; nothing is left lying about.
        if os.path.exists(temporary):
            os.unlink(temporary)
