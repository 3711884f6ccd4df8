"""Constraints of a stored table: found by their name, by the name a convention gives them, or by their columns."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import product
from typing import Any, Final

from sqlalchemy import (
    CheckConstraint,
    Column,
    ForeignKeyConstraint,
    MetaData,
    PrimaryKeyConstraint,
    Table,
    UniqueConstraint,
)
from sqlalchemy.schema import Constraint
from sqlalchemy.sql.elements import conv
from sqlalchemy.types import NULLTYPE

from asyncmig._sqlalchemy import stand_in
from asyncmig.dialects.sqlite_schema import Clause, TableDefinition
from asyncmig.dialects.sqlite_tokens import mentions
from asyncmig.errors import MissingObjectError, OperationError
from asyncmig.operations.constraints import (
    CreateCheckConstraint,
    CreateForeignKey,
    CreatePrimaryKey,
    CreateUniqueConstraint,
    DropConstraint,
)

#: What `type_` of `op.drop_constraint` says, for each kind of clause.
_TYPES: Final[Mapping[str, str]] = {
    "primary key": "primary",
    "unique": "unique",
    "check": "check",
    "references": "foreignkey",
    "foreign key": "foreignkey",
    "not null": "not null",
}
#: The endings of the names that PostgreSQL gives to constraints without one.
_ENDINGS: Final[Mapping[str, str]] = {"unique": "key", "foreignkey": "fkey", "check": "check"}

Convention = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class TableConstraint:
    """A constraint of a table: what it is, its columns, and the clause that makes it."""

    type_: str
    columns: tuple[str, ...]
    clause: Clause

    def describe(self) -> str:
        """In words: its name, or what it is and where."""
        if self.clause.name:
            return self.clause.name
        return f"an unnamed {self.type_} constraint ({', '.join(self.columns)})"


def constraints_of(definition: TableDefinition) -> list[TableConstraint]:
    """The constraints of a table that can be dropped, in order."""
    found = []
    for column, clause in definition.clauses():
        if clause.kind not in _TYPES or (clause.kind == "not null" and clause.name is None):
            continue
        columns = clause.columns if column is None else (column.name,)
        if clause.kind == "check":
            used = mentions(clause.body)
            columns = tuple(other.name for other in definition.columns if other.name.lower() in used)
        found.append(TableConstraint(_TYPES[clause.kind], columns, clause))
    return found


def find_constraint(
    definition: TableDefinition, op: DropConstraint, conventions: Sequence[Convention]
) -> TableConstraint | None:
    """The constraint that *op* means; None when there is none.

    Raises:
        OperationError: it may be one of several.
    """
    fitting = [one for one in constraints_of(definition) if op.type_ in (None, one.type_)]
    # Other databases drop by name, whatever type is said; scripts rely on that. What has the right type goes first.
    for candidates, name in product((fitting, constraints_of(definition)), _given_names(op, conventions)):
        if named := [one for one in candidates if (one.clause.name or "").lower() == name.lower()]:
            return named[0]
    unnamed = [one for one in fitting if one.clause.name is None]
    name = op.constraint_name.lower()
    for candidates in (
        [one for one in unnamed if name in _convention_names(definition, one, conventions)],
        [one for one in unnamed if name == _default_name(definition.name, one)],
        [one for one in unnamed if op.dropped is not None and _is_same(one, op.dropped)],
        # There is never more than one, so that there is nothing to mistake it for.
        [one for one in unnamed if one.type_ == op.type_ == "primary"],
    ):
        if len(candidates) > 1:
            raise OperationError(
                f"{op.constraint_name!r} may be one of several constraints of table {definition.name}: "
                f"{', '.join(one.describe() for one in candidates)}.",
                hint="Rebuild the table with recreate='always' and a naming_convention that tells them apart.",
            )
        if candidates:
            return candidates[0]
    return None


def missing_constraint(definition: TableDefinition, name: str) -> MissingObjectError:
    """The error that there is no constraint *name*."""
    there = ", ".join(one.describe() for one in constraints_of(definition)) or "none"
    return MissingObjectError(
        f"No such constraint {name!r} in table {definition.name}.",
        hint=f"It has: {there}. One without a name is found by the name that naming_convention= of the block gives it.",
    )


def _given_names(op: DropConstraint, conventions: Sequence[Convention]) -> Iterator[str]:
    """The name that was given, as it stands and as a convention makes it of it."""
    yield op.constraint_name
    if op.type_ not in (None, "check") or isinstance(op.constraint_name, conv):
        return
    for convention in conventions:
        table = stand_in(op.table_name, op.schema, MetaData(naming_convention=dict(convention)))
        constraint = CheckConstraint("1", name=op.constraint_name)
        table.append_constraint(constraint)
        yield str(constraint.name)


def _convention_names(
    definition: TableDefinition, constraint: TableConstraint, conventions: Sequence[Convention]
) -> list[str]:
    names = (convention_name(definition, constraint, convention) for convention in conventions)
    return [name.lower() for name in names if name is not None]


def convention_name(definition: TableDefinition, constraint: TableConstraint, convention: Convention) -> str | None:
    """The name that a convention gives to a constraint without one; None when it gives none."""
    table = stand_in(definition.name, None, MetaData(naming_convention=dict(convention)))
    for column in definition.columns:
        if column.name:
            table.append_column(Column(column.name, NULLTYPE))
    stand = _stand_in(table, constraint)
    if stand is None:
        return None
    table.append_constraint(stand)
    return str(stand.name) if isinstance(stand.name, str) else None


def _stand_in(table: Table, constraint: TableConstraint) -> Constraint | None:
    columns = [column for name in constraint.columns if (column := _column(table, name)) is not None]
    if not columns:
        return None
    match constraint.type_:
        case "primary":
            return PrimaryKeyConstraint(*columns)
        case "unique":
            return UniqueConstraint(*columns)
        case "foreignkey":
            target = constraint.clause.target
            if target is None:
                return None
            # Without columns it is the key of the other table, whose names are not known here.
            remote = target.columns or constraint.columns
            other = table if target.table == table.name else Table(target.table, table.metadata)
            for name in remote:
                if _column(other, name) is None:
                    other.append_column(Column(name, NULLTYPE))
            return ForeignKeyConstraint(columns, [_column(other, name) for name in remote])  # type: ignore[misc]
        case "check" if "constraint_name" not in str(table.metadata.naming_convention.get("ck", "constraint_name")):
            return CheckConstraint(columns[0] > 0)
    return None


def _column(table: Table, name: str) -> Column[Any] | None:
    return next((column for column in table.columns if column.name.lower() == name.lower()), None)


def _default_name(table: str, constraint: TableConstraint) -> str:
    """The name that PostgreSQL would have given, which scripts written for it use."""
    if constraint.type_ == "primary":
        return f"{table}_pkey".lower()
    return "_".join([table, *constraint.columns, _ENDINGS.get(constraint.type_, "")]).lower()


def _is_same(constraint: TableConstraint, op: Any) -> bool:
    """Whether *op* would create such a constraint."""
    columns: Iterable[str]
    match op:
        case CreatePrimaryKey() | CreateUniqueConstraint():
            columns = op.columns
        case CreateForeignKey():
            columns = op.local_cols
            target = constraint.clause.target
            if target is None or target.table.lower() != op.referent_table.lower():
                return False
        case CreateCheckConstraint():
            return False
        case _:
            return False
    return op.kind == constraint.type_ and [name.lower() for name in columns] == [
        name.lower() for name in constraint.columns
    ]
