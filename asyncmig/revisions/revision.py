"""Revision: one node of the history, as the header of its file declares it."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path
from typing import Literal

Phase = Literal["expand", "contract"]


@dataclass(frozen=True, slots=True)
class Revision:
    """One node of the history.

    Args:
        id: the revision id.
        parents: ids that it follows (`down_revision`); none for a base, several for a merge.
        depends_on: what must be applied before it without being its parent: ids or labels as written in the file;
            the graph resolves them.
        labels: branch labels that this very file declares.
        message: first line of the docstring.
        phase: `expand` (before a deploy), `contract` (after it) or None.
        doc: the whole docstring.
        created: the text after `Create Date:` in the docstring.
        transactional: False where the file says that it must not run in a transaction.
        irreversible: why it cannot be reverted, where the file says so.
        file: the path of its file, or None for a revision that lives only in a test.
    """

    id: str
    parents: tuple[str, ...] = ()
    depends_on: tuple[str, ...] = ()
    labels: frozenset[str] = field(default_factory=frozenset)
    message: str = ""
    phase: Phase | None = None
    doc: str = ""
    created: str | None = None
    transactional: bool = True
    irreversible: str | None = None
    file: str | None = None

    @property
    def path(self) -> Path | None:
        """Its file. To make a path of each of ten thousand names takes longer than all the rest of a revision."""
        return None if self.file is None else Path(self.file)

    @property
    def is_base(self) -> bool:
        """Whether it follows no other revision."""
        return not self.parents

    @property
    def is_merge(self) -> bool:
        """Whether it follows several revisions."""
        return len(self.parents) > 1
