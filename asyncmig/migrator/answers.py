"""Answers: what is said where models do not say what is meant."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from types import MappingProxyType

from asyncmig.autogenerate import Questioner, Renames

__all__ = ["LOOKING", "Answers"]

_NO_NAMES: Mapping[str, str] = MappingProxyType({})


@dataclass(frozen=True)
class Answers:
    """What is said where models do not say what is meant.

    Args:
        renames: old names, of tables or as `table.column`, and the new ones.
        accept_loss: whether what looks like another name is dropped and added, with all the data in it.
        questioner: who is asked about the rest; nobody where it is None.
    """

    renames: Mapping[str, str] = field(default_factory=lambda: _NO_NAMES)
    accept_loss: bool = False
    questioner: Questioner | None = None

    def as_renames(self) -> Renames:
        """The names, taken apart.

        Raises:
            AutogenerateError: one of them is no name.
        """
        return Renames.parse([f"{old}={new}" for old, new in self.renames.items()], accept_loss=self.accept_loss)


#: Who only looks need not know whether something was renamed: it is different either way.
LOOKING = Answers(accept_loss=True)
