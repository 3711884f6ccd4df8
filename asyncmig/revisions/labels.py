"""Labels: which branch labels each revision bears, its own and those of its branch."""

from __future__ import annotations

from collections.abc import Sequence

from asyncmig.revisions.links import Links
from asyncmig.revisions.revision import Revision

__all__ = ["spread_labels"]

_NONE: frozenset[str] = frozenset()


def spread_labels(revisions: Sequence[Revision], links: Links) -> list[frozenset[str]]:
    """Spread each label as Alembic does.

    A label belongs to the revision that declares it and to all that follow it. It also belongs to the revisions before
    it, up to the first branch or merge point, provided that none comes after it either: on an undivided line the whole
    line bears the label.

    Returns:
        The labels of each revision, by position.
    """
    spread = [_NONE] * len(revisions)
    for position, revision in enumerate(revisions):
        if revision.labels and _is_line(position, links):
            for before in _line_before(position, links):
                spread[before] |= revision.labels
    for position in links.order:
        labels = spread[position] | revisions[position].labels
        for parent in links.parents[position]:
            inherited = spread[parent]
            # Along a line the very same set is handed on.
            labels = inherited if labels <= inherited else labels | inherited
        spread[position] = labels
    return spread


def _divides(position: int, links: Links) -> bool:
    return len(links.above[position]) > 1 or len(links.parents[position]) > 1


def _is_line(position: int, links: Links) -> bool:
    """Whether neither *position* nor anything that follows it is a branch or merge point."""
    while not _divides(position, links):
        children = links.children[position]
        if not children:
            return True
        position = children[0]
    return False


def _line_before(position: int, links: Links) -> list[int]:
    """The revisions before *position*, up to and without the first branch or merge point."""
    line: list[int] = []
    while links.parents[position]:
        position = links.parents[position][0]
        if _divides(position, links):
            break
        line.append(position)
    return line
