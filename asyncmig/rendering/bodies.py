"""Bodies: what stands in the functions of a new revision, and the imports that it needs."""

from __future__ import annotations

import textwrap
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from itertools import chain, repeat
from types import MappingProxyType
from typing import Any

from sqlalchemy.engine import Dialect

from asyncmig.operations.base import Operation
from asyncmig.rendering.form import ScriptForm
from asyncmig.rendering.hook import RenderItem
from asyncmig.rendering.operations import render
from asyncmig.rendering.source import LINE_LENGTH, Source, merged
from asyncmig.rendering.values import Sources

__all__ = ["Bodies", "Content", "render_bodies"]

_INDENT = " " * 4
_NO_SOURCES: Sources = MappingProxyType({})


@dataclass(frozen=True)
class Content:
    """What a new revision does.

    Args:
        upgrades, downgrades: the operations of its two functions.
        notes, undo_notes: what whoever reads the file must know of each of them; they become comments above it.
        warnings: what must be known of all of it; each becomes a comment at the top.
        gaps: what the second cannot do, and why; each becomes a comment, and the revision counts as irreversible.
        sources: how values of further classes are written.
        render_item: what has a say in how anything is written.
        dialect: the database that SQL expressions are compiled for where they cannot be written as Python.
    """

    upgrades: tuple[Operation[Any], ...]
    downgrades: tuple[Operation[Any], ...]
    notes: tuple[tuple[str, ...], ...] = ()
    undo_notes: tuple[tuple[str, ...], ...] = ()
    warnings: tuple[str, ...] = ()
    gaps: tuple[str, ...] = ()
    sources: Sources = field(default_factory=lambda: _NO_SOURCES)
    render_item: RenderItem | None = None
    dialect: Dialect | None = None

    @property
    def irreversible(self) -> str | None:
        """Why the revision cannot be reverted; None where it can."""
        return "; ".join(self.gaps) or None


@dataclass(frozen=True, slots=True)
class Bodies:
    """The texts for the template of a revision; the first line of a body is not indented, as templates do that."""

    imports: str
    upgrades: str
    downgrades: str


def render_bodies(content: Content, form: ScriptForm) -> Bodies:
    """The texts for the template of a revision.

    Args:
        content: what it does.
        form: how the template writes its functions.

    Raises:
        OperationError: something in an operation cannot be written as Python.
    """
    up = _rendered(content.upgrades, content, form)
    down = _rendered(content.downgrades, content, form)
    gaps = [f"Not reversed: {gap}" for gap in content.gaps]
    return Bodies(
        "\n".join(_sorted(merged([*up, *down]) - form.imports)),
        _body(content.warnings, up, content.notes),
        _body(gaps, down, content.undo_notes),
    )


def _rendered(operations: Iterable[Operation[Any]], content: Content, form: ScriptForm) -> list[Source]:
    return [
        render(
            operation,
            prefix=form.prefix,
            asynchronous=form.asynchronous,
            sources=content.sources,
            render_item=content.render_item,
            dialect=content.dialect,
            indent=len(_INDENT),
        )
        for operation in operations
    ]


def _sorted(imports: Iterable[str]) -> list[str]:
    """Plain imports first, then those of names, each by the alphabet, as formatters have them."""
    return sorted(imports, key=lambda line: (not line.startswith("import "), line))


def _body(beginning: Iterable[str], sources: Sequence[Source], notes: Iterable[Iterable[str]]) -> str:
    lines = [line for text in beginning for line in _comment(text)]
    for source, about in zip(sources, chain(notes, repeat(())), strict=False):
        lines += [*(line for text in about for line in _comment(text)), source.text]
    if not sources:
        lines.append("pass")
    return textwrap.indent("\n".join(lines), _INDENT).removeprefix(_INDENT)


def _comment(text: str) -> list[str]:
    return [
        line
        for paragraph in text.splitlines()
        for line in textwrap.wrap(
            paragraph,
            LINE_LENGTH - len(_INDENT),
            initial_indent="# ",
            subsequent_indent="# ",
            break_long_words=False,
            break_on_hyphens=False,
        )
    ]
