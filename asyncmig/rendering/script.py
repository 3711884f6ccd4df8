"""Script text: the source of a new revision file, from the project's template."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

from mako.exceptions import CompileException, RichTraceback, SyntaxException  # type: ignore[import-untyped]
from mako.template import Template  # type: ignore[import-untyped]

from asyncmig.errors import ConfigError, ScriptError

__all__ = ["render_script", "script_values"]


def script_values(
    *,
    message: str,
    revision: str,
    parents: Iterable[str],
    create_date: object,
    labels: Iterable[str] = (),
    depends_on: Iterable[str] = (),
    imports: str = "",
    upgrades: str = "",
    downgrades: str = "",
) -> dict[str, Any]:
    """The variables of a template, under the names that Alembic's templates use.

    Args:
        message: the first line of the docstring.
        revision: the id.
        parents: what it follows.
        create_date: when it was made.
        labels: the branch labels that it declares.
        depends_on: ids or labels of what it needs besides its parents.
        imports: lines that the bodies need.
        upgrades: the body of `upgrade`.
        downgrades: the body of `downgrade`.
    """
    return {
        "message": _in_docstring(message or "empty message"),
        "up_revision": revision,
        "down_revision": _scalar(parents),
        "branch_labels": tuple(labels) or None,
        "depends_on": _scalar(depends_on),
        "create_date": create_date,
        "imports": imports,
        "upgrades": upgrades,
        "downgrades": downgrades,
        "comma": comma,
    }


def _in_docstring(text: str) -> str:
    """*text* so that it can stand between triple quotes, also at their end."""
    escaped = text.replace("\\", "\\\\")
    return escaped.replace('"', '\\"') if '"""' in text or text.endswith('"') else escaped


def comma(value: str | Iterable[str] | None) -> str:
    """One or several ids as text, for the docstring."""
    if value is None:
        return ""
    return value if isinstance(value, str) else ", ".join(value)


def render_script(template: Path, values: Mapping[str, Any]) -> str:
    """Render *template*.

    Args:
        template: a Mako file, such as `script.py.mako`.
        values: its variables; see `script_values`.

    Raises:
        ConfigError: there is no such file.
        ScriptError: it has an error; names the template's line.
    """
    try:
        source = template.read_text(encoding="utf-8")
    except OSError as error:
        raise ConfigError(
            f"The template {template} cannot be read: {error.strerror or error}.",
            hint="asyncmig init writes one; a project may change it.",
        ) from error
    try:
        compiled = Template(text=source, filename=str(template), strict_undefined=True)
    except (SyntaxException, CompileException) as error:
        raise ScriptError(f"The template has an error: {error}", path=template, line=error.lineno) from error
    try:
        text = str(compiled.render_unicode(**values))
    except Exception as error:
        raise ScriptError(
            f"The template fails: {type(error).__name__}: {error}", path=template, line=_line(error)
        ) from error
    return text


def _line(error: Exception) -> int | None:
    """The line of the template that *error* came from."""
    lines = [record[5] for record in RichTraceback(error=error, traceback=error.__traceback__).records if record[5]]
    return int(lines[-1]) if lines else None


def _scalar(names: Iterable[str]) -> str | tuple[str, ...] | None:
    found = tuple(names)
    return (found[0] if len(found) == 1 else found) if found else None
