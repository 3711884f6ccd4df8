"""Autogenerate: the operations that make of a database what models want."""

from asyncmig.autogenerate.changes import Change
from asyncmig.autogenerate.diff import Diff, diff, diff_between
from asyncmig.autogenerate.filters import Filters
from asyncmig.autogenerate.questions import (
    Backfill,
    NewColumn,
    OneTimeDefault,
    Questioner,
    RenameQuestion,
    Silent,
)
from asyncmig.autogenerate.renaming import Renames

__all__ = [
    "Backfill",
    "Change",
    "Diff",
    "Filters",
    "NewColumn",
    "OneTimeDefault",
    "Questioner",
    "RenameQuestion",
    "Renames",
    "Silent",
    "diff",
    "diff_between",
]
