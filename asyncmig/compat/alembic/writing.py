"""Writing: makes a new revision file as Alembic does: the project's template, its encoding, its hooks."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

from asyncmig.errors import ConfigError, ScriptError
from asyncmig.migrator.history import History, check_new_file
from asyncmig.migrator.hooks import HookFailedError, run_hooks
from asyncmig.migrator.results import CreatedRevision
from asyncmig.scripts.source import decode

__all__ = ["write_revision"]


def write_revision(
    history: History,
    message: str | None,
    *,
    head: str | Sequence[str] = "head",
    splice: bool = False,
    branch_label: str | Sequence[str] | None = None,
    version_path: Path | None = None,
    rev_id: str | None = None,
    depends_on: str | Sequence[str] | None = None,
    values: Mapping[str, Any],
    say: Callable[[str], None],
) -> CreatedRevision:
    """Write a new, empty revision.

    Args:
        history: the files of the project.
        message: what it is for.
        head: what it follows; `base` begins a history of its own, several make a merge.
        splice: whether it may follow a revision that is no head.
        branch_label: labels for the branch that begins with it.
        version_path: the directory of its file, where there are several.
        rev_id: its id; a random one by default.
        depends_on: what must be applied before it without being its parent.
        values: variables for the template besides.
        say: is told what a hook says that fails: the file is there, and Alembic does not mind.

    Raises:
        RevisionError: it cannot have this id or label, or cannot follow *head*.
        ConfigError: its directory cannot be decided, its file is there already, or a hook cannot be started.
        ScriptError: the template has an error.
    """
    # Loaded only to write a file: the template engine costs more than reading a history.
    from asyncmig.rendering.script import render_script, script_values

    directory, settings = history.directory, history.settings
    place = directory.place_revision(
        message,
        head=head,
        splice=splice,
        branch_label=branch_label,
        version_path=version_path,
        rev_id=rev_id,
        depends_on=depends_on,
    )
    own = script_values(
        revision=place.id,
        message=place.message,
        parents=place.parents,
        depends_on=place.depends_on,
        labels=place.labels,
        create_date=place.created,
    )
    text = render_script(directory.template, {**own, **values})
    check_new_file(text, place, directory.template)
    data = _encoded(text, settings.output_encoding, directory.template)
    place.path.parent.mkdir(parents=True, exist_ok=True)
    # "x": two people who write the same file at the same moment must not overwrite each other.
    with place.path.open("xb") as file:
        file.write(data)
    for hook in settings.post_write_hooks:
        try:
            run_hooks(replace(settings, post_write_hooks=(hook,)), place.path)
        except HookFailedError as error:
            say(error.message)
    directory.refresh()
    return CreatedRevision(place.id, place.path)


def _encoded(text: str, encoding: str, template: Path) -> bytes:
    """The bytes of a new file, which Python will be able to read."""
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
