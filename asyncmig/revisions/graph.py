"""RevisionGraph: all revisions of a history and how they hang together."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence

from asyncmig.revisions.labels import spread_labels
from asyncmig.revisions.links import Links, build_links, closure
from asyncmig.revisions.order import newest_first
from asyncmig.revisions.revision import Revision

__all__ = ["RevisionGraph"]


class RevisionGraph(Mapping[str, Revision]):
    """The history: built once, checked once, never changed.

    As a mapping it goes from ids to revisions, in the order in which they were given.

    Args:
        revisions: all of them; their order breaks ties wherever the history leaves an order open.

    `links` has the edges as positions in `revisions`, for what has to be fast.

    Raises:
        DuplicateRevisionError: two revisions have one id, or a label is taken.
        MissingParentError: a parent or a dependency is not there.
        CircularRevisionsError: revisions follow or need each other in a circle.
        RevisionError: an id has a character that the grammar of targets needs.
    """

    __slots__ = ("_labels", "bases", "heads", "links", "real_heads", "revisions")

    revisions: tuple[Revision, ...]
    links: Links
    heads: tuple[str, ...]
    real_heads: tuple[str, ...]
    bases: tuple[str, ...]

    def __init__(self, revisions: Iterable[Revision] = ()) -> None:
        self.revisions = tuple(revisions)
        self.links = links = build_links(self.revisions)
        self._labels: Sequence[frozenset[str]] | None = None
        #: The revisions that no other follows.
        self.heads = tuple([r.id for r, after in zip(self.revisions, links.children, strict=True) if not after])
        #: The heads that no other revision depends on either: the rows of the version table after `upgrade heads`.
        self.real_heads = self.heads
        if links.above is not links.children:
            self.real_heads = tuple([r.id for r, after in zip(self.revisions, links.above, strict=True) if not after])
        #: The revisions that follow no other.
        self.bases = tuple([r.id for r in self.revisions if not r.parents])

    def __getitem__(self, key: str) -> Revision:
        found = self.revisions[self.links.keys[key]]
        # Labels share the namespace, but a label is no id.
        if found.id != key:
            raise KeyError(key)
        return found

    def __iter__(self) -> Iterator[str]:
        return (revision.id for revision in self.revisions)

    def __len__(self) -> int:
        return len(self.revisions)

    def __repr__(self) -> str:
        return f"<RevisionGraph of {len(self)} revisions, heads: {', '.join(self.heads) or 'none'}>"

    def parents(self, revision_id: str) -> tuple[str, ...]:
        """What *revision_id* follows."""
        return self[revision_id].parents

    def children(self, revision_id: str) -> tuple[str, ...]:
        """The revisions that follow *revision_id*, without those that only depend on it."""
        return self._names(self.links.children[self._at(revision_id)])

    def dependencies(self, revision_id: str) -> tuple[str, ...]:
        """The ids that *revision_id* depends on, without those that an ancestor depends on already."""
        return self._names(self.links.dependencies[self._at(revision_id)])

    def dependents(self, revision_id: str) -> tuple[str, ...]:
        """The revisions that depend on *revision_id* without following it."""
        position = self._at(revision_id)
        children = self.links.children[position]
        return self._names([near for near in self.links.above[position] if near not in children])

    def ancestors(self, *revision_ids: str, dependencies: bool = True) -> frozenset[str]:
        """*revision_ids* and everything below them.

        Args:
            revision_ids: where to begin.
            dependencies: whether to follow `depends_on` too.
        """
        edges = self.links.down if dependencies else self.links.parents
        return frozenset(self._names(closure(edges, map(self._at, revision_ids))))

    def descendants(self, *revision_ids: str, dependencies: bool = True) -> frozenset[str]:
        """*revision_ids* and everything that stands on them.

        Args:
            revision_ids: where to begin.
            dependencies: whether to follow `depends_on` too.
        """
        edges = self.links.above if dependencies else self.links.children
        return frozenset(self._names(closure(edges, map(self._at, revision_ids))))

    def in_order(self, revision_ids: Iterable[str]) -> tuple[Revision, ...]:
        """*revision_ids* in the order in which they would be applied: what is below first, branches kept together."""
        wanted = {self._at(revision_id) for revision_id in revision_ids}
        newest = newest_first(self.links, wanted, (), gaps=True)
        return tuple([self.revisions[position] for position in reversed(newest)])

    def labels_of(self, revision_id: str) -> frozenset[str]:
        """The branch labels of *revision_id*: its own and those of its branch."""
        return self.labels[self._at(revision_id)]

    def label_owner(self, label: str) -> Revision:
        """The revision that declares *label*.

        Raises:
            KeyError: no revision declares it.
        """
        owner = self.revisions[self.links.keys[label]]
        if label not in owner.labels:
            raise KeyError(label)
        return owner

    @property
    def labels(self) -> Sequence[frozenset[str]]:
        """The labels of each revision, by position."""
        if self._labels is None:
            self._labels = spread_labels(self.revisions, self.links)
        return self._labels

    def is_head(self, revision_id: str) -> bool:
        """Whether no revision follows *revision_id*."""
        return not self.links.children[self._at(revision_id)]

    def is_branch_point(self, revision_id: str) -> bool:
        """Whether several revisions follow *revision_id*."""
        return len(self.links.children[self._at(revision_id)]) > 1

    def is_merge_point(self, revision_id: str) -> bool:
        """Whether *revision_id* follows several revisions."""
        return len(self.links.parents[self._at(revision_id)]) > 1

    def _at(self, revision_id: str) -> int:
        position = self.links.keys[revision_id]
        if self.revisions[position].id != revision_id:
            raise KeyError(revision_id)
        return position

    def _names(self, positions: Iterable[int]) -> tuple[str, ...]:
        revisions = self.revisions
        return tuple([revisions[position].id for position in positions])
