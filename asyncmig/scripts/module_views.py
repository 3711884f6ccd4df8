"""Views: modules as a script sees them, with attributes of its own before those of the real module."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from types import ModuleType
from typing import Any

__all__ = ["Extended", "Joined", "PackageView", "View"]


class Extended:
    """An object with further attributes.

    Args:
        given: the object, which stays as it is.
        own: the further attributes.
    """

    def __init__(self, given: object, own: Mapping[str, Any]) -> None:
        self._given = given
        self.__dict__.update(own)

    def __getattr__(self, name: str) -> Any:
        return getattr(self._given, name)


class Joined(ModuleType):
    """What is provided in the place of a module; what that lacks is read from the real module, if there is one.

    Args:
        name: the name of the module.
        provided: what it has.
        child: what is provided in the place of a module below it; None where nothing is.
        real: imports the real module; called when it is first needed.
    """

    def __init__(
        self, name: str, provided: object, child: Callable[[str], Any], real: Callable[[], ModuleType]
    ) -> None:
        super().__init__(name)
        self.__dict__.update(_provided=provided, _child=child, _real=real)

    def __getattr__(self, name: str) -> Any:
        own = self.__dict__
        child = own["_child"](name)
        if child is not None:
            return child
        if hasattr(own["_provided"], name):
            return getattr(own["_provided"], name)
        if name.startswith("__"):
            raise AttributeError(f"module {self.__name__!r} has no attribute {name!r}")
        try:
            real = own["_real"]()
        except ModuleNotFoundError as error:
            raise AttributeError(f"module {self.__name__!r} has no attribute {name!r}: {error}") from error
        return getattr(real, name)


class View(ModuleType):
    """A module with some attributes of its own; all others are read from the real one, and written to it.

    Args:
        real: the real module.
        own: the attributes that differ.
    """

    def __init__(self, real: ModuleType, own: Mapping[str, Any]) -> None:
        super().__init__(real.__name__, real.__doc__)
        taken = ("__file__", "__loader__", "__package__", "__path__", "__spec__")
        self.__dict__.update({name: vars(real)[name] for name in taken if name in vars(real)})
        self.__dict__.update(own)
        self.__dict__["_real"] = real

    def __getattr__(self, name: str) -> Any:
        return getattr(self.__dict__["_real"], name)

    def __setattr__(self, name: str, value: Any) -> None:
        setattr(self.__dict__["_real"], name, value)

    def __dir__(self) -> list[str]:
        return sorted({*dir(self.__dict__["_real"]), *self.__dict__} - {"_real"})


class PackageView(View):
    """A package of the application, some of whose modules are copies that scripts have for themselves.

    Args:
        real: the package.
        child: gives the copy of one of its modules, or a view of a package with copies below it; None for all others.
    """

    def __init__(self, real: ModuleType, child: Callable[[str], Any]) -> None:
        super().__init__(real, {})
        self.__dict__["_child"] = child

    def __getattr__(self, name: str) -> Any:
        child = self.__dict__["_child"](name)
        return super().__getattr__(name) if child is None else child
