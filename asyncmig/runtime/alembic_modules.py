"""Alembic modules: what `from alembic import op, context` gives a revision file, with Alembic installed or not."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from types import SimpleNamespace
from typing import Any

from asyncmig.revisions.graph import RevisionGraph
from asyncmig.runtime.alembic.dispatch import Dispatcher
from asyncmig.runtime.alembic.environment import EnvironmentContext
from asyncmig.runtime.alembic.migration import MigrationContext
from asyncmig.runtime.alembic.operations import AbstractOperations, operation_classes
from asyncmig.runtime.alembic.ops import MigrateOperation, ops_module
from asyncmig.runtime.alembic.project import ProjectView, ScriptFiles, script_directory
from asyncmig.runtime.alembic.util import util_module
from asyncmig.scripts.imports import ScriptModules
from asyncmig.scripts.script import Script
from asyncmig.scripts.search_path import SearchPath

#: The version of Alembic whose names these are.
ALEMBIC_VERSION = "1.20.1"


def alembic_modules(
    script: Callable[[str], Script] | None = None,
    graph: Callable[[], RevisionGraph] | None = None,
    search_path: SearchPath | None = None,
    others: Mapping[str, Any] | None = None,
) -> ScriptModules:
    """The objects that stand for Alembic's modules inside the revision files of one project, by dotted name.

    What a project registers with them, such as operations of its own, is known to its own files only.

    Args:
        script: executes the file of a revision, once; for `op.get_context().script`.
        graph: the history; for the same.
        search_path: where imports of the files look; where those of the process do by default.
        others: further modules, or others in place of these.
    """
    files = ScriptFiles(graph, script) if script is not None and graph is not None else None
    contexts: type[MigrationContext] = type(
        "MigrationContext",
        (MigrationContext,),
        {"project": ProjectView(files), "__module__": "alembic.runtime.migration"},
    )
    context = EnvironmentContext(contexts)
    contexts.environment = context
    operations, batch = operation_classes(contexts)
    op = operations()
    ops, util, autogenerate = ops_module(), util_module(), _autogenerate()
    words = {"Operations": operations, "BatchOperations": batch, "AbstractOperations": AbstractOperations}
    migration = SimpleNamespace(MigrationContext=contexts)
    return ScriptModules(
        {
            "alembic": SimpleNamespace(op=op, context=context, __version__=ALEMBIC_VERSION),
            "alembic.op": op,
            "alembic.context": context,
            "alembic.operations": SimpleNamespace(**words, MigrateOperation=MigrateOperation, ops=ops),
            "alembic.operations.base": SimpleNamespace(**words),
            "alembic.operations.ops": ops,
            "alembic.util": util,
            "alembic.util.exc": SimpleNamespace(CommandError=util.CommandError),
            "alembic.util.messaging": SimpleNamespace(msg=util.msg, err=util.err, warn=util.warn),
            "alembic.migration": migration,
            "alembic.runtime.migration": migration,
            "alembic.autogenerate": autogenerate,
            "alembic.autogenerate.compare": SimpleNamespace(comparators=autogenerate.comparators),
            "alembic.autogenerate.render": SimpleNamespace(renderers=autogenerate.renderers),
            **({} if files is None else {"alembic.script": SimpleNamespace(ScriptDirectory=script_directory(files))}),
            **(others or {}),
        },
        search_path,
    )


def _autogenerate() -> SimpleNamespace:
    """`alembic.autogenerate` for modules that register comparators beside their operations."""
    names: dict[str, Any] = {name: Dispatcher() for name in ("comparators", "renderers")}
    return SimpleNamespace(**names)
