"""ObjectStates: views, functions, triggers and extensions as plain values, and the operations that make them."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Any, ClassVar, Final, TypeAlias

from sqlalchemy import Connection, Table
from sqlalchemy.sql import visitors
from sqlalchemy.sql.expression import SelectBase

from asyncmig.objects import Extension, Function, MaterializedView, SchemaObject, Trigger, View, variant
from asyncmig.operations.base import Operation, TableName
from asyncmig.operations.extensions import CreateExtension
from asyncmig.operations.functions import CreateFunction, ReplaceFunction
from asyncmig.operations.sql import cleaned
from asyncmig.operations.triggers import CreateTrigger, ReplaceTrigger
from asyncmig.operations.views import (
    CreateMaterializedView,
    CreateView,
    ReplaceMaterializedView,
    ReplaceView,
)
from asyncmig.schema import ObjectKey, ObjectState, Scope

if TYPE_CHECKING:
    from asyncmig.dialects.adapter import DialectAdapter

Objects: TypeAlias = Mapping[ObjectKey, ObjectState]
#: Objects that are aligned, and what could not be understood, one sentence each.
Aligned: TypeAlias = tuple[Objects, tuple[str, ...]]

_NAME: Final = r'(?:"(?:[^"]|"")+"|`(?:[^`]|``)+`|\[[^\]]+\]|[^\W\d][\w$]*)'
#: The names that stand where tables are named, and those of functions that are called for a trigger.
_TABLES: Final = re.compile(
    rf"\b(?:FROM|JOIN|INTO|UPDATE|TABLE)\s+(?P<names>{_NAME}(?:\s*\.\s*{_NAME})*"
    rf"(?:(?:\s+(?:AS\s+)?{_NAME})?\s*,\s*{_NAME}(?:\s*\.\s*{_NAME})*)*)",
    re.IGNORECASE,
)
_CALLED: Final = re.compile(
    rf"\bEXECUTE\s+(?:FUNCTION|PROCEDURE)\s+(?P<names>{_NAME}(?:\s*\.\s*{_NAME})*)\s*\(", re.IGNORECASE
)
_PARTS: Final = re.compile(_NAME)


class ObjectStates:
    """Views, functions, triggers and extensions as plain values, and the operations that make them.

    Args:
        adapter: the adapter of the database.
    """

    #: The kinds of objects that the database has.
    kinds: ClassVar[frozenset[str]] = frozenset()

    def __init__(self, adapter: DialectAdapter) -> None:
        self.adapter: Any = adapter
        self.default_schema: str | None = None

    # -- what is there ----------------------------------------------------------------------------------------------

    async def read(self, connection: Connection, scope: Scope) -> Objects:
        """The objects of the kinds that are asked for; changes nothing."""
        return {}

    async def align(self, connection: Connection, wanted: Objects, live: Objects) -> Aligned:
        """*wanted*, with what differs from *live* in its wording alone in the wording of *live*; changes nothing."""
        return wanted, ()

    # -- what models want -------------------------------------------------------------------------------------------

    def describe(self, declared: SchemaObject) -> ObjectState | None:
        """A declaration, in the words of the database as far as they are known; None: it is for other databases."""
        if declared.kind not in self.kinds or not declared.is_for(self.names):
            return None
        needs = frozenset({*self.declared_needs(declared), *self.named(declared)})
        return ObjectState(self.key(declared), self.definition(declared), needs, model=declared)

    @property
    def names(self) -> Collection[str]:
        """What the database is called in declarations, the nearest name first."""
        return tuple(dict.fromkeys((self.adapter.dialect.name, self.adapter.name)))

    def key(self, declared: SchemaObject) -> ObjectKey:
        """What a declaration is called."""
        table = declared.table_name if isinstance(declared, Trigger) else None
        schema = None if isinstance(declared, Extension) else self.schema(declared.schema)
        return ObjectKey(declared.kind, declared.name, schema, table)

    def schema(self, name: str | None) -> str | None:
        """A schema; None for the default one."""
        return None if name == self.default_schema else name

    def definition(self, declared: SchemaObject) -> str:
        """What makes an object what it is; equal for two that are the same."""
        match declared:
            case View() | MaterializedView():
                return self.query(declared)
            case Function():
                return f"({self.text(declared.arguments)})\n{self.text(declared.definition)}"
            case Trigger():
                return f"{self.text(declared.event)}\n{self.text(declared.definition)}"
            case Extension():
                return declared.version or ""
        raise TypeError(f"not a declaration: {declared!r}")

    def query(self, declared: View | MaterializedView) -> str:
        """The query of a view."""
        return str(self.adapter.query(variant(declared.definition, self.names)))

    def text(self, value: str | Mapping[str, str]) -> str:
        """A text that is meant for the database."""
        return cleaned(variant(value, self.names))

    # -- what an object is made of ----------------------------------------------------------------------------------

    def declared_needs(self, declared: SchemaObject) -> Iterator[TableName | ObjectKey]:
        """What a declaration says that it needs."""
        for needed in declared.needs:
            if isinstance(needed, Table):
                yield TableName(needed.name, self.schema(needed.schema))
            elif needed.kind in self.kinds:
                yield self.key(needed)

    def named(self, declared: SchemaObject) -> Iterator[TableName | ObjectKey]:
        """What a definition names, or may name."""
        if isinstance(declared, Trigger):
            yield from self.relation(declared.table_name, declared.schema)
        if isinstance(declared, Extension):
            return
        definition = getattr(declared, "definition", "")
        chosen = variant(definition, self.names)
        if isinstance(chosen, SelectBase):
            for element in visitors.iterate(chosen):
                if isinstance(element, Table):
                    yield from self.relation(element.name, element.schema)
        yield from self.named_in(self.definition(declared))

    def named_in(self, sql: str) -> Iterator[TableName | ObjectKey]:
        """The relations that a text may name, and the functions that it calls for a trigger."""
        for found in _TABLES.finditer(sql):
            for part in found["names"].split(","):
                words = part.split()
                names = [_unquoted(name) for name in _PARTS.findall(words[0])] if words else []
                if names:
                    yield from self.relation(names[-1], names[-2] if len(names) > 1 else None)
        for found in _CALLED.finditer(sql):
            names = [_unquoted(name) for name in _PARTS.findall(found["names"])]
            yield ObjectKey("function", f"{names[-1]}()", self.schema(names[-2] if len(names) > 1 else None))

    def relation(self, name: str, schema: str | None) -> Iterator[TableName | ObjectKey]:
        """What a name where a table may stand can be."""
        yield TableName(name, self.schema(schema))
        for kind in ("view", "materialized_view"):
            if kind in self.kinds:
                yield ObjectKey(kind, name, self.schema(schema))

    # -- operations -------------------------------------------------------------------------------------------------

    def operations(self, old: ObjectState | None, new: ObjectState | None) -> Sequence[Operation[Any]]:
        """What makes *new* of *old*: created where there is no old one, dropped where there is no new one."""
        if new is None:
            return [self.create(old.model).reversed()] if old is not None else []
        create = self.create(new.model)
        if old is None:
            return [create]
        return self.replace(self.create(old.model), create, old, new)

    def create(self, declared: SchemaObject) -> Operation[Any]:
        """What creates an object."""
        schema = self.schema(declared.schema)
        match declared:
            case View():
                return CreateView(declared.name, self.query(declared), schema=schema, options=declared.options)
            case MaterializedView():
                return CreateMaterializedView(
                    declared.name,
                    self.query(declared),
                    schema=schema,
                    with_data=declared.with_data,
                    indexes=tuple(declared.indexes),
                    options=declared.options,
                )
            case Function():
                return CreateFunction(
                    declared.name,
                    self.text(declared.arguments),
                    self.text(declared.definition),
                    schema=schema,
                    procedure=declared.procedure,
                )
            case Trigger():
                return CreateTrigger(
                    declared.name,
                    declared.table_name,
                    self.text(declared.event),
                    self.text(declared.definition),
                    schema=schema,
                    constraint=declared.constraint,
                )
            case Extension():
                return CreateExtension(
                    declared.name, schema=declared.schema, version=declared.version, cascade=declared.cascade
                )
        raise TypeError(f"not a declaration: {declared!r}")

    def replace(
        self, before: Operation[Any], after: Operation[Any], old: ObjectState, new: ObjectState
    ) -> Sequence[Operation[Any]]:
        """What puts an object in the place of another one of its name."""
        match before, after:
            case CreateView(), CreateView():
                return [
                    ReplaceView(
                        after.view_name,
                        after.definition,
                        schema=after.schema,
                        recreate=self.recreates(old, new),
                        options=after.options,
                        existing=before,
                    )
                ]
            case CreateMaterializedView(), CreateMaterializedView():
                return [
                    ReplaceMaterializedView(
                        after.view_name,
                        after.definition,
                        schema=after.schema,
                        with_data=after.with_data,
                        options=after.options,
                        existing=before,
                    )
                ]
            case CreateFunction(), CreateFunction() if not self.recreates(old, new):
                return [
                    ReplaceFunction(
                        after.function_name,
                        after.arguments,
                        after.definition,
                        schema=after.schema,
                        procedure=after.procedure,
                        existing=before,
                    )
                ]
            case CreateTrigger(), CreateTrigger():
                return [
                    ReplaceTrigger(
                        after.trigger_name,
                        after.table_name,
                        after.event,
                        after.definition,
                        schema=after.schema,
                        constraint=after.constraint,
                        existing=before,
                    )
                ]
        return [before.reversed(), after]

    def recreates(self, old: ObjectState, new: ObjectState) -> bool:
        """Whether an object must be dropped before it can be what it shall be."""
        return False


def _unquoted(name: str) -> str:
    if name[:1] in '"`':
        return name[1:-1].replace(name[0] * 2, name[0])
    return name[1:-1] if name.startswith("[") else name
