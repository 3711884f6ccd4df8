"""Implementations: what carries out the operations of a project's own kinds."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeVar

Function = TypeVar("Function", bound=Callable[..., Any])


class Implementations:
    """Which function carries out operations of which class; one for each project that is loaded."""

    def __init__(self) -> None:
        self._functions: dict[type[Any], Callable[..., Any]] = {}

    def __bool__(self) -> bool:
        return bool(self._functions)

    def register(self, kind: type[Any], *, replace: bool = False) -> Callable[[Function], Function]:
        """A decorator that makes a function carry out operations of the class *kind* and of its subclasses.

        Raises:
            ValueError: there is such a function already, and *replace* does not say that it shall be replaced.
        """

        def decorate(function: Function) -> Function:
            if kind in self._functions and not replace:
                raise ValueError(
                    f"{kind.__name__} has an implementation already; give replace=True to put another in its place."
                )
            self._functions[kind] = function
            return function

        return decorate

    def find(self, kind: type[Any]) -> Callable[..., Any] | None:
        """The function for operations of the class *kind*; None when nothing is registered for it."""
        for each in kind.__mro__:
            if each in self._functions:
                return self._functions[each]
        return None


class Dispatcher:
    """`alembic.autogenerate.comparators` and `renderers` of one project: they keep what is registered.

    It is called when a revision is made, not when one runs.
    """

    def __init__(self) -> None:
        self.registered: dict[tuple[Any, str], Callable[..., Any]] = {}

    def dispatch_for(self, target: Any, qualifier: str = "default", **options: Any) -> Callable[[Function], Function]:
        """A decorator that keeps a function."""

        def decorate(function: Function) -> Function:
            self.registered[target, qualifier] = function
            return function

        return decorate

    def find(self, kind: type[Any], qualifier: str = "default") -> Callable[..., Any] | None:
        """What is registered for a class or one of its bases; None for nothing."""
        return next(
            (self.registered[each, qualifier] for each in kind.__mro__ if (each, qualifier) in self.registered), None
        )
