"""Autogenerate: the entry points of Alembic that compare models with a database, which asyncmig cannot do yet."""

from __future__ import annotations

from typing import Any, NoReturn

from asyncmig.compat.alembic.errors import CannotCompareModelsError

__all__ = ["compare_metadata", "produce_migrations", "render_python_code"]


def compare_metadata(context: Any, metadata: Any) -> NoReturn:
    """The differences between a database and models.

    Args:
        context: a `MigrationContext`.
        metadata: the models' metadata.

    Raises:
        CannotCompareModelsError: always.
    """
    raise CannotCompareModelsError("compare_metadata()")


def produce_migrations(context: Any, metadata: Any) -> NoReturn:
    """The operations that make a database what models say.

    Args:
        context: a `MigrationContext`.
        metadata: the models' metadata.

    Raises:
        CannotCompareModelsError: always.
    """
    raise CannotCompareModelsError("produce_migrations()")


def render_python_code(up_or_down_op: Any, *args: Any, **kw: Any) -> NoReturn:
    """The source of operations that were produced by a comparison.

    Args:
        up_or_down_op: the operations.
        args, kw: how to write them.

    Raises:
        CannotCompareModelsError: always.
    """
    raise CannotCompareModelsError("render_python_code()")
