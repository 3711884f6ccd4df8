"""Project: a directory of revisions for a test, written line by line."""

from __future__ import annotations

from pathlib import Path
from textwrap import dedent, indent
from typing import Any

from asyncmig import Migrator
from asyncmig.config import Settings
from asyncmig.events import Event

HEADER = '''"""{message}

Revision ID: {id}
Revises: {revises}
Create Date: 2026-11-25 10:00:00+00:00
"""
import sqlalchemy as sa
{imports}

revision = {id!r}
down_revision = {down!r}
branch_labels = {labels!r}
depends_on = {depends!r}
{extra}
'''


class Project:
    """A directory of revisions.

    Args:
        root: an empty directory.
    """

    def __init__(self, root: Path) -> None:
        self.location = root / "migrations"
        self.versions = self.location / "versions"
        self.versions.mkdir(parents=True)
        self._last: str | None = None

    def revision(
        self,
        id: str,
        upgrade: str = "pass",
        downgrade: str = "pass",
        *,
        down: Any = "last",
        style: str = "async",
        labels: Any = None,
        depends: Any = None,
        extra: str = "",
    ) -> Path:
        """Write a revision whose bodies are *upgrade* and *downgrade*; it follows the one written before."""
        parent = self._last if down == "last" else down
        imports = {
            "async": "from asyncmig import Operations",
            "plain": "from asyncmig import op",
            "alembic": "from alembic import op",
        }[style]
        text = HEADER.format(
            message=f"revision {id}",
            id=id,
            revises=parent or "",
            down=parent,
            imports=imports,
            labels=labels,
            depends=depends,
            extra=extra,
        )
        for name, body in (("upgrade", upgrade), ("downgrade", downgrade)):
            head = f"async def {name}(op: Operations) -> None:" if style == "async" else f"def {name}() -> None:"
            text += f"\n\n{head}\n{indent(dedent(body).strip(), '    ')}\n"
        path = self.versions / f"{id}.py"
        path.write_text(text, encoding="utf-8")
        self._last = id
        return path

    def migrator(self, database: Any, *, events: list[Event] | None = None, **options: Any) -> Migrator:
        """A migrator of this project; keyword arguments that are settings go into the settings."""
        fields = Settings.__dataclass_fields__
        settings = Settings(
            root=self.location.parent, **{name: options.pop(name) for name in list(options) if name in fields}
        )
        if events is not None:
            options["observer"] = events.append
        return Migrator(database, self.location, settings=settings, **options)
