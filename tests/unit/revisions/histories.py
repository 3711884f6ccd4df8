"""Random histories: branches, merges, dependencies and labels, from a seed that hypothesis draws."""

from __future__ import annotations

from dataclasses import dataclass
from random import Random

from hypothesis import strategies as st

from asyncmig.revisions.graph import RevisionGraph
from asyncmig.revisions.revision import Revision

LABELS = ("billing", "users", "audit")
# They share beginnings, so that partial ids are worth a try.
IDS = [f"{a}{b}x{c}e" for a in "ab" for b in "12" for c in "pqrs"]
STEPS = ("+1", "+2", "+3", "-1", "-2", "-3")


@dataclass
class Case:
    """One history and one state of a database; `str` is enough to build it again."""

    revisions: list[Revision]
    random: Random

    def __post_init__(self) -> None:
        self.graph = RevisionGraph(self.revisions)
        self.rows = self._rows()

    def __str__(self) -> str:
        lines = [f"{r.id} <- {r.parents} {r.depends_on or ''} {set(r.labels) or ''}" for r in self.revisions]
        return "\n".join([*lines, f"rows: {self.rows}"])

    def target(self, *, steps: bool = True) -> str:
        """Any form of the grammar, most of them with a meaning."""
        pick = self.random
        ids = list(self.graph)
        labels = [label for revision in self.revisions for label in revision.labels]
        partial = pick.choice(ids)[: pick.randint(1, 5)]
        name = pick.choice([*ids, *ids, *labels, *labels, "head", "heads", "base", "nothing", partial, partial])
        label = pick.choice([*labels, *labels, *labels, *ids])
        # Down from the base, Alembic begins anew at the heads; we refuse.
        step = pick.choice(STEPS[:3] if name == "base" else STEPS)
        forms = [name, name, f"{label}@{name}"]
        if steps:
            forms += [step, f"{name}{step}", f"{label}@{step}", f"{label}@{name}{step}"]
        return pick.choice(forms)

    def _rows(self) -> tuple[str, ...]:
        """The real heads of what is applied, in any order."""
        tips = self.random.sample(list(self.graph), min(len(self.graph), self.random.randint(0, 3)))
        active = self.graph.ancestors(*tips)
        rows = [name for name in self.graph if self.graph.descendants(name) & active == {name}]
        self.random.shuffle(rows)
        return tuple(rows)


def history(size: int, random: Random) -> list[Revision]:
    """A valid history of *size* revisions, in any order of the files."""
    free = random.sample(LABELS, random.randint(0, len(LABELS)))
    revisions: list[Revision] = []
    names: list[str] = []
    for name in random.sample(IDS, size) if size <= len(IDS) else [f"r{number:04}" for number in range(size)]:
        before = [revision.id for revision in revisions]
        recent = before[-4:] if random.random() < 0.6 else before
        parents = random.sample(recent, min(len(recent), random.choice([0, 1, 1, 1, 1, 1, 1, 2, 2, 3])))
        depends = random.sample(names, min(len(names), random.choice([0, 0, 0, 0, 1, 1, 2])))
        labels = [free.pop()] if free and random.random() < 0.3 else []
        revisions.append(Revision(name, tuple(parents), tuple(depends), frozenset(labels)))
        names += [name, *labels]
    if random.random() < 0.5:
        random.shuffle(revisions)
    return revisions


#: Hypothesis makes the size smaller when a case fails; the seed decides the rest.
cases = st.builds(
    lambda size, seed: Case(history(size, random := Random(seed)), random), st.integers(1, 10), st.integers(0, 2**40)
)
large_cases = st.builds(
    lambda size, seed: Case(history(size, random := Random(seed)), random), st.integers(20, 80), st.integers(0, 2**40)
)
