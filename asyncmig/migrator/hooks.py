"""Hooks: the programs that run over a revision file after it was written."""

from __future__ import annotations

import subprocess
import sys
from importlib.metadata import entry_points
from importlib.util import find_spec
from pathlib import Path

from asyncmig.config import Hook, Settings
from asyncmig.errors import AsyncmigError, ConfigError

__all__ = ["HookFailedError", "run_hooks"]

_FILE = "REVISION_SCRIPT_FILENAME"


class HookFailedError(AsyncmigError):
    """A program of `post_write_hooks` ended with an error; the revision file is kept.

    Args:
        hook: its name.
        path: the revision file.
        code: what the program ended with.
        output: what it said.
    """

    def __init__(self, *, hook: str, path: Path, code: int, output: str) -> None:
        said = f":\n{output.strip()}" if output.strip() else "."
        super().__init__(
            f"The file was written, but the post-write hook {hook!r} ended with code {code}{said}",
            hint=f"The file is kept: {path}",
        )
        self.hook = hook
        self.path = path
        self.code = code


def run_hooks(settings: Settings, path: Path) -> list[str]:
    """Run every hook over *path*; what they said.

    Raises:
        HookFailedError: one of them ended with an error; the next ones did not run.
        ConfigError: one of them cannot be started.
    """
    return [_run(hook, settings, path) for hook in settings.post_write_hooks]


def _run(hook: Hook, settings: Settings, path: Path) -> str:
    words = [word.replace(_FILE, str(path)) for word in hook.options]
    if not any(_FILE in word for word in hook.options):
        words.append(str(path))
    cwd = None if hook.cwd is None else settings.root / hook.cwd
    kept = f"The revision file is kept: {path}"
    try:
        done = subprocess.run(
            [*_command(hook, kept), *words],
            cwd=cwd,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            errors="replace",
            check=False,
        )
    except OSError as error:
        raise ConfigError(
            f"The post-write hook {hook.name!r} cannot be started: {error.strerror}: {error.filename}.",
            hint=kept,
        ) from error
    if done.returncode:
        raise HookFailedError(hook=hook.name, path=path, code=done.returncode, output=done.stdout)
    return done.stdout


def _command(hook: Hook, hint: str) -> list[str]:
    if hook.type == "registered":
        known = f"No formatter with name {hook.target!r} registered" if hook.target else "Its type is not given"
        raise ConfigError(
            f"The post-write hook {hook.name!r} cannot be run: {known}.",
            hint=f"{hook.name}.type = exec    # or console_scripts or module\n{hint}",
        )
    if not hook.target:
        raise ConfigError(f"The post-write hook {hook.name!r} does not say which program it runs.", hint=hint)
    if hook.type == "exec":
        return [hook.target]
    if hook.type == "module":
        if find_spec(hook.target.partition(".")[0]) is None:
            raise ConfigError(
                f"Could not find the module {hook.target!r} of the post-write hook {hook.name!r}.", hint=hint
            )
        return [sys.executable, "-m", hook.target]
    for entry in entry_points(group="console_scripts", name=hook.target):
        start = f"import sys; from {entry.module} import {(entry.attr or 'main').partition('.')[0]} as _; "
        rest = "".join(f".{part}" for part in (entry.attr or "main").split(".")[1:])
        return [sys.executable, "-c", f"{start}sys.argv[0] = {hook.target!r}; sys.exit(_{rest}())"]
    raise ConfigError(
        f"Could not find the console script {hook.target!r} of the post-write hook {hook.name!r}.", hint=hint
    )
