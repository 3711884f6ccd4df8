"""Repository: a generated history of revisions, as files that look like those that people write."""

from __future__ import annotations

import hashlib
import re
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

from tests.differential import weights
from tests.differential.patterns import (
    asking,
    blocks,
    columns,
    constraints,
    data,
    enums,
    mysql,
    postgresql,
    tables,
    types,
)
from tests.differential.schema import Kind
from tests.differential.source import block
from tests.differential.world import CONVENTION, Change, Pattern, World

_CHANGES_PER_REVISION = 1.7

_PATTERNS: tuple[Pattern, ...] = (
    *tables.PATTERNS,
    *columns.PATTERNS,
    *types.PATTERNS,
    *constraints.PATTERNS,
    *data.PATTERNS,
    *asking.PATTERNS,
    *blocks.PATTERNS,
    *postgresql.PATTERNS,
    *enums.PATTERNS,
    *mysql.PATTERNS,
)

#: What a body may use, and the import that it needs.
_IMPORTS: tuple[tuple[str, str], ...] = (
    (r"\bdatetime\.", "import datetime"),
    (r"\bdecimal\.", "import decimal"),
    (r"\buuid\.", "import uuid"),
    (r"\bsa\.", "import sqlalchemy as sa"),
    (r"\bcontext\.", "from alembic import op, context"),
    (r"\binspect\(conn", "from sqlalchemy import inspect"),
    (r"(?<![\w.])Sequence\(", "from sqlalchemy import Sequence"),
    (r"(?<![\w.])CreateSequence\(", "from sqlalchemy.schema import CreateSequence"),
    (r"(?<![\w.])DropSequence\(", "from sqlalchemy.schema import DropSequence"),
    (r"\bpostgresql\.", "from sqlalchemy.dialects import postgresql"),
    (r"\bmysql\.", "from sqlalchemy.dialects import mysql"),
    (r"\bsqlite\.", "from sqlalchemy.dialects import sqlite"),
    (r"\bInspector\b", "from sqlalchemy.engine.reflection import Inspector"),
    (r"\borm\.", "from sqlalchemy import orm"),
    (r"\bdeclarative_base\b", "from sqlalchemy.orm import declarative_base"),
    (r"(?<![\w.])Session\(", "from sqlalchemy.orm import Session"),
)

_FILE = '''"""{message}

Revision ID: {id}
Revises: {revises}
Create Date: 2026-03-14 09:26:53.589793

"""
{imports}

# revision identifiers, used by Alembic.
revision = {id!r}
down_revision = {parents!r}
branch_labels = {labels!r}
depends_on = {depends!r}
{preamble}

def upgrade(){arrow}:
{up}


def downgrade(){arrow}:
{down}
'''


@dataclass
class Revision:
    """A revision.

    Args:
        id: its id.
        down: what it follows.
        changes: what it does.
        labels, depends: as the header has them.
    """

    id: str
    down: tuple[str, ...]
    changes: list[Change] = field(default_factory=list)
    labels: str | None = None
    depends: str | None = None

    @property
    def needs_database(self) -> bool:
        """Whether it cannot be printed without a database."""
        text = self.source()
        return any(one.needs_database for one in self.changes) or "get_bind" in text

    def source(self) -> str:
        """Its file."""
        up = [line for change in self.changes for line in change.up]
        down = [line for change in reversed(self.changes) for line in change.down]
        preamble = "".join(f"\n{line}" for change in self.changes for line in change.preamble)
        body = f"{preamble}\n{block(up)}\n{block(down)}"
        found = [wanted for mark, wanted in _IMPORTS if re.search(mark, body)]
        if "from alembic import op, context" not in found:
            found.insert(0, "from alembic import op")
        return _FILE.format(
            message=self.message.capitalize(),
            id=self.id,
            revises=", ".join(self.down),
            imports="\n".join(found) + "\n",
            parents=self.down[0] if len(self.down) == 1 else self.down or None,
            labels=self.labels,
            depends=self.depends,
            preamble=f"\n{preamble}\n" if preamble else "",
            arrow=" -> None" if int(hashlib.md5(self.id.encode()).hexdigest(), 16) % 2 else "",
            up=block(up),
            down=block(down),
        )

    @property
    def message(self) -> str:
        """What it does."""
        return self.changes[0].message if self.changes else "merge"

    @property
    def file_name(self) -> str:
        """The name of its file."""
        slug = "_".join(re.findall(r"\w+", self.message.lower()))[:40].rstrip("_")
        return f"{self.id}_{slug}.py"


@dataclass
class Repository:
    """A generated history.

    Args:
        kind: the database that it is for.
        convention: whether its environment has a naming convention.
        revisions: its revisions, in an order in which they can be run.
        used: how often each pattern was written.
    """

    kind: Kind
    convention: bool
    revisions: list[Revision]
    used: Counter[str]

    def stops(self) -> list[str]:
        """Targets for downgrades that leave a part of the history: around the newest merge, and in the base apart."""
        merges = [one for one in self.revisions if len(one.down) > 1]
        apart = [one for one in self.revisions if one.labels == "reports"]
        return [
            *(f"{one.id}@base" for one in apart[:1] if not any(two.depends for two in self.revisions if two.down)),
            *merges[-1].down[:1],
            merges[-2].id,
            *merges[-2].down[:1],
        ]

    def write(self, directory: Path) -> None:
        """Write the files into `versions`, and an environment of Alembic's usual kind beside it."""
        versions = directory / "versions"
        versions.mkdir(parents=True, exist_ok=True)
        for revision in self.revisions:
            (versions / revision.file_name).write_text(revision.source(), encoding="utf-8")
        convention = f"naming_convention={dict(CONVENTION)!r}" if self.convention else ""
        (directory / "env.py").write_text(_ENVIRONMENT.format(convention=convention), encoding="utf-8")


_ENVIRONMENT = '''"""The environment, by and large as `alembic init` writes it."""

from alembic import context
from sqlalchemy import MetaData, engine_from_config, pool

config = context.config
target_metadata = MetaData({convention})


def run_migrations_offline() -> None:
    context.configure(
        url=config.get_main_option("sqlalchemy.url"),
        target_metadata=target_metadata,
        literal_binds=True,
        transaction_per_migration=True,
        dialect_opts={{"paramstyle": "named"}},
    )
    with context.begin_transaction():
        context.run_migrations()


def run_migrations_online() -> None:
    connectable = engine_from_config(
        config.get_section(config.config_ini_section), prefix="sqlalchemy.", poolclass=pool.NullPool
    )
    with connectable.connect() as connection:
        context.configure(
            connection=connection, target_metadata=target_metadata, transaction_per_migration=True
        )
        with context.begin_transaction():
            context.run_migrations()


if context.is_offline_mode():
    run_migrations_offline()
else:
    run_migrations_online()
'''


class Generator:
    """Writes a history.

    Args:
        kind: the database.
        seed: of chance.
        count: how many revisions.
        convention: whether there is a naming convention.
    """

    def __init__(self, kind: Kind, seed: int, count: int, *, convention: bool) -> None:
        self.world = World(kind, seed, convention=convention)
        self.count = count
        self.used: Counter[str] = Counter()
        self._revisions: list[Revision] = []
        self._held: list[Change] = []
        self._queue = self._schedule()

    def _schedule(self) -> list[Pattern]:
        """Each pattern as often as its weight wants, at least twice, in an order by chance that begins with tables."""
        mine = [one for one in _PATTERNS if self.world.kind in one.on]
        total = sum(weights.PATTERNS[one.name] for one in mine)
        changes = self.count * _CHANGES_PER_REVISION
        queue = [
            pattern for pattern in mine for _ in range(max(2, round(changes * weights.PATTERNS[pattern.name] / total)))
        ]
        self.world.rng.shuffle(queue)
        first = [one for one in queue if one.name in {"create_table", "create_table by hand"}][:8]
        for one in first:
            queue.remove(one)
        return [*first, *queue]

    @property
    def missing(self) -> list[str]:
        """The patterns that were not written."""
        return [one.name for one in _PATTERNS if self.world.kind in one.on and one.name not in self.used]

    def repository(self) -> Repository:
        """The history: a trunk with branches that are merged, a base that is merged, and one that stays apart."""
        trunk: tuple[str, ...] = ()
        aside: tuple[str, ...] = ()
        own: set[str] = set()
        for round_ in range(6):
            trunk = self._line(trunk, self.count // 10)
            if round_ in {1, 3, 5}:
                trunk = self._branches(trunk, 2 if round_ == 1 else 3, self.count // 60, labelled=round_ == 3)
            if round_ in {2, 4}:
                main, self.world.scope = self.world.scope, own
                self.world.branched = True
                label = "reports" if not aside else None
                depends = trunk[0] if aside or round_ == 2 else None
                aside = self._line(aside, self.count // 25, labels=label, depends=depends)
                own, self.world.scope = self.world.scope, main
                self.world.branched = False
            if round_ == 2:
                trunk = self._second_base(trunk)
        while len(self._revisions) < self.count:
            trunk = self._line(trunk, 1)
        return Repository(self.world.kind, self.world.convention, self._revisions, self.used)

    def _second_base(self, trunk: tuple[str, ...]) -> tuple[str, ...]:
        main, self.world.scope = self.world.scope, set()
        self.world.branched = True
        other = self._line((), max(3, self.count // 60))
        self.world.scope |= main
        self.world.branched = False
        return self._revision((*trunk, *other), [])

    def _line(
        self, down: tuple[str, ...], count: int, *, labels: str | None = None, depends: str | None = None
    ) -> tuple[str, ...]:
        for number in range(max(1, count)):
            down = self._revision(
                down, self._changes(), labels if not number else None, depends if not number else None
            )
        while self._held:
            down = self._revision(down, [self._held.pop()])
        return down

    def _branches(self, down: tuple[str, ...], count: int, length: int, *, labelled: bool) -> tuple[str, ...]:
        """Branches on tables of their own, and the revision that merges them."""
        islands = self.world.islands()
        self.world.rng.shuffle(islands)
        parts: list[set[str]] = [set[str]().union(*islands[number::count]) for number in range(count)]
        ends: list[str] = []
        self.world.branched = True
        for number, part in enumerate(parts):
            self.world.scope = part
            label = f"branch_{number}_{len(self._revisions)}" if labelled else None
            ends += self._line(down, max(2, length), labels=label)
        self.world.scope = set[str]().union(*parts)
        self.world.branched = False
        return self._revision(tuple(ends), self._changes() if self.world.chance(0.3) else [])

    def _revision(
        self, down: tuple[str, ...], changes: list[Change], labels: str | None = None, depends: str | None = None
    ) -> tuple[str, ...]:
        number = len(self._revisions)
        id_ = hashlib.sha256(f"{self.world.kind} {number}".encode()).hexdigest()[:12]
        self._revisions.append(Revision(id_, down, changes, labels, depends))
        return (id_,)

    def _changes(self) -> list[Change]:
        """What one revision does: usually one or two changes, now and then more."""
        changes: list[Change] = []
        left = self.count - len(self._revisions)
        share = len(self._queue) / max(1, left)
        wanted = max(1, round(share + self.world.rng.choice((-1, 0, 0, 0, 1))))
        for change in self._next_changes():
            if change.alone and changes:
                self._held.append(change)
                break
            changes.append(change)
            if change.alone or len(changes) >= wanted:
                break
        return changes

    def _next_changes(self) -> Iterator[Change]:
        while self._held:
            yield self._held.pop()
        for pattern in list(self._queue):
            change = pattern.write(self.world)
            if change is None:
                continue
            self._queue.remove(pattern)
            self.used[pattern.name] += 1
            yield change
        while True:
            pattern = self.world.rng.choice(columns.PATTERNS[:1])
            change = pattern.write(self.world) or tables.create_table(self.world)
            self.used[pattern.name] += 1
            yield change
