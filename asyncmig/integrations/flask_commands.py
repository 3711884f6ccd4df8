"""Commands: `flask db`, one by one as Flask-Migrate has them."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from pathlib import Path

import click
from flask.cli import AppGroup

from asyncmig.integrations.flask_project import CommandError, FlaskProject
from asyncmig.migrator.answers import Answers
from asyncmig.migrator.results import CreatedRevision, RevisionInfo, RunResult
from asyncmig.rendering.templates import find_template, list_templates

__all__ = ["group"]


_directory = click.option("-d", "--directory", metavar="DIR", help="Where the revisions are.")
_verbose = click.option("-v", "--verbose", is_flag=True, help="All about each revision.")
_sql = click.option("--sql", is_flag=True, help="Print the SQL and do nothing; no database is asked.")
_tag = click.option("--tag", metavar="TEXT", help="Free text that scripts can read.")
_arguments = click.option("-x", "--x-arg", "pairs", multiple=True, metavar="KEY=VALUE", help="An argument for scripts.")
_message = click.option("-m", "--message", metavar="TEXT", help="What it is for; goes into the file's name.")
_branch_label = click.option("--branch-label", metavar="LABEL", help="A label for the branch that begins here.")
_rev_id = click.option("--rev-id", metavar="ID", help="Its id, instead of a random one.")
_head = click.option("--head", default="head", metavar="REVISION", help="What it follows.")
_splice = click.option("--splice", is_flag=True, help="Let it follow a revision that is no head.")
_version_path = click.option("--version-path", metavar="DIR", help="Where to put the file.")
#: `-1` is a target and no option.
_targets = {"ignore_unknown_options": True}


def group(name: str, project: FlaskProject) -> AppGroup:
    """The group of commands.

    Args:
        name: its name.
        project: what they work on.
    """
    commands = AppGroup(name, help="Migrate the database.")
    for add in (_add_files, _add_comparing, _add_runs, _add_looks):
        add(commands, project)
    return commands


# -- commands that write files -----------------------------------------------------------------------------------------


def _add_files(commands: AppGroup, project: FlaskProject) -> None:
    @commands.command()
    @_directory
    @click.option("-t", "--template", default="sync", metavar="NAME", help="What to begin from; see list-templates.")
    def init(directory: str | None, template: str) -> None:
        """Begin a directory of revisions."""
        location = project.location(directory)
        if location.exists() and (not location.is_dir() or any(location.iterdir())):
            raise click.ClickException(f"{location} already exists and is not empty.")
        source = project.checked(lambda: find_template(template)).path / "migrations" / "script.py.mako"
        if not source.is_file():
            raise click.ClickException(f"The template {template!r} is not for one database.")
        (location / "versions").mkdir(parents=True)
        (location / "script.py.mako").write_text(source.read_text("utf-8"), "utf-8")
        click.echo(f"Created {location}")

    @commands.command("list-templates")
    def templates() -> None:
        """List what init can begin from."""
        for each in list_templates():
            click.echo(f"{each.name} - {each.summary}")

    @commands.command()
    @_directory
    @_message
    @_head
    @_splice
    @_branch_label
    @_version_path
    @_rev_id
    @click.option("--depends-on", multiple=True, metavar="REVISION", help="What must be applied before it.")
    def revision(
        directory: str | None,
        message: str | None,
        head: str,
        splice: bool,
        branch_label: str | None,
        version_path: str | None,
        rev_id: str | None,
        depends_on: Sequence[str],
    ) -> None:
        """Write a new, empty revision."""
        _created(
            project.run(
                lambda migrator: migrator.revision(
                    message,
                    head=head,
                    splice=splice,
                    branch_label=branch_label,
                    version_path=version_path,
                    rev_id=rev_id,
                    depends_on=depends_on,
                ),
                directory,
            )
        )

    @commands.command()
    @_directory
    @_message
    @_branch_label
    @_rev_id
    @click.argument("revisions", nargs=-1)
    def merge(
        directory: str | None,
        message: str | None,
        branch_label: str | None,
        rev_id: str | None,
        revisions: Sequence[str],
    ) -> None:
        """Write a revision that joins REVISIONS, or all heads."""
        _created(
            project.run(
                lambda migrator: migrator.merge(
                    revisions or "heads", message=message, branch_label=branch_label, rev_id=rev_id
                ),
                directory,
            )
        )

    @commands.command()
    @_directory
    @click.argument("revision", default="head")
    def edit(directory: str | None, revision: str) -> None:
        """Open the files of REVISION in an editor."""
        for info in project.run(lambda migrator: migrator.show(revision), directory):
            if info.path is not None:
                click.edit(filename=str(info.path))


# -- commands that compare models with a database ----------------------------------------------------------------------


def _add_comparing(commands: AppGroup, project: FlaskProject) -> None:
    @commands.command()
    @_directory
    @_message
    @_head
    @_splice
    @_branch_label
    @_version_path
    @_rev_id
    @_arguments
    @click.option("--rename", "renames", multiple=True, metavar="OLD=NEW", help="users.name=full_name was renamed.")
    @click.option("--no-rename", is_flag=True, help="What looks renamed is dropped and added, with its data.")
    def migrate(
        directory: str | None,
        message: str | None,
        head: str,
        splice: bool,
        branch_label: str | None,
        version_path: str | None,
        rev_id: str | None,
        pairs: Sequence[str],
        renames: Sequence[str],
        no_rename: bool,
    ) -> None:
        """Write a new revision with what makes of the database what the models want."""
        created = project.run(
            lambda migrator: migrator.revision(
                message,
                autogenerate=True,
                answers=Answers(_values(renames), accept_loss=no_rename),
                head=head,
                splice=splice,
                branch_label=branch_label,
                version_path=version_path,
                rev_id=rev_id,
            ),
            directory,
            _values(pairs),
        )
        if created is None:
            click.echo("No difference: the database is what the models want. No file was written.")
            return
        _created(created)
        for difference in created.differences:
            click.echo(f"  - {difference.description}{'    (loses data)' if difference.loses_data else ''}")
        for warning in created.warnings:
            click.echo(f"Look at this: {warning}")

    @commands.command()
    @_directory
    def check(directory: str | None) -> None:
        """Compare the models with the database; exit with 11 when they differ."""
        result = project.run(lambda migrator: migrator.check(), directory)
        if result:
            raise CommandError(result.error())
        click.echo("No difference: the database is what the models want.")


# -- commands that change a database -----------------------------------------------------------------------------------


def _add_runs(commands: AppGroup, project: FlaskProject) -> None:
    @commands.command()
    @_directory
    @_sql
    @_tag
    @_arguments
    @click.argument("revision", default="head")
    def upgrade(directory: str | None, sql: bool, tag: str | None, pairs: Sequence[str], revision: str) -> None:
        """Apply revisions up to REVISION."""
        if sql:
            click.echo(project.run(lambda migrator: migrator.sql(revision, tag=tag), directory, _values(pairs)))
        else:
            _done(project.run(lambda migrator: migrator.upgrade(revision), directory, _values(pairs, tag)))

    @commands.command(context_settings=_targets)
    @_directory
    @_sql
    @_tag
    @_arguments
    @click.argument("revision", default="-1")
    def downgrade(directory: str | None, sql: bool, tag: str | None, pairs: Sequence[str], revision: str) -> None:
        """Revert the revisions above REVISION."""
        if sql:
            target = "head:-1" if revision == "-1" else revision
            text = project.run(
                lambda migrator: migrator.sql(target, direction="downgrade", tag=tag), directory, _values(pairs)
            )
            click.echo(text)
        else:
            _done(project.run(lambda migrator: migrator.downgrade(revision), directory, _values(pairs, tag)))

    @commands.command()
    @_directory
    @_sql
    @click.option("--purge", is_flag=True, help="Take away all rows first, also unknown ones.")
    @click.argument("revision", default="head")
    def stamp(directory: str | None, sql: bool, purge: bool, revision: str) -> None:
        """Write that the database is at REVISION, without running anything."""
        if sql:
            click.echo(project.run(lambda migrator: migrator.stamp_sql(revision), directory))
        else:
            _done(project.run(lambda migrator: migrator.stamp(revision, purge=purge), directory))


# -- commands that look ------------------------------------------------------------------------------------------------


def _add_looks(commands: AppGroup, project: FlaskProject) -> None:
    @commands.command()
    @_directory
    @_verbose
    def current(directory: str | None, verbose: bool) -> None:
        """Show the revisions that the database is at."""
        _show(project.run(lambda migrator: migrator.current(), directory), verbose, _short)

    @commands.command()
    @_directory
    @_verbose
    @click.option("--resolve-dependencies", is_flag=True, help="Leave out heads that another revision depends on.")
    def heads(directory: str | None, verbose: bool, resolve_dependencies: bool) -> None:
        """List the heads: the revisions that no other follows."""
        found = project.run(lambda migrator: migrator.heads(resolve_dependencies=resolve_dependencies), directory)
        _show(found, verbose, _short)

    @commands.command()
    @_directory
    @click.option("-r", "--rev-range", metavar="[START]:[END]", help="Only these; the ends may be 'current'.")
    @_verbose
    @click.option("-i", "--indicate-current", is_flag=True, help="Mark where the database is.")
    def history(directory: str | None, rev_range: str | None, verbose: bool, indicate_current: bool) -> None:
        """List the revisions, newest first."""
        found = project.run(lambda migrator: migrator.history(rev_range, indicate_current=indicate_current), directory)
        _show(found, verbose, _line)

    @commands.command()
    @_directory
    @_verbose
    def branches(directory: str | None, verbose: bool) -> None:
        """List the revisions that several others follow."""
        files = project.migrator(directory).history_files
        for branch in project.checked(files.branches):
            _show([branch], verbose, _short)
            for child in branch.children:
                click.echo(f"{' ' * (len(branch.id) + 1)}-> {_short(files.info(child))}")

    @commands.command()
    @_directory
    @click.argument("revision", default="head")
    def show(directory: str | None, revision: str) -> None:
        """Show all about REVISION."""
        _show(project.run(lambda migrator: migrator.show(revision), directory), True, _short)


# -- what they say -----------------------------------------------------------------------------------------------------


def _values(pairs: Iterable[str], tag: str | None = None) -> Mapping[str, str]:
    values: dict[str, str] = {}
    for pair in pairs:
        name, _, value = pair.partition("=")
        values[name] = value
    return values if tag is None else {**values, "tag": tag}


def _created(created: CreatedRevision) -> None:
    click.echo(f"Created {_relative(created.path)}")


def _relative(path: Path) -> Path:
    here = Path.cwd()
    return path.relative_to(here) if path.is_relative_to(here) else path


def _done(result: RunResult) -> None:
    place = ", ".join(result.heads) or "<base>"
    click.echo(f"The database is at {place}." if result else f"Nothing to do: the database is at {place}.")


def _show(revisions: Iterable[RevisionInfo], verbose: bool, line: Callable[[RevisionInfo], str]) -> None:
    for revision in revisions:
        for text in _block(revision) if verbose else [line(revision)]:
            click.echo(text)


def _short(revision: RevisionInfo) -> str:
    labels = f" ({', '.join(sorted(revision.labels))})" if revision.labels else ""
    return f"{revision.id}{labels}{_marks(revision)}"


def _line(revision: RevisionInfo) -> str:
    message = f", {revision.message}" if revision.message else ""
    return f"{', '.join(revision.parents) or '<base>'} -> {_short(revision)}{message}"


def _marks(revision: RevisionInfo) -> str:
    marks = {
        "head": revision.is_effective_head,
        "effective head": revision.is_head and not revision.is_effective_head,
        "branchpoint": revision.is_branch_point,
        "mergepoint": revision.is_merge_point,
        "current": revision.is_current,
    }
    return "".join(f" ({mark})" for mark, is_so in marks.items() if is_so)


def _block(revision: RevisionInfo) -> Iterator[str]:
    yield f"Rev: {_short(revision)}"
    yield f"{'Merges' if revision.is_merge_point else 'Parent'}: {', '.join(revision.parents) or '<base>'}"
    if revision.depends_on:
        yield f"Also depends on: {', '.join(revision.depends_on)}"
    if revision.path is not None:
        yield f"Path: {_relative(revision.path)}"
    yield ""
    yield from (f"    {line}".rstrip() for line in revision.doc.strip().splitlines())
    yield ""
