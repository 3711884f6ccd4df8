"""World: a database that is nothing but names, and that refuses what a real one would refuse."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from typing import Any

import sqlalchemy as sa

from asyncmig.autogenerate.dependencies import referent_of
from asyncmig.autogenerate.expressions import mentioned
from asyncmig.autogenerate.types_used import enums_in
from asyncmig.operations import (
    AddColumn,
    AlterColumn,
    AlterEnum,
    AlterSequence,
    CreateCheckConstraint,
    CreateEnum,
    CreateForeignKey,
    CreateIndex,
    CreatePrimaryKey,
    CreateSequence,
    CreateTable,
    CreateTableComment,
    CreateUniqueConstraint,
    DropColumn,
    DropConstraint,
    DropEnum,
    DropIndex,
    DropSequence,
    DropTable,
    DropTableComment,
    Execute,
    Operation,
    TableName,
)


@dataclass
class Key:
    """A foreign key."""

    columns: frozenset[str]
    referent: TableName
    referred: frozenset[str]


@dataclass
class There:
    """A table: its columns with the enumerated types they have, and its parts with the columns they are on."""

    columns: dict[str, frozenset[str]] = field(default_factory=dict)
    keys: dict[str, frozenset[str]] = field(default_factory=dict)
    foreign: dict[str, Key] = field(default_factory=dict)
    others: dict[str, frozenset[str]] = field(default_factory=dict)
    defaults: dict[str, str] = field(default_factory=dict)

    def sequences(self) -> set[str]:
        """The sequences in the defaults of its columns."""
        return {word for text in self.defaults.values() for word in mentioned(text.replace("'", " "))}


class World:
    """A database that is nothing but names."""

    def __init__(self) -> None:
        self.tables: dict[TableName, There] = {}
        self.enums: set[str] = set()
        self.sequences: set[str] = set()
        #: What tables, indexes and keys share their names with.
        self.relations: set[str] = set()

    def summary(self) -> Any:
        """All that is there; constraints without a name of their own go by what they are."""
        return (
            {
                name: (
                    there.columns,
                    sorted(map(sorted, there.keys.values())),
                    sorted((sorted(key.columns), key.referent, sorted(key.referred)) for key in there.foreign.values()),
                    sorted(map(sorted, there.others.values())),
                )
                for name, there in self.tables.items()
            },
            self.enums,
            self.sequences,
        )

    def do(self, operation: Operation[Any]) -> None:
        """Carry an operation out; an AssertionError says what is in its way."""
        match operation:
            case CreateEnum():
                assert operation.enum_name not in self.enums
                self.enums.add(operation.enum_name)
            case DropEnum():
                users = [name for name, there in self.tables.items() if self._uses(there, operation.enum_name)]
                assert not users, f"{operation.enum_name} is used by {users}"
                self.enums.remove(operation.enum_name)
            case AlterEnum():
                assert operation.enum_name in self.enums
            case CreateSequence():
                assert operation.sequence_name not in self.sequences
                self.sequences.add(operation.sequence_name)
            case DropSequence():
                users = [name for name, there in self.tables.items() if operation.sequence_name in there.sequences()]
                assert not users, f"{operation.sequence_name} is used by {users}"
                self.sequences.remove(operation.sequence_name)
            case AlterSequence() | Execute():
                pass
            case CreateTable():
                self._create_table(operation)
            case DropTable():
                self._drop_table(TableName(operation.table_name, operation.schema))
            case CreateForeignKey():
                key = Key(frozenset(operation.local_cols), operation.referent, frozenset(operation.remote_cols))
                self._add_key(operation.table, str(operation.constraint_name), key)
            case CreateTableComment() | DropTableComment():
                assert TableName(operation.table_name, operation.schema) in self.tables
            case _:
                self._in_table(operation)

    def _in_table(self, operation: Operation[Any]) -> None:
        (name,) = operation.tables()
        there = self.tables[name]
        match operation:
            case AddColumn():
                assert operation.column.name not in there.columns
                if isinstance(operation.column.server_default, sa.Computed):
                    self._has(there, _mentions(str(operation.column.server_default.sqltext)))
                self._add_column(there, operation.column)
            case DropColumn():
                self._let_go(name, there, operation.column_name)
                del there.columns[operation.column_name]
                there.defaults.pop(operation.column_name, None)
            case AlterColumn():
                assert operation.column_name in there.columns
                if operation.type_ is not None:
                    there.columns[operation.column_name] = self._enums(operation.type_)
                if operation.server_default is not False:
                    self._set_default(there, operation.column_name, operation.server_default)
            case CreateIndex():
                columns = frozenset().union(*(_mentions(str(each)) for each in operation.columns))
                self._has(there, columns)
                self._name(str(operation.index_name))
                (there.keys if operation.unique else there.others)[str(operation.index_name)] = columns
            case DropIndex():
                self.relations.remove(operation.index_name)
                self._drop_part(name, there, operation.index_name)
            case CreateUniqueConstraint() | CreatePrimaryKey():
                self._has(there, operation.columns)
                self._name(str(operation.constraint_name))
                there.keys[str(operation.constraint_name)] = frozenset(operation.columns)
            case CreateCheckConstraint():
                self._has(there, _mentions(str(operation.condition)) & set(there.columns))
                there.others[str(operation.constraint_name)] = _mentions(str(operation.condition))
            case DropConstraint():
                self.relations.discard(operation.constraint_name)
                self._drop_part(name, there, operation.constraint_name)
            case _:
                raise NotImplementedError(operation)

    # -- tables -----------------------------------------------------------------------------------------------------

    def _create_table(self, operation: CreateTable) -> None:
        name = TableName(operation.table_name, operation.schema)
        self._name(name.name)
        there = self.tables[name] = There()
        table = operation.to_table(sa.MetaData())
        for column in table.columns:
            self._add_column(there, column)
        constraints = sorted(table.constraints, key=lambda item: isinstance(item, sa.ForeignKeyConstraint))
        for item in constraints:
            columns = [column.name for column in getattr(item, "columns", ())]
            kind = {sa.PrimaryKeyConstraint: "pkey", sa.ForeignKeyConstraint: "fkey", sa.UniqueConstraint: "key"}
            ending = kind.get(type(item), "check")
            if isinstance(item, sa.CheckConstraint):
                columns = [str(item.sqltext)[0]]
            middle = columns[:1] if ending != "pkey" else []
            part = str(item.name or "_".join([name.name, *middle, ending]))
            if isinstance(item, sa.ForeignKeyConstraint):
                referent, referred = referent_of(item)
                self._add_key(name, part, Key(frozenset(columns), referent, frozenset(referred)))
            elif isinstance(item, sa.CheckConstraint):
                there.others[part] = _mentions(str(item.sqltext))
            elif columns:
                self._name(part)
                there.keys[part] = frozenset(columns)

    def _add_column(self, there: There, column: sa.Column[Any]) -> None:
        there.columns[column.name] = self._enums(column.type)
        self._set_default(there, column.name, getattr(column.server_default, "arg", None))

    def _set_default(self, there: There, column: str, default: Any) -> None:
        there.defaults[column] = text = str(default)
        wanted = {word for word in mentioned(text.replace("'", " ")) if word.startswith("seq_")}
        assert wanted <= self.sequences, f"{wanted} are not there"

    def _drop_table(self, name: TableName) -> None:
        for other, there in self.tables.items():
            for key in there.foreign.values():
                assert other == name or key.referent != name, f"{other} refers to {name}"
        gone = self.tables.pop(name)
        self.relations -= {name.name, *gone.keys, *gone.others}

    def _add_key(self, name: TableName, constraint: str, key: Key) -> None:
        self._has(self.tables[name], key.columns)
        referent = self.tables[key.referent]
        assert key.referred in referent.keys.values(), f"{key.referent} has no key {key.referred}"
        assert constraint not in self.tables[name].foreign
        self.tables[name].foreign[constraint] = key

    # -- parts ------------------------------------------------------------------------------------------------------

    def _drop_part(self, name: TableName, there: There, part: str) -> None:
        if part in there.foreign:
            del there.foreign[part]
        elif part in there.keys:
            columns = there.keys.pop(part)
            for other, user in self._users(name, columns):
                assert columns in there.keys.values(), f"{other} needs {part} by {user}"
        else:
            del there.others[part]

    def _users(self, name: TableName, columns: frozenset[str]) -> Iterator[tuple[TableName, str]]:
        for other, there in self.tables.items():
            for constraint, key in there.foreign.items():
                if key.referent == name and key.referred == columns:
                    yield other, constraint

    def _let_go(self, name: TableName, there: There, column: str) -> None:
        for part, columns in (there.keys | there.others).items():
            assert column not in columns, f"{part} is on {column}"
        for constraint, key in there.foreign.items():
            assert column not in key.columns, f"{constraint} is on {column}"
        for other, user in self.tables.items():
            for constraint, key in user.foreign.items():
                assert key.referent != name or column not in key.referred, f"{constraint} of {other} is on {column}"

    def _has(self, there: There, columns: Iterable[str]) -> None:
        assert set(columns) <= there.columns.keys(), f"{set(columns)} are not in {list(there.columns)}"

    def _name(self, name: str) -> None:
        assert name not in self.relations, f"there is a {name} already"
        self.relations.add(name)

    def _enums(self, type_: Any) -> frozenset[str]:
        names = frozenset(str(enum.name) for enum in enums_in(type_) if enum.native_enum)
        assert names <= self.enums, f"{names} are not there"
        return names

    @staticmethod
    def _uses(there: There, enum: str) -> bool:
        return any(enum in enums for enums in there.columns.values())


def _mentions(text: str) -> frozenset[str]:
    return frozenset(word for word in mentioned(text) if word in set("abcden"))
