"""Target: what the user asked for, as Alembic's grammar writes it: `head`, `+2`, `ae10`, `billing@head`, `base`."""

from __future__ import annotations

import re
from dataclasses import dataclass

from asyncmig.errors import InvalidTargetError

__all__ = ["Target", "TargetRange"]

_RELATIVE = re.compile(r"(?:(.+?)@)?(\w+)?([+-]\d+)")


@dataclass(frozen=True, slots=True)
class Target:
    """What the user asked for, taken apart but not looked up.

    Args:
        text: as it was written.
        label: what stands before the `@`: a branch label, or an id that stands for its branch.
        symbol: `head`, `heads`, `base`, `current`, an id, the beginning of one, or a label; None where only a number
            of steps is given.
        steps: how far to go from there, up or down; None where nothing was said.
    """

    text: str
    label: str | None = None
    symbol: str | None = None
    steps: int | None = None

    @classmethod
    def parse(cls, text: str) -> Target:
        """Take *text* apart.

        Raises:
            InvalidTargetError: it is empty, a range, or has an `@` with nothing on one side.
        """
        text = text.strip()
        if not text:
            raise InvalidTargetError("An empty target names no revision.", target=text, hint="Name one: heads")
        if ":" in text:
            raise InvalidTargetError(
                f"Range revision not allowed: {text!r} is a range, but one revision is wanted here.",
                target=text,
                hint=f"Name its end only: {text.rpartition(':')[2] or 'heads'}",
            )
        if text[-1].isdigit() and (match := _RELATIVE.fullmatch(text)):
            label, symbol, steps = match.groups()
            return cls(text, label, symbol, int(steps))
        label, at, symbol = text.partition("@")
        if not at:
            return cls(text, None, text)
        if not label or not symbol or "@" in symbol:
            raise InvalidTargetError(
                f"{text!r} is not a target: one name stands on each side of one '@'.",
                target=text,
                hint="Write label@revision, for instance billing@head.",
            )
        return cls(text, label, symbol)

    @property
    def is_base(self) -> bool:
        """Whether it means the state before the first revision (of the branch, where there is a label)."""
        return self.steps is None and self.symbol == "base"

    def __str__(self) -> str:
        return self.text


@dataclass(frozen=True, slots=True)
class TargetRange:
    """Two targets with a colon between them: `from:to`, either may be missing.

    Args:
        text: as it was written.
        lower: where it begins, or None.
        upper: where it ends, or None.
    """

    text: str
    lower: Target | None
    upper: Target | None

    @classmethod
    def parse(cls, text: str) -> TargetRange:
        """Take *text* apart.

        Raises:
            InvalidTargetError: there is not exactly one colon, or an end is no target.
        """
        lower, colon, upper = text.strip().partition(":")
        if not colon or ":" in upper:
            raise InvalidTargetError(
                f"{text!r} is not a range: it requires [start]:[end], [start]:, or :[end].",
                target=text,
                hint="For instance base:heads, -3:current or ae10:",
            )
        return cls(text, Target.parse(lower) if lower else None, Target.parse(upper) if upper else None)
