"""Describer: a table of SQLAlchemy as a `TableState`, in the words of a database."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, ClassVar

from sqlalchemy import (
    CheckConstraint,
    Column,
    DefaultClause,
    ForeignKeyConstraint,
    Index,
    PrimaryKeyConstraint,
    Table,
    UniqueConstraint,
)
from sqlalchemy.exc import NoReferenceError
from sqlalchemy.schema import Constraint, ForeignKey
from sqlalchemy.sql import operators
from sqlalchemy.sql.elements import ClauseElement, ColumnClause, Label, TextClause, UnaryExpression
from sqlalchemy.types import TypeEngine

from asyncmig._plain import (
    final_name,
    function_key,
    has_dialect_options,
    is_created,
    key_columns,
    ordered_constraints,
    plain_text,
    type_key,
)
from asyncmig.dialects.adapter import DialectAdapter
from asyncmig.dialects.expressions import split_direction, without_parentheses
from asyncmig.operations.base import TableName
from asyncmig.schema import (
    CheckState,
    ColumnState,
    ComputedState,
    ExcludeState,
    ForeignKeyState,
    IdentityState,
    IndexElement,
    IndexState,
    PrimaryKeyState,
    TableState,
    UniqueState,
)
from asyncmig.schema.table import Options

_NO_OPTIONS: Options = ()


class Describer:
    """A table of SQLAlchemy as a `TableState`, in the words of a database; needs no connection.

    What databases say differently are the methods from `identifier` on; each may be overridden by itself.

    Args:
        adapter: the adapter of the database.
    """

    #: The names that the options of this dialect begin with.
    option_names: ClassVar[tuple[str, ...]] = ()
    #: Whether the columns of a primary key are NOT NULL, whatever they say.
    key_forbids_null: ClassVar[bool] = True
    #: Whether a computed column that does not say so keeps its values.
    stored_by_default: ClassVar[bool] = False
    #: What a foreign key does when it says nothing, and words that mean the same.
    no_action: ClassVar[frozenset[str]] = frozenset({"NO ACTION"})

    def __init__(self, adapter: DialectAdapter) -> None:
        self.adapter = adapter
        self.dialect = adapter.printing
        self.default_schema: str | None = None
        self.compiler: Any = self.dialect.ddl_compiler(self.dialect, None)  # type: ignore[arg-type]
        self._functions: dict[Any, str] = {}
        self._types: dict[Any, tuple[str, str | None, TypeEngine[Any]]] = {}

    # -- the whole --------------------------------------------------------------------------------------------------

    def describe(self, table: Table) -> TableState:
        """The table with its constraints and indexes; each part has the SQLAlchemy object it describes as `model`."""
        key: PrimaryKeyState | None = None
        parts: dict[type[Any], list[Any]] = {}
        for constraint in self.constraints(table):
            state = self.constraint(constraint)
            if isinstance(state, PrimaryKeyState):
                key = state
            elif state is not None:
                parts.setdefault(type(state), []).append(state)
        in_key = frozenset(key.columns) if key is not None and self.key_forbids_null else frozenset[str]()
        return TableState(
            name=self.table_name(table),
            columns=tuple([self.column(column, table, in_key) for column in table.columns if not column.system]),
            primary_key=key,
            uniques=tuple(parts.get(UniqueState, ())),
            foreign_keys=tuple(parts.get(ForeignKeyState, ())),
            checks=tuple(parts.get(CheckState, ())),
            excludes=tuple(parts.get(ExcludeState, ())),
            indexes=tuple(self._indexes(table)),
            comment=table.comment or None,
            options=self.table_options(table),
            model=table,
        )

    def table_name(self, table: Table) -> TableName:
        """The name of a table; one in the default schema has the schema None."""
        return TableName(self.identifier(table.name), self.schema(table.schema))

    def schema(self, name: str | None) -> str | None:
        """A schema; None for the default one."""
        if name is None:
            return None
        name = self.identifier(name)
        return None if name == self.default_schema else name

    # -- columns ----------------------------------------------------------------------------------------------------

    def column(self, column: Column[Any], table: Table, in_key: frozenset[str] = frozenset()) -> ColumnState:
        """A column of *table*."""
        name = self.identifier(column.name)
        type_, collation = self.type(column)
        counted = self.autoincrement(column, table)
        computed = identity = default = on_update = None
        if column.server_default is not None:
            computed = None if column.computed is None else self.computed(column)
            identity = None if column.identity is None else self.identity(column, type_)
            if computed is None and identity is None and not counted:
                default = self.default(column, type_)
        if column.server_onupdate is not None:
            on_update = self.on_update(column)
        return ColumnState(
            name,
            type_,
            bool(column.nullable) and identity is None and name not in in_key,
            default,
            computed,
            identity,
            counted,
            on_update,
            collation,
            column.comment or None,
            column,
        )

    def type(self, column: Column[Any]) -> tuple[str, str | None]:
        """The type of a column, and its collation; each distinct type is written only once."""
        type_ = column.type
        key = type_key(type_)
        if key is None:
            # As long as it is kept here, no other object has its number.
            key = (id(type_),)
        known = self._types.get(key)
        if known is None:
            text, collation = self.type_text(type_, column)
            known = self._types[key] = (text, collation, type_)
        return known[:2]

    def computed(self, column: Column[Any]) -> ComputedState:
        """What a computed column says."""
        computed: Any = column.computed
        stored = self.stored_by_default if computed.persisted is None else bool(computed.persisted)
        return ComputedState(self.expression(computed.sqltext), stored)

    # -- constraints ------------------------------------------------------------------------------------------------

    def constraints(self, table: Table) -> Iterator[Constraint]:
        """The constraints that are created with *table*, those that stand with a column too."""
        for constraint in ordered_constraints(table):
            if is_created(constraint, self.compiler):
                yield constraint
        for column in table.columns:
            if column.constraints:
                yield from sorted(column.constraints, key=lambda constraint: constraint._creation_order)

    def constraint(self, constraint: Constraint) -> Any:
        """A constraint; None for what is none."""
        match constraint:
            case PrimaryKeyConstraint():
                return self.primary_key(constraint)
            case UniqueConstraint():
                return self.unique(constraint)
            case ForeignKeyConstraint():
                return self.foreign_key(constraint)
            case CheckConstraint():
                return self.check(constraint)
        return self.other_constraint(constraint)

    def primary_key(self, constraint: PrimaryKeyConstraint) -> PrimaryKeyState | None:
        """A primary key; None for that of a table that has none."""
        columns = tuple([self.identifier(column.name) for column in key_columns(constraint)])
        if not columns:
            return None
        return PrimaryKeyState(self.name(constraint), columns, self.options(constraint), constraint)

    def unique(self, constraint: UniqueConstraint) -> UniqueState | None:
        """A unique constraint; None for one without columns, which is not created."""
        columns = tuple([self.identifier(column.name) for column in constraint.columns])
        if not columns:
            return None
        deferred = self.is_deferred(constraint)
        deferrable = bool(constraint.deferrable) or deferred
        return UniqueState(self.name(constraint), columns, deferrable, deferred, self.options(constraint), constraint)

    def foreign_key(self, constraint: ForeignKeyConstraint) -> ForeignKeyState:
        """A foreign key."""
        elements = list(constraint.elements)
        targets = [self.target(element) for element in elements]
        deferred = self.is_deferred(constraint)
        match = (constraint.match or "SIMPLE").upper()
        return ForeignKeyState(
            self.name(constraint),
            tuple([self.identifier(element.parent.name) for element in elements]),
            targets[0][0],
            tuple([column for _, column in targets]),
            self.action(constraint.onupdate),
            self.action(constraint.ondelete),
            bool(constraint.deferrable) or deferred,
            deferred,
            None if match == "SIMPLE" else match,
            self.options(constraint),
            constraint,
        )

    def target(self, key: ForeignKey) -> tuple[TableName, str]:
        """The table and the column that an element of a foreign key refers to."""
        try:
            column = key.column
        except NoReferenceError:
            tokens = key.target_tokens
            name = tokens.column_name or key.parent.name
            return TableName(self.identifier(tokens.table_name), self.schema(tokens.schema)), self.identifier(name)
        return self.table_name(column.table), self.identifier(column.name)

    def action(self, words: str | None) -> str | None:
        """What ON UPDATE and ON DELETE say; None for what is done anyway."""
        if words is None:
            return None
        words = " ".join(words.split()).upper()
        return None if words in self.no_action else words

    def check(self, constraint: CheckConstraint) -> CheckState | None:
        """A CHECK constraint."""
        return CheckState(
            self.name(constraint), self.expression(constraint.sqltext), self.options(constraint), constraint
        )

    def name(self, item: Constraint | Index) -> str | None:
        """The name of a constraint or index after the naming convention, cut to fit; None where it is given none."""
        name = final_name(item, self.dialect)
        return None if name is None else self.identifier(name)

    @staticmethod
    def is_deferred(constraint: Constraint) -> bool:
        """Whether a constraint is INITIALLY DEFERRED."""
        return (constraint.initially or "").upper() == "DEFERRED"

    # -- indexes ----------------------------------------------------------------------------------------------------

    def _indexes(self, table: Table) -> Iterator[IndexState]:
        found = [index for index in table.indexes if is_created(index, self.compiler)]
        yield from sorted(map(self.index, found), key=lambda index: index.name)

    def index(self, index: Index) -> IndexState:
        """An index."""
        elements = tuple([self.element(expression, index) for expression in index.expressions])
        return IndexState(self.name(index) or "", elements, bool(index.unique), self.options(index), model=index)

    def element(self, expression: Any, index: Index) -> IndexElement:
        """One element of an index."""
        # A Column, or a column by its name alone.
        if isinstance(expression, ColumnClause):
            return IndexElement(self.identifier(expression.name))
        inner, descending, nulls_first = _without_direction(expression)
        if isinstance(inner, ColumnClause):
            text, is_expression = self.identifier(inner.name), False
        else:
            text, is_expression = self.expression(inner), True
            if isinstance(inner, TextClause):
                text, descending, nulls_first = split_direction(text)
                text = without_parentheses(text, self.rules)
        if nulls_first == descending:
            nulls_first = None
        return IndexElement(text, is_expression, descending, nulls_first)

    # -- what databases say differently -----------------------------------------------------------------------------

    @property
    def rules(self) -> Any:
        """How the database reads SQL."""
        return self.adapter.rules  # type: ignore[attr-defined]

    def identifier(self, name: str) -> str:
        """A name as the database keeps it."""
        return str(name)

    def type_text(self, type_: TypeEngine[Any], column: Column[Any]) -> tuple[str, str | None]:
        """A type in the words of the database, and its collation apart from it."""
        text = self.dialect.type_compiler_instance.process(type_, type_expression=column)
        text, _, collation = text.partition(" COLLATE ")
        return text, collation.strip('"`') or None

    def default(self, column: Column[Any], type_: str) -> str | None:
        """The expression of the default of a column of *type_*."""
        clause = column.server_default
        key: Any = None
        if isinstance(clause, DefaultClause):
            if (plain := plain_text(clause.arg)) is not None:
                return plain
            # Most functions among defaults are the same few.
            key = function_key(clause.arg)
            if key is not None and key in self._functions:
                return self._functions[key]
        written = self.compiler.get_column_default_string(column)
        text = None if written is None else str(written)
        if key is not None and text is not None:
            self._functions[key] = text
        return text

    def autoincrement(self, column: Column[Any], table: Table) -> bool:
        """Whether the database counts the values of a column up."""
        return False

    def identity(self, column: Column[Any], type_: str) -> IdentityState | None:
        """What a column that is GENERATED AS IDENTITY says; None where the database has none of that."""
        return None

    def on_update(self, column: Column[Any]) -> str | None:
        """The expression of ON UPDATE."""
        return None

    def other_constraint(self, constraint: Constraint) -> Any:
        """A constraint of a kind that only this database has; None for one that it has not."""
        return None

    def expression(self, element: ClauseElement) -> str:
        """An expression without parentheses around it."""
        text = plain_text(element)
        if text is None:
            text = str(self.compiler.sql_compiler.process(element, include_table=False, literal_binds=True))
        return without_parentheses(text, self.rules)

    def table_options(self, table: Table) -> Mapping[str, Any]:
        """The options of a table."""
        return dict(self.options(table))

    def options(self, item: Constraint | Index | Table) -> Options:
        """The options of this dialect that an item was given, sorted, without those that say what is so anyway."""
        if not self.option_names or not has_dialect_options(item):
            return _NO_OPTIONS
        found: dict[str, Any] = {}
        for name, value in item.dialect_kwargs.items():
            dialect, _, option = name.partition("_")
            if dialect in self.option_names and (kept := self.option(item, option, value)) is not None:
                found[f"{self.option_names[0]}_{option}"] = kept
        return tuple(sorted(found.items()))

    def option(self, item: Constraint | Index | Table, name: str, value: Any) -> Any:
        """A value that can be hashed for the option *name* of an item; None where it says what is so anyway."""
        if isinstance(value, ClauseElement):
            return self.expression(value)
        return value or None


def _without_direction(expression: Any) -> tuple[Any, bool, bool | None]:
    """What is indexed, whether downwards, and whether NULLs come first."""
    descending, nulls_first = False, None
    while True:
        if isinstance(expression, Label):
            expression = expression.element
            continue
        modifier = expression.modifier if isinstance(expression, UnaryExpression) else None
        if modifier is operators.desc_op:
            descending = True
        elif modifier is operators.nulls_first_op:
            nulls_first = True
        elif modifier is operators.nulls_last_op:
            nulls_first = False
        elif modifier is not operators.asc_op:
            return expression, descending, nulls_first
        expression = expression.element
