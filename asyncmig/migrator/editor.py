"""Editor: the program that the user edits files with."""

from __future__ import annotations

import os
import shlex
import shutil
import subprocess
from collections.abc import Mapping, Sequence
from pathlib import Path

from asyncmig.errors import ConfigError

__all__ = ["edit_files", "find_editor"]

_COMMON = ("sensible-editor", "editor", "nano", "vim", "code")
_COMMON_ON_WINDOWS = ("code.exe", "notepad++.exe", "notepad.exe")


def find_editor(environ: Mapping[str, str]) -> list[str]:
    """The editor's command: `$VISUAL`, `$EDITOR`, or the first of the usual ones that is there.

    Raises:
        ConfigError: there is none.
    """
    for variable in ("VISUAL", "EDITOR"):
        if command := environ.get(variable, "").strip():
            return shlex.split(command, posix=os.name != "nt")
    for name in _COMMON_ON_WINDOWS if os.name == "nt" else _COMMON:
        if found := shutil.which(name, path=environ.get("PATH")):
            return [found]
    raise ConfigError("No editor was found.", hint="export EDITOR=nano")


def edit_files(paths: Sequence[Path], environ: Mapping[str, str]) -> None:
    """Open *paths* in the editor, one after the other, and wait until it is closed.

    Raises:
        ConfigError: the editor cannot be started, or says that something went wrong.
    """
    command = find_editor(environ)
    for path in paths:
        try:
            subprocess.run([*command, str(path)], check=True)
        except OSError as error:
            raise ConfigError(
                f"The editor {command[0]!r} cannot be started: {error.strerror}.", hint="export EDITOR=nano"
            ) from error
        except subprocess.CalledProcessError as error:
            raise ConfigError(f"The editor {command[0]!r} ended with code {error.returncode}.") from error
