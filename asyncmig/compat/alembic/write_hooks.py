"""Write hooks: lets an `env.py` declare hooks of its own kind, which are refused only when a file is written."""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeVar

__all__ = ["register"]

FunctionT = TypeVar("FunctionT", bound=Callable[..., object])


def register(name: str) -> Callable[[FunctionT], FunctionT]:
    """Declare a function as a kind of hook.

    It is not called: a new revision whose hooks have the type *name* is written, and then the error says that nobody
    is registered for it.

    Args:
        name: the kind.
    """

    def declared(function: FunctionT) -> FunctionT:
        return function

    return declared
