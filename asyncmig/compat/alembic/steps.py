"""Steps: what a program answers when it is asked what shall be done with a database."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Literal

from asyncmig.compat.alembic.errors import CommandError
from asyncmig.migrator.migrator import Migrator

__all__ = ["Steps", "checked_steps", "print_steps", "take_steps"]


@dataclass(frozen=True, slots=True)
class Steps:
    """An upgrade, a downgrade or a stamp; which revisions that takes is decided once the database is locked.

    Args:
        direction: which of them.
        targets: where to; several only for a stamp.
    """

    direction: Literal["upgrade", "downgrade", "stamp"]
    targets: tuple[str, ...]


def checked_steps(answer: Any) -> Steps | None:
    """What a program's function has answered; None for nothing.

    Args:
        answer: what one of the methods of `ScriptDirectory` gave, or nothing.

    Raises:
        CommandError: it is something that the program has made itself.
    """
    if isinstance(answer, Steps):
        return answer
    if answer is None or not list(answer):
        return None
    raise CommandError(
        "The function fn= gave steps of its own, and asyncmig takes only those of a ScriptDirectory.",
        hint='return script_directory._upgrade_revs("head", revision)',
    )


async def take_steps(migrator: Migrator, steps: Steps, *, purge: bool) -> None:
    """Do them.

    Args:
        migrator: the migrator of the database.
        steps: what to do.
        purge: whether a stamp takes all rows away first.
    """
    if steps.direction == "upgrade":
        await migrator.upgrade(*steps.targets)
    elif steps.direction == "downgrade":
        await migrator.downgrade(*steps.targets)
    else:
        await migrator.stamp(*steps.targets, purge=purge)


async def print_steps(migrator: Migrator, steps: Steps, start: str | None, tag: str | None) -> str:
    """The SQL of them.

    Args:
        migrator: the migrator of the database.
        steps: what to print.
        start: where the database is.
        tag: free text for scripts.
    """
    targets = [target if start is None else f"{start}:{target}" for target in steps.targets]
    if steps.direction == "stamp":
        return await migrator.stamp_sql(*targets)
    return await migrator.sql(targets[0], direction=steps.direction, tag=tag)
