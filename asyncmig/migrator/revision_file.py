"""Revision file: the text of a new revision, read back before anybody else has to."""

from __future__ import annotations

import ast
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

from asyncmig.errors import ConfigError, ScriptError
from asyncmig.rendering.script import render_script, script_values
from asyncmig.scripts.header import HEADER_NAMES, read_header
from asyncmig.scripts.header_ast import parse_source
from asyncmig.scripts.placement import NewRevision
from asyncmig.scripts.source import decode

if TYPE_CHECKING:
    from asyncmig.rendering.bodies import Content

__all__ = ["encoded", "text_of"]


def text_of(template: Path, place: NewRevision, values: Mapping[str, Any], content: Content | None = None) -> str:
    """The text of a new revision.

    Args:
        template: the project's template.
        place: what was decided about the revision.
        values: further variables of the template.
        content: what the revision does; nothing by default.

    Raises:
        ConfigError: there is no template.
        ScriptError: it has an error, or what it makes is no revision file that says what was decided.
        OperationError: something in an operation cannot be written as Python.
    """
    own = script_values(
        revision=place.id,
        message=place.message,
        parents=place.parents,
        depends_on=place.depends_on,
        labels=place.labels,
        create_date=place.created,
    )
    text = render_script(template, {**own, **values})
    if content is not None:
        text = _filled(text, template, {**own, **values}, content)
    _check(text, place, template)
    return text


def _filled(empty: str, template: Path, values: Mapping[str, Any], content: Content) -> str:
    """The text with bodies; how they are written, the *empty* one shows."""
    # Imported here because an empty revision needs no database library.
    from asyncmig.rendering.bodies import render_bodies
    from asyncmig.rendering.form import form_of

    bodies = render_bodies(content, form_of(empty, template))
    words = {"imports": bodies.imports, "upgrades": bodies.upgrades, "downgrades": bodies.downgrades}
    text = render_script(template, {**values, **words})
    if content.irreversible is not None:
        text = _marked(text, content.irreversible, template)
    for word, body in words.items():
        if body not in text:
            raise ScriptError(f"The template does not write {word}.", path=template, hint=f"${{{word}}}")
    return text


def _marked(text: str, reason: str, template: Path) -> str:
    """*text* with `irreversible = ...` below the other names of its header; a project's template may not know it."""
    # Imported here because an empty revision needs no database library.
    from asyncmig.rendering.source import string

    # A long reason is one line all the same: a header is read without being executed.
    line = f"irreversible = {string(reason).text}"
    lines = text.splitlines(keepends=True)
    end = 0
    for node in parse_source(text, template).body:
        target = node.targets[0] if isinstance(node, ast.Assign) else getattr(node, "target", None)
        if isinstance(target, ast.Name) and target.id in HEADER_NAMES:
            end = node.end_lineno or node.lineno
    return "".join([*lines[:end], f"{line}\n", *lines[end:]])


def _check(text: str, place: NewRevision, template: Path) -> None:
    """Whether *text* is a revision file that says what was decided: once it is written, every command reads it.

    Raises:
        ScriptError: it is none; names the template, which has to be mended.
    """
    try:
        parse_source(text, place.path)
        found = read_header(text.encode(), place.path)
    except ScriptError as error:
        raise ScriptError(
            f"What this template makes is no revision file. {error.message}", path=template, hint=error.hint
        ) from error
    missing = [
        word
        for word, written, wanted in (
            ("revision", found.id, place.id),
            ("down_revision", found.parents, place.parents),
            ("branch_labels", found.labels, frozenset(place.labels)),
            ("depends_on", found.depends_on, place.depends_on),
        )
        if written != wanted
    ]
    if missing:
        lines = {"revision": "up_revision"}
        raise ScriptError(
            f"The template does not write what was asked for: {', '.join(missing)}.",
            path=template,
            hint="\n".join(f"{word} = ${{repr({lines.get(word, word)})}}" for word in missing),
        )


def encoded(text: str, encoding: str, template: Path) -> bytes:
    """The bytes of a new file, which Python will be able to read.

    Args:
        text: the file.
        encoding: what it shall be written in.
        template: the template, for messages.

    Raises:
        ConfigError: there is no such encoding, or it has no way to write the text.
        ScriptError: Python would take the file for something else.
    """
    try:
        data = text.encode(encoding)
    except LookupError as error:
        raise ConfigError(
            f"output_encoding: there is no encoding {encoding!r}.", hint="output_encoding = utf-8"
        ) from error
    except UnicodeEncodeError as error:
        raise ConfigError(
            f"output_encoding: the new revision cannot be written in {encoding}: {error.object[error.start]!r}.",
            hint="output_encoding = utf-8",
        ) from error
    try:
        decode(data, template)
    except ScriptError as error:
        raise ScriptError(
            f"What this template makes is in {encoding}, but does not say so, so Python takes it for something else.",
            path=template,
            hint=f'${{"# -*- coding: {encoding} -*-"}}    # as the first line, or output_encoding = utf-8',
        ) from error
    return data
