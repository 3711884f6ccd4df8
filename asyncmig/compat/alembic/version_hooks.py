"""Version hooks: `on_version_apply` of `context.configure`, told in Alembic's words."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from asyncmig.environment import VersionChange
from asyncmig.revisions.moves import Move

if TYPE_CHECKING:
    from asyncmig.compat.alembic.environment import EnvironmentMigrationContext

__all__ = ["MigrationInfo", "version_hooks"]


@dataclass(frozen=True)
class MigrationInfo:
    """One step, as `on_version_apply` sees it.

    Args:
        is_upgrade: whether it goes up; a stamp does when rows come.
        is_stamp: whether it only moves the version rows.
        up_revision_ids: the revisions that are applied, reverted or stamped.
        down_revision_ids: what they follow.
        revision_map: gives the revision of an id.
    """

    is_upgrade: bool
    is_stamp: bool
    up_revision_ids: tuple[str, ...]
    down_revision_ids: tuple[str, ...]
    revision_map: Any

    @property
    def is_migration(self) -> bool:
        """Whether a script was run."""
        return not self.is_stamp

    @property
    def up_revision_id(self) -> str | None:
        """The first of `up_revision_ids`."""
        return self.up_revision_ids[0] if self.up_revision_ids else None

    @property
    def source_revision_ids(self) -> tuple[str, ...]:
        """What was there before the step."""
        return self.down_revision_ids if self.is_upgrade else self.up_revision_ids

    @property
    def destination_revision_ids(self) -> tuple[str, ...]:
        """What is there after the step."""
        return self.up_revision_ids if self.is_upgrade else self.down_revision_ids

    @property
    def up_revision(self) -> Any:
        """The revision of `up_revision_id`."""
        return None if self.up_revision_id is None else self.revision_map.get_revision(self.up_revision_id)

    @property
    def up_revisions(self) -> tuple[Any, ...]:
        """The revisions of `up_revision_ids`."""
        return self._revisions(self.up_revision_ids)

    @property
    def down_revisions(self) -> tuple[Any, ...]:
        """The revisions of `down_revision_ids`."""
        return self._revisions(self.down_revision_ids)

    @property
    def source_revisions(self) -> tuple[Any, ...]:
        """The revisions of `source_revision_ids`."""
        return self._revisions(self.source_revision_ids)

    @property
    def destination_revisions(self) -> tuple[Any, ...]:
        """The revisions of `destination_revision_ids`."""
        return self._revisions(self.destination_revision_ids)

    def _revisions(self, ids: Sequence[str]) -> tuple[Any, ...]:
        return tuple(self.revision_map.get_revision(one) for one in ids)


def version_hooks(
    given: Any, context: EnvironmentMigrationContext, script: Callable[[], Any], keywords: Mapping[str, Any]
) -> list[Callable[[VersionChange], None]]:
    """The functions of `on_version_apply`, to be called by a run of ours.

    Args:
        given: one function or several, or None.
        context: what they get as `ctx`.
        script: gives the directory of scripts.
        keywords: what they get as `run_args`.
    """
    functions = [] if given is None else [given] if callable(given) else list(given)

    def hook(function: Callable[..., Any]) -> Callable[[VersionChange], None]:
        def call(change: VersionChange) -> None:
            function(
                ctx=context,
                step=_step(change.move, script),
                heads=set(change.move.after),
                run_args=dict(keywords),
            )

        return call

    return [hook(function) for function in functions]


def _step(move: Move, script: Callable[[], Any]) -> MigrationInfo:
    is_upgrade = move.direction == "upgrade" or (move.direction == "stamp" and move.revision is not None)
    source, destination = move.source, move.destination
    return MigrationInfo(
        is_upgrade,
        move.direction == "stamp",
        destination if is_upgrade else source,
        source if is_upgrade else destination,
        _RevisionMap(script),
    )


class _RevisionMap:
    """Gives revisions; the directory of scripts is read when the first one is asked for."""

    def __init__(self, script: Callable[[], Any]) -> None:
        self._script = script

    def get_revision(self, id: str) -> Any:
        """The revision of an id."""
        return self._script().get_revision(id)
