"""Plain items: which of SQLAlchemy's columns, constraints and types hold no surprise.

A planner may write them down as they are, without a `Table` to compile them from.

Everything here errs on one side: what is not known to be plain is not, and is written by SQLAlchemy as a whole.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, TypeGuard

from sqlalchemy import (
    Boolean,
    Column,
    DefaultClause,
    FetchedValue,
    ForeignKey,
    ForeignKeyConstraint,
    Index,
    Integer,
    PrimaryKeyConstraint,
    Sequence,
    Table,
    TextClause,
    UniqueConstraint,
)
from sqlalchemy.engine import Dialect
from sqlalchemy.schema import Constraint, CreateIndex, conv
from sqlalchemy.sql.base import SchemaEventTarget
from sqlalchemy.sql.compiler import DDLCompiler
from sqlalchemy.sql.ddl import CreateConstraint
from sqlalchemy.sql.elements import quoted_name
from sqlalchemy.sql.functions import FunctionElement
from sqlalchemy.sql.naming import _get_convention
from sqlalchemy.sql.schema import DEFAULT_NAMING_CONVENTION
from sqlalchemy.types import TypeDecorator, TypeEngine

from asyncmig._sqlalchemy import type_variants

_NAMES = (str, quoted_name)
_DEFAULTS = (type(None), DefaultClause, FetchedValue)
#: SQLAlchemy itself listens to these events only to apply naming conventions.
_OWN_LISTENER = "sqlalchemy.sql.naming"


def is_of_sqlalchemy(dialect: Dialect) -> bool:
    """Whether a dialect is one that SQLAlchemy brings; somebody else's may write anything its own way."""
    return type(dialect).__module__.startswith("sqlalchemy.")


def is_customised(kind: type[Any]) -> bool:
    """Whether anybody has changed how items of this class are written (`@compiles`) or made (`event.listen`)."""
    if hasattr(kind, "_compiler_dispatcher"):
        return True
    dispatch: Any = getattr(kind, "dispatch", None)
    if not hasattr(dispatch, "after_parent_attach"):
        return False
    return any(
        getattr(listener, "__module__", None) != _OWN_LISTENER
        for event in (dispatch.before_parent_attach, dispatch.after_parent_attach)
        for listener in event._clslevel.get(kind, ())
    )


def is_name(value: object) -> TypeGuard[str]:
    """Whether *value* is a name that is written by the common rules; not one that is cut to fit, or a marker."""
    return type(value) in _NAMES and bool(value)


def is_plain_type(type_: TypeEngine[Any]) -> bool:
    """Whether a type is SQLAlchemy's own and has nothing to create besides the column it stands in."""
    kind = type(type_)
    if not kind.__module__.startswith("sqlalchemy.") or hasattr(kind, "_compiler_dispatcher"):
        return False
    if isinstance(type_, Boolean) and kind is Boolean:
        # It has a CHECK in any table only when that is asked for.
        return not type_.create_constraint and not type_variants(type_)
    if isinstance(type_, SchemaEventTarget | TypeDecorator):
        return False
    return all(map(is_plain_type, type_variants(type_).values()))


def is_plain_column(column: Column[Any]) -> bool:
    """Whether the definition of a column is all there is to it, apart from `unique=True` and a foreign key."""
    default = column.default
    return bool(
        type(column) is Column
        and column.table is None
        and is_name(column.name)
        and column.key == column.name
        and not (column.index or column.system or column.constraints or column.comment is not None)
        and type(column.server_default) in _DEFAULTS
        and not isinstance(default, Sequence)
        and not has_dialect_options(column)
        and is_plain_type(column.type)
        # Those of a copy, which get no more than what is to be handed on.
        and not column.dispatch.before_parent_attach.propagate
        and not column.dispatch.after_parent_attach.propagate
    )


def has_dialect_options(item: Column[Any] | Constraint | Index | Table) -> bool:
    """Whether a dialect option was given."""
    # Where none was given, the mappings do not exist yet, and to ask for them would make them.
    return "dialect_options" in vars(item) and bool(item.dialect_kwargs)


def is_single_column(column: Column[Any]) -> bool:
    """Whether a column is plain and brings nothing else along."""
    return is_plain_column(column) and not (column.unique or column.foreign_keys or column.primary_key)


def has_plain_numbers(column: Column[Any]) -> bool:
    """Whether nothing is said by hand about where the numbers of a key column come from, unless that they do not."""
    return column.autoincrement == "auto" or column.autoincrement is False


def is_numbered(column: Column[Any]) -> bool:
    """Whether the only column of a primary key gets its numbers from the database."""
    affinity = column.type._type_affinity
    return bool(
        column.autoincrement == "auto"
        and affinity is not None
        and issubclass(affinity, Integer)
        and column.default is None
        and column.server_default is None
        and not column.foreign_keys
    )


def plain_columns(constraint: PrimaryKeyConstraint | UniqueConstraint) -> list[str] | None:
    """The columns of a constraint that was declared by their names and says nothing unusual; else None."""
    names = list(constraint._pending_colargs)
    if constraint._columns or not _has_plain_options(constraint):
        return None
    return _names(names)


def _has_plain_options(constraint: Constraint) -> bool:
    return not (
        has_dialect_options(constraint)
        or constraint.comment is not None
        or constraint._ddl_if is not None
        or constraint._create_rule is not None
    )


def _names(names: list[Any]) -> list[str] | None:
    plain = bool(names) and all(map(is_name, names)) and len(set(names)) == len(names)
    return names if plain else None


def plain_reference(
    key: ForeignKey | ForeignKeyConstraint,
) -> tuple[tuple[str | None, str], list[str]] | None:
    """Schema and name of the table, and the columns, that a foreign key refers to; None when there is more to it."""
    if isinstance(key, ForeignKey):
        elements, plain = [key], type(key) is ForeignKey and not key._unvalidated_dialect_kw and key.comment is None
    else:
        elements, plain = list(key.elements), _has_plain_options(key)
    if not plain or key.use_alter or key.link_to_name:
        return None
    if not elements or not all(isinstance(element._colspec, str) for element in elements):
        return None
    targets = [element.target_tokens for element in elements]
    tables = {(target.schema, target.table_name) for target in targets}
    columns = _names([target.column_name for target in targets])
    if len(tables) != 1 or columns is None:
        return None
    ((schema, table),) = tables
    return ((schema or None, table), columns) if is_name(table) else None


def plain_foreign_columns(constraint: ForeignKeyConstraint) -> list[str] | None:
    """The columns of a foreign key that was declared by names and is on no table yet; else None."""
    return None if hasattr(constraint, "parent") else _names(list(constraint.column_keys))


def plain_constraint_name(
    kind: type[Any], name: object, table_name: str, conventions: Mapping[str, Any] | None
) -> str | None:
    """The name of a constraint or index after the naming convention: empty when it has none, None when not known here.

    Args:
        kind: the class of the constraint or index.
        name: the name it was given.
        table_name: its table.
        conventions: the naming convention of the project.
    """
    if type(name) is conv:
        return name or None
    known: Mapping[Any, Any] = conventions or DEFAULT_NAMING_CONVENTION
    convention: Any = _get_convention(known, kind)  # type: ignore[no-untyped-call]
    if convention is not None and (not isinstance(convention, str) or "constraint_name" in convention):
        return None
    if name is not None:
        return name if is_name(name) else None
    if convention is None:
        return ""
    try:
        return None if "table_name" in known else conv(convention % {"table_name": table_name})
    except (KeyError, TypeError, ValueError):
        return None


def final_name(item: Constraint | Index, dialect: Dialect) -> str | None:
    """The name that a constraint or index of a table is created with: after the naming convention, and cut to fit.

    None where it has none.
    """
    if type(item.name) in _NAMES and len(item.name) <= dialect.max_identifier_length:  # type: ignore[arg-type]
        return item.name  # type: ignore[return-value]
    if item.name is None:
        return None
    name = dialect.identifier_preparer.format_constraint(item, _alembic_quote=False)
    return None if name is None else str(name)


def is_created(item: Constraint | Index, compiler: DDLCompiler) -> bool:
    """Whether a constraint or index is created on the database of *compiler*; `ddl_if` and types may say no."""
    if isinstance(item, Constraint) and item._type_bound:
        return bool(item._should_create_for_compiler(compiler))
    # The rule of another constraint says that it is created apart from its table.
    if item._ddl_if is None:
        return True
    create = CreateIndex(item) if isinstance(item, Index) else CreateConstraint(item)
    return bool(item._ddl_if._should_execute(create, item, None, compiler=compiler))


def key_columns(key: PrimaryKeyConstraint) -> list[Column[Any]]:
    """The columns of a primary key in the order in which it is created."""
    return list(key.columns_autoinc_first if key._implicit_generated else key.columns)


def ordered_constraints(table: Table) -> list[Constraint]:
    """The constraints of a table in the order in which they were declared."""
    return list(table._sorted_constraints)


def type_key(type_: TypeEngine[Any]) -> tuple[Any, ...] | None:
    """What two types have the same of only when they are written the same; None where that cannot be told.

    SQLAlchemy's own key leaves out the name of an enumerated type, and is costly.
    """
    kind = type(type_)
    if not kind.__module__.startswith("sqlalchemy.") or hasattr(kind, "_compiler_dispatcher"):
        return None
    state = type_.__dict__
    if not state:
        return (kind,)
    key: list[Any] = [kind]
    for name, value in state.items():
        if isinstance(value, TypeEngine):
            value = type_key(value)
            if value is None:
                return None
        if name != "_static_cache_key":
            key.append((name, value))
    made = tuple(key)
    try:
        hash(made)
    except TypeError:
        return None
    return made


def plain_text(clause: object) -> str | None:
    """What `text()` was given, where SQLAlchemy writes just that; else None."""
    if type(clause) is TextClause:
        # What stands behind a colon may be a parameter.
        return None if ":" in clause.text or is_customised(TextClause) else clause.text
    return None


def function_key(clause: object) -> tuple[Any, ...] | None:
    """What two functions without arguments have the same of when they are written the same; else None."""
    # The next value of a sequence has no list of arguments at all.
    if not isinstance(clause, FunctionElement) or "clause_expr" not in vars(clause) or len(clause.clauses):
        return None
    return type(clause), getattr(clause, "name", None), tuple(getattr(clause, "packagenames", ()))
