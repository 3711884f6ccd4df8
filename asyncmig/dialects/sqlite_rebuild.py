"""Rebuild: the steps that replace a table by a changed one with the same rows.

SQLite changes little of a table in place. For the rest a new table is made beside the old one, the rows are copied,
the old table is dropped and the new one takes its name: in this order, so that the foreign keys of other tables go on
naming it. All of it is one transaction.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

from sqlalchemy import Connection

from asyncmig.dialects.sqlite_draft import TableDraft
from asyncmig.dialects.sqlite_facts import NEW_TABLE_PREFIX, SchemaObject, SQLiteTableFacts
from asyncmig.dialects.sqlite_schema import ColumnDefinition, TableDefinition, affinity, holds_numbers
from asyncmig.dialects.sqlite_shadow import complaints
from asyncmig.dialects.sqlite_tokens import with_schema
from asyncmig.dialects.steps import Call, Statement, Step, SuspendForeignKeys
from asyncmig.errors import OperationError
from asyncmig.operations.base import TableName

#: The names by which a rowid can be read, unless a column has the name.
_ROWID_NAMES = ("rowid", "_rowid_", "oid")


@dataclass(frozen=True)
class Rebuild:
    """One table that is to be replaced.

    Args:
        table: its name, as it is stored, with its schema.
        draft: what it becomes.
        facts: what is known of its surroundings; None: nothing.
        indexes: the indexes that it keeps.
        live: whether there is a database, so that what was copied can be counted.
        quote: writes a name.
    """

    table: TableName
    draft: TableDraft
    facts: SQLiteTableFacts | None
    indexes: Sequence[SchemaObject]
    live: bool
    quote: Callable[[str], str]

    @property
    def new_name(self) -> str:
        """The name of the new table until the old one is gone."""
        return NEW_TABLE_PREFIX + self.table.name

    def qualified(self, name: str) -> str:
        """A name in the schema of the table, as it is written."""
        return f"{self.quote(self.table.schema)}.{self.quote(name)}" if self.table.schema else self.quote(name)

    def steps(self) -> Iterator[Step]:
        """All steps, up to the indexes and triggers that the table had before."""
        definition = self.draft.definition
        self.check(definition)
        if self._touches_foreign_keys():
            yield SuspendForeignKeys()
        old, new = self.qualified(self.table.name), self.qualified(self.new_name)
        if self.facts is not None and self.facts.exists("table", self.new_name):
            yield Statement(f"DROP TABLE {new}")
        yield Statement(definition.render(new))
        yield Statement(self._copy(definition))
        if self.live:
            yield Call(
                verify_copy,
                (self.table.name, old, new),
                description=f"check that every row of {self.table} was copied",
            )
        if definition.autoincrement and self.draft.old.autoincrement:
            yield from self._keep_counter()
        yield Statement(f"DROP TABLE {old}")
        yield from self._take_name()
        for item in self.indexes:
            yield Statement(self._stored(item))
        for item in self.facts.triggers if self.facts is not None else ():
            yield Statement(self._stored(item))

    def _stored(self, item: SchemaObject) -> str:
        return with_schema(item.sql, self.quote(self.table.schema)) if self.table.schema else item.sql

    # -- what must not be lost --------------------------------------------------------------------------------------

    def check(self, definition: TableDefinition) -> None:
        """Refuse what cannot be a table.

        Raises:
            OperationError: it has lost the key that it cannot be without.
        """
        if not definition.has_rowid and not definition.primary_key:
            raise OperationError(
                f"Table {self.table} is WITHOUT ROWID, so it must have a primary key.",
                hint=f'op.create_primary_key(None, "{self.table.name}", ["…"])   # in the same block',
            )

    def _touches_foreign_keys(self) -> bool:
        """Whether dropping the table would be felt elsewhere, or old sins would be felt when rows are copied."""
        if self.facts is None:
            return False
        name = self.table.name.lower()
        own = any(
            clause.target is not None and clause.target.table.lower() == name
            for definition in (self.draft.old, self.draft.definition)
            for _, clause in definition.foreign_keys
        )
        return self.facts.foreign_keys and (bool(self.facts.referrers) or own or self.facts.violated)

    # -- rows -------------------------------------------------------------------------------------------------------

    def _copy(self, definition: TableDefinition) -> str:
        targets: list[str] = []
        sources: list[str] = []
        if rowid := self._rowid(definition):
            targets.append(rowid[0])
            sources.append(rowid[1])
        for column in self.draft.columns:
            if column.origin is not None and not column.definition.generated:
                targets.append(self.quote(column.definition.name))
                sources.append(self._value(column.origin, column.definition))
        if not targets:
            raise OperationError(
                f"None of the columns of table {self.table} is kept, so its rows cannot be kept either.",
                hint="Drop the table and create it anew.",
            )
        for column in self.draft.columns:
            if column.origin is None and column.value is not None:
                targets.append(self.quote(column.definition.name))
                sources.append(column.value)
        # Without a database nobody counts, so no conflict clause may leave rows out silently.
        conflicts = any(clause.has_word("CONFLICT") for _, clause in definition.clauses())
        insert = "INSERT OR ABORT" if conflicts and not self.live else "INSERT"
        return (
            f"{insert} INTO {self.qualified(self.new_name)} ({', '.join(targets)}) "
            f"SELECT {', '.join(sources)} FROM {self.qualified(self.table.name)}"
        )

    def _rowid(self, definition: TableDefinition) -> tuple[str, str] | None:
        """How the rowid is written in the new and in the old table, when it is to be copied by itself."""
        if not (definition.has_rowid and self.draft.old.has_rowid):
            return None
        if definition.integer_key is not None:
            key = self.draft.get(definition.integer_key)
            if key.origin is not None:
                return None  # copied as the column that it is
        new, old = _rowid_name(definition), _rowid_name(self.draft.old)
        return (new, old) if new and old else None

    def _value(self, old: ColumnDefinition, new: ColumnDefinition) -> str:
        name = self.quote(old.name)
        return f"CAST({name} AS {new.type_text})" if needs_cast(old.type_text, new.type_text) else name

    def _keep_counter(self) -> Iterator[Step]:
        """A number that was used once is not used again, also when its row is gone."""
        counters = self.qualified("sqlite_sequence")
        name, new = _literal(self.table.name), _literal(self.new_name)
        yield Statement(f"DELETE FROM {counters} WHERE name = {new}")
        yield Statement(f"INSERT INTO {counters} (name, seq) SELECT {new}, seq FROM {counters} WHERE name = {name}")

    # -- names ------------------------------------------------------------------------------------------------------

    def _take_name(self) -> Iterator[Step]:
        rename = Statement(f"ALTER TABLE {self.qualified(self.new_name)} RENAME TO {self.quote(self.table.name)}")
        if self.facts is not None and not self.facts.watchers:
            yield rename
            return
        # Views and triggers that name the table are right as they are, and at this moment name a table that is not
        # there. The old behaviour of RENAME leaves them alone.
        yield Statement("PRAGMA legacy_alter_table=ON")
        yield rename
        yield Statement("PRAGMA legacy_alter_table=OFF")


def _rowid_name(definition: TableDefinition) -> str | None:
    return next((name for name in _ROWID_NAMES if definition.column(name) is None), None)


def _literal(value: str) -> str:
    return "'" + value.replace("'", "''") + "'"


def needs_cast(old: str, new: str) -> bool:
    """Whether values must be converted when the type of a column changes.

    SQLite converts what it stores in a column as far as nothing is lost. More is done only where that is what the
    change means: text that is no number is never made 0, and a date, which is text in a column that prefers numbers,
    is never made its year.
    """
    before, after = affinity(old), affinity(new)
    if before == after:
        return False
    if after in ("TEXT", "BLOB"):
        return bool(new)
    return holds_numbers(old) and holds_numbers(new)


def verify_copy(connection: Connection, name: str, old: str, new: str) -> None:
    """Compare the numbers of rows of two tables.

    Raises:
        OperationError: they differ.
    """
    counts = [connection.exec_driver_sql(f"SELECT count(*) FROM {table}").scalar_one() for table in (old, new)]
    if counts[0] != counts[1]:
        raise OperationError(
            f"Table {name} has {counts[0]} rows, but {counts[1]} could be copied into its new form.",
            hint="A constraint with ON CONFLICT IGNORE or REPLACE left out the others; remove the duplicates first.",
        )


def check_watchers(facts: SQLiteTableFacts, definition: TableDefinition) -> None:
    """Refuse a new definition that views or triggers cannot live with, which lived with the old one.

    Raises:
        OperationError: it names them.
    """
    name = facts.name.name
    watching = [item for item in facts.objects if item.type in ("view", "trigger") and _concerned(item, facts)]
    if not watching:
        return
    schema = [item for item in facts.objects if item.type == "table" or item in watching]
    after = [
        SchemaObject("table", item.name, item.table, definition.render(definition.name_text))
        if item.type == "table" and item.name == name
        else item
        for item in schema
    ]
    before = complaints(schema)
    broken = {key: message for key, message in complaints(after).items() if key not in before}
    if broken:
        raise OperationError(
            f"Table {name} cannot be changed so: "
            + "; ".join(f"the {type_} {item} would break ({message})" for (type_, item), message in broken.items())
            + ".",
            hint="\n".join(f'await op.execute("DROP {type_.upper()} {item}")   # before it' for type_, item in broken),
        )


def _concerned(item: SchemaObject, facts: SQLiteTableFacts) -> bool:
    """Whether a view or trigger may have to do with the table, perhaps by way of other views."""
    if item.type == "trigger" and item.table.lower() == facts.name.name.lower():
        return True
    views = [view for view in facts.objects if view.type == "view"]
    names = {facts.name.name}
    while True:
        more = {view.name for view in views if view.name not in names and any(view.mentions(name) for name in names)}
        if not more:
            return any(item.mentions(name) for name in names)
        names |= more
