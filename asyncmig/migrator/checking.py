"""Checking: what models, revisions and a database have differently."""

from __future__ import annotations

from typing import TYPE_CHECKING

from asyncmig.events import Observer
from asyncmig.migrator.comparing import differences
from asyncmig.migrator.differences import CheckResult
from asyncmig.migrator.project import Project

if TYPE_CHECKING:
    from sqlalchemy.engine import URL

__all__ = ["check"]


async def check(project: Project, shadow: str | URL | None, *, observer: Observer) -> CheckResult:
    """What the models and the database have differently; see `Migrator.check`."""
    if shadow is None:
        return CheckResult(await differences(project, None, sql=False))
    # Imported here because most checks build nothing.
    from asyncmig.migrator.shadowing import check_with_shadow

    return await check_with_shadow(project, shadow, observer=observer)
