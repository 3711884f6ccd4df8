"""ProjectView: what Alembic's objects tell a revision file of the project that it belongs to."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any

from asyncmig.errors import MultipleHeadsError
from asyncmig.revisions.graph import RevisionGraph
from asyncmig.revisions.history import walk
from asyncmig.revisions.lookup import resolve_one
from asyncmig.revisions.revision import Revision
from asyncmig.scripts.script import Script


class ScriptConfig:
    """`context.config` of a project that has no `alembic.ini`: it holds what is put into it, and nothing else."""

    config_file_name: str | None = None
    config_ini_section = "alembic"
    cmd_opts: Any = None

    def __init__(self) -> None:
        self.attributes: dict[str, Any] = {}
        self._sections: dict[str, dict[str, str]] = {}

    def get_main_option(self, name: str, default: str | None = None) -> str | None:
        """The value of *name* in the main section."""
        return self.get_section_option(self.config_ini_section, name, default)

    def set_main_option(self, name: str, value: str) -> None:
        """Set the value of *name* in the main section."""
        self.set_section_option(self.config_ini_section, name, value)

    def get_section(self, name: str, default: Mapping[str, str] | None = None) -> Mapping[str, str] | None:
        """All values of a section, or *default* when there is no such section."""
        return dict(self._sections[name]) if name in self._sections else default

    def get_section_option(self, section: str, name: str, default: str | None = None) -> str | None:
        """The value of *name* in a section."""
        return self._sections.get(section, {}).get(name, default)

    def set_section_option(self, section: str, name: str, value: str) -> None:
        """Set the value of *name* in a section."""
        self._sections.setdefault(section, {})[name] = value


class ScriptFile:
    """A revision and its file, as `ctx.script.get_revision("ae10")` gives it.

    Args:
        found: what the header of the file says.
        load: executes the file of a revision, once.
    """

    def __init__(self, found: Revision, load: Callable[[str], Script]) -> None:
        self._found = found
        self._load = load
        self.revision = found.id
        self.down_revision: str | tuple[str, ...] | None = (
            None if not found.parents else found.parents[0] if len(found.parents) == 1 else found.parents
        )
        self.dependencies = found.depends_on or None
        self.branch_labels = set(found.labels)
        self.doc = found.message
        self.longdoc = found.doc
        self.path = None if found.path is None else str(found.path)

    @property
    def module(self) -> Any:
        """The module of the file, executed as every script is."""
        return self._load(self.revision).module

    def __repr__(self) -> str:
        return f"<ScriptFile {self.revision}>"


class ScriptFiles:
    """The history of the project, as `ctx.script` gives it to a revision file.

    Args:
        graph: the graph of the revisions.
        load: executes the file of a revision, once.
    """

    def __init__(self, graph: Callable[[], RevisionGraph], load: Callable[[str], Script]) -> None:
        self._graph = graph
        self._load = load

    def get_revision(self, id_: str | None) -> ScriptFile | None:
        """The revision of an id or of the beginning of one, `head` among them; None for None and for `base`.

        Raises:
            UnknownRevisionError: there is no such revision.
        """
        found = None if id_ is None else resolve_one(self._graph(), id_)
        return None if found is None else ScriptFile(found, self._load)

    def get_revisions(self, ids: str | Sequence[str]) -> tuple[ScriptFile | None, ...]:
        """The revisions of several ids."""
        return tuple(self.get_revision(each) for each in ([ids] if isinstance(ids, str) else ids))

    def get_heads(self) -> list[str]:
        """The ids of the heads."""
        return list(self._graph().heads)

    def get_bases(self) -> list[str]:
        """The ids of the bases."""
        return list(self._graph().bases)

    def walk_revisions(self, base: str = "base", head: str = "heads") -> Iterator[ScriptFile]:
        """The revisions between two, both included, newest first."""
        return (ScriptFile(found, self._load) for found in walk(self._graph(), f"{base}:{head}", ()))

    def get_current_head(self) -> str | None:
        """The id of the head; None where there is no revision.

        Raises:
            MultipleHeadsError: there are several.
        """
        heads = self.get_heads()
        if len(heads) > 1:
            raise MultipleHeadsError(heads=tuple(heads))
        return heads[0] if heads else None


def script_directory(files: ScriptFiles) -> type[ScriptFiles]:
    """`alembic.script.ScriptDirectory` for the files of one project, however it is made."""

    class ScriptDirectory(ScriptFiles):
        """The history of the project."""

        def __init__(self, *arguments: Any, **options: Any) -> None:
            super().__init__(files._graph, files._load)

        @classmethod
        def from_config(cls, config: Any) -> ScriptDirectory:
            """The history of the project."""
            return cls()

    ScriptDirectory.__module__ = "alembic.script"
    return ScriptDirectory


class ProjectView:
    """What Alembic's objects tell a revision file of its project.

    Args:
        files: the history, where it is known.
    """

    def __init__(self, files: ScriptFiles | None = None) -> None:
        self.files = files
        self.config = ScriptConfig()
