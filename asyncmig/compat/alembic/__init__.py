"""Alembic: its projects run as they are, and programs that call it need another import and nothing else.

```python
from asyncmig.compat.alembic import command
from asyncmig.compat.alembic.config import Config

command.upgrade(Config("alembic.ini"), "head")
```

The modules have Alembic's names, and the functions its signatures. They run asyncmig: Alembic need not be installed.
"""

from __future__ import annotations

from importlib import import_module
from typing import Any

#: What `import alembic` gives a program: each is imported when it is first asked for.
_MODULES = ("autogenerate", "command", "config", "migration", "operations", "runtime", "script", "util")


def __getattr__(name: str) -> Any:
    if name in _MODULES:
        return import_module(f"{__name__}.{name}")
    if name == "op":
        # Imported here because only the helpers of revisions use it.
        from asyncmig.runtime.directives import op

        return op
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
