"""Errors of comparing: what can be wrong when models are compared with a database."""

from __future__ import annotations

from collections.abc import Sequence

from asyncmig.errors.project import AsyncmigError


class AutogenerateError(AsyncmigError):
    """Models cannot be compared with a database."""

    exit_code = 2


class DuplicateTableError(AutogenerateError):
    """Two `MetaData` declare the same table."""

    def __init__(self, *, table: str) -> None:
        super().__init__(
            f"The table {table!r} is declared in two of the MetaData.",
            hint="Give the Environment each table once, or name another table or schema in one of them.",
        )
        self.table = table


class FilterError(AutogenerateError):
    """A filter of the project failed while it was asked.

    Args:
        filter_name: which filter, such as `include_object`.
        asked: what it was asked about, such as `table 'users'`.
        error: what it raised.
    """

    def __init__(self, *, filter_name: str, asked: str, error: BaseException) -> None:
        super().__init__(
            f"The filter {filter_name} failed when it was asked about {asked}: {type(error).__name__}: {error}",
            hint=f"Correct {filter_name} where the Environment (or context.configure) gets it.",
        )
        self.filter_name = filter_name
        self.asked = asked


class AmbiguousRenameError(AutogenerateError):
    """Something is gone and something much like it is new: that could be another name, or a loss of data.

    Args:
        candidates: pairs of the old and the new name, as `--rename` takes them: `("users.name", "full_name")`.
    """

    def __init__(self, *, candidates: Sequence[tuple[str, str]]) -> None:
        pairs = "; ".join(f"{old} is gone, and {new} is new" for old, new in candidates)
        options = " ".join(f"--rename {old}={new}" for old, new in candidates)
        super().__init__(
            f"Renamed, or dropped and added? {pairs}.",
            hint=f"Say that it was renamed:  {options}\nor drop and add, with all the data:  --no-rename",
        )
        self.candidates = tuple(candidates)
