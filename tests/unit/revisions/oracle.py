"""Alembic as the oracle: the same history in Alembic's own classes, and what it says about it."""

from __future__ import annotations

import warnings
from collections.abc import Callable, Iterable, Sequence
from types import SimpleNamespace
from typing import Any

from alembic.runtime.migration import HeadMaintainer
from alembic.script import ScriptDirectory
from alembic.script.revision import Revision as AlembicRevision
from alembic.script.revision import RevisionMap
from alembic.util import CommandError

from asyncmig.revisions.revision import Revision


class RefusedError(Exception):
    """Alembic refused on purpose."""


class CrashedError(Exception):
    """Alembic failed without meaning to: what we do then is our own choice."""


class Node(AlembicRevision):
    """A revision with what `ScriptDirectory` looks for besides."""

    module = SimpleNamespace(upgrade=None, downgrade=None)
    doc = ""


class Oracle:
    """One history in Alembic."""

    def __init__(self, revisions: Sequence[Revision]) -> None:
        self.scripts = ScriptDirectory(".")
        self.map = RevisionMap(
            lambda: [
                Node(r.id, r.parents or None, r.depends_on or None, tuple(sorted(r.labels)) or None) for r in revisions
            ]
        )
        self.scripts.revision_map = self.map
        for node in self.map._revision_map.values():
            # Alembic keeps them as a set, so their order changes from process to process; ours is that of the file.
            if node is not None:
                kept = set(node._normalized_resolved_dependencies)
                node._normalized_resolved_dependencies = tuple(d for d in node._resolved_dependencies if d in kept)

    def upgrade(self, rows: Iterable[str], target: str) -> list[tuple[str, frozenset[str]]]:
        """Ids and the rows after each."""
        return self._run(rows, lambda: self.scripts._upgrade_revs(target, tuple(rows)))

    def downgrade(self, rows: Iterable[str], target: str) -> list[tuple[str, frozenset[str]]]:
        """Ids and the rows after each."""
        return self._run(rows, lambda: self.scripts._downgrade_revs(target, tuple(rows)))

    def statements(self, rows: Iterable[str], steps: str, target: str) -> list[tuple[str, ...]]:
        """The kinds of statements that each step sends to the version table."""
        keeper = Keeper(rows)
        planned = self.scripts._upgrade_revs if steps == "upgrade" else self.scripts._downgrade_revs
        sent: list[tuple[str, ...]] = []
        for step in asked(lambda: planned(target, tuple(rows))):
            before = len(keeper.sent)
            asked(lambda step=step: keeper.after(step))
            sent.append(tuple(statement[0] for statement in keeper.sent[before:]))
        return sent

    def stamp(self, rows: Iterable[str], targets: Sequence[str]) -> frozenset[str]:
        """The rows after all."""
        steps = self._run(rows, lambda: self.scripts._stamp_revs(tuple(targets), tuple(rows)))
        return steps[-1][1] if steps else frozenset(rows)

    def resolve(self, target: str) -> set[str]:
        """Ids, or `base`."""
        found = asked(lambda: self.scripts.get_revisions(target))
        return {r if isinstance(r, str) else r.revision for r in found}

    def history(self, lower: Any, upper: Any) -> list[str]:
        """Ids, newest first."""
        return asked(lambda: [r.revision for r in self.scripts.walk_revisions(base=lower, head=upper)])

    def current(self, rows: Iterable[str]) -> set[str]:
        """Ids."""
        return asked(lambda: {r.revision for r in self.scripts.get_all_current(tuple(rows))})

    def _run(self, rows: Iterable[str], plan: Callable[[], Any]) -> list[tuple[str, frozenset[str]]]:
        steps = asked(plan)
        keeper = Keeper(rows)
        return asked(lambda: [(_name(step), keeper.after(step)) for step in steps])


class Keeper(HeadMaintainer):
    """Keeps the rows without a database, and the statements that it would send."""

    def __init__(self, rows: Iterable[str]) -> None:
        self.heads = set(rows)
        self.sent: list[tuple[str, ...]] = []

    def _insert_version(self, version: str) -> None:
        assert version not in self.heads
        self.heads.add(version)
        self.sent.append(("insert", version))

    def _delete_version(self, version: str) -> None:
        self.heads.remove(version)
        self.sent.append(("delete", version))

    def _update_version(self, from_: str, to_: str) -> None:
        assert to_ not in self.heads
        self.heads.remove(from_)
        self.heads.add(to_)
        self.sent.append(("update", from_, to_))

    def after(self, step: Any) -> frozenset[str]:
        self.update_to_step(step)
        return frozenset(self.heads)


def asked(question: Callable[[], Any]) -> Any:
    """The answer; RefusedError or CrashedError in the place of Alembic's errors."""
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            return question()
    except CommandError as error:
        raise RefusedError(str(error)) from error
    except Exception as error:
        raise CrashedError(repr(error)) from error


def _name(step: Any) -> str:
    revision = getattr(step, "revision", None)
    return revision.revision if revision is not None else ""
