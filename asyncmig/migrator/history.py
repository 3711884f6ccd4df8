"""History: the revision files of a project, and all that can be said and written without a database."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from asyncmig.config import Settings
from asyncmig.errors import ConfigError, InvalidTargetError
from asyncmig.migrator.results import CreatedRevision, RevisionInfo
from asyncmig.revisions.graph import RevisionGraph
from asyncmig.revisions.history import walk
from asyncmig.revisions.lookup import resolve
from asyncmig.revisions.revision import Revision
from asyncmig.scripts.directory import NewRevision, ScriptDirectory

if TYPE_CHECKING:
    from asyncmig.rendering.bodies import Content


class History:
    """The revision files of a project.

    Args:
        directory: where they are.
        settings: names and places of new files.
        values: variables for the template of new files besides.
    """

    def __init__(self, directory: ScriptDirectory, settings: Settings, values: Mapping[str, Any] | None = None) -> None:
        self.directory = directory
        self.settings = settings
        self.values = dict(values or {})

    @classmethod
    def from_settings(cls, settings: Settings, values: Mapping[str, Any] | None = None) -> History:
        """The history that the settings point to; files are read when they are first asked for.

        Args:
            settings: the settings.
            values: variables for the template of new files besides.
        """
        return cls(ScriptDirectory.from_settings(settings), settings, values)

    @property
    def graph(self) -> RevisionGraph:
        """The graph of all revisions; read once.

        Raises:
            ConfigError: the directory is not there.
            ScriptError: a file cannot be read.
            RevisionError: the files do not fit together.
        """
        return self.directory.graph

    # -- looking ----------------------------------------------------------------------------------------------------

    def info(self, revision_id: str, *, current: Collection[str] = ()) -> RevisionInfo:
        """One revision and its place in the history.

        Args:
            revision_id: its id.
            current: the rows of the version table, where they are known.
        """
        graph = self.graph
        revision = graph[revision_id]
        children = graph.children(revision_id)
        return RevisionInfo(
            id=revision.id,
            message=revision.message,
            parents=revision.parents,
            depends_on=graph.dependencies(revision_id),
            labels=graph.labels_of(revision_id),
            children=children,
            is_head=not children,
            is_effective_head=not children and not graph.dependents(revision_id),
            is_base=revision.is_base,
            is_branch_point=len(children) > 1,
            is_merge_point=revision.is_merge,
            is_current=revision_id in current,
            path=revision.path,
            doc=revision.doc,
            created=revision.created,
            phase=revision.phase,
        )

    def _infos(self, revisions: Iterable[Revision], current: Collection[str]) -> tuple[RevisionInfo, ...]:
        return tuple(self.info(revision.id, current=current) for revision in revisions)

    def heads(self, *, resolve_dependencies: bool = False, current: Collection[str] = ()) -> tuple[RevisionInfo, ...]:
        """The heads.

        Args:
            resolve_dependencies: leave out those that another revision depends on.
            current: the rows of the version table, where they are known.
        """
        heads = self.graph.real_heads if resolve_dependencies else self.graph.heads
        return tuple(self.info(head, current=current) for head in heads)

    def history(self, range: str | None = None, *, current: Collection[str] = ()) -> tuple[RevisionInfo, ...]:
        """The revisions of *range*, newest first.

        Args:
            range: `[start]:[end]`; None is everything.
            current: the rows of the version table, where they are known.
        """
        return self._infos(walk(self.graph, range, current), current)

    def branches(self) -> tuple[RevisionInfo, ...]:
        """The revisions that several others follow."""
        graph = self.graph
        return tuple(self.info(one.id) for one in walk(graph) if graph.is_branch_point(one.id))

    def show(self, target: str, *, current: Collection[str] = ()) -> tuple[RevisionInfo, ...]:
        """The revisions that *target* names.

        Args:
            target: any target of the grammar.
            current: the rows of the version table, for the target `current`.
        """
        return self._infos(resolve(self.graph, target, current), current)

    def rows(self, target: str) -> tuple[str, ...]:
        """The version rows of a database that is at *target*."""
        return tuple(revision.id for revision in resolve(self.graph, target))

    # -- writing ----------------------------------------------------------------------------------------------------

    def new_revision(
        self,
        message: str | None = None,
        *,
        head: str | Sequence[str] = "head",
        splice: bool = False,
        branch_label: str | Sequence[str] | None = None,
        version_path: str | Path | None = None,
        rev_id: str | None = None,
        depends_on: Sequence[str] = (),
    ) -> CreatedRevision:
        """Write a new, empty revision.

        Args:
            message: what it is for; it goes into the docstring and the file's name.
            head: what it follows; `base` begins a branch of its own.
            splice: whether it may follow a revision that is no head.
            branch_label: a label (or several) for the branch that begins with it.
            version_path: the directory of the file, where there are several.
            rev_id: its id; a random one by default.
            depends_on: what must be applied before it without being its parent.

        Raises:
            RevisionError: it cannot follow *head*.
            ConfigError: the template is missing, or the file exists.
            ScriptError: the template has an error.
        """
        place = self.directory.place_revision(
            message,
            head=head,
            splice=splice,
            branch_label=branch_label,
            version_path=version_path,
            rev_id=rev_id,
            depends_on=depends_on,
        )
        return self.write(place, self.text_of(place))

    def merge(
        self,
        revisions: str | Sequence[str] = "heads",
        *,
        message: str | None = None,
        branch_label: str | Sequence[str] | None = None,
        rev_id: str | None = None,
        splice: bool = False,
    ) -> CreatedRevision:
        """Write a revision that joins several.

        Args:
            revisions: what it joins.
            message, branch_label, rev_id, splice: as in `new_revision`.

        Raises:
            InvalidTargetError: they are fewer than two.
        """
        joined = [revisions] if isinstance(revisions, str) else list(revisions)
        found = {one.id for target in joined for one in resolve(self.graph, target)}
        if len(found) < 2:
            raise InvalidTargetError(
                f"There is nothing to merge: {' '.join(joined)} is {', '.join(found) or 'the base'} alone.",
                target=" ".join(joined),
                hint="asyncmig heads    # lists the heads; a merge needs two",
            )
        return self.new_revision(
            message or f"merge {' and '.join(joined)}",
            head=joined,
            splice=splice,
            branch_label=branch_label,
            rev_id=rev_id,
        )

    def text_of(self, place: NewRevision, content: Content | None = None) -> str:
        """The text of the file of a new revision; nothing is written.

        Args:
            place: what was decided about it.
            content: what it does; nothing by default.

        Raises:
            ConfigError: the template is missing.
            ScriptError: the template has an error, or makes no revision file that says what was decided.
            OperationError: something in an operation cannot be written as Python.
        """
        # Loaded only to write a file: the template engine costs more than reading a history.
        from asyncmig.migrator.revision_file import text_of

        template = self.directory.template
        if not template.is_file():
            raise ConfigError(
                f"The template {template} of new revisions is not there.",
                hint="asyncmig init NEW_DIRECTORY    # then copy script.py.mako from there",
            )
        return text_of(template, place, self.values, content)

    def write(self, place: NewRevision, text: str) -> CreatedRevision:
        """Write the file of a new revision.

        Args:
            place: what was decided about it.
            text: the file.

        Raises:
            FileExistsError: somebody else has written it meanwhile.
        """
        # Imported here for the same reason.
        from asyncmig.migrator.revision_file import encoded

        data = encoded(text, self.settings.output_encoding, self.directory.template)
        place.path.parent.mkdir(parents=True, exist_ok=True)
        # "x": two people who write the same file at the same moment must not overwrite each other.
        with place.path.open("xb") as file:
            file.write(data)
        self.directory.refresh()
        return CreatedRevision(place.id, place.path)
