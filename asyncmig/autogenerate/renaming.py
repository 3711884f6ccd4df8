"""Renames: what a person has said about names that changed."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from asyncmig.errors import AutogenerateError
from asyncmig.operations.base import TableName


@dataclass(frozen=True)
class Renames:
    """What a person has said about names that changed.

    Args:
        given: old names, as tuples of their parts (`("users",)`, `("users", "name")`, `("app", "users", "name")`), and
            the new name of the last part.
        accept_loss: whether what looks like another name is dropped and added, with all the data in it.
    """

    given: Mapping[tuple[str, ...], str] = field(default_factory=dict)
    accept_loss: bool = False

    @classmethod
    def parse(cls, options: Sequence[str], *, accept_loss: bool = False) -> Renames:
        """Read the values of `--rename`: `table=new_name`, `table.column=new_name`, with `schema.` in front or not.

        Raises:
            AutogenerateError: a value has another form.
        """
        given = {}
        for option in options:
            old, equals, new = option.partition("=")
            parts = tuple(part.strip() for part in old.split("."))
            new = new.strip().rpartition(".")[2]
            if not equals or not new or not all(parts) or len(parts) > 3:
                raise AutogenerateError(
                    f"--rename {option} does not say what gets which name.",
                    hint="--rename users.name=full_name (a column) or --rename users=people (a table)",
                )
            given[parts] = new
        return cls(given, accept_loss)

    def of_table(self, table: TableName) -> str | None:
        """The new name that was given to a table."""
        return self.given.get(_parts(table))

    def of_member(self, owner: TableName, name: str) -> str | None:
        """The new name that was given to a column of a table or a value of an enum."""
        return self.given.get((*_parts(owner), name))


def _parts(name: TableName) -> tuple[str, ...]:
    return (name.schema, name.name) if name.schema else (name.name,)
