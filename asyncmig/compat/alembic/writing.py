"""Writing: makes a new revision file as Alembic does: the project's template, its encoding, its hooks."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

from asyncmig.migrator.history import History
from asyncmig.migrator.hooks import HookFailedError, run_hooks
from asyncmig.migrator.results import CreatedRevision

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
    created = History(history.directory, history.settings, {**history.values, **values}).new_revision(
        message,
        head=head,
        splice=splice,
        branch_label=branch_label,
        version_path=version_path,
        rev_id=rev_id,
        depends_on=(depends_on,) if isinstance(depends_on, str) else tuple(depends_on or ()),
    )
    for hook in history.settings.post_write_hooks:
        try:
            run_hooks(replace(history.settings, post_write_hooks=(hook,)), created.path)
        except HookFailedError as error:
            say(error.message)
    return created
