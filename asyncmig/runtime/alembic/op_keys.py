"""Operation objects of Alembic for indexes and constraints."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, ClassVar, Self

import sqlalchemy as sa
from sqlalchemy import Constraint, Index, MetaData, Table

from asyncmig.operations import (
    CreateCheckConstraint,
    CreateExcludeConstraint,
    CreateForeignKey,
    CreateIndex,
    CreatePrimaryKey,
    CreateUniqueConstraint,
    DropConstraint,
    DropIndex,
)
from asyncmig.runtime.alembic.op_base import NEEDED, BuiltInOp


class CreateIndexOp(BuiltInOp):
    """Create an index."""

    kind, build = CreateIndex, CreateIndex.of
    words: ClassVar[Mapping[str, Any]] = {"index_name": NEEDED, "table_name": NEEDED, "columns": NEEDED}
    options: ClassVar[Mapping[str, Any]] = {"schema": None, "unique": False, "if_not_exists": None}

    @classmethod
    def from_index(cls, index: Index) -> Self:
        """The object that creates *index*."""
        assert index.table is not None
        columns = [one.name if isinstance(one, sa.Column) else one for one in index.expressions]
        given = {name: value for name, value in index.kwargs.items() if value is not None}
        return cls(index.name, index.table.name, columns, schema=index.table.schema, unique=bool(index.unique), **given)

    def to_index(self, migration_context: Any = None) -> Index:
        """The index as an object of SQLAlchemy, on a table that has its columns."""
        table = _table(self.table_name, self.schema, [one for one in self.columns if isinstance(one, str)])
        elements = [table.c[one] if isinstance(one, str) else one for one in self.columns]
        return Index(self.index_name, *elements, unique=bool(self.unique), _table=table, **self.kw)

    def to_diff_tuple(self) -> tuple[str, Index]:
        return "add_index", self.to_index()


class DropIndexOp(BuiltInOp):
    """Drop an index."""

    kind, build = DropIndex, DropIndex.of
    words: ClassVar[Mapping[str, Any]] = {"index_name": NEEDED, "table_name": None}
    options: ClassVar[Mapping[str, Any]] = {"schema": None, "if_exists": None}

    @classmethod
    def from_index(cls, index: Index) -> Self:
        """The object that drops *index*."""
        assert index.table is not None
        made = CreateIndexOp.from_index(index)
        return cls(index.name, table_name=index.table.name, schema=index.table.schema, _reverse=made)

    def to_index(self, migration_context: Any = None) -> Index:
        """The index as an object of SQLAlchemy; on no columns where they are not known."""
        dropped = self._hidden.get("dropped")
        if dropped is not None:
            return CreateIndexOp.of(dropped).to_index()
        return Index(self.index_name, _table=_table(self.table_name or "no_table", self.schema, []))

    def to_diff_tuple(self) -> tuple[str, Index]:
        return "remove_index", self.to_index()


class AddConstraintOp(BuiltInOp):
    """Add a constraint."""

    words: ClassVar[Mapping[str, Any]] = {"constraint_name": NEEDED, "table_name": NEEDED, "columns": NEEDED}
    options: ClassVar[Mapping[str, Any]] = {"schema": None}
    constraint_type = ""

    @classmethod
    def from_constraint(cls, constraint: Constraint) -> Any:
        """The object that adds *constraint*, of the class for its kind.

        Raises:
            ValueError: there is no class for its kind.
        """
        for kind, op in _KINDS:
            if isinstance(constraint, kind):
                return op._from(constraint)
        raise ValueError(f"there is no operation for a {type(constraint).__name__}")

    @classmethod
    def _from(cls, constraint: Any) -> Any:
        table = constraint.table
        given = _options(constraint, "deferrable", "initially")
        return cls(constraint.name, table.name, constraint.columns.keys(), schema=table.schema, **given)

    def to_constraint(self, migration_context: Any = None) -> Constraint:
        """The constraint as an object of SQLAlchemy, on a table that has its columns."""
        raise NotImplementedError

    def to_diff_tuple(self) -> tuple[str, Constraint]:
        return "add_constraint", self.to_constraint()


class CreatePrimaryKeyOp(AddConstraintOp):
    """Add a primary key."""

    kind, build = CreatePrimaryKey, CreatePrimaryKey.of
    constraint_type = "primarykey"

    def to_constraint(self, migration_context: Any = None) -> Constraint:
        table = _table(self.table_name, self.schema, self.columns)
        return _on(table, sa.PrimaryKeyConstraint(*self.columns, name=self.constraint_name, **self.kw))


class CreateUniqueConstraintOp(AddConstraintOp):
    """Add a unique constraint."""

    kind, build = CreateUniqueConstraint, CreateUniqueConstraint.of
    constraint_type = "unique"

    def to_constraint(self, migration_context: Any = None) -> Constraint:
        table = _table(self.table_name, self.schema, self.columns)
        return _on(table, sa.UniqueConstraint(*self.columns, name=self.constraint_name, **self.kw))


class CreateForeignKeyOp(AddConstraintOp):
    """Add a foreign key; `kw` has the schemas, and what happens to rows that refer."""

    kind, build = CreateForeignKey, CreateForeignKey.of
    words: ClassVar[Mapping[str, Any]] = {
        "constraint_name": NEEDED,
        "source_table": NEEDED,
        "referent_table": NEEDED,
        "local_cols": NEEDED,
        "remote_cols": NEEDED,
    }
    options: ClassVar[Mapping[str, Any]] = {}
    constraint_type = "foreignkey"

    @classmethod
    def _from(cls, constraint: Any) -> Any:
        given = _options(constraint, "onupdate", "ondelete", "deferrable", "initially", "match")
        source, target = constraint.parent, constraint.elements[0].target_fullname.split(".")
        for word, schema in (("source_schema", source.schema), ("referent_schema", ".".join(target[:-2]) or None)):
            if schema is not None:
                given[word] = schema
        remote = [element.target_fullname.rpartition(".")[2] for element in constraint.elements]
        return cls(constraint.name, source.name, target[-2], constraint.column_keys, remote, **given)

    def to_constraint(self, migration_context: Any = None) -> Constraint:
        given = dict(self.kw)
        schema, referent = given.pop("source_schema", None), given.pop("referent_schema", None)
        table = _table(self.source_table, schema, self.local_cols)
        same = (self.source_table, schema) == (self.referent_table, referent)
        target = table if same else _table(self.referent_table, referent, self.remote_cols, table.metadata)
        for name in self.remote_cols:
            if name not in target.c:
                target.append_column(sa.Column(name, sa.types.NULLTYPE))
        columns = [target.c[name] for name in self.remote_cols]
        return _on(table, sa.ForeignKeyConstraint(list(self.local_cols), columns, name=self.constraint_name, **given))

    def to_diff_tuple(self) -> tuple[str, Constraint]:
        return "add_fk", self.to_constraint()


class CreateCheckConstraintOp(AddConstraintOp):
    """Add a CHECK."""

    kind, build = CreateCheckConstraint, CreateCheckConstraint.of
    words: ClassVar[Mapping[str, Any]] = {"constraint_name": NEEDED, "table_name": NEEDED, "condition": NEEDED}
    constraint_type = "check"

    @classmethod
    def _from(cls, constraint: Any) -> Any:
        table = constraint.table
        given = _options(constraint, "deferrable", "initially")
        return cls(constraint.name, table.name, constraint.sqltext, schema=table.schema, **given)

    def to_constraint(self, migration_context: Any = None) -> Constraint:
        table = _table(self.table_name, self.schema, [])
        return _on(table, sa.CheckConstraint(self.condition, name=self.constraint_name, **self.kw))


class CreateExcludeConstraintOp(AddConstraintOp):
    """Add an EXCLUDE constraint of PostgreSQL."""

    kind = CreateExcludeConstraint
    build = staticmethod(
        lambda name, table, elements, **options: CreateExcludeConstraint.of(name, table, *elements, **options)
    )
    words: ClassVar[Mapping[str, Any]] = {"constraint_name": NEEDED, "table_name": NEEDED, "elements": NEEDED}
    constraint_type = "exclude"


class DropConstraintOp(BuiltInOp):
    """Drop a constraint."""

    kind, build = DropConstraint, DropConstraint
    words: ClassVar[Mapping[str, Any]] = {"constraint_name": NEEDED, "table_name": NEEDED, "type_": None}
    options: ClassVar[Mapping[str, Any]] = {"schema": None, "if_exists": None}

    @property
    def constraint_type(self) -> str | None:
        """The kind of the constraint: `foreignkey`, `unique`, ..."""
        kind: str | None = self.type_
        return kind

    @constraint_type.setter
    def constraint_type(self, kind: str | None) -> None:
        self.type_ = kind

    @classmethod
    def from_constraint(cls, constraint: Constraint) -> Self:
        """The object that drops *constraint*."""
        made = AddConstraintOp.from_constraint(constraint)
        table = made.operation.table
        kind = "primary" if made.constraint_type == "primarykey" else made.constraint_type
        return cls(constraint.name, table.name, kind, schema=table.schema, _reverse=made)

    def to_constraint(self) -> Constraint:
        """The constraint as an object of SQLAlchemy.

        Raises:
            ValueError: what it was is not known.
        """
        dropped = self._hidden.get("dropped")
        if dropped is None:
            raise ValueError(f"what the constraint {self.constraint_name} was is not known")
        constraint: Constraint = self._as_op(dropped).to_constraint()
        constraint.name = self.constraint_name
        return constraint

    def to_diff_tuple(self) -> tuple[str, Constraint]:
        return "remove_fk" if self.type_ == "foreignkey" else "remove_constraint", self.to_constraint()


_KINDS: tuple[tuple[type[Constraint], type[AddConstraintOp]], ...] = (
    (sa.PrimaryKeyConstraint, CreatePrimaryKeyOp),
    (sa.UniqueConstraint, CreateUniqueConstraintOp),
    (sa.ForeignKeyConstraint, CreateForeignKeyOp),
    (sa.CheckConstraint, CreateCheckConstraintOp),
)


def _options(constraint: Any, *names: str) -> dict[str, Any]:
    """What is said of a constraint besides its columns."""
    said = {name: getattr(constraint, name, None) for name in names}
    return {name: value for name, value in {**said, **constraint.dialect_kwargs}.items() if value is not None}


def _table(name: str, schema: str | None, columns: Any, metadata: MetaData | None = None) -> Table:
    items = [sa.Column(column, sa.types.NULLTYPE) for column in dict.fromkeys(columns)]
    return Table(name, MetaData() if metadata is None else metadata, *items, schema=schema)


def _on(table: Table, constraint: Any) -> Constraint:
    table.append_constraint(constraint)
    made: Constraint = constraint
    return made
