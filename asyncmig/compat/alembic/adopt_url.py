"""The url of the settings, from where an Alembic project takes it: the ini file, or an environment variable."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from dataclasses import dataclass

from asyncmig.compat.alembic.adopt_files import masked
from asyncmig.compat.alembic.doctor_urls import PLACEHOLDER, read_url
from asyncmig.compat.alembic.environment_source import EnvironmentSource, dotted

__all__ = ["UrlChoice", "url_choice"]

_KEY = ".url"
_ENGINES = frozenset({"create_engine", "create_async_engine"})
_FROM_CONFIG = frozenset({"engine_from_config", "async_engine_from_config"})
#: Methods of a text that leave a URL what it is.
_SAME = frozenset({"strip", "render_as_string"})
#: Functions that do.
_SAME_FUNCTIONS = frozenset({"str", "make_url", "URL"})
#: What is put in place of what where only the driver is another one.
_DRIVER_NAME = re.compile(r"[a-z0-9+_]*(://)?")


@dataclass(frozen=True, slots=True)
class UrlChoice:
    """What the settings say of the database.

    Args:
        url: the value of `url`; None where only Python can say it.
        note: what somebody has to do.
        expression: what says it in Python.
    """

    url: str | None
    note: str | None = None
    expression: ast.expr | None = None


@dataclass(frozen=True, slots=True)
class _Variable:
    name: str
    default: ast.expr | None
    expression: ast.expr


def url_choice(source: EnvironmentSource | None, in_settings: str | None) -> UrlChoice:
    """What `url` shall be.

    Args:
        source: the `env.py`.
        in_settings: `sqlalchemy.url` of the settings of Alembic.
    """
    written = in_settings if in_settings and not in_settings.startswith(PLACEHOLDER) and read_url(in_settings) else None
    for expression in _expressions(source) if source is not None else ():
        assert source is not None
        meant = _meaning(expression, source)
        if meant is None:
            continue
        if isinstance(meant, str):
            return UrlChoice(meant)
        if isinstance(meant, _Variable) and "load_dotenv" not in source.called:
            return _of_variable(meant, source, written if _is_conditional(expression, source) else None)
        composed = meant.expression if isinstance(meant, _Variable) else meant
        return UrlChoice(
            None,
            f"{source.path}:{expression.lineno}: the URL is composed there: {masked(ast.unparse(composed))[:120]}. Set "
            'url in the settings, such as url = "env:DATABASE_URL", or give an AsyncEngine as engine= in env.py.',
            composed,
        )
    if written is not None:
        return UrlChoice(written)
    return UrlChoice(
        None, 'No URL was found. Set url in the settings, such as url = "env:DATABASE_URL", or engine= in env.py.'
    )


def _of_variable(variable: _Variable, source: EnvironmentSource, other: str | None) -> UrlChoice:
    note = None
    if variable.default is not None or other is not None:
        note = (
            f'{source.path} has a default for the variable {variable.name}, which url = "env:{variable.name}" has '
            f"not: the variable must be set."
        )
    return UrlChoice(f"env:{variable.name}", note)


def _expressions(source: EnvironmentSource) -> Iterator[ast.expr]:
    """What is used as the URL, the most definite first."""
    calls = [node for node in ast.walk(source.tree) if isinstance(node, ast.Call)]
    for call in calls:
        name = dotted(call.func).rpartition(".")[2]
        if name == "set_main_option" and len(call.args) == 2 and _is_key(call.args[0]):
            yield call.args[1]
        elif name == "set_section_option" and len(call.args) == 3 and _is_key(call.args[1]):
            yield call.args[2]
    for node in ast.walk(source.tree):
        if isinstance(node, ast.Assign):
            for target in node.targets:
                if isinstance(target, ast.Subscript) and _is_key(target.slice):
                    yield node.value
        elif isinstance(node, ast.Dict):
            yield from (value for key, value in zip(node.keys, node.values, strict=True) if key and _is_key(key))
    for call in calls:
        name = dotted(call.func).rpartition(".")[2]
        if name in _ENGINES and call.args:
            yield call.args[0]
        if name in _ENGINES | _FROM_CONFIG:
            yield from (keyword.value for keyword in call.keywords if keyword.arg == "url")


def _is_key(node: ast.expr) -> bool:
    """Whether it is the key of the URL, which may have another prefix than usual."""
    return isinstance(node, ast.Constant) and isinstance(node.value, str) and node.value.endswith(_KEY)


def _is_conditional(expression: ast.expr, source: EnvironmentSource) -> bool:
    """Whether it counts only where a condition holds, such as `if url:`."""
    return any(
        each is expression for node in ast.walk(source.tree) if isinstance(node, ast.If) for each in ast.walk(node)
    )


def _meaning(expression: ast.expr, source: EnvironmentSource, depth: int = 8) -> str | _Variable | ast.expr | None:
    """A URL, a variable that holds it, None for that of the settings; else the expression that composes it."""
    if depth == 0:
        return expression
    inner = _inner(expression, source)
    if inner is not None:
        return _meaning(inner, source, depth - 1)
    if isinstance(expression, ast.Constant) and isinstance(expression.value, str):
        return expression.value if read_url(expression.value) else expression
    if (variable := _variable(expression)) is not None:
        return variable
    if isinstance(expression, ast.BoolOp) and isinstance(expression.op, ast.Or):
        first = _meaning(expression.values[0], source, depth - 1)
        if isinstance(first, _Variable):
            return _Variable(first.name, first.default or expression.values[1], expression)
    if isinstance(expression, ast.Call) and dotted(expression.func).endswith("get_main_option") and expression.args:
        return None if _is_key(expression.args[0]) else expression
    if isinstance(expression, ast.Call) and dotted(expression.func).endswith("get_section_option"):
        return None
    return expression


def _inner(expression: ast.expr, source: EnvironmentSource) -> ast.expr | None:
    """What an expression passes on as it is; None where it does more than that."""
    if isinstance(expression, ast.Name):
        return source.value_of(expression.id)
    if isinstance(expression, ast.JoinedStr):
        only = expression.values[0] if len(expression.values) == 1 else None
        return only.value if isinstance(only, ast.FormattedValue) else None
    if not isinstance(expression, ast.Call):
        return None
    function = expression.func
    if isinstance(function, ast.Attribute):
        if function.attr in _SAME or (function.attr == "replace" and _keeps_database(expression)):
            return function.value
        return None
    if isinstance(function, ast.Name):
        if function.id in _SAME_FUNCTIONS and len(expression.args) == 1:
            return expression.args[0]
        if not expression.args and not expression.keywords:
            return _returned(function.id, source)
    return None


def _keeps_database(call: ast.Call) -> bool:
    """Whether `.replace()` only doubles percent signs, or names another driver."""
    texts = [one.value for one in call.args[:2] if isinstance(one, ast.Constant)]
    if len(texts) != 2 or not all(isinstance(text, str) for text in texts):
        return False
    return texts[0] == "%" or all(_DRIVER_NAME.fullmatch(str(text)) for text in texts)


def _returned(name: str, source: EnvironmentSource) -> ast.expr | None:
    """What a function of the file returns, where it has one `return`."""
    for node in source.tree.body:
        if isinstance(node, ast.FunctionDef) and node.name == name:
            found = [each.value for each in ast.walk(node) if isinstance(each, ast.Return)]
            return found[0] if len(found) == 1 else None
    return None


def _variable(expression: ast.expr) -> _Variable | None:
    """The environment variable that an expression reads."""
    if isinstance(expression, ast.Subscript) and dotted(expression.value).rpartition(".")[2] == "environ":
        key = expression.slice
        named = isinstance(key, ast.Constant) and isinstance(key.value, str)
        return _Variable(str(key.value), None, expression) if named and isinstance(key, ast.Constant) else None
    if not isinstance(expression, ast.Call) or not expression.args:
        return None
    name = dotted(expression.func)
    key = expression.args[0]
    reads = name.rpartition(".")[2] == "getenv" or name.endswith("environ.get")
    if not reads or not (isinstance(key, ast.Constant) and isinstance(key.value, str)):
        return None
    default = expression.args[1] if len(expression.args) > 1 else None
    empty = isinstance(default, ast.Constant) and not default.value
    return _Variable(key.value, None if empty else default, expression)
