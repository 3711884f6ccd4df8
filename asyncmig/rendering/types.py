"""Types: SQLAlchemy's column types, and those of users, as source text."""

from __future__ import annotations

import ast
import inspect
import sys
from collections.abc import Callable, Iterator, Mapping, Sequence
from functools import lru_cache
from inspect import Parameter
from types import MappingProxyType
from typing import Any, TypeAlias

import sqlalchemy as sa
from sqlalchemy import ARRAY, Enum, PickleType
from sqlalchemy.dialects import mysql, postgresql, sqlite
from sqlalchemy.types import TypeDecorator, TypeEngine

from asyncmig._sqlalchemy import inherits_schema, length_of_values, type_variants
from asyncmig.errors import OperationError
from asyncmig.rendering.source import Source, call, named, string
from asyncmig.rendering.values import Functions, Writer, reference

__all__ = ["IMPORT_SQLALCHEMY", "TYPES", "class_source"]

IMPORT_SQLALCHEMY = "import sqlalchemy as sa"

ArgumentsOf: TypeAlias = Callable[[Any, Writer], list[Source]]
_DIALECTS = "sqlalchemy.dialects."
#: Parameters of types that a revision has no use for.
_NOT_WRITTEN = frozenset({"metadata", "inherit_schema", "quote"})


def class_source(kind: type) -> Source:
    """The name of a class as revisions write it: `sa.String`, `postgresql.JSONB`, `app.types.Money`."""
    name = kind.__name__
    if getattr(sa, name, None) is kind:
        return Source(f"sa.{name}", frozenset({IMPORT_SQLALCHEMY}))
    if getattr(sa.types, name, None) is kind:
        return Source(f"sa.types.{name}", frozenset({IMPORT_SQLALCHEMY}))
    if kind.__module__.startswith(_DIALECTS):
        dialect = kind.__module__.removeprefix(_DIALECTS).partition(".")[0]
        if getattr(sys.modules.get(_DIALECTS + dialect), name, None) is kind:
            return Source(f"{dialect}.{name}", frozenset({f"from sqlalchemy.dialects import {dialect}"}))
    return reference(kind)


def _type(value: TypeEngine[Any], write: Writer) -> Source:
    kind = class_source(type(value))
    source = _from_repr(value, kind) or call(kind.text, *_arguments(value, write)).requiring(*kind.imports)
    for variant, dialects in _variants(value):
        source = source.method("with_variant", write(variant), *map(string, dialects))
    return source


def _variants(value: TypeEngine[Any]) -> Iterator[tuple[TypeEngine[Any], list[str]]]:
    """The variants of a type, each with the names of the dialects that it is for."""
    dialects: dict[int, list[str]] = {}
    types: dict[int, TypeEngine[Any]] = {}
    for name, variant in type_variants(value).items():
        dialects.setdefault(id(variant), []).append(name)
        types[id(variant)] = variant
    for key, names in dialects.items():
        yield types[key], names


def _from_repr(value: TypeEngine[Any], kind: Source) -> Source | None:
    """What the `__repr__` of a user's type says, when it has its own and that is a call with literal arguments."""
    owner = next(base for base in type(value).__mro__ if "__repr__" in vars(base))
    if owner.__module__.startswith("sqlalchemy."):
        return None
    text = repr(value)
    if not text.startswith(f"{type(value).__name__}("):
        return None
    try:
        tree = ast.parse(text, mode="eval").body
    except SyntaxError:
        return None
    if not isinstance(tree, ast.Call) or not all(map(_is_literal, _given(tree))):
        return None
    return Source(kind.text + text.removeprefix(type(value).__name__), kind.imports)


def _given(tree: ast.Call) -> list[ast.expr]:
    return [*tree.args, *(word.value for word in tree.keywords)]


def _is_literal(node: ast.expr) -> bool:
    try:
        ast.literal_eval(node)
    except ValueError:
        return False
    return True


def _arguments(value: TypeEngine[Any], write: Writer) -> list[Source]:
    """The arguments of the constructor of a type."""
    for kind in type(value).__mro__:
        if kind in _ARGUMENTS:
            return _ARGUMENTS[kind](value, write)
    return _as_declared(value, write)


def _as_declared(value: Any, write: Writer) -> list[Source]:
    """Arguments for each parameter of a constructor whose attribute of the same name is not the default."""
    sources = []
    for name, parameter in _parameters(type(value)).items():
        given = _kept(value, name, parameter.default)
        if given is Parameter.empty:
            kind = type(value).__name__
            raise OperationError(
                f"{kind} cannot be written as Python: it keeps its argument {name!r} in no attribute of that name.",
                hint=f"Set self.{name} in {kind}.__init__, or say how it is written: sources={{{kind}: …}}",
            )
        if not _same(given, parameter.default):
            sources.append(named(name, write(given)))
    return sources


def _kept(value: Any, name: str, default: Any) -> Any:
    """What an object keeps of the argument *name*, *default* where it keeps nothing."""
    for attribute in (name, f"_{name}"):
        if attribute in vars(value) or isinstance(getattr(type(value), attribute, None), property):
            return getattr(value, attribute)
    # a plain attribute of the class is what applies when the argument is not given
    return getattr(value, name, default) if default is Parameter.empty else default


def _parameters(kind: type) -> Mapping[str, Parameter]:
    """The public parameters of the constructor of *kind*, with those that it passes on to its bases."""
    found: dict[str, Parameter] = {}
    for base in kind.__mro__:
        if "__init__" not in vars(base):
            continue
        parameters = _parameters_of(vars(base)["__init__"])
        for parameter in parameters:
            plain = parameter.kind not in (Parameter.VAR_KEYWORD, Parameter.VAR_POSITIONAL)
            if plain and not parameter.name.startswith("_") and parameter.name not in _NOT_WRITTEN:
                found.setdefault(parameter.name, parameter)
        if not any(parameter.kind is Parameter.VAR_KEYWORD for parameter in parameters):
            break
    return found


@lru_cache(maxsize=256)
def _parameters_of(function: Callable[..., Any]) -> Sequence[Parameter]:
    """The parameters of a method without the first one."""
    return tuple(inspect.signature(function).parameters.values())[1:]


def _same(value: Any, default: Any) -> bool:
    # only plain values are compared: SQL expressions would answer with an expression
    plain = isinstance(value, str | int | float | tuple)
    return value is default or (plain and type(value) is type(default) and bool(value == default))


def _decorator_arguments(value: TypeDecorator[Any], write: Writer) -> list[Source]:
    """A decorator without parameters of its own passes them on to the type that it decorates."""
    if _parameters(type(value)):
        return _as_declared(value, write)
    decorated = type(value).impl
    return _arguments(value.impl_instance, write) if isinstance(decorated, type) else []


def _pickle_arguments(value: PickleType, write: Writer) -> list[Source]:
    # the pickler and its protocol say how values are stored, not what the column is
    plain = type(value.impl_instance) is sa.LargeBinary
    return [] if plain else [named("impl", write(value.impl_instance))]


def _array_arguments(value: ARRAY[Any], write: Writer) -> list[Source]:
    options = {
        "as_tuple": (value.as_tuple, False),
        "dimensions": (value.dimensions, None),
        "zero_indexes": (value.zero_indexes, False),
    }
    return [write(value.item_type), *_options(options, write)]


def _enum_arguments(value: Enum, write: Writer) -> list[Source]:
    """The values as the database knows them: a revision must not follow changes of the user's class."""
    options = {
        "name": (value.name, None),
        "schema": (value.schema, None),
        "native_enum": (value.native_enum, True),
        "create_constraint": (value.create_constraint, False),
        "length": (value.length, length_of_values(value)),
        "validate_strings": (value.validate_strings, False),
        "inherit_schema": (inherits_schema(value), False),
        "create_type": (value.create_type, True),
    }
    return [*map(string, value.enums), *_options(options, write)]


def _options(options: Mapping[str, tuple[Any, Any]], write: Writer) -> list[Source]:
    """Keyword arguments from pairs of a value and the default, where they differ."""
    return [named(name, write(value)) for name, (value, default) in options.items() if not _same(value, default)]


def _text_options(value: Any, write: Writer) -> list[Source]:
    """What the text types of MySQL have besides."""
    options: dict[str, tuple[Any, Any]] = {name: (getattr(value, name), None) for name in ("charset", "collation")}
    options |= {name: (bool(getattr(value, name)), False) for name in ("ascii", "unicode", "binary")}
    return _options(options, write)


def _mysql_enum_arguments(value: mysql.ENUM, write: Writer) -> list[Source]:
    return [*_enum_arguments(value, write), *_text_options(value, write)]


def _mysql_set_arguments(value: mysql.SET, write: Writer) -> list[Source]:
    bitwise = _options({"retrieve_as_bitwise": (value.retrieve_as_bitwise, False)}, write)
    return [*map(string, value.values), *_text_options(value, write), *bitwise]


def _sqlite_time_arguments(value: Any, write: Writer) -> list[Source]:
    """How text is read and written, where it is not the usual way of the class."""
    own = vars(value)
    options = {
        "timezone": (own.get("timezone", False), False),
        "storage_format": (own.get("_storage_format"), None),
        "regexp": (getattr(own.get("_reg"), "pattern", None), None),
    }
    return _options(options, write)


def _domain_arguments(value: postgresql.DOMAIN, write: Writer) -> list[Source]:
    names = ("schema", "collation", "collation_schema", "default", "constraint_name", "check")
    options: dict[str, tuple[Any, Any]] = {name: (getattr(value, name), None) for name in names}
    options |= {"not_null": (value.not_null, False), "create_type": (value.create_type, True)}
    return [write(value.name), write(value.data_type), *_options(options, write)]


def _class(value: type, write: Writer) -> Source:
    return class_source(value)


#: The types whose arguments are not simply the attributes of the same names.
_ARGUMENTS: Mapping[type, ArgumentsOf] = MappingProxyType(
    {
        TypeDecorator: _decorator_arguments,
        PickleType: _pickle_arguments,
        ARRAY: _array_arguments,
        Enum: _enum_arguments,
        mysql.ENUM: _mysql_enum_arguments,
        mysql.SET: _mysql_set_arguments,
        sqlite.DATE: _sqlite_time_arguments,
        sqlite.DATETIME: _sqlite_time_arguments,
        sqlite.TIME: _sqlite_time_arguments,
        postgresql.DOMAIN: _domain_arguments,
    }
)

#: How types, and classes in their place, are written.
TYPES: Functions = MappingProxyType({TypeEngine: _type, type: _class})
