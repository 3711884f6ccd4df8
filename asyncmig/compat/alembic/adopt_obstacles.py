"""Obstacles: what an `env.py` of Alembic does for which asyncmig's own form has no place."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

from asyncmig.compat.alembic.environment_source import EnvironmentSource, dotted
from asyncmig.errors import ConfigError
from asyncmig.migrator.history import History
from asyncmig.scripts.source import decode

__all__ = ["not_carried_over", "refuse_obstacles", "takes_arguments"]

_STAYS = (
    "It stays in Alembic's form, in which asyncmig runs it as it is: asyncmig upgrade. Nothing was changed.\n"
    "When the line can go, or the server can do it, adopt again."
)
_STATEMENTS = frozenset({"execute", "exec_driver_sql"})
_ENGINES = frozenset({"create_engine", "create_async_engine", "engine_from_config", "async_engine_from_config"})
#: Options of an engine that asyncmig has no need of.
_NEEDLESS = frozenset({"echo", "future", "pool_pre_ping", "poolclass", "prefix", "url", None})
_OF_CONFIGURE = (
    *("on_version_apply", "process_revision_directives"),
    *("include_name", "include_object", "include_schemas", "compare_type", "compare_server_default", "render_item"),
)


def refuse_obstacles(source: EnvironmentSource) -> None:
    """Refuse an `env.py` that does to its connection what would be lost.

    Raises:
        ConfigError: it executes statements by itself, or sets a schema; names the line.
    """
    for node in ast.walk(source.tree):
        what = None
        if not isinstance(node, ast.expr):
            continue
        if isinstance(node, ast.Call):
            if isinstance(node.func, ast.Attribute) and node.func.attr in _STATEMENTS:
                what = "executes a statement by itself"
            elif any(keyword.arg == "schema_translate_map" for keyword in node.keywords):
                what = "translates schemas"
        elif isinstance(node, ast.Attribute) and isinstance(node.ctx, ast.Store):
            what = "sets a schema" if node.attr == "default_schema_name" else None
        if what is not None:
            words = " ".join((ast.get_source_segment(source.text, node) or "").split())[:160]
            raise ConfigError(
                f"{source.path}:{node.lineno}: env.py {what}, for which asyncmig's own env.py has no place: {words}",
                hint=_STAYS,
            )


def not_carried_over(source: EnvironmentSource) -> Iterator[str]:
    """What the new settings do not say, in a sentence each."""
    for node in ast.walk(source.tree):
        if isinstance(node, ast.Call) and dotted(node.func).rpartition(".")[2] in _ENGINES:
            names = [keyword.arg for keyword in node.keywords if keyword.arg not in _NEEDLESS]
            if names:
                yield (
                    f"{source.path}:{node.lineno}: {', '.join(map(str, names))} of the engine is not carried over. If "
                    "it matters, make an AsyncEngine with it and give it as engine= in env.py, without url in the "
                    "settings."
                )
    for name in _OF_CONFIGURE:
        if line := source.line_of_parameter(name):
            advice = _ADVICE.get(name, f"give it to the new env.py: Environment({name}=...).")
            yield f"{source.path}:{line}: {name} is not carried over; {advice}"


_ADVICE = {
    "on_version_apply": "see on_version_apply of Environment, which is called with other arguments.",
    "process_revision_directives": "see revise of Environment, which gets the operations.",
}


def takes_arguments(history: History) -> Path | None:
    """A revision file whose `upgrade` takes arguments, or the template of new ones if that does; None for neither."""
    paths = [Path(path) for id in history.graph if (path := history.graph[id].path) is not None]
    for path in paths:
        if path.suffix == ".py" and _has_parameters(ast.parse(decode(path.read_bytes(), path))):
            return path
    template = history.directory.template
    if template.is_file() and "def upgrade(engine_name" in template.read_text("utf-8", errors="replace"):
        return template
    return None


def _has_parameters(tree: ast.Module) -> bool:
    return any(
        isinstance(node, ast.FunctionDef) and node.name == "upgrade" and bool(ast.unparse(node.args))
        for node in tree.body
    )
