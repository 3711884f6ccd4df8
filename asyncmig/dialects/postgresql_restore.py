"""Restore: what was read of a PostgreSQL database as SQLAlchemy's objects and operations that would make it again."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import replace
from typing import TYPE_CHECKING, Any, Final

from sqlalchemy import (
    ARRAY,
    CheckConstraint,
    Column,
    Computed,
    Enum,
    ForeignKeyConstraint,
    Identity,
    PrimaryKeyConstraint,
    UniqueConstraint,
    text,
)
from sqlalchemy.dialects import postgresql
from sqlalchemy.schema import SchemaItem
from sqlalchemy.types import TypeEngine

from asyncmig.dialects.postgresql_excludes import exclude_constraint, exclude_operation
from asyncmig.dialects.postgresql_index_text import collation_text, element_text
from asyncmig.dialects.postgresql_schema_read import Domain, Types
from asyncmig.operations.base import Operation
from asyncmig.operations.constraints import (
    CreateCheckConstraint,
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
    IdentityState,
    IndexElement,
    IndexState,
    PrimaryKeyState,
    TableState,
    UniqueState,
)
from asyncmig.types import SqlType

if TYPE_CHECKING:
    from asyncmig.dialects.adapter import DialectAdapter

_TYPE: Final = re.compile(
    r"(?P<name>[a-z_][\w ]*?)(?:\((?P<arguments>\d+(?:,-?\d+)?)\))?(?P<zone> with(?:out)? time zone)?", re.ASCII
)
_INTERVAL: Final = re.compile(r"interval(?: (?P<fields>[a-z ]+?))?(?:\((?P<precision>\d+)\))?")
#: Types of other extensions and other makers are written as they are.
_PLAIN: Final[Mapping[str, type[TypeEngine[Any]]]] = {
    "bigint": postgresql.BIGINT,
    "boolean": postgresql.BOOLEAN,
    "bytea": postgresql.BYTEA,
    "cidr": postgresql.CIDR,
    "citext": postgresql.CITEXT,
    "date": postgresql.DATE,
    "datemultirange": postgresql.DATEMULTIRANGE,
    "daterange": postgresql.DATERANGE,
    "double precision": postgresql.DOUBLE_PRECISION,
    "hstore": postgresql.HSTORE,
    "inet": postgresql.INET,
    "int4multirange": postgresql.INT4MULTIRANGE,
    "int4range": postgresql.INT4RANGE,
    "int8multirange": postgresql.INT8MULTIRANGE,
    "int8range": postgresql.INT8RANGE,
    "integer": postgresql.INTEGER,
    "json": postgresql.JSON,
    "jsonb": postgresql.JSONB,
    "jsonpath": postgresql.JSONPATH,
    "macaddr": postgresql.MACADDR,
    "macaddr8": postgresql.MACADDR8,
    "money": postgresql.MONEY,
    "nummultirange": postgresql.NUMMULTIRANGE,
    "numrange": postgresql.NUMRANGE,
    "oid": postgresql.OID,
    "real": postgresql.REAL,
    "regclass": postgresql.REGCLASS,
    "regconfig": postgresql.REGCONFIG,
    "smallint": postgresql.SMALLINT,
    "tsmultirange": postgresql.TSMULTIRANGE,
    "tsquery": postgresql.TSQUERY,
    "tsrange": postgresql.TSRANGE,
    "tstzmultirange": postgresql.TSTZMULTIRANGE,
    "tstzrange": postgresql.TSTZRANGE,
    "tsvector": postgresql.TSVECTOR,
    "uuid": postgresql.UUID,
}
_TEXTS: Final[Mapping[str, type[Any]]] = {
    "character varying": postgresql.VARCHAR,
    "character": postgresql.CHAR,
    "text": postgresql.TEXT,
}
#: Columns that count their values up, by their types.
_SERIALS: Final[Mapping[str, str]] = {"smallint": "SMALLSERIAL", "integer": "SERIAL", "bigint": "BIGSERIAL"}


class Restoring:
    """What was read as SQLAlchemy's objects and operations that would make it again.

    Args:
        adapter: the adapter.
        types: the types that stand beside tables.
    """

    def __init__(self, adapter: DialectAdapter, types: Types) -> None:
        self.adapter = adapter
        self.types = types

    # -- columns ----------------------------------------------------------------------------------------------------

    def type(self, words: str, collation: str | None = None) -> TypeEngine[Any]:
        """The type that the server writes so."""
        if words.endswith("[]"):
            return ARRAY(self.type(words[:-2], collation))
        if words in self.types.enums:
            enum = self.types.enums[words]
            return Enum(*enum.values, name=enum.name.name, schema=enum.name.schema)
        if words in self.types.domains:
            return self._domain(self.types.domains[words])
        if found := _INTERVAL.fullmatch(words):
            fields, precision = found["fields"], found["precision"]
            return postgresql.INTERVAL(
                fields=None if fields is None else fields.upper(),
                precision=None if precision is None else int(precision),
            )
        found = _TYPE.fullmatch(words)
        type_ = None if found is None else self._plain(found["name"], found["arguments"], found["zone"], collation)
        if type_ is None:
            return SqlType(f"{words} COLLATE {collation_text(collation)}" if collation else words)
        return type_

    def _plain(
        self, name: str, arguments: str | None, zone: str | None, collation: str | None
    ) -> TypeEngine[Any] | None:
        numbers: list[Any] = [int(number) for number in (arguments or "").split(",") if number]
        if name in _TEXTS:
            schema, _, own = (collation or "").rpartition(".")
            options = {"collation": own, "collation_schema": schema or None} if collation else {}
            made: TypeEngine[Any] = _TEXTS[name](*numbers, **options)
            return made
        if collation is not None:
            return None
        if name == "numeric":
            precision, scale = numbers or (None, None)
            return postgresql.NUMERIC(precision, scale)
        if name in ("bit", "bit varying"):
            return postgresql.BIT(numbers[0] if numbers else None, varying=name == "bit varying")
        if name in ("timestamp", "time") and zone is not None:
            kind = postgresql.TIMESTAMP if name == "timestamp" else postgresql.TIME
            return kind(timezone=zone == " with time zone", precision=numbers[0] if numbers else None)
        return _PLAIN[name]() if name in _PLAIN and not numbers and zone is None else None

    def _domain(self, domain: Domain) -> postgresql.DOMAIN:
        name, check = domain.checks[0] if domain.checks else (None, None)
        return postgresql.DOMAIN(
            domain.name.name,
            self.type(domain.base),
            schema=domain.name.schema,
            collation=domain.collation,
            default=None if domain.default is None else text(_literally(domain.default)),
            constraint_name=name,
            not_null=domain.required or None,
            check=None if check is None else text(_literally(check)),
        )

    def column(self, state: ColumnState) -> Column[Any]:
        """A column, without what the table says of it."""
        default: Any = None
        if state.computed is not None:
            default = Computed(_literally(state.computed.expression), persisted=state.computed.stored)
        elif state.identity is not None:
            default = _identity(state.identity, state.type)
        elif state.default is not None:
            default = text(_literally(state.default))
        options: dict[str, Any] = {"comment": state.comment}
        arguments = [default] if isinstance(default, Computed | Identity) else []
        if default is not None and not arguments:
            options["server_default"] = default
        type_ = SqlType(_SERIALS[state.type]) if state.autoincrement else self.type(state.type, state.collation)
        return Column(state.name, type_, *arguments, nullable=state.nullable, **options)

    def _column_of(self, table: TableState, state: ColumnState) -> Column[Any]:
        """A column of a new table."""
        key = table.primary_key
        if key is None or state.name not in key.columns or state.identity is not None:
            return self.column(state)
        # SQLAlchemy itself writes SERIAL for a column of the key, and would for one that is not to be counted.
        column = self.column(replace(state, autoincrement=False))
        column.autoincrement = state.autoincrement if state.type in _SERIALS else "auto"
        return column

    # -- tables -----------------------------------------------------------------------------------------------------

    def table(self, state: TableState) -> list[Operation[Any]]:
        """What makes a table again: the table, then its indexes."""
        items: list[SchemaItem] = [self._column_of(state, column) for column in state.columns]
        parts = [state.primary_key, *state.uniques, *state.foreign_keys, *state.checks, *state.excludes]
        late = [part for part in parts if part is not None and dict(getattr(part, "options", ())).get(_NOT_VALID)]
        items += [self._item(part) for part in parts if part is not None and part not in late]
        create = CreateTable(
            state.name.name,
            tuple(items),
            schema=state.name.schema,
            comment=state.comment,
            **self._table_options(state.options),
        )
        return [create, *[self.part(state, part) for part in (*late, *state.indexes)]]

    def _table_options(self, options: Mapping[str, Any]) -> dict[str, Any]:
        found = {name: value for name, value in options.items() if value and name != "prefixes"}
        if found.get("postgresql_using") == self.types.access_method:
            del found["postgresql_using"]
        if "postgresql_with" in found:
            found["postgresql_with"] = dict(found["postgresql_with"])
        if "postgresql_inherits" in found:
            found["postgresql_inherits"] = list(found["postgresql_inherits"])
        return {"options": found, "prefixes": options.get("prefixes", ())}

    def _item(self, part: Any) -> SchemaItem:
        options = dict(part.options) if not isinstance(part, ExcludeState) else {}
        match part:
            case PrimaryKeyState():
                return PrimaryKeyConstraint(*part.columns, name=part.name, **options)
            case UniqueState():
                return UniqueConstraint(*part.columns, name=part.name, **_deferrable(part), **options)
            case ForeignKeyState():
                return ForeignKeyConstraint(
                    part.columns,
                    [(part.referent.schema, part.referent.name, column) for column in part.referent_columns],
                    name=part.name,
                    **_actions(part),
                    **options,
                )
            case CheckState():
                return CheckConstraint(text(_literally(part.expression)), name=part.name, **options)
        return exclude_constraint(part)

    def part(self, table: TableState, part: Any) -> Operation[Any]:
        """What makes a constraint or an index of *table* again."""
        name, schema = table.name
        options = dict(getattr(part, "options", ()))
        match part:
            case IndexState():
                return self._index(table, part)
            case PrimaryKeyState():
                return CreatePrimaryKey(part.name, name, part.columns, schema=schema, options=options)
            case UniqueState():
                return CreateUniqueConstraint(
                    part.name, name, part.columns, schema=schema, options=options, **_deferrable(part)
                )
            case ForeignKeyState():
                return CreateForeignKey(
                    part.name,
                    name,
                    part.referent.name,
                    part.columns,
                    part.referent_columns,
                    source_schema=schema,
                    referent_schema=part.referent.schema,
                    options=options,
                    **_actions(part),
                )
            case CheckState():
                condition = text(_literally(part.expression))
                return CreateCheckConstraint(part.name, name, condition, schema=schema, options=options)
        return exclude_operation(table.name, part)

    def _index(self, table: TableState, state: IndexState) -> CreateIndex:
        options = dict(state.options)
        if "postgresql_where" in options:
            options["postgresql_where"] = text(_literally(options["postgresql_where"]))
        if "postgresql_include" in options:
            options["postgresql_include"] = list(options["postgresql_include"])
        if "postgresql_with" in options:
            options["postgresql_with"] = dict(options["postgresql_with"])
        plain = all(map(_is_plain, state.elements))
        if plain:
            ops = {element.text: element.operator_class for element in state.elements if element.operator_class}
            if ops:
                options["postgresql_ops"] = ops
        columns = [
            element.text if plain or _is_bare(element) else text(_literally(element_text(element, self.adapter.quote)))
            for element in state.elements
        ]
        return CreateIndex(
            state.name, table.name.name, columns, schema=table.name.schema, unique=state.unique, options=options
        )


_NOT_VALID: Final = "postgresql_not_valid"


def _is_bare(element: IndexElement) -> bool:
    """Whether an element is nothing but a column."""
    return element == IndexElement(element.text)


def _is_plain(element: IndexElement) -> bool:
    """Whether an element is a column, with its operator class perhaps."""
    return element == IndexElement(element.text, operator_class=element.operator_class)


def _literally(expression: str) -> str:
    """An expression for `text()`, which takes a colon before a word for the beginning of a parameter."""
    return re.sub(r"(?<![:\w\\]):(?=\w)", r"\\:", expression)


def _identity(state: IdentityState, type_: str) -> Identity:
    """What makes such a column; what is so anyway is left out."""
    greatest = {"smallint": 2**15 - 1, "integer": 2**31 - 1}.get(type_, 2**63 - 1)
    up = state.increment > 0
    least, most = (1, greatest) if up else (-greatest - 1, -1)
    minimum = None if state.minimum == least else state.minimum
    maximum = None if state.maximum == most else state.maximum
    start = None if state.start == (state.minimum if up else state.maximum) else state.start
    return Identity(
        always=state.always,
        start=start,
        increment=None if state.increment == 1 else state.increment,
        minvalue=minimum,
        maxvalue=maximum,
        cycle=state.cycle or None,
        cache=None if state.cache == 1 else state.cache,
    )


def _deferrable(state: UniqueState | ForeignKeyState) -> dict[str, Any]:
    if not state.deferrable:
        return {}
    return {"deferrable": True, "initially": "DEFERRED" if state.initially_deferred else None}


def _actions(state: ForeignKeyState) -> dict[str, Any]:
    actions = {"onupdate": state.onupdate, "ondelete": state.ondelete, "match": state.match}
    return {name: value for name, value in actions.items() if value is not None} | _deferrable(state)
