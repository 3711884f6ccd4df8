"""Files that are written all or none."""

from __future__ import annotations

import difflib
import os
import re
import shutil
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from asyncmig.errors import ConfigError

__all__ = ["FileChange", "masked", "write_all"]

_PASSWORD = re.compile(r"(://[^:/@\s\"']*:)[^@\s\"']+(?=@)")


@dataclass(frozen=True, slots=True)
class FileChange:
    """A file that is written.

    Args:
        path: the file.
        before: what it holds; None where it is not there.
        after: what it shall hold.
        kept_from: the file whose content this one keeps.
    """

    path: Path
    before: bytes | None
    after: bytes
    kept_from: Path | None = None

    def diff(self, root: Path) -> Iterator[str]:
        """The change as a unified diff, without passwords.

        Args:
            root: what paths are shown relative to.
        """
        name = _shown(self.path, root)
        if self.kept_from is not None:
            yield f"{_shown(self.kept_from, root)} is kept as {name}"
            return
        old, new = (self.before or b"").decode("utf-8", "replace"), self.after.decode("utf-8", "replace")
        source = "/dev/null" if self.before is None else f"a/{name}"
        for line in difflib.unified_diff(
            old.splitlines(keepends=True), new.splitlines(keepends=True), source, f"b/{name}", n=3
        ):
            yield masked(line).rstrip("\r\n")
            if not line.endswith("\n"):
                yield "\\ No newline at end of file"


def masked(text: str) -> str:
    """A text without the passwords of the URLs in it."""
    return _PASSWORD.sub(r"\1***", text)


def _shown(path: Path, root: Path) -> str:
    return path.relative_to(root).as_posix() if path.is_relative_to(root) else path.as_posix()


def write_all(changes: Sequence[FileChange]) -> None:
    """Write every file, or none: what was replaced is put back when one cannot be written.

    Raises:
        ConfigError: one cannot be written, or was changed since it was read; names it.
    """
    for change in changes:
        now = change.path.read_bytes() if change.path.is_file() else None
        if now != change.before:
            raise ConfigError(f"{change.path} was changed meanwhile; nothing was written.", hint="asyncmig adopt")
    prepared: list[tuple[FileChange, Path, Path]] = []
    done: list[FileChange] = []
    try:
        for change in changes:
            # A link stays one.
            target = Path(os.path.realpath(change.path))
            prepared.append((change, target, _prepare(change, target)))
        for change, target, temporary in prepared:
            os.replace(temporary, target)
            done.append(change)
    except OSError as error:
        _take_back(done)
        raise ConfigError(
            f"Cannot write {error.filename2 or error.filename}: {error.strerror}. Nothing was changed."
        ) from error
    finally:
        for _, _, temporary in prepared:
            temporary.unlink(missing_ok=True)


def _prepare(change: FileChange, target: Path) -> Path:
    """Write the new content beside the file, with its mode."""
    temporary = target.with_name(f".{target.name}.{os.getpid()}.tmp")
    temporary.write_bytes(change.after)
    like = target if change.before is not None else change.kept_from
    if like is not None:
        shutil.copymode(like, temporary)
    return temporary


def _take_back(done: Sequence[FileChange]) -> None:
    for change in reversed(done):
        if change.before is None:
            change.path.unlink(missing_ok=True)
        else:
            Path(os.path.realpath(change.path)).write_bytes(change.before)
