"""Script: the file of a revision, executed: the revision and its two functions."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from types import ModuleType
from typing import Any, Literal

from asyncmig.errors import ScriptError
from asyncmig.revisions.revision import Revision

__all__ = ["Script"]


@dataclass(frozen=True, slots=True)
class Script:
    """The file of a revision, executed.

    Args:
        revision: what its header says.
        module: what executing it left. It is not in `sys.modules`.
        upgrade: its function, plain or async, or None where the file has none.
        downgrade: the same.
        path: the file.
        checksum: SHA-256 of the file as it was executed.
    """

    revision: Revision
    module: ModuleType
    upgrade: Callable[..., Any] | None
    downgrade: Callable[..., Any] | None
    path: Path
    checksum: str
    _users: list[None] = field(default_factory=list, repr=False, compare=False)

    def function(self, direction: Literal["upgrade", "downgrade"]) -> Callable[..., Any]:
        """The function of *direction*.

        Raises:
            ScriptError: the file has none.
        """
        function = self.upgrade if direction == "upgrade" else self.downgrade
        if function is None:
            raise ScriptError(
                f"The file has no function {direction!r}.",
                path=self.path,
                hint=f"async def {direction}(op: Operations) -> None:\n    ...",
            )
        return function

    @contextmanager
    def importable(self) -> Iterator[None]:
        """Let the module be found in `sys.modules` for a while.

        What looks up the module of a class needs it: pickling, dataclasses and mapped classes that are defined inside
        a function of a file with postponed annotations. Runs at the same time share one entry; the last takes it away.
        """
        name = self.module.__name__
        self._users.append(None)
        sys.modules[name] = self.module
        try:
            yield
        finally:
            self._users.pop()
            if not self._users:
                sys.modules.pop(name, None)
