"""Programs: short sequences of directives by chance, legal or not, on a small schema; and what becomes of them."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from hypothesis import strategies as st

from tests.differential.dumps import Dump, differences, dump
from tests.differential.schema import Kind
from tests.differential.source import block, call_with, quoted, under
from tests.differential.tools import Alembic, Asyncmig, Tool, sync_engine

#: What is there before a program begins; rows, too.
SCHEMA = """
op.create_table(
    "parents",
    sa.Column("id", sa.Integer(), nullable=False),
    sa.Column("code", sa.String(length=20), nullable=True),
    sa.PrimaryKeyConstraint("id", name="pk_parents"),
)
op.create_table(
    "things",
    sa.Column("id", sa.Integer(), nullable=False),
    sa.Column("name", sa.String(length=50), nullable=True),
    sa.Column("number", sa.Integer(), nullable=False, server_default="3"),
    sa.Column("flag", sa.Boolean(), nullable=True),
    sa.Column("at", sa.DateTime(), nullable=True),
    sa.Column("parent_id", sa.Integer(), nullable=True),
    sa.PrimaryKeyConstraint("id", name="pk_things"),
    sa.ForeignKeyConstraint(["parent_id"], ["parents.id"], name="fk_parent", ondelete="CASCADE"),
    sa.UniqueConstraint("name", name="uq_name"),
    sa.CheckConstraint("number > 0", name="ck_number"),
)
op.create_index("ix_number", "things", ["number"])
op.execute("INSERT INTO parents (id, code) VALUES (1, 'a'), (2, NULL)")
op.execute("INSERT INTO things (id, name, number, parent_id) VALUES (1, 'x', 5, 1), (2, NULL, 6, 2), (3, 'z', 7, NULL)")
""".strip()

_TYPES = (
    "sa.Integer()",
    "sa.BigInteger()",
    "sa.String(length=80)",
    "sa.String(length=3)",
    "sa.Text()",
    "sa.Boolean()",
    "sa.DateTime()",
    "sa.Numeric(precision=8, scale=2)",
    "sa.Float()",
)
#: Types with defaults; the last one does not fit.
_WITH_DEFAULTS = (
    ("sa.Integer()", '"4"'),
    ("sa.Integer()", 'sa.text("5")'),
    ("sa.String(length=20)", '"x"'),
    ("sa.String(length=20)", "None"),
    ("sa.Boolean()", "sa.false()"),
    ("sa.DateTime()", '"2020-01-01 00:00:00"'),
    ("sa.Integer()", '"x"'),
)
_DEFAULTS = ('"4"', 'sa.text("5")', "None", '"x"')
#: What can be dropped, by name and type; the last ones are wrong.
_CONSTRAINTS = (
    ("uq_name", "unique"),
    ("ck_number", "check"),
    ("fk_parent", "foreignkey"),
    ("uq_name", "unique"),
    ("fk_parent", "foreignkey"),
    ("new_one", "unique"),
    ("ck_number", "unique"),
)

_type = st.sampled_from(_TYPES)
_yes_or_no = st.sampled_from(("True", "False"))
#: Mostly what is there.
_table = st.sampled_from((*["things"] * 6, *["parents"] * 4, "nothing")).map(quoted)
_new_name = st.sampled_from(("ix_number", *(f"new_{number}" for number in range(12)))).map(quoted)


def _column(table: str) -> st.SearchStrategy[str]:
    """A column, mostly one that the table has."""
    there = (
        ("code", "code", "id") if table == '"parents"' else ("name", "number", "flag", "at", "flag", "at", "parent_id")
    )
    return st.sampled_from((*there, *there, *there, "id", "extra")).map(quoted)


def _columns(table: str) -> st.SearchStrategy[str]:
    found = st.lists(_column(table), min_size=1, max_size=2, unique=True)
    return found.map(lambda columns: f"[{', '.join(columns)}]")


@dataclass(frozen=True)
class Call:
    """A directive.

    Args:
        word: its name.
        table: the table, or None where it has none.
        arguments: what follows the table.
        keywords: keywords.
        name: a name that stands before the table.
    """

    word: str
    table: str | None
    arguments: tuple[str, ...] = ()
    keywords: tuple[tuple[str, str], ...] = ()
    name: str | None = None

    def plain(self) -> str:
        """As a word of `op`."""
        first = [one for one in (self.name, self.table) if one is not None]
        return call_with(f"op.{self.word}", [*first, *self.arguments], dict(self.keywords))

    def inside(self) -> str:
        """As a word of a block on its table."""
        first = [self.name] if self.name is not None else []
        return call_with(f"batch_op.{self.word}", [*first, *self.arguments], dict(self.keywords))


@st.composite
def _new_column(draw: st.DrawFn) -> str:
    name = draw(st.sampled_from(("extra", "more", "another", "extra", "more", "name")))
    if draw(st.booleans()):
        return call_with("sa.Column", [quoted(name), draw(_type)], {"nullable": "True"})
    type_, default = draw(st.sampled_from(_WITH_DEFAULTS))
    return call_with("sa.Column", [quoted(name), type_], {"nullable": draw(_yes_or_no), "server_default": default})


#: The definitions of the columns, so that `existing_*` says what is true.
_EXISTING: dict[str, dict[str, str]] = {
    '"id"': {"existing_type": "sa.Integer()", "existing_nullable": "False"},
    '"name"': {"existing_type": "sa.String(length=50)", "existing_nullable": "True"},
    '"number"': {"existing_type": "sa.Integer()", "existing_nullable": "False", "existing_server_default": '"3"'},
    '"flag"': {"existing_type": "sa.Boolean()", "existing_nullable": "True"},
    '"at"': {"existing_type": "sa.DateTime()", "existing_nullable": "True"},
    '"parent_id"': {"existing_type": "sa.Integer()", "existing_nullable": "True"},
    '"code"': {"existing_type": "sa.String(length=20)", "existing_nullable": "True"},
    '"extra"': {"existing_type": "sa.Integer()", "existing_nullable": "True"},
}


#: Types that their values fit into, and one that they may not fit into.
_WIDER: dict[str, tuple[str, ...]] = {
    '"name"': ("sa.String(length=80)", "sa.Text()", "sa.Integer()"),
    '"code"': ("sa.String(length=80)", "sa.String(length=10)", "sa.Integer()"),
    '"number"': ("sa.BigInteger()", "sa.Numeric(precision=8, scale=2)", "sa.Float()", "sa.String(length=80)"),
}


@st.composite
def _altered(draw: st.DrawFn, table: str) -> Call:
    column = draw(_column(table))
    keywords = dict(_EXISTING[column])
    for word in ("existing_nullable", "existing_server_default"):
        if word in keywords and draw(st.integers(0, 2)) == 0:
            # Where a database writes the whole column again, what is not said is lost.
            del keywords[word]
    for word, values in (
        ("nullable", _yes_or_no),
        ("type_", st.sampled_from(_WIDER.get(column, _TYPES))),
        ("server_default", st.sampled_from(_DEFAULTS[:3])),
        ("new_column_name", st.sampled_from(('"renamed"', '"renamed"', '"name"'))),
    ):
        if draw(st.integers(0, 2)) == 0:
            keywords[word] = draw(values)
    return Call("alter_column", table, (column,), tuple(keywords.items()))


@st.composite
def on_table(draw: st.DrawFn, table: str) -> Call:
    """A directive that may stand in a block on *table*."""
    word = draw(
        st.sampled_from(
            (
                "add_column",
                "drop_column",
                "alter_column",
                "alter_column",
                "create_index",
                "drop_index",
                "create_unique_constraint",
                "create_check_constraint",
                "create_foreign_key",
                "drop_constraint",
            )
        )
    )
    if word == "add_column":
        return Call(word, table, (draw(_new_column()),))
    if word == "drop_column":
        return Call(word, table, (draw(_column(table)),))
    if word == "alter_column":
        return draw(_altered(table))
    name = draw(_new_name)
    if word == "create_index":
        return Call(word, table, (draw(_columns(table)),), (("unique", draw(_yes_or_no)),), name)
    if word == "drop_index":
        return Call(word, table, (), (), draw(st.sampled_from(('"ix_number"', '"ix_number"', '"new_one"'))))
    if word == "create_unique_constraint":
        return Call(word, table, (draw(_columns(table)),), (), name)
    if word == "create_check_constraint":
        condition = draw(st.sampled_from(("number < 100", "number > 6", "id > 0", "id < 50", "nobody = 1")))
        return Call(word, table, (quoted(condition),), (), name)
    if word == "create_foreign_key":
        target = draw(_table)
        action = (("ondelete", '"SET NULL"'),) if draw(st.booleans()) else ()
        return Call(word, table, (target, f"[{draw(_column(table))}]", '["id"]'), action, name)
    dropped, kind = draw(st.sampled_from(_CONSTRAINTS))
    return Call(word, table, (), (("type_", quoted(kind)),), quoted(dropped))


@st.composite
def programs(draw: st.DrawFn, kind: Kind) -> str:
    """The body of an `upgrade`, with one to four statements."""
    lines: list[str] = []
    for _ in range(draw(st.integers(1, 3))):
        table = draw(_table)
        plain = "block" if kind == "sqlite" else "plain"
        form = draw(st.sampled_from(("plain", plain, plain, "block", "block", "other")))
        if form == "block":
            words = [draw(on_table(table)).inside() for _ in range(draw(st.integers(1, 2)))]
            lines.append(under(f"with op.batch_alter_table({table}) as batch_op:", words))
        elif form == "plain":
            call = draw(on_table(table))
            if call.word == "drop_index":
                lines.append(call_with("op.drop_index", [call.name or ""], {"table_name": table}))
            else:
                lines.append(call.plain())
        else:
            lines.append(draw(_other(table)))
    return "\n".join(lines)


@st.composite
def _other(draw: st.DrawFn, table: str) -> str:
    new = draw(st.sampled_from(('"others"', '"parents"')))
    forms: Sequence[str] = (
        'op.drop_table("things")',
        f"op.rename_table({table}, {new})",
        f'op.create_table({new}, sa.Column("id", sa.Integer(), primary_key=True), {draw(_new_column())})',
        f'op.bulk_insert(sa.table({table}, sa.column("id", sa.Integer())), [{{"id": 7}}, {{"id": 8}}])',
        f'op.execute("DELETE FROM {table[1:-1]} WHERE id = 1")',
        "op.execute(\"UPDATE things SET name = 'n%' WHERE id = 2\")",
    )
    return draw(st.sampled_from(forms))


_FILE = '''"""{id}

Revision ID: {id}
Revises: {down}
"""
from alembic import op
import sqlalchemy as sa

revision = {id!r}
down_revision = {down!r}


def upgrade():
{up}


def downgrade():
    pass
'''


@dataclass(frozen=True)
class Outcome:
    """What becomes of a program.

    Args:
        error: why it was refused, or None.
        dump: what the database holds afterwards.
    """

    error: str | None
    dump: Dump


class Bench:
    """Runs programs by both tools.

    Args:
        directory: for the files.
        kind: the kind of the databases.
    """

    def __init__(self, directory: Path, kind: Kind) -> None:
        self.directory = directory
        self.kind = kind
        self._number = 0

    def run(self, program: str, theirs: str, ours: str) -> tuple[Outcome, Outcome]:
        """What becomes of a program in two empty databases."""
        self._number += 1
        home = self.directory / f"program{self._number}"
        (home / "versions").mkdir(parents=True)
        (home / "env.py").write_text(_ENVIRONMENT, encoding="utf-8")
        for id_, down, body in (("aaaa", None, SCHEMA), ("bbbb", "aaaa", program)):
            text = _FILE.format(id=id_, down=down, up=block(body.split("\n")))
            (home / "versions" / f"{id_}.py").write_text(text, encoding="utf-8")
        return self._outcome(Alembic(home, None), theirs), self._outcome(Asyncmig(home, None), ours)

    def _outcome(self, tool: Tool, url: str) -> Outcome:
        tool.run(url, "upgrade", "aaaa")
        error = None
        try:
            tool.run(url, "upgrade", "bbbb")
        except Exception as failure:  # whatever a tool raises, it has refused
            cause = failure.__cause__ or failure
            error = f"{type(failure).__name__}: {failure} ({type(cause).__name__}: {cause})"
        engine = sync_engine(url)
        return Outcome(error, dump(engine))


_ENVIRONMENT = """
import sqlalchemy as sa
from alembic import context

engine = sa.create_engine(context.config.get_main_option("sqlalchemy.url"), poolclass=sa.NullPool)
with engine.connect() as connection:
    context.configure(connection=connection)
    with context.begin_transaction():
        context.run_migrations()
"""


def compared(theirs: Outcome, ours: Outcome) -> list[str]:
    """What differs, in words; nothing where both are equal or both have refused."""
    if theirs.error is not None and ours.error is not None:
        return []
    if "foreign key mismatch" in " ".join(theirs.dump.get("foreign keys", [])):
        # Alembic has renamed a column under the foreign keys of another table; ours go with it.
        return [] if "foreign keys" not in ours.dump else differences(theirs.dump, ours.dump)
    if theirs.error is None and ours.error is None:
        return differences(theirs.dump, ours.dump)
    if theirs.error is not None:
        return [] if _is_one_of(BEYOND, theirs.error) else [f"only Alembic refuses: {theirs.error}"]
    return [] if _is_one_of(CAREFUL, ours.error) else [f"only asyncmig refuses: {ours.error}"]


#: Why Alembic refuses what asyncmig can do: every directive rebuilds on SQLite where it must.
BEYOND = (
    "No support for ALTER of constraints in SQLite",
    'near "ALTER": syntax error',
    "Cannot add a column with non-constant default",
    "cannot drop (PRIMARY KEY|UNIQUE) column",
    "error in table .* after drop column",
    # A change that changes nothing is not looked at, even if there is no such column.
    "^KeyError: ",
    # The name that it has already.
    r"RENAME (\S+) TO \1[\s\]]",
    # It is there, on another table.
    "No such index",
    # A CHECK goes with its column.
    "no such column: .*CREATE TABLE _alembic_tmp",
)
#: Why asyncmig refuses what Alembic does wrong.
CAREFUL = (
    # Alembic's block of SQLite forgets the first one.
    "duplicate column name",
)


def _is_one_of(reasons: Sequence[str], error: str | None) -> bool:
    return error is not None and any(re.search(reason, error, re.DOTALL) for reason in reasons)
