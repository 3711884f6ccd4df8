"""RevisionMap: the graph of a `ScriptDirectory`, under the names that programs ask it by."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from asyncmig.compat.alembic.script import ScriptDirectory
    from asyncmig.compat.alembic.script_file import Script

__all__ = ["RevisionMap"]


class RevisionMap:
    """The revisions of a `ScriptDirectory` and how they follow each other.

    Args:
        scripts: the directory.
    """

    def __init__(self, scripts: ScriptDirectory) -> None:
        self._scripts = scripts

    @property
    def heads(self) -> tuple[str, ...]:
        """The ids of the heads."""
        return tuple(self._scripts.get_heads())

    @property
    def _real_heads(self) -> tuple[str, ...]:
        """The ids of the heads that no other revision depends on."""
        return tuple(self._scripts.get_heads(consider_depends_on=True))

    @property
    def bases(self) -> tuple[str, ...]:
        """The ids of the revisions that follow no other."""
        return tuple(self._scripts.get_bases())

    @property
    def _revision_map(self) -> dict[str | None, Script | None]:
        """The revisions by their ids and by the labels that they declare; None for the base."""
        found: dict[str | None, Script | None] = {None: None}
        for script in self._scripts.walk_revisions():
            found[script.revision] = script
            found.update(dict.fromkeys(script.declared_labels, script))
        return found

    def get_revision(self, id_: str) -> Script | None:
        """As `ScriptDirectory.get_revision`."""
        return self._scripts.get_revision(id_)

    def get_revisions(self, id_: str | Sequence[str] | None) -> tuple[Script, ...]:
        """As `ScriptDirectory.get_revisions`."""
        return self._scripts.get_revisions(id_)

    def get_current_head(self, branch_label: str | None = None) -> str | None:
        """The id of the head, of a branch where one is named.

        Raises:
            CommandError: there are several.
        """
        if branch_label is None:
            return self._scripts.get_current_head()
        head = self._scripts.get_revision(f"{branch_label}@head")
        return head.revision if head is not None else None

    def iterate_revisions(self, upper: Any, lower: Any, **options: Any) -> Iterator[Script]:
        """As `ScriptDirectory.iterate_revisions`."""
        return self._scripts.iterate_revisions(upper, lower, **options)

    def __iter__(self) -> Iterator[str | None]:
        return iter(self._revision_map)

    def __contains__(self, id_: object) -> bool:
        return id_ in self._revision_map
