"""Autogenerate: compares models with a database, for programs: what differs, as tuples, operations or source."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from asyncmig.autogenerate import Diff
from asyncmig.compat.alembic.autogenerate.api import AutogenContext
from asyncmig.compat.alembic.autogenerate.rewriter import Rewriter
from asyncmig.compat.alembic.code import CodeForm, Coder
from asyncmig.compat.alembic.comparing import compare_on
from asyncmig.compat.alembic.directives import downgrade_ops, upgrade_ops
from asyncmig.compat.alembic.errors import CommandError, command_errors
from asyncmig.compat.alembic.migration import MigrationContext
from asyncmig.compat.alembic.running import check_connection, run
from asyncmig.runtime.alembic.op_containers import MigrationScript, OpContainer

__all__ = ["AutogenContext", "Rewriter", "compare_metadata", "produce_migrations", "render_python_code"]


def compare_metadata(context: MigrationContext, metadata: Any) -> list[Any]:
    """The differences between a database and models, as Alembic tells them: `("add_table", Table)` and so on.

    Args:
        context: a `MigrationContext` with a connection; its options say what is compared.
        metadata: the models, of one `MetaData` or several.

    Raises:
        CommandError: they cannot be compared.
    """
    diffs: list[Any] = upgrade_ops(_compared(context, metadata).changes).as_diffs()
    return diffs


def produce_migrations(context: MigrationContext, metadata: Any) -> MigrationScript:
    """The operations that make of a database what models want.

    Args:
        context: a `MigrationContext` with a connection; its options say what is compared.
        metadata: the models, of one `MetaData` or several.

    Raises:
        CommandError: they cannot be compared.
    """
    changes = _compared(context, metadata).changes
    return MigrationScript(None, upgrade_ops(changes), downgrade_ops(changes))


def render_python_code(
    up_or_down_op: OpContainer,
    sqlalchemy_module_prefix: str = "sa.",
    alembic_module_prefix: str = "op.",
    render_as_batch: bool = False,
    imports: Iterable[str] = (),
    render_item: Any = None,
    migration_context: MigrationContext | None = None,
    user_module_prefix: str | None = None,
) -> str:
    """The source of operations, as the body of a function; its first line is not indented.

    Args:
        up_or_down_op: the operations.
        sqlalchemy_module_prefix, alembic_module_prefix: what stands before names of SQLAlchemy and before words.
        render_as_batch: whether what changes a table stands in a block.
        imports: where lines of import that the source needs are put, if it is a set.
        render_item: has a say in how anything is written.
        migration_context: the database that it is for.
        user_module_prefix: what stands before types of a project's own.

    Raises:
        CommandError: something cannot be written as Python.
    """
    context = AutogenContext(migration_context)
    form = CodeForm(sqlalchemy_module_prefix, alembic_module_prefix, user_module_prefix, render_as_batch, render_item)
    with command_errors():
        text = Coder(form, context).body(up_or_down_op)
    if isinstance(imports, set):
        imports.update(context.imports)
    return text


def _compared(context: MigrationContext, metadata: Any) -> Diff:
    connection = context.connection
    if connection is None:
        raise CommandError("Autogenerate requires a connection.", hint="MigrationContext.configure(connection)")
    with command_errors():
        check_connection("The connection", connection)
        return run(lambda: compare_on(connection, metadata, context.opts, context))
