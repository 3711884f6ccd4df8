"""Index: the headers of a versions directory, kept between runs so that a file costs no more than a stat."""

from __future__ import annotations

import marshal
import os
import sys
import time
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from asyncmig.revisions.revision import Revision
from asyncmig.scripts.bytecode import bytecode_names, code_of, header_text, is_bytecode
from asyncmig.scripts.header import HEADER_NAMES, header_of

__all__ = ["FileStamp", "index_path", "revisions_of", "stamps_of"]

_READ = os.O_RDONLY | getattr(os, "O_BINARY", 0) | getattr(os, "O_CLOEXEC", 0)

#: Changes with everything that changes what an entry holds.
_FORMAT = 1

#: With fewer files than this, reading them all is as quick as reading an index.
_WORTH_IT = 50

# A file that is changed twice within the resolution of the clock keeps its stamp: a young one is read again next time.
_YOUNG_NS = 2_000_000_000

#: When a file was modified, in nanoseconds, and its size: what tells whether it is still the one that was read.
FileStamp = tuple[int, int]

#: The fields of a revision without its path.
_Fields = tuple[Any, ...]
_WIDTH = 10


def stamps_of(directory: str, *, sourceless: bool = False) -> dict[str, FileStamp]:
    """Names and stamps of the revision files in *directory*, sorted by name.

    Alembic's rule: every `.py` file, without those whose name begins with `.#` or `__init__`.

    Args:
        directory: where.
        sourceless: whether compiled files count where their sources are not there; their names are paths.
    """
    found: list[tuple[str, FileStamp]] = []
    others: list[str] = []
    with os.scandir(directory) as entries:
        for entry in entries:
            name = entry.name
            others.append(name)
            if name.endswith(".py") and not name.startswith((".#", "__init__")) and entry.is_file():
                status = entry.stat()
                found.append((name, (status.st_mtime_ns, status.st_size)))
    if sourceless:
        for name in bytecode_names(directory, others):
            status = os.stat(os.path.join(directory, name))
            found.append((name, (status.st_mtime_ns, status.st_size)))
    found.sort()
    return dict(found)


def revisions_of(directory: str, stamps: Mapping[str, FileStamp]) -> list[Revision]:
    """The revisions of the files of *stamps*, in that order.

    A header comes from the index where the stamp of the file is that of the index, and else from the file. The index is
    written again when something changed.

    Raises:
        ScriptError: a file cannot be read as a revision.
    """
    worth_it = len(stamps) > _WORTH_IT
    index = index_path(directory)
    known_stamps, known = _load(index) if worth_it else ({}, {})
    folder = os.path.join(str(Path(directory)), "")
    if known_stamps == stamps:
        return [_revision(known[name], folder + name) for name in stamps]
    revisions: list[Revision] = []
    kept: dict[str, FileStamp] = {}
    fields: dict[str, _Fields] = {}
    old_enough = time.time_ns() - _YOUNG_NS
    for name, stamp in stamps.items():
        path = folder + name
        is_known = known_stamps.get(name) == stamp
        revision, lasts = (_revision(known[name], path), True) if is_known else _read(path, stamp[1])
        revisions.append(revision)
        if lasts and stamp[0] < old_enough:
            kept[name] = stamp
            fields[name] = _fields(revision)
    if worth_it and kept != known_stamps and not sys.dont_write_bytecode:
        _save(index, kept, fields)
    return revisions


def index_path(directory: str) -> str:
    """Where the index of *directory* lies: beside the bytecode of its files."""
    if sys.pycache_prefix:
        drive, tail = os.path.splitdrive(os.path.abspath(directory))
        folder = os.path.join(sys.pycache_prefix, drive.rstrip(":"), tail.lstrip("/\\"))
    else:
        folder = os.path.join(directory, "__pycache__")
    return os.path.join(folder, f"asyncmig.{sys.implementation.cache_tag}.headers")


def _read(path: str, size: int) -> tuple[Revision, bool]:
    # A file object costs as much as all the rest of reading a header.
    descriptor = os.open(path, _READ)
    try:
        data = os.read(descriptor, size + 1)
    finally:
        os.close(descriptor)
    # Anything else than the size that was seen has changed since, or came in pieces.
    data = data if len(data) == size else Path(path).read_bytes()
    if is_bytecode(path):
        data = header_text(code_of(data, path), HEADER_NAMES).encode()
    return header_of(data, path)


def _fields(r: Revision) -> _Fields:
    return (
        r.id,
        r.parents,
        r.depends_on,
        r.labels,
        r.message,
        r.phase,
        r.doc,
        r.created,
        r.transactional,
        r.irreversible,
    )


def _revision(fields: _Fields, file: str) -> Revision:
    id_, parents, depends_on, labels, message, phase, doc, created, transactional, irreversible = fields
    return Revision(id_, parents, depends_on, labels, message, phase, doc, created, transactional, irreversible, file)


def _load(path: str) -> tuple[dict[str, FileStamp], dict[str, _Fields]]:
    try:
        with open(path, "rb", buffering=0) as file:
            kind, stamps, fields = marshal.loads(file.read())
        sound = kind == _FORMAT and stamps.keys() == fields.keys() and all(len(f) == _WIDTH for f in fields.values())
    except (OSError, EOFError, ValueError, TypeError, AttributeError):
        # No index yet, or a broken one: it is made again.
        return {}, {}
    return (stamps, fields) if sound else ({}, {})


def _save(path: str, stamps: dict[str, FileStamp], fields: dict[str, _Fields]) -> None:
    """Write the index beside its place and move it there, so that nobody ever reads half of one."""
    temporary = f"{path}.{os.getpid()}.{time.monotonic_ns()}"
    data = marshal.dumps((_FORMAT, stamps, fields))
    try:
        os.makedirs(os.path.dirname(path), exist_ok=True)
        with open(temporary, "xb") as file:
            file.write(data)
        os.replace(temporary, path)
    except OSError:
        # A read-only checkout works without an index, only slower; nothing is left lying about.
        if os.path.exists(temporary):
            os.unlink(temporary)
