"""Named types of PostgreSQL: the enums and domains that columns use, those that exist, and those in printed SQL."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from sqlalchemy import ARRAY, BigInteger, Connection, Enum, SmallInteger, bindparam, text
from sqlalchemy.dialects.postgresql import DOMAIN, ENUM
from sqlalchemy.engine import Dialect
from sqlalchemy.types import TypeDecorator, TypeEngine

from asyncmig._sqlalchemy import type_variants
from asyncmig.dialects.adapter import OfflineFacts
from asyncmig.dialects.facts import Facts, Wants
from asyncmig.dialects.sql_text import POSTGRESQL, tokens
from asyncmig.errors import OperationError
from asyncmig.operations.base import Operation, TableName
from asyncmig.operations.enums import CreateEnum

#: What the facts say of a domain that exists; it has no values.
DOMAIN_EXISTS: tuple[str, ...] = ()


def named_types(type_: TypeEngine[Any], dialect: Dialect) -> Iterator[ENUM | DOMAIN]:
    """The types that must exist before a column of *type_* can: none for most, and several for a domain over an enum.

    Types that the user creates elsewhere (`create_type=False`) are left out.
    """
    implementation = type_.dialect_impl(dialect)
    if isinstance(implementation, TypeDecorator):
        yield from named_types(implementation.impl_instance, dialect)
    elif isinstance(implementation, ARRAY):
        yield from named_types(implementation.item_type, dialect)
    elif isinstance(implementation, DOMAIN):
        yield from named_types(implementation.data_type, dialect)
        if implementation.create_type:
            yield implementation
    elif isinstance(implementation, ENUM) and implementation.create_type:
        yield implementation


def may_be_named(type_: TypeEngine[Any]) -> bool:
    """Whether it is worth looking closer; most columns have a plain type."""
    named = isinstance(type_, Enum | ARRAY | DOMAIN | TypeDecorator)
    return named or any(map(may_be_named, type_variants(type_).values()))


def serial_text(type_: TypeEngine[Any], dialect: Dialect) -> str | None:
    """The type of a column of integers that numbers its rows; None where the server has none for this type."""
    implementation = type_.dialect_impl(dialect)
    if isinstance(implementation, BigInteger):
        return "BIGSERIAL"
    if isinstance(implementation, SmallInteger):
        return "SMALLSERIAL" if dialect.supports_smallserial else None  # type: ignore[attr-defined]
    return "SERIAL"


def type_name(type_: ENUM | DOMAIN) -> TableName:
    """Name and schema of a type."""
    return TableName(str(type_.name), type_.schema)


def type_values(type_: ENUM | DOMAIN) -> tuple[str, ...]:
    """The values of an enum in order; what the facts say of an existing domain."""
    return tuple(type_.enums) if isinstance(type_, ENUM) else DOMAIN_EXISTS


def other_values(
    operation: Operation[Any], name: TableName, existing: tuple[str, ...], wanted: tuple[str, ...]
) -> OperationError:
    """The error that says that a type is there, but with other values than *operation* needs."""
    missing = [value for value in wanted if value not in existing]
    hint = "Give one of them another name, or make them the same"
    if missing and not set(existing) - set(wanted):
        hint += " first:\n" + "\n".join(f"    op.add_enum_value({name.name!r}, {value!r})" for value in missing)
    else:
        hint += "; create_type=False leaves the type as it is."
    return OperationError(
        f"op.{operation.verb}: the type {name} exists with other values than this operation has"
        f" ({operation.describe()}).\n  it has:     {', '.join(existing) or 'none'}\n  wanted are: {', '.join(wanted)}",
        operation=operation,
        hint=hint,
    )


_TYPES = text(
    """
    SELECT t.typname, n.nspname, pg_catalog.pg_type_is_visible(t.oid),
           ARRAY(SELECT e.enumlabel::text FROM pg_catalog.pg_enum e WHERE e.enumtypid = t.oid ORDER BY e.enumsortorder)
    FROM pg_catalog.pg_type t JOIN pg_catalog.pg_namespace n ON n.oid = t.typnamespace
    WHERE t.typtype IN ('e', 'd') AND t.typname IN :names
    """
).bindparams(bindparam("names", expanding=True))


def read_types(connection: Connection, wanted: Iterable[TableName]) -> dict[TableName, tuple[str, ...] | None]:
    """The values of each wanted type, None for one that does not exist."""
    found: dict[TableName, tuple[str, ...] | None] = dict.fromkeys(wanted)
    if not found:
        return found
    for name, schema, visible, values in connection.execute(_TYPES, {"names": sorted({name.name for name in found})}):
        for key in (TableName(name, schema), TableName(name)):
            if key in found and (key.schema or visible):
                found[key] = tuple(values)
    return found


class PrintedTypes(OfflineFacts):
    """The types that the SQL printed so far creates, so that none is created twice."""

    def __init__(self) -> None:
        self._types: dict[TableName, tuple[str, ...] | None] = {}

    def read(self, wants: Wants) -> Facts:
        known = {name: self._types[name] for name in wants.types if name in self._types}
        return Facts(types=known, known=False)

    def learn(self, operation: Operation[Any], statements: Iterable[str]) -> None:
        if isinstance(operation, CreateEnum):
            # Printed inside of a DO block, perhaps.
            self._types.setdefault(TableName(operation.enum_name, operation.schema), tuple(operation.values))
        for statement in statements:
            if "TYPE" in (upper := statement.upper()) or "DOMAIN" in upper:
                self._types.update(type_changes(statement, self._types))


def type_changes(
    statement: str, known: Mapping[TableName, tuple[str, ...] | None]
) -> dict[TableName, tuple[str, ...] | None]:
    """What a statement does to the named types: their values after it, None for what it drops."""
    words = list(_words(statement))
    match [word if word[0] in "\"'" else word.upper() for word in words]:
        case ["CREATE", "TYPE", *_]:
            name, rest = _name(words[2:])
            if [word.upper() for word in rest[:2]] == ["AS", "ENUM"]:
                return {name: tuple(_literal(word) for word in rest if word.startswith("'"))}
        case ["CREATE", "DOMAIN", *_]:
            return {_name(words[2:])[0]: DOMAIN_EXISTS}
        case ["DROP", "TYPE" | "DOMAIN", "IF", "EXISTS", *_]:
            return dict.fromkeys(_names(words[4:]))
        case ["DROP", "TYPE" | "DOMAIN", *_]:
            return dict.fromkeys(_names(words[2:]))
        case ["ALTER", "TYPE", *_]:
            name, rest = _name(words[2:])
            return _alteration(name, rest, known.get(name))
    return {}


def _words(statement: str) -> Iterator[str]:
    start = end = 0
    for token in tokens(statement, POSTGRESQL):
        if token.kind == "quoted" and token.start == end and statement[start] == statement[token.start]:
            end = token.end  # 'it''s' reads as two strings
            continue
        if end:
            yield statement[start:end]
        start, end = (token.start, token.end) if token.kind not in ("space", "comment", "separator") else (0, 0)
    if end:
        yield statement[start:end]


def _alteration(
    name: TableName, rest: list[str], values: tuple[str, ...] | None
) -> dict[TableName, tuple[str, ...] | None]:
    literals = [_literal(word) for word in rest if word.startswith("'")]
    match [word if word.startswith("'") else word.upper() for word in rest]:
        case ["ADD", "VALUE", *clauses] if values is not None and literals:
            if literals[0] in values:
                return {}
            place = len(values)
            if len(literals) == 2 and literals[1] in values:
                place = values.index(literals[1]) + ("AFTER" in clauses)
            return {name: (*values[:place], literals[0], *values[place:])}
        case ["RENAME", "VALUE", _, "TO", _] if values is not None and len(literals) == 2:
            return {name: tuple(literals[1] if value == literals[0] else value for value in values)}
        case ["RENAME", "TO", _]:
            return {name: None, TableName(_identifier(rest[2]), name.schema): values or DOMAIN_EXISTS}
        case ["SET", "SCHEMA", _]:
            return {name: None, TableName(name.name, _identifier(rest[2])): values or DOMAIN_EXISTS}
    return {}


def _name(words: list[str]) -> tuple[TableName, list[str]]:
    """A name that may have a schema, and what stands after it."""
    if len(words) > 2 and words[1] == ".":
        return TableName(_identifier(words[2]), _identifier(words[0])), words[3:]
    return TableName(_identifier(words[0]) if words else ""), words[1:]


def _names(words: list[str]) -> Iterator[TableName]:
    while words:
        name, words = _name(words)
        yield name
        if words[:1] != [","]:
            return
        words = words[1:]


def _identifier(word: str) -> str:
    return word[1:-1].replace('""', '"') if word.startswith('"') else word.lower()


def _literal(word: str) -> str:
    return word[1:-1].replace("''", "'")
