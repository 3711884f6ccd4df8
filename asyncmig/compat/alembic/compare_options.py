"""Compare options: what `context.configure()` says about comparing models with a database, in our words."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

__all__ = ["choices"]


def choices(options: Mapping[str, Any], context: Any) -> dict[str, Any]:
    """What is compared: fields of `Filters` and of `Environment`. What is not said is as in Alembic.

    Args:
        options: the arguments of `context.configure()`.
        context: the `MigrationContext` that functions get.
    """
    compare_type = options.get("compare_type")
    return {
        "include_schemas": bool(options.get("include_schemas")),
        "include_name": options.get("include_name"),
        "include_object": options.get("include_object"),
        "compare_type": _asked(True if compare_type is None else compare_type, context),
        "compare_server_default": _asked(options.get("compare_server_default") or False, context),
    }


def _asked(choice: Any, context: Any) -> Any:
    """A function of the project gets the context of Alembic in place of ours."""
    return (lambda _, *rest: choice(context, *rest)) if callable(choice) else bool(choice)
