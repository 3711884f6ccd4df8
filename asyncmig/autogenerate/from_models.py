"""Operations from models: what creates the things that models declare, exactly as `create_all` would."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import Any, Final

from sqlalchemy import (
    Boolean,
    CheckConstraint,
    Column,
    DefaultClause,
    Enum,
    ForeignKeyConstraint,
    Index,
    PrimaryKeyConstraint,
    Table,
    TextClause,
    UniqueConstraint,
)
from sqlalchemy import column as sa_column
from sqlalchemy.schema import Constraint
from sqlalchemy.sql import ClauseElement
from sqlalchemy.sql.elements import conv
from sqlalchemy.sql.visitors import replacement_traverse
from sqlalchemy.types import Indexable, TypeDecorator, TypeEngine, UserDefinedType

from asyncmig._plain import has_dialect_options
from asyncmig._sqlalchemy import (
    copy_column,
    copy_constraint,
    copy_type,
    excluded_elements,
    is_type_bound,
    table_prefixes,
)
from asyncmig.operations.base import Operation, TableName
from asyncmig.operations.constraints import (
    CreateCheckConstraint,
    CreateExcludeConstraint,
    CreateForeignKey,
    CreatePrimaryKey,
    CreateUniqueConstraint,
)
from asyncmig.operations.indexes import CreateIndex
from asyncmig.operations.tables import CreateTable
from asyncmig.schema import (
    CheckState,
    ColumnState,
    ExcludeState,
    ForeignKeyState,
    IndexState,
    PrimaryKeyState,
    TableState,
    UniqueState,
)

#: Types that give operators on a column a meaning of their own.
_TELLING: Final = (Indexable, TypeDecorator, UserDefinedType)


def create_table(table: TableState) -> CreateTable:
    """What creates a table with its constraints, and without its indexes."""
    model: Table = table.model
    keys = [*_explicit_key(table), *map(_unique, table.uniques), *map(_foreign_key, table.foreign_keys)]
    excludes = [_named(copy_constraint(part.model), part.name) for part in table.excludes]
    return CreateTable(
        table.name.name,
        (*map(_column_of_table, table.columns), *keys, *_checks(table), *excludes),
        schema=table.name.schema,
        comment=model.comment,
        prefixes=tuple(table_prefixes(model)),
        options=_options(model),
    )


def _column_of_table(column: ColumnState) -> Column[Any]:
    """A copy of a column as it stands in its table, without what its indexes and unique constraints say."""
    copied = copy_column(column.model)
    copied.key = copied.name
    copied.index = copied.unique = None
    return copied


def _explicit_key(table: TableState) -> Iterator[PrimaryKeyConstraint]:
    """The primary key, where the flags of its columns do not say all of it."""
    key = table.primary_key
    if key is None:
        return
    flagged = tuple(column.name for column in table.columns if column.model.primary_key)
    if key.name is not None or key.columns != flagged or _options(key.model):
        yield _named(PrimaryKeyConstraint(*key.columns, **_timing(key.model), **_options(key.model)), key.name)


def _unique(unique: UniqueState) -> UniqueConstraint:
    model = unique.model
    made: UniqueConstraint = _named(UniqueConstraint(*unique.columns, **_timing(model), **_options(model)), unique.name)
    return made


def _foreign_key(key: ForeignKeyState) -> Any:
    model: ForeignKeyConstraint = key.model
    targets: list[Any] = [(key.referent.schema, key.referent.name, column) for column in key.referent_columns]
    made = ForeignKeyConstraint(
        [*key.columns],
        [_dotted(target) for target in targets],
        onupdate=model.onupdate,
        ondelete=model.ondelete,
        match=model.match,
        **_timing(model),
        **_options(model),
    )
    return _named(made, key.name)


def _dotted(target: tuple[str | None, str, str]) -> Any:
    # A dot in a name could not be told from one between names.
    parts = [part for part in target if part]
    return target if any("." in part for part in parts) else ".".join(parts)


def _checks(table: TableState) -> Iterator[CheckConstraint]:
    """The CHECK constraints that do not come with a column or its type."""
    for check in table.checks:
        if not comes_with_column(check):
            made: Any = copy_constraint(check.model)
            yield _named(made, check.name)


def comes_with_column(check: CheckState) -> bool:
    """Whether a column, or its type, brings a CHECK along."""
    model = check.model
    return is_type_bound(model) or isinstance(getattr(model, "parent", None), Column)


def _named(constraint: Any, name: str | None) -> Any:
    # The name is final: no naming convention shall come upon it when the revision runs.
    constraint.name = _final(name, constraint.name)
    return constraint


def _final(name: str | None, given: Any) -> Any:
    """A name as it stands in an operation."""
    if name is None:
        return given
    return given if isinstance(given, str) and given == name else conv(name)


def _options(model: Any) -> dict[str, Any]:
    """The options of a dialect, in which columns are called by their names and not by their keys."""
    if not has_dialect_options(model):
        return {}
    columns = model.c if isinstance(model, Table) else model.table.c
    names = {column.key: column.name for column in columns if column.key != column.name}
    return {option: _by_names(value, names) for option, value in sorted(model.dialect_kwargs.items())}


def _by_names(value: Any, names: Mapping[str, str]) -> Any:
    """The value of an option with *names* for what it says of columns, which may stand in a list or in a mapping."""
    if isinstance(value, list | tuple):
        said = [item.name if isinstance(item, Column) else names.get(item, item) for item in value]
        return type(value)(said)
    if names and isinstance(value, dict):
        return {names.get(key, key): one for key, one in value.items()}
    return value


def _timing(model: Constraint | Index) -> dict[str, Any]:
    # MySQL makes the same of a unique constraint and of a unique index.
    given = {name: getattr(model, name, None) for name in ("deferrable", "initially")}
    return {name: value for name, value in given.items() if value is not None}


# -- parts of a table that is there ------------------------------------------------------------------------------------


def added_column(column: ColumnState, *, in_key: bool = False) -> Column[Any]:
    """A copy of a column, without what operations of their own create: keys, indexes, unique and CHECK constraints.

    Args:
        column: the column.
        in_key: whether the column is the primary key, and is added as such.
    """
    copied = _column_of_table(column)
    copied.type = without_check(copied.type)
    copied.constraints = set()
    copied.primary_key = in_key
    copied.nullable = column.nullable
    return copied


def without_check(type_: TypeEngine[Any]) -> TypeEngine[Any]:
    """A type without the CHECK that it would bring along."""
    if not brings_plain_check(type_):
        return type_
    copied: Any = copy_type(type_)
    copied.create_constraint = False
    return copied  # type: ignore[no-any-return]


def brings_plain_check(type_: TypeEngine[Any]) -> bool:
    """Whether a type brings a CHECK along, and can do without: those of SQLAlchemy itself can."""
    return isinstance(type_, Boolean | Enum) and bool(type_.create_constraint)


def _loose(value: Any) -> Any:
    """An expression that names columns, instead of holding those of a model."""
    if not isinstance(value, ClauseElement) or isinstance(value, TextClause):
        return value

    def named(part: Any, **_: Any) -> Any:
        if not isinstance(part, Column):
            return None
        # What an operator means is decided already, unless it looks into a value.
        return sa_column(part.name, part.type if isinstance(part.type, _TELLING) else None)

    loose: Any = replacement_traverse(value, {}, named)  # type: ignore[call-overload]
    return loose


def keeps_check(column: Column[Any], check: Any) -> bool:
    """Whether a column brings a CHECK along wherever it is added: types of the project's own cannot be told not to."""
    return is_type_bound(check) and not brings_plain_check(column.type) and column.name in check.columns


def create_index(table: TableName, index: IndexState) -> CreateIndex:
    """What creates an index."""
    model = index.model
    if model is None:
        # One that the server makes for a foreign key.
        columns = [element.text for element in index.elements]
        return CreateIndex(index.name, table.name, columns, schema=table.schema, unique=index.unique)
    columns = [item.name if isinstance(item, Column) else _loose(item) for item in model.expressions]
    return CreateIndex(
        _final(index.name, model.name),
        table.name,
        columns,
        schema=table.schema,
        unique=bool(model.unique),
        options={name: _loose(value) for name, value in _options(model).items()},
    )


def create_constraint(table: TableName, part: Any, name: str, write: Callable[[Any], str]) -> Operation[Any]:
    """What adds a constraint to a table that is there.

    Args:
        table: the table.
        part: the constraint.
        name: its name, also where the models leave it out.
        write: writes an expression of SQLAlchemy as SQL.
    """
    model = part.model
    final = _final(name, model.name)
    match part:
        case PrimaryKeyState():
            return CreatePrimaryKey(final, table.name, [*part.columns], schema=table.schema, options=_options(model))
        case UniqueState():
            return CreateUniqueConstraint(
                final, table.name, [*part.columns], schema=table.schema, **_timing(model), options=_options(model)
            )
        case ForeignKeyState():
            return _create_foreign_key(table, part, final)
        case CheckState():
            return CreateCheckConstraint(
                final,
                table.name,
                _condition(model.sqltext, write),
                schema=table.schema,
                **_timing(model),
                options=_options(model),
            )
        case ExcludeState():
            return _create_exclude(table, part, final)
    raise TypeError(f"{part!r} is no constraint")


def _condition(condition: Any, write: Callable[[Any], str]) -> str:
    """A condition as text: an expression on the columns of a model would drag that along."""
    return condition.text if isinstance(condition, TextClause) else write(condition)


def _create_foreign_key(table: TableName, key: ForeignKeyState, name: Any) -> CreateForeignKey:
    model: ForeignKeyConstraint = key.model
    return CreateForeignKey(
        name,
        table.name,
        key.referent.name,
        [*key.columns],
        [*key.referent_columns],
        onupdate=model.onupdate,
        ondelete=model.ondelete,
        match=model.match,
        source_schema=table.schema,
        referent_schema=key.referent.schema,
        options=_options(model),
        **_timing(model),
    )


def _create_exclude(table: TableName, exclude: ExcludeState, name: Any) -> CreateExcludeConstraint:
    model = exclude.model
    options: Mapping[str, Any] = {"ops": dict(model.ops)} if model.ops else {}
    return CreateExcludeConstraint(
        name,
        table.name,
        tuple(excluded_elements(model)),
        where=model.where,
        using=None if model.using == "gist" else model.using,
        schema=table.schema,
        options=options,
        **_timing(model),
    )


# -- what stands in a column -------------------------------------------------------------------------------------------


def default_of(column: Column[Any]) -> Any:
    """The default of a column as operations take it: text, an expression, `Computed`, `Identity` or None."""
    default = column.server_default
    return default.arg if isinstance(default, DefaultClause) else default
