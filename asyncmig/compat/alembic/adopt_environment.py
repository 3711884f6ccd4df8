"""NewEnvPy: the new `env.py` of an adopted project, tried out before it is written."""

from __future__ import annotations

import ast
import builtins
import sys
from dataclasses import dataclass
from pathlib import Path
from types import ModuleType
from typing import Any

from sqlalchemy.engine import URL

from asyncmig.compat.alembic.adopt_metadata import (
    EngineWords,
    NewEnvironment,
    is_said_outside,
    new_environment,
    without_metadata,
)
from asyncmig.compat.alembic.adopt_url import UrlChoice
from asyncmig.compat.alembic.doctor_urls import read_url
from asyncmig.compat.alembic.environment_source import EnvironmentSource
from asyncmig.compat.alembic.ini import AlembicProject
from asyncmig.compat.alembic.search_path import lent_search_path
from asyncmig.dialects.registry import async_url

__all__ = ["NewEnvPy", "new_env_py"]

_ENGINE = "from sqlalchemy.ext.asyncio import create_async_engine"
_POOL = "from sqlalchemy.pool import NullPool"
_MAKE_URL = "from sqlalchemy.engine import make_url"
_URL = "_adopted_url"


@dataclass(frozen=True, slots=True)
class NewEnvPy:
    """An `env.py` that works.

    Args:
        text: the file.
        notes: what somebody has to do.
        has_engine: whether it gives the engine, so that the settings need no URL.
    """

    text: str
    notes: tuple[str, ...] = ()
    has_engine: bool = False


def new_env_py(source: EnvironmentSource, project: AlembicProject, choice: UrlChoice | None) -> NewEnvPy:
    """The `env.py` that says what *source* says of the models, and of the database where only Python can say that.

    Args:
        source: the old one.
        project: the project.
        choice: where the URL comes from; None where that is of no interest.
    """
    with lent_search_path(project.settings.root, project.settings.prepend_sys_path):
        if choice is not None and choice.expression is not None and is_said_outside(choice.expression, source):
            engine = _engine(source, choice.expression)
            made = new_environment(source, engine) if engine is not None else None
            if made is not None and _outcome(made.text, source.path)[1] is None:
                return NewEnvPy(made.text, (made.note,) if made.note else (), has_engine=True)
        made = _working(source)
    notes = (made.note, choice.note if choice is not None else None)
    return NewEnvPy(made.text, tuple(note for note in notes if note))


def _working(source: EnvironmentSource) -> NewEnvironment:
    """One that says nothing of the metadata where they cannot be had outside of the old one."""
    made = new_environment(source)
    if made.metadata is None:
        return made
    _, failure = _outcome(made.text, source.path)
    if failure is None:
        return made
    return without_metadata(
        f"The metadata of {source.path} cannot be had outside of it ({failure}). Say in the new env.py where they are: "
        "environment = Environment(metadata=...)"
    )


def _engine(source: EnvironmentSource, expression: ast.expr) -> EngineWords | None:
    """An engine on the async driver; None where the URL cannot be had, or would need to be translated for it."""
    only_names = new_environment(source, EngineWords(expression))
    words = ast.unparse(expression)
    values, failure = _outcome(f"{only_names.text}\n{_URL} = {words}\n", source.path)
    given = values.get(_URL)
    url = read_url(given if isinstance(given, str) else "" if given is None else _text_of(given))
    if failure is not None or url is None:
        return None
    target = async_url(url)
    imports: tuple[str, ...] = (_ENGINE, _POOL)
    if not isinstance(given, str | URL):
        words = f"str({words})"
    if target.drivername != url.drivername:
        if target.query:
            return None
        words, imports = f'make_url({words}).set(drivername="{target.drivername}")', (_MAKE_URL, *imports)
    return EngineWords(expression, f"create_async_engine({words}, poolclass=NullPool)", imports)


def _text_of(given: Any) -> str:
    return given.render_as_string(hide_password=False) if isinstance(given, URL) else str(given)


def _outcome(text: str, path: Path) -> tuple[dict[str, Any], str | None]:
    """The names that *text* binds when it is executed as `env.py`, and what goes wrong."""
    module = ModuleType("_asyncmig_env_adopted")
    module.__file__ = str(path)
    # Dataclasses and mapped classes look up the module of their class while they are made.
    sys.modules[module.__name__] = module
    try:
        builtins.exec(compile(text, str(path), "exec", dont_inherit=True), module.__dict__)
    except Exception as error:
        return {}, f"{type(error).__name__}: {error}".splitlines()[0]
    finally:
        sys.modules.pop(module.__name__, None)
    return dict(module.__dict__), None
