"""ScriptDirectory: where the revision files of a project live, the graph they make, and how new ones are named."""

from __future__ import annotations

import os
from collections.abc import Collection, Mapping, Sequence
from datetime import datetime
from pathlib import Path
from typing import Any

from asyncmig.config import Settings
from asyncmig.errors import ConfigError
from asyncmig.revisions.graph import RevisionGraph
from asyncmig.revisions.revision import Revision
from asyncmig.scripts.index import FileStamp, revisions_of, stamps_of
from asyncmig.scripts.loader import load_script
from asyncmig.scripts.locations import folders_below, resolve_location
from asyncmig.scripts.naming import DEFAULT_FILE_TEMPLATE, file_name, new_id, now_in
from asyncmig.scripts.placement import (
    NewRevision,
    check_new_id,
    check_new_labels,
    depends_on_of,
    directory_of,
    parents_of,
)
from asyncmig.scripts.script import Script

__all__ = ["NewRevision", "ScriptDirectory", "new_id", "resolve_location"]

_Stamps = dict[str, dict[str, FileStamp]]


class ScriptDirectory:
    """The revision files of a project. They are read when the graph is first asked for, and executed one by one.

    Args:
        location: the directory of `env.py` and the template.
        version_locations: directories of revision files; `versions` below *location* by default.
        recursive: whether sub-directories are searched too.
        file_template: the name of a new file, in Alembic's tokens.
        truncate_slug_length: how much of the message goes into the name of a new file.
        timezone: the zone of `Create Date`; None for UTC.
        root: where relative version locations start; the working directory by default.
        sourceless: whether files that are there in compiled form only are revisions, too.
    """

    def __init__(
        self,
        location: Path | str,
        *,
        version_locations: Sequence[Path | str] = (),
        recursive: bool = False,
        file_template: str | None = None,
        truncate_slug_length: int = 40,
        timezone: str | None = None,
        root: Path | None = None,
        sourceless: bool = False,
    ) -> None:
        self.sourceless = sourceless
        self.location = resolve_location(location, root)
        self.root = root if root is not None else Path()
        self.recursive = recursive
        self.file_template = file_template or DEFAULT_FILE_TEMPLATE
        self.truncate_slug_length = truncate_slug_length
        self.timezone = timezone
        given = [resolve_location(each, root) for each in version_locations]
        self.version_locations: tuple[Path, ...] = tuple(given) or (self.location / "versions",)
        self._has_own_locations = bool(given)
        self._graph: RevisionGraph | None = None
        self._stamps: _Stamps = {}
        self._scripts: dict[str, Script] = {}

    @classmethod
    def from_settings(cls, settings: Settings) -> ScriptDirectory:
        """The directory that *settings* point to; nothing is read yet."""
        return cls(
            settings.script_location,
            version_locations=settings.version_locations,
            recursive=settings.recursive_version_locations,
            file_template=settings.file_template,
            truncate_slug_length=settings.truncate_slug_length,
            timezone=settings.timezone,
            root=settings.root,
            sourceless=settings.sourceless,
        )

    def __repr__(self) -> str:
        return f"<ScriptDirectory {self.location}>"

    # -- reading ----------------------------------------------------------------------------------------------------

    @property
    def graph(self) -> RevisionGraph:
        """The graph of all revisions; the files are read once.

        Raises:
            ConfigError: the directory is not there.
            ScriptError: a file cannot be read as a revision.
            RevisionError: the files do not fit together.
        """
        if self._graph is None:
            self._graph, self._stamps = self._read()
        return self._graph

    def stale(self) -> bool:
        """Whether a file came, went or changed since the graph was read. Costs a stat per file."""
        return self._graph is not None and self._look() != self._stamps

    def refresh(self) -> bool:
        """Read what changed on disk; whether anything did. The old graph stays as it is for those who have it."""
        if self._graph is None or not self.stale():
            return False
        self._graph, self._stamps = self._read()
        self._scripts.clear()
        return True

    def script(self, revision_id: str, *, modules: Mapping[str, Any], verbs: Collection[str] = ()) -> Script:
        """The script of a revision: its file is executed once.

        Args:
            revision_id: its id.
            modules: what the file gets when it imports these names.
            verbs: the words of `op` that must be awaited.

        Raises:
            ScriptError: see `load_script`.
        """
        script = self._scripts.get(revision_id)
        if script is None:
            script = load_script(self.graph[revision_id], modules=modules, verbs=verbs)
            self._scripts[revision_id] = script
        return script

    def _look(self) -> _Stamps:
        """The revision files there are, by directory."""
        if not self.location.is_dir():
            raise ConfigError(
                f"Path doesn't exist: {self.location}.", hint=f"Create a project there: asyncmig init {self.location}"
            )
        found: _Stamps = {}
        for location in self.version_locations:
            if not location.is_dir():
                # A new location has no directory before its first revision is written.
                continue
            folder = str(location)
            for each in folders_below(folder) if self.recursive else [folder]:
                found[each] = stamps_of(each, sourceless=self.sourceless)
        return found

    def _read(self) -> tuple[RevisionGraph, _Stamps]:
        stamps = self._look()
        _refuse_same_directory(stamps)
        revisions: list[Revision] = []
        for folder, files in stamps.items():
            revisions += revisions_of(folder, files)
        return RevisionGraph(revisions), stamps

    # -- new files --------------------------------------------------------------------------------------------------

    @property
    def template(self) -> Path:
        """The template of new revisions."""
        return self.location / "script.py.mako"

    def new_path(self, revision_id: str, message: str | None, when: datetime, version_path: Path | None = None) -> Path:
        """The path of a new file.

        Args:
            revision_id: its id.
            message: what it is for.
            when: its date.
            version_path: its directory; the first version location by default.

        Raises:
            ConfigError: the file template has an error, or makes sub-directories that would not be searched.
        """
        name = file_name(
            self.file_template, revision=revision_id, message=message, when=when, length=self.truncate_slug_length
        )
        if not self.recursive and os.path.dirname(name):
            raise ConfigError(
                f"file_template {self.file_template!r} makes sub-directories, which are not searched.",
                hint="recursive_version_locations = true",
            )
        return (version_path or self.version_locations[0]) / name

    def place_revision(
        self,
        message: str | None = None,
        *,
        head: str | Sequence[str] = "head",
        splice: bool = False,
        branch_label: str | Sequence[str] | None = None,
        version_path: str | Path | None = None,
        rev_id: str | None = None,
        depends_on: str | Sequence[str] | None = None,
    ) -> NewRevision:
        """Decide on a new revision; nothing is written.

        Args:
            message: what it is for.
            head: what it follows; `base` begins a history of its own, several make a merge.
            splice: whether it may follow a revision that is no head.
            branch_label: labels for the branch that begins with it.
            version_path: the directory of its file, where there are several.
            rev_id: its id; a random one by default.
            depends_on: what must be applied before it without being its parent.

        Raises:
            RevisionError: it cannot have this id or label, or cannot follow *head*.
            ConfigError: its directory cannot be decided, or its file is there already.
        """
        graph = self.graph
        revision_id = new_id() if rev_id is None else rev_id
        labels = _listed(branch_label)
        check_new_id(graph, revision_id)
        check_new_labels(graph, labels, revision_id)
        parents = parents_of(graph, head, splice=splice)
        folder = directory_of(self.version_locations, parents, version_path, root=self.root)
        when = now_in(self.timezone)
        path = self.new_path(revision_id, message, when, folder)
        if path.exists():
            raise ConfigError(
                f"The file {path} is there already.", hint="Give the new revision another message or another id."
            )
        return NewRevision(
            id=revision_id,
            message=message or "empty message",
            parents=tuple([parent.id for parent in parents]),
            depends_on=depends_on_of(graph, _listed(depends_on)),
            labels=labels,
            path=path,
            created=when,
        )


def _listed(names: str | Sequence[str] | None) -> tuple[str, ...]:
    return () if names is None else (names,) if isinstance(names, str) else tuple(names)


def _refuse_same_directory(stamps: _Stamps) -> None:
    """Two ways to one directory would make each of its revisions two: say so, rather than name every id."""
    seen: dict[str, str] = {}
    for folder, files in stamps.items():
        other = seen.setdefault(os.path.realpath(folder), folder)
        if other != folder and files:
            raise ConfigError(
                f"The same files are found twice, in {other} and in {folder}.",
                hint="Take one of them out of version_locations.",
            )
