"""Filters: what of a database and of models is compared, as a project has chosen."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, TypeAlias, TypeVar

from asyncmig.errors import AsyncmigError, FilterError
from asyncmig.operations.base import TableName
from asyncmig.schema import ObjectKey, Scope, Snapshot
from asyncmig.schema.scope import IncludeName

#: Called with an object of SQLAlchemy, its name, what it is (`table`, `column`, `index`, `unique_constraint`,
#: `foreign_key_constraint`, `check_constraint`, ...), whether it was read from the database, and what it is compared
#: to.
IncludeObject: TypeAlias = Callable[[Any, str | None, str, bool, Any], bool]

#: Called with the context, the column of the database, that of the models, and their types; True: they differ, False:
#: they do not, None: compare them as if there were no such function.
CompareType: TypeAlias = Callable[[Any, Any, Any, Any, Any], bool | None]

#: Called with the context, the column of the database, that of the models, the default of the database, that of the
#: models, and the text of that; True, False and None mean the same as for types.
CompareDefault: TypeAlias = Callable[[Any, Any, Any, Any, Any, Any], bool | None]

Named = TypeVar("Named", TableName, ObjectKey)
State = TypeVar("State")


@dataclass(frozen=True)
class Filters:
    """What is compared; the arguments mean what those of Alembic's `context.configure` mean.

    Args:
        include_schemas: whether tables of all schemas are compared, also those that no model names; or which schemas.
            False: the default schema, and in other schemas the tables that models name.
        include_name: whether a name is looked at; it is asked before anything is read.
        include_object: whether a difference in an object is one; it is asked with SQLAlchemy's objects.
        compare_type: whether types are compared; a function decides for each pair.
        compare_server_default: whether defaults are compared; a function decides for each pair.
        drop_schemas: whether schemas that no model uses are dropped.
        leave_out: tables that are never compared; a name alone is that of a table in whatever schema.
        context: the first argument of the comparing functions.
    """

    include_schemas: bool | Sequence[str | None] = False
    include_name: IncludeName | None = None
    include_object: IncludeObject | None = None
    compare_type: bool | CompareType = True
    compare_server_default: bool | CompareDefault = True
    drop_schemas: bool = False
    leave_out: frozenset[TableName | str] = frozenset()
    context: Any = None

    def scope(self, used: Sequence[str | None] = (), kinds: frozenset[str] = frozenset()) -> Scope:
        """How much of a database is read.

        Args:
            used: the schemas that the models use.
            kinds: the kinds of objects beside tables that they declare.
        """
        if self.include_schemas is True:
            schemas: tuple[str | None, ...] | None = None
        elif self.include_schemas:
            schemas = tuple(self.include_schemas)
        else:
            schemas = tuple(dict.fromkeys((None, *used)))
        return Scope(schemas, self._guarded_name(), self.leave_out, kinds)

    def looked_at(self, live: Snapshot, wanted: Snapshot) -> Snapshot:
        """*live* without what is none of the models' business.

        Unless schemas were asked for, a schema that models only put a table into is not theirs: nothing else in it
        counts.
        """
        if self.include_schemas:
            return live
        return replace(
            live,
            tables=_shared(live.tables, wanted.tables),
            enums=_shared(live.enums, wanted.enums),
            sequences=_shared(live.sequences, wanted.sequences),
            objects=_shared(live.objects, wanted.objects),
        )

    def _guarded_name(self) -> IncludeName | None:
        include_name = self.include_name
        if include_name is None:
            return None

        def guarded(name: str | None, kind: str, parents: Mapping[str, str | None]) -> bool:
            asked = f"{kind} {name!r}"
            return bool(_ask("include_name", asked, lambda: include_name(name, kind, parents)))

        return guarded

    def includes(self, item: Any, name: str | None, kind: str, reflected: bool, compare_to: Any) -> bool:
        """Whether a difference in *item* is one."""
        include_object = self.include_object
        if include_object is None:
            return True
        asked = f"{kind} {name!r}"
        return bool(_ask("include_object", asked, lambda: include_object(item, name, kind, reflected, compare_to)))

    def type_differs(self, live: Any, wanted: Any, live_type: Any, wanted_type: Any) -> bool | None:
        """What the project says of two types; None where it says nothing."""
        compare = self.compare_type
        if isinstance(compare, bool):
            return None if compare else False
        asked = f"column {wanted.name!r}"
        answer: bool | None = _ask(
            "compare_type", asked, lambda: compare(self.context, live, wanted, live_type, wanted_type)
        )
        return answer

    def default_differs(self, live: Any, wanted: Any, live_default: str | None, rendered: str | None) -> bool | None:
        """What the project says of two defaults; None where it says nothing."""
        compare = self.compare_server_default
        if isinstance(compare, bool):
            return None if compare else False
        asked = f"column {wanted.name!r}"
        default = wanted.server_default
        answer: bool | None = _ask(
            "compare_server_default",
            asked,
            lambda: compare(self.context, live, wanted, live_default, default, rendered),
        )
        return answer


def _shared(live: Mapping[Named, State], wanted: Mapping[Named, Any]) -> Mapping[Named, State]:
    """What is in the default schema, and what is in both."""
    if all(name.schema is None for name in live):
        return live
    return {name: state for name, state in live.items() if name.schema is None or name in wanted}


def _ask(name: str, asked: str, call: Callable[[], Any]) -> Any:
    try:
        return call()
    except AsyncmigError:
        raise
    except Exception as error:
        raise FilterError(filter_name=name, asked=asked, error=error) from error
