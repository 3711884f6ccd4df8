"""ScriptDirectory: the revision files of an Alembic project, under the names that programs know them by."""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from asyncmig.compat.alembic import write_hooks
from asyncmig.compat.alembic.config import Config
from asyncmig.compat.alembic.errors import CommandError, command_errors
from asyncmig.compat.alembic.ini import hook_of, project_of
from asyncmig.compat.alembic.revision_map import RevisionMap
from asyncmig.compat.alembic.script_file import Script
from asyncmig.compat.alembic.search_path import lent_search_path
from asyncmig.compat.alembic.steps import Steps
from asyncmig.compat.alembic.writing import write_revision
from asyncmig.config import Settings
from asyncmig.errors import MultipleHeadsError
from asyncmig.migrator.history import History
from asyncmig.revisions.graph import RevisionGraph
from asyncmig.revisions.history import current, walk
from asyncmig.revisions.lookup import resolve
from asyncmig.revisions.plan import plan_downgrade, plan_stamp, plan_upgrade
from asyncmig.scripts.naming import DEFAULT_FILE_TEMPLATE

__all__ = ["Script", "ScriptDirectory", "write_hooks"]

Ids = str | Sequence[str] | None


class ScriptDirectory:
    """The revision files of an Alembic project. They are read when they are first asked for, and not executed.

    Args:
        dir: the directory of `env.py` and `script.py.mako`.
        file_template: the name of a new file.
        truncate_slug_length: how much of the message goes into it.
        version_locations: directories of revisions, instead of `versions` below *dir*.
        sourceless: whether revisions may be there as bytecode alone.
        output_encoding: the encoding of new files.
        timezone: the zone of `Create Date`; None for the local one.
        hooks: what runs over a new file, as `Config.get_hooks_list` gives it.
        recursive_version_locations: whether sub-directories are searched too.
        messaging_opts: not used; nothing is said while files are written.

    Raises:
        CommandError: there is no such directory.
    """

    def __init__(
        self,
        dir: str | os.PathLike[str],
        file_template: str = DEFAULT_FILE_TEMPLATE,
        truncate_slug_length: int | None = 40,
        version_locations: Sequence[str | os.PathLike[str]] | None = None,
        sourceless: bool = False,
        output_encoding: str = "utf-8",
        timezone: str | None = None,
        hooks: Iterable[Mapping[str, str]] = (),
        recursive_version_locations: bool = False,
        messaging_opts: Mapping[str, Any] | None = None,
    ) -> None:
        self._read(
            Settings(
                root=Path.cwd(),
                script_location=os.fspath(dir),
                version_table="alembic_version",
                version_locations=tuple([os.fspath(path) for path in version_locations or ()]),
                recursive_version_locations=recursive_version_locations,
                file_template=file_template,
                timezone=timezone or "local",
                truncate_slug_length=truncate_slug_length or 40,
                post_write_hooks=tuple(map(hook_of, hooks)),
                prepend_sys_path=(),
                sourceless=sourceless,
                output_encoding=output_encoding,
            ),
            None,
        )

    @classmethod
    def from_config(cls, config: Config) -> ScriptDirectory:
        """The files that a configuration points to.

        Args:
            config: the configuration; `script_location` is enough.

        Raises:
            CommandError: it does not say where they are, or there is no such directory.
        """
        made = cls.__new__(cls)
        with command_errors():
            made._read(project_of(config, cwd=Path.cwd()).settings, config)
        return made

    def _read(self, settings: Settings, config: Config | None) -> None:
        self._settings = settings
        self._config = config
        # The package of `package:path` may be there only for the configuration.
        with command_errors(), lent_search_path(settings.root, settings.prepend_sys_path):
            self._history = History.from_settings(settings, None if config is None else {"config": config})
        self.dir = settings.script_location
        self.version_locations = list(settings.version_locations)
        self.file_template = settings.file_template or DEFAULT_FILE_TEMPLATE
        self.truncate_slug_length = settings.truncate_slug_length
        self.sourceless = settings.sourceless
        self.output_encoding = settings.output_encoding
        self.timezone = None if settings.timezone == "local" else settings.timezone
        self.recursive_version_locations = settings.recursive_version_locations
        self._scripts: dict[str, Script] = {}
        #: The contexts that were entered with it, the last one innermost.
        self.environments: list[Any] = []
        location = self._history.directory.location
        if ":" in self.dir and not Path(self.dir).is_absolute():
            # Alembic shows where the package is.
            self.dir = str(location)
        if not location.exists():
            raise CommandError(
                f"Path doesn't exist: {self.dir}.  Please use the 'init' command to create a new scripts folder.",
                hint="A relative path starts where you are; from the ini file it is: script_location = %(here)s/...",
            )

    def __repr__(self) -> str:
        return f"<ScriptDirectory {self.dir}>"

    @property
    def versions(self) -> str:
        """The directory of the revisions.

        Raises:
            CommandError: there are several.
        """
        first, *others = map(str, self._history.directory.version_locations)
        if others:
            raise CommandError("Multiple version_locations present", hint=f"They are: {', '.join([first, *others])}")
        return first

    @property
    def env_py_location(self) -> str:
        """The path of `env.py`."""
        return str(Path(self.dir, "env.py"))

    @property
    def history(self) -> History:
        """The same files in our own words."""
        return self._history

    @property
    def revision_map(self) -> RevisionMap:
        """How the revisions follow each other."""
        return RevisionMap(self)

    @property
    def _graph(self) -> RevisionGraph:
        with command_errors():
            return self._history.graph

    # -- looking ----------------------------------------------------------------------------------------------------

    def walk_revisions(self, base: str = "base", head: str = "heads") -> Iterator[Script]:
        """The revisions between two, both included, newest first.

        Args:
            base: where it ends; `base` for the very first.
            head: where it begins; `head` where there is only one.

        Raises:
            CommandError: one of them is not to be found, or they are not in one line.
        """
        return self.walk_range(f"{base}:{head}")

    def walk_range(self, range_text: str | None, applied: Sequence[str] = ()) -> Iterator[Script]:
        """The revisions of a range `[start]:[end]`, newest first.

        Args:
            range_text: the range; None for everything.
            applied: the rows of the version table, for the end `current`.

        Raises:
            CommandError: an end is not to be found, or they are not in one line.
        """
        with command_errors():
            found = walk(self._graph, range_text, applied)
        return self._all(revision.id for revision in found)

    def iterate_revisions(
        self,
        upper: Ids,
        lower: Ids,
        implicit_base: bool = False,
        inclusive: bool = False,
        assert_relative_length: bool = True,
        select_for_downgrade: bool = False,
    ) -> Iterator[Script]:
        """The revisions from *upper* down to *lower*, newest first.

        Args:
            upper: where it begins.
            lower: where it ends; None for the base.
            implicit_base: whether to give everything that an upgrade from *lower* to *upper* would take.
            inclusive: whether *lower* itself belongs to it.
            assert_relative_length: not used; whoever asks for more steps than there are is told.
            select_for_downgrade: whether to give what a downgrade from *upper* to *lower* would take.

        Raises:
            CommandError: one of them is not to be found, or they are not in one line.
        """
        graph = self._graph
        with command_errors():
            if select_for_downgrade:
                ids = [move.id for move in plan_downgrade(graph, self._ids(upper), _text(lower, "base")).moves]
            elif implicit_base:
                ids = [move.id for move in plan_upgrade(graph, self._ids(lower), _text(upper, "base")).moves][::-1]
            else:
                ids = self._between(upper, lower, inclusive=inclusive)
        return self._all(ids)

    def _between(self, upper: Ids, lower: Ids, *, inclusive: bool) -> list[str]:
        if upper is None or upper == "base":
            return []
        if isinstance(upper, str) and (lower is None or isinstance(lower, str)):
            ids = [revision.id for revision in walk(self._graph, f"{lower or 'base'}:{upper}")]
            return ids if inclusive else [one for one in ids if one not in self._ids(lower)]
        graph, above, below = self._graph, self._ids(upper), self._ids(lower)
        wanted = graph.ancestors(*above) - graph.ancestors(*below)
        if inclusive:
            wanted |= set(below)
        if below:
            wanted &= graph.descendants(*below, dependencies=False)
        return [revision.id for revision in reversed(graph.in_order(wanted))]

    def get_revision(self, id_: str) -> Script:
        """The revision that *id_* names: an id or its beginning, a label, `head`.

        Raises:
            CommandError: there is none, or several.
        """
        found = self.get_revisions(id_)
        if len(found) > 1:
            with command_errors():
                raise MultipleHeadsError(heads=[one.revision for one in found], wanted=str(id_))
        # None for the base, as in Alembic, where its type does not say so either.
        return found[0] if found else None  # type: ignore[return-value]

    def get_revisions(self, id_: Ids) -> tuple[Script, ...]:
        """The revisions that *id_* names: `heads`, an id, several of them; none for `base`.

        Raises:
            CommandError: one is not to be found.
        """
        with command_errors():
            return tuple(self._all(self._ids(id_)))

    def get_all_current(self, id_: Sequence[str]) -> set[Script]:
        """The newest applied revision of each branch of a database whose version table has the rows *id_*.

        Raises:
            CommandError: a row is in no file.
        """
        with command_errors():
            return set(self._all(revision.id for revision in current(self._graph, id_)))

    def rows_after_stamp(self, applied: Iterable[str], revision: Ids) -> tuple[str, ...]:
        """The rows of a version table after a stamp.

        Args:
            applied: the rows before.
            revision: where the database is said to be.

        Raises:
            CommandError: a row or *revision* is in no file.
        """
        rows = tuple(applied)
        with command_errors():
            return plan_stamp(self._graph, rows, _listed(revision or "base")).after

    def as_revision_number(self, id_: str | None) -> str | tuple[str, ...] | None:
        """The id that *id_* stands for; a tuple for `heads`, None for the base. As in Alembic, an id comes back unseen.

        Raises:
            CommandError: there are several heads, or there is no such branch.
        """
        symbol = (id_ or "").rpartition("@")[2]
        if symbol not in ("", "head", "heads", "base"):
            return symbol
        found = self._ids(id_)
        if not found:
            return None
        return found if id_ == "heads" else found[0]

    def get_current_head(self) -> str | None:
        """The id of the head; None where there are no revisions.

        Raises:
            CommandError: there are several heads.
        """
        heads = self._graph.heads
        if len(heads) > 1:
            with command_errors():
                raise MultipleHeadsError(heads=heads, hint="Use get_heads(), or join them: asyncmig merge heads")
        return heads[0] if heads else None

    def get_heads(self, consider_depends_on: bool = False) -> list[str]:
        """The ids of the heads.

        Args:
            consider_depends_on: leave out those that another revision depends on.
        """
        return list(self._graph.real_heads if consider_depends_on else self._graph.heads)

    def get_bases(self) -> list[str]:
        """The ids of the revisions that follow no other."""
        return list(self._graph.bases)

    def get_base(self) -> str | None:
        """The id of the first revision; None where there are none.

        Raises:
            CommandError: there are several.
        """
        bases = self._graph.bases
        if len(bases) > 1:
            raise CommandError(
                "The script directory has multiple bases. Please use get_bases().", hint=f"They are {', '.join(bases)}."
            )
        return bases[0] if bases else None

    def _ids(self, names: Ids) -> tuple[str, ...]:
        if names is None:
            return ()
        with command_errors():
            found = [one.id for name in _listed(names) for one in resolve(self._graph, name)]
        return tuple(dict.fromkeys(found))

    def _all(self, ids: Iterable[str]) -> Iterator[Script]:
        return (self._script(one) for one in ids)

    def _script(self, revision_id: str) -> Script:
        if revision_id not in self._scripts:
            self._scripts[revision_id] = Script(self._history, revision_id)
        return self._scripts[revision_id]

    # -- what a program answers when it is asked what shall be done ---------------------------------------------------

    def _upgrade_revs(self, destination: str, current_rev: Ids) -> Steps:
        """An upgrade to *destination*."""
        return Steps("upgrade", (destination,))

    def _downgrade_revs(self, destination: str | None, current_rev: Ids) -> Steps:
        """A downgrade to *destination*."""
        return Steps("downgrade", (destination or "base",))

    def _stamp_revs(self, revision: Ids, heads: Ids) -> Steps:
        """A stamp with *revision*."""
        return Steps("stamp", tuple(_listed(revision or "base")))

    def run_env(self) -> None:
        """Execute `env.py` in the `EnvironmentContext` that was entered last.

        Raises:
            CommandError: none was entered, or it failed.
        """
        if not self.environments:
            raise CommandError(
                "env.py is executed inside of an EnvironmentContext.",
                hint="with EnvironmentContext(config, script, fn=fn):\n    script.run_env()",
            )
        self.environments[-1].run_env()

    # -- writing ----------------------------------------------------------------------------------------------------

    def generate_revision(
        self,
        revid: str | None,
        message: str | None,
        head: Ids = None,
        splice: bool | None = False,
        branch_labels: Ids = None,
        version_path: str | os.PathLike[str] | None = None,
        file_template: str | None = None,
        depends_on: Ids = None,
        **kw: Any,
    ) -> Script:
        """Write a new revision from `script.py.mako`, and let the hooks run over it.

        Args:
            revid: its id; None for a new one.
            message: what it is for.
            head: what it follows; the only head by default.
            splice: whether it may follow a revision that is no head.
            branch_labels: labels for the branch that begins with it.
            version_path: the directory of the file, where there are several.
            file_template: not used, as in Alembic.
            depends_on: what must be applied before it without being its parent.
            kw: variables for the template besides.

        Raises:
            CommandError: it cannot be written, or a hook failed.
        """
        with command_errors():
            created = write_revision(
                self._history,
                message,
                head="head" if head is None else head,
                splice=bool(splice),
                branch_label=branch_labels,
                version_path=None if version_path is None else Path(version_path),
                rev_id=revid,
                depends_on=depends_on,
                values=kw,
                say=_unheard if self._config is None else self._config.print_stdout,
            )
        self._scripts.clear()
        return self._script(created.revision)


def _unheard(line: str) -> None:
    """Where nobody listens, a hook that fails is not heard, as in Alembic."""


def _listed(names: str | Sequence[str]) -> Sequence[str]:
    return (names,) if isinstance(names, str) else tuple(names)


def _text(names: Ids, default: str) -> str:
    listed = _listed(names or default)
    if len(listed) != 1:
        raise CommandError(f"One revision is wanted, not {len(listed)}: {', '.join(listed)}.")
    return listed[0]
