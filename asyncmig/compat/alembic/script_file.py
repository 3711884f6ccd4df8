"""Script: one revision file of an Alembic project, under the names that programs know it by."""

from __future__ import annotations

from pathlib import Path
from types import ModuleType
from typing import TYPE_CHECKING

from asyncmig.compat.alembic.errors import command_errors
from asyncmig.compat.alembic.search_path import lent_search_path
from asyncmig.runtime.alembic_modules import alembic_modules
from asyncmig.runtime.directives import VERBS

if TYPE_CHECKING:
    from asyncmig.migrator.history import History

__all__ = ["Script"]


class Script:
    """A revision file: what its header says, its place in the history, and the lines in which Alembic shows it.

    Args:
        history: the files that it belongs to.
        revision_id: its id.
    """

    def __init__(self, history: History, revision_id: str) -> None:
        self._history = history
        self._info = history.info(revision_id)
        self._revision = history.graph[revision_id]
        self._db_current_indicator: bool | None = None

    def mark_current(self, is_current: bool) -> None:
        """Say that a database is at it, which its lines show."""
        self._db_current_indicator = is_current

    # -- what the file says -----------------------------------------------------------------------------------------

    @property
    def revision(self) -> str:
        """Its id."""
        return self._info.id

    @property
    def down_revision(self) -> str | tuple[str, ...] | None:
        """What it follows: an id, several for a merge, None for a first one."""
        return _scalar(self._revision.parents)

    @property
    def dependencies(self) -> str | tuple[str, ...] | None:
        """What it depends on, as the file has it."""
        return _scalar(self._revision.depends_on)

    @property
    def branch_labels(self) -> set[str]:
        """The labels of its branch: its own and those it inherits."""
        return set(self._info.labels)

    @property
    def declared_labels(self) -> frozenset[str]:
        """The labels that the file itself declares."""
        return self._revision.labels

    @property
    def path(self) -> str:
        """The path of the file."""
        return str(self._info.path)

    @property
    def file(self) -> Path:
        """The file."""
        return Path(self.path)

    @property
    def longdoc(self) -> str:
        """The docstring of the file."""
        return self._info.doc.strip()

    @property
    def doc(self) -> str:
        """The first paragraph of the docstring."""
        return self.longdoc.partition("\n\n")[0]

    @property
    def module(self) -> ModuleType:
        """What executing the file gives; it is executed when this is first asked for.

        Raises:
            CommandError: the file fails.
        """
        settings = self._history.settings
        with command_errors(), lent_search_path(settings.root, settings.prepend_sys_path):
            return self._history.directory.script(self.revision, modules=alembic_modules(), verbs=VERBS).module

    # -- its place in the history -----------------------------------------------------------------------------------

    @property
    def nextrev(self) -> frozenset[str]:
        """The ids that follow it."""
        return frozenset(self._info.children)

    @property
    def children(self) -> tuple[str, ...]:
        """The ids that follow it, in the order of their files."""
        return self._info.children

    @property
    def is_head(self) -> bool:
        """Whether no other follows it."""
        return self._info.is_head

    @property
    def is_base(self) -> bool:
        """Whether it follows no other."""
        return self._info.is_base

    @property
    def is_branch_point(self) -> bool:
        """Whether several follow it."""
        return self._info.is_branch_point

    @property
    def is_merge_point(self) -> bool:
        """Whether it follows several."""
        return self._info.is_merge_point

    # -- as text ----------------------------------------------------------------------------------------------------

    @property
    def log_entry(self) -> str:
        """All about it, in several lines."""
        marks = " (head)" if self.is_head else ""
        current = " (current)" if self._db_current_indicator else ""
        lines = [
            f"Rev: {self.revision}{marks}{self._tree_marks()}{current}",
            f"{'Merges' if self.is_merge_point else 'Parent'}: {self._below()}",
        ]
        if self._revision.depends_on:
            lines.append(f"Also depends on: {', '.join(self._revision.depends_on)}")
        if self.is_branch_point:
            lines.append(f"Branches into: {', '.join(self._info.children)}")
        if self._info.labels:
            lines.append(f"Branch names: {', '.join(sorted(self._info.labels))}")
        lines += [f"Path: {self.path}", "", *(f"    {line}" for line in self.longdoc.splitlines() or [""])]
        return "\n".join(lines) + "\n"

    def __str__(self) -> str:
        marks = " (head)" if self.is_head else ""
        return f"{self._below()} -> {self.revision}{marks}{self._tree_marks()}, {self.doc}"

    def __repr__(self) -> str:
        return f"Script({self.revision!r}, {self.down_revision!r})"

    def cmd_format(
        self,
        verbose: bool,
        include_branches: bool = False,
        include_doc: bool = False,
        include_parents: bool = False,
        tree_indicators: bool = True,
    ) -> str:
        """It as Alembic's commands show it.

        Args:
            verbose: all about it; a line otherwise, of which the rest says what is in it.
            include_branches: the labels.
            include_doc: the first paragraph of the docstring.
            include_parents: what it follows and depends on.
            tree_indicators: whether it is a branch point or a merge.
        """
        if verbose:
            return self.log_entry
        text = self.revision
        if include_parents:
            needs = f" ({', '.join(self._revision.depends_on)})" if self._revision.depends_on else ""
            text = f"{self._below()}{needs} -> {text}"
        if include_branches and self._info.labels:
            text += f" ({', '.join(sorted(self._info.labels))})"
        if self.is_head:
            text += " (head)" if self._info.is_effective_head else " (effective head)"
        if self._db_current_indicator:
            text += " (current)"
        if tree_indicators:
            text += self._tree_marks()
        return f"{text}, {self.doc}" if include_doc else text

    def _below(self) -> str:
        return ", ".join(self._revision.parents) or "<base>"

    def _tree_marks(self) -> str:
        branch = " (branchpoint)" if self.is_branch_point else ""
        return branch + (" (mergepoint)" if self.is_merge_point else "")


def _scalar(names: tuple[str, ...]) -> str | tuple[str, ...] | None:
    return (names[0] if len(names) == 1 else names) if names else None
