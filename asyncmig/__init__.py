"""asyncmig: database migrations for asyncio applications on SQLAlchemy.

The names below are loaded when they are first used, so that reading a history loads no database library.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

from asyncmig._version import VERSION

if TYPE_CHECKING:
    from asyncmig.environment import Environment
    from asyncmig.errors import AsyncmigError
    from asyncmig.migrator.migrator import Migrator
    from asyncmig.migrator.results import RunResult
    from asyncmig.operations.base import Operation
    from asyncmig.runtime.directives import Operations, SyncOperations, op
    from asyncmig.upgrading import upgrade

__version__ = VERSION

_HOMES = {
    "AsyncmigError": "asyncmig.errors",
    "Environment": "asyncmig.environment",
    "Migrator": "asyncmig.migrator.migrator",
    "Operation": "asyncmig.operations.base",
    "Operations": "asyncmig.runtime.directives",
    "RunResult": "asyncmig.migrator.results",
    "SyncOperations": "asyncmig.runtime.directives",
    "op": "asyncmig.runtime.directives",
    "upgrade": "asyncmig.upgrading",
}

__all__ = [
    "AsyncmigError",
    "Environment",
    "Migrator",
    "Operation",
    "Operations",
    "RunResult",
    "SyncOperations",
    "__version__",
    "op",
    "upgrade",
]


def __getattr__(name: str) -> Any:
    if name not in _HOMES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    value = globals()[name] = getattr(import_module(_HOMES[name]), name)
    return value


def __dir__() -> list[str]:
    return sorted(__all__)
