"""Differences: what comparing models with a database returns, as frozen data; no other command loads it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from asyncmig.errors import ModelsDifferError

if TYPE_CHECKING:
    from asyncmig.operations.base import Operation

__all__ = ["CheckResult", "DiffResult", "Difference"]


@dataclass(frozen=True, slots=True)
class Difference:
    """One difference, by what does away with it.

    Args:
        description: that in words.
        loses_data: whether it takes data away.
    """

    description: str
    loses_data: bool = False


@dataclass(frozen=True, slots=True)
class DiffResult:
    """What makes of a database what models want; false where there is nothing to do.

    Args:
        operations: the operations, in an order in which they can be done.
        differences: the same in words, one by one: what a block does to one table is several.
        warnings: what could not be understood, and what a person should look at, one sentence each.
        reversal: the operations that undo them, in their order, as far as that can be known.
        gaps: in words, those that cannot be undone.
        sql: the operations as SQL, where that was asked for.
    """

    operations: tuple[Operation[Any], ...] = ()
    differences: tuple[Difference, ...] = ()
    warnings: tuple[str, ...] = ()
    reversal: tuple[Operation[Any], ...] = ()
    gaps: tuple[str, ...] = ()
    sql: str | None = None

    def __bool__(self) -> bool:
        return bool(self.operations)


@dataclass(frozen=True, slots=True)
class CheckResult:
    """What models, revisions and a database have differently; false where they are of one mind.

    Args:
        models: what makes of the database, or of what the revisions make where that was built, what the models want.
        drift: what somebody has done to the database besides the revisions; None where that was not looked at.
        skipped: why the database was not looked at, where the revisions were built elsewhere.
    """

    models: DiffResult
    drift: DiffResult | None = None
    skipped: str | None = None

    def __bool__(self) -> bool:
        return bool(self.models or self.drift)

    def error(self) -> ModelsDifferError:
        """The error that says what is different."""
        found: dict[str, tuple[str, ...]] = {}
        if self.models:
            count = len(self.models.differences)
            where = "the database" if self.drift is None and self.skipped is None else "what the revisions make"
            found[f"The models and {where} differ in {count} place{'s' if count > 1 else ''}; to do"] = _words(
                self.models
            )
        if self.drift:
            found["The database is not what the revisions make; what was done to it besides"] = _words(self.drift)
        hint = "asyncmig revision --autogenerate    # writes what is to do"
        if not self.models:
            hint = "Undo it, or write a revision that does it, and stamp that: asyncmig stamp heads"
        return ModelsDifferError(found=found, hint=hint)


def _words(result: DiffResult) -> tuple[str, ...]:
    return tuple(difference.description for difference in result.differences)
