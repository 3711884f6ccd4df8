"""Report: what `doctor` finds out about a project: what is there, what would be different, and what needs attention."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from asyncmig.errors import AsyncmigError, ScriptError

__all__ = ["Attention", "Difference", "FoundDatabase", "FoundProject", "Report", "attention_of"]


@dataclass(frozen=True, slots=True)
class FoundProject:
    """The files of a project.

    Args:
        kind: `alembic` or `asyncmig`, by whose settings they are.
        settings: the settings file; None where there is none.
        section: its section or table.
        script_location: the directory of `env.py`.
        version_locations: the directories of the revisions.
        revisions: how many there are; None where they cannot be read.
        heads, branch_points, labels: ids of heads and of branch points, and the names of branches.
        longest_id: the longest id.
        env_py: the `env.py`; None where there is none.
        env_form: what kind of `env.py` it is.
    """

    kind: str
    settings: Path | None
    section: str
    script_location: Path
    version_locations: tuple[Path, ...]
    revisions: int | None
    heads: tuple[str, ...]
    branch_points: tuple[str, ...]
    labels: tuple[str, ...]
    longest_id: str
    env_py: Path | None
    env_form: str | None


@dataclass(frozen=True, slots=True)
class FoundDatabase:
    """One database of a project.

    Args:
        url: its URL, without the password.
        named_driver: the driver that the project names; None where it leaves that open, or it is not known.
        driver: the async driver that is used.
        driver_installed: whether that is installed.
        reached: whether the rest was read from it; None where it was not tried.
        version_table, version_table_schema: where its rows are.
        version_table_exists: whether that table is there.
        width: how many characters an id may have there.
        rows: the rows.
        unknown_rows: those that no revision file declares.
        pending: what an upgrade would apply.
        own_tables: the tables of asyncmig that are there.
        one_transaction: whether all revisions of a run share a transaction.
    """

    url: str
    named_driver: str | None
    driver: str
    driver_installed: bool
    reached: bool | None = None
    version_table: str = "alembic_version"
    version_table_schema: str | None = None
    version_table_exists: bool | None = None
    width: int | None = None
    rows: tuple[str, ...] = ()
    unknown_rows: tuple[str, ...] = ()
    pending: tuple[str, ...] = ()
    own_tables: tuple[str, ...] = ()
    one_transaction: bool | None = None

    @property
    def version_table_name(self) -> str:
        """The version table with its schema."""
        schema = self.version_table_schema
        return f"{schema}.{self.version_table}" if schema else self.version_table


@dataclass(frozen=True, slots=True)
class Difference:
    """Something that asyncmig does differently from Alembic in this project.

    Args:
        what: what it is about, in a word or two.
        text: how it is.
        code: what can be pasted somewhere.
    """

    what: str
    text: str
    code: str | None = None


@dataclass(frozen=True, slots=True)
class Attention:
    """Something that stands in the way of an upgrade, or that somebody should know of.

    Args:
        text: what it is.
        hint: what to do about it.
        path, line: where.
        exit_code: what an upgrade would end with because of it; 0 where one can be started all the same.
    """

    text: str
    hint: str | None = None
    path: Path | None = None
    line: int | None = None
    exit_code: int = 0


@dataclass(frozen=True, slots=True)
class Report:
    """All that `doctor` has found out.

    Args:
        project: the files.
        databases: the databases, in the order of `env.py`.
        differences: what asyncmig would do differently.
        attention: what needs attention; first what stands in the way.
    """

    project: FoundProject
    databases: tuple[FoundDatabase, ...]
    differences: tuple[Difference, ...]
    attention: tuple[Attention, ...]

    @property
    def exit_code(self) -> int:
        """0 when an upgrade could be started, else the code of what stands in its way."""
        return next((one.exit_code for one in self.attention if one.exit_code), 0)


def attention_of(error: AsyncmigError, *, blocks: bool = True) -> Attention:
    """What an error says, as part of a report.

    Args:
        error: the error.
        blocks: whether it stands in the way of an upgrade.
    """
    path, line = (error.path, error.line) if isinstance(error, ScriptError) else (None, None)
    return Attention(error.message, error.hint, path, line, error.exit_code if blocks else 0)


def in_order(found: Iterable[Attention]) -> tuple[Attention, ...]:
    """Each once; first what stands in the way."""
    return tuple(sorted(dict.fromkeys(found), key=lambda one: one.exit_code == 0))
