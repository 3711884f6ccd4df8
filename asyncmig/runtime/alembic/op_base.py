"""BuiltInOp: the base of Alembic's operation objects, which may be changed until they are carried out."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import MISSING, fields, replace
from functools import cached_property
from typing import Any, ClassVar, Self

from asyncmig.errors import IrreversibleOperationError
from asyncmig.operations import Operation

#: Marks an argument that has no default.
NEEDED: Any = object()
#: What `_reverse` of Alembic's objects is called in ours.
_DROPPED = "dropped"


class MigrateOperation:
    """The base of operations, of those below and of a project's own kinds."""

    @cached_property
    def info(self) -> dict[Any, Any]:
        """Free data."""
        return {}


class BuiltInOp(MigrateOperation):
    """An operation of Alembic; it says what one of ours says.

    The arguments of its class are those of the word of `op`. They are its attributes, which may be changed.
    """

    #: Makes ours: from what is given by position, and by name.
    build: ClassVar[Callable[..., Operation[Any]]]
    #: The class of ours.
    kind: ClassVar[type[Operation[Any]]]
    #: What is given by position, with defaults.
    words: ClassVar[Mapping[str, Any]]
    #: What is given by name, with defaults; anything else is in `kw`.
    options: ClassVar[Mapping[str, Any]] = {}
    #: What ours calls some of the attributes.
    renamed: ClassVar[Mapping[str, str]] = {}

    def __init__(self, *arguments: Any, **keywords: Any) -> None:
        if len(arguments) > len(self.words):
            raise TypeError(f"{type(self).__name__} takes {len(self.words)} arguments by position: {_list(self.words)}")
        given = dict(zip(self.words, arguments, strict=False))
        for name, default in {**self.words, **self.options}.items():
            if name not in given:
                given[name] = keywords.pop(name, default)
            elif name in keywords:
                raise TypeError(f"{type(self).__name__} got two values for {name}")
        missing = [name for name, value in given.items() if value is NEEDED]
        if missing:
            raise TypeError(f"{type(self).__name__} needs {_list(missing)}")
        self._hidden: dict[str, Any] = {}
        self._set(given, keywords)

    def _set(self, given: Mapping[str, Any], keywords: Mapping[str, Any]) -> None:
        for name, value in given.items():
            setattr(self, name, value)
        #: What is given by name besides.
        self.kw: dict[str, Any] = {name: value for name, value in keywords.items() if not name.startswith("_")}
        if (reverse := keywords.get("_reverse")) is not None:
            self._hidden[_DROPPED] = self._dropped(reverse)

    @staticmethod
    def _dropped(reverse: Any) -> Any:
        """What an operation that undoes this one says of what is dropped."""
        return reverse.operation

    @classmethod
    def of(cls, operation: Operation[Any]) -> Self:
        """The object for an operation of ours."""
        made = cls.__new__(cls)
        made._hidden = {}
        given: dict[str, Any] = {**cls.words, **cls.options}
        others: dict[str, Any] = {}
        theirs = {ours: name for name, ours in cls.renamed.items()}
        for field in fields(operation):  # type: ignore[arg-type]
            name, value = theirs.get(field.name, field.name), getattr(operation, field.name)
            if field.metadata.get("hidden"):
                made._hidden[field.name] = value
            elif field.metadata.get("keywords"):
                others.update(value)
            elif name in given:
                given[name] = list(value) if field.metadata.get("spread") else value
            elif not _is_default(field, value):
                others[name] = value
        made._set(given, others)
        return made

    @property
    def operation(self) -> Operation[Any]:
        """Ours, as the attributes say now."""
        named = {
            self.renamed.get(name, name): value
            for name, default in self.options.items()
            if (value := getattr(self, name)) is not default
        }
        positional = [getattr(self, name) for name in self.words]
        made = type(self).build(*positional, **named, **self.kw)
        hidden = {name: value for name, value in self._hidden.items() if value is not None}
        return replace(made, **hidden) if hidden else made  # type: ignore[type-var]

    def __getattr__(self, name: str) -> Any:
        kw = self.__dict__.get("kw", {})
        if name in kw:
            return kw[name]
        if name.startswith("_") or name in (*self.words, *self.options):
            raise AttributeError(name)
        return getattr(self.operation, name)

    def reverse(self) -> Any:
        """The operation that undoes this one.

        Raises:
            IrreversibleOperationError: it cannot be known from this one alone.
        """
        return self._as_op(self.operation.reversed())

    @staticmethod
    def _as_op(operation: Operation[Any]) -> Any:
        # The table of all kinds stands above the kinds.
        from asyncmig.runtime.alembic.ops import op_of

        return op_of(operation)

    @property
    def _reverse(self) -> Any:
        """The operation that undoes this one; None where it is not known."""
        try:
            return self.reverse()
        except IrreversibleOperationError:
            return None

    def to_diff_tuple(self) -> Any:
        """The difference that it stands for, as `compare_metadata` tells it."""
        raise NotImplementedError(f"{type(self).__name__} is no difference between a database and models")

    def __repr__(self) -> str:
        return f"<{type(self).__name__}: {self.operation.describe()}>"


class OwnOp(MigrateOperation):
    """An operation that Alembic does not have, such as one on an enumerated type or a view.

    Args:
        operation: ours.
    """

    def __init__(self, operation: Operation[Any]) -> None:
        self.operation = operation

    def reverse(self) -> Any:
        """The operation that undoes this one.

        Raises:
            IrreversibleOperationError: it cannot be known from this one alone.
        """
        return BuiltInOp._as_op(self.operation.reversed())

    def to_diff_tuple(self) -> tuple[str, Operation[Any]]:
        """The difference that it stands for: the word of ours, and the operation."""
        return self.operation.verb, self.operation

    def __repr__(self) -> str:
        return f"<OwnOp: {self.operation.describe()}>"


def _list(names: Any) -> str:
    return ", ".join(names)


def _is_default(field: Any, value: Any) -> bool:
    default = field.default_factory() if field.default_factory is not MISSING else field.default
    return value is default or (isinstance(value, tuple | dict) and value == default)
