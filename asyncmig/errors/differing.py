"""Errors of differences: what `check` finds, and what keeps models from being compared with what revisions make."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path

from asyncmig.errors.comparing import AutogenerateError
from asyncmig.errors.project import AsyncmigError
from asyncmig.errors.run import PendingRevisionsError


class ModelsDifferError(AsyncmigError):
    """Models, revisions and a database are not of one mind.

    Args:
        found: what is different, as a sentence, and the differences in words; at least one.
        hint: what to do about the first.
    """

    exit_code = 11

    def __init__(self, *, found: Mapping[str, Sequence[str]], hint: str) -> None:
        parts = [
            "\n".join([f"{sentence}:", *(f"  - {_indented(difference)}" for difference in differences)])
            for sentence, differences in found.items()
        ]
        super().__init__("\n".join(parts), hint=hint)
        self.differences = tuple(difference for differences in found.values() for difference in differences)


def _indented(text: str) -> str:
    return "\n    ".join(text.strip().splitlines())


class MissingMetadataError(AutogenerateError):
    """There are no models to compare a database with.

    Args:
        path: the `env.py` that could name them.
    """

    def __init__(self, *, path: Path) -> None:
        super().__init__(
            f"{path} names no metadata, so there are no models to compare the database with.",
            hint="from app.models import Base    # where your models are\n\n"
            "environment = Environment(metadata=Base.metadata)",
        )
        self.path = path


class NoTablesError(AutogenerateError):
    """The models declare no table at all, and the database has some: their modules were not imported.

    Args:
        tables: how many the database has.
    """

    def __init__(self, *, tables: int) -> None:
        super().__init__(
            f"The metadata has no tables, and the database has {tables}: all of them would be dropped.",
            hint="Import the modules of your models in env.py; a class is in the metadata once its module is imported.",
        )
        self.tables = tables


class NotAtHeadsError(PendingRevisionsError):
    """Models are compared with what the revisions make, but the database is not at the newest one.

    Args:
        facts: those of `PendingRevisionsError`.
    """

    def __init__(
        self,
        *,
        pending: Sequence[str],
        unknown: Sequence[str] = (),
        unfinished: Sequence[str] = (),
    ) -> None:
        super().__init__(pending=pending, unknown=unknown, unfinished=unfinished)
        self.message = f"The database is not up to date, so models cannot be compared with it. {self.message}"


class ShadowError(AutogenerateError):
    """A shadow database cannot be used."""
