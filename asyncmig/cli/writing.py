"""Commands that write revision files."""

from __future__ import annotations

from typing import Annotated, Any

import typer

from asyncmig.cli import documents
from asyncmig.cli.completion import complete_revision, complete_revisions
from asyncmig.cli.parameters import BranchLabel, Message, RevisionId, RevisionName, RevisionNames, Splice
from asyncmig.cli.reading import find
from asyncmig.cli.session import CommandSession
from asyncmig.errors import ConfigError
from asyncmig.migrator.results import CreatedRevision


def revision(
    context: typer.Context,
    message: Message = None,
    autogenerate: Annotated[
        bool, typer.Option("--autogenerate", help="With what makes of the database what the models want.")
    ] = False,
    rename: Annotated[
        list[str] | None,
        typer.Option(
            "--rename",
            metavar="OLD=NEW",
            help="With --autogenerate: users=people or users.name=full_name was renamed; may be given several times.",
        ),
    ] = None,
    no_rename: Annotated[
        bool,
        typer.Option(
            "--no-rename", help="With --autogenerate: what looks renamed is dropped and added, with its data."
        ),
    ] = False,
    head: Annotated[
        str,
        typer.Option("--head", metavar="REVISION", help="What it follows.", autocompletion=complete_revision),
    ] = "head",
    splice: Splice = False,
    branch_label: BranchLabel = None,
    version_path: Annotated[
        str | None,
        typer.Option("--version-path", metavar="DIR", help="Where to write it, if there are several places."),
    ] = None,
    rev_id: RevisionId = None,
    depends_on: Annotated[
        list[str] | None,
        typer.Option(
            "--depends-on",
            metavar="REVISION",
            help="What must be applied before it; may be given several times.",
            autocompletion=complete_revisions,
        ),
    ] = None,
) -> None:
    """Write a new revision: an empty one, or with --autogenerate what the models want."""
    session = CommandSession.of(context)
    if not autogenerate and (rename or no_rename):
        raise typer.BadParameter("It says how to compare models; add --autogenerate.", param_hint="--rename")
    options: dict[str, Any] = {
        "head": head,
        "splice": splice,
        "branch_label": branch_label,
        "version_path": version_path,
        "rev_id": rev_id,
        "depends_on": tuple(depends_on or ()),
    }
    if autogenerate:
        # Imported here because an empty revision needs no database.
        from asyncmig.cli import comparing

        comparing.autogenerate(session, message, rename or [], accept_loss=no_rename, options=options)
        return
    written = _of_alembic(session, message, options)
    if written is None:
        _finish(session, session.history.new_revision(message, **options))
        return
    if not written:
        session.printer.report(
            None, lambda none: {}, lambda none: ["env.py has decided that nothing is to be written."]
        )
    for created in written:
        _finish(session, created)


def _of_alembic(session: CommandSession, message: str | None, options: dict[str, Any]) -> list[CreatedRevision] | None:
    """The new revisions of a project of Alembic whose `env.py` has a say in them; None for any other project."""
    project = session.alembic
    if project is None or not project.config.get_alembic_boolean_option("revision_environment"):
        return None
    # Imported here because hardly any project wants it.
    from asyncmig.compat.alembic.revising import revise

    return revise(project.config, message, **options)


def merge(
    context: typer.Context,
    revisions: RevisionNames,
    message: Message = None,
    branch_label: BranchLabel = None,
    rev_id: RevisionId = None,
    splice: Splice = False,
) -> None:
    """Write a revision that joins several."""
    session = CommandSession.of(context)
    created = session.history.merge(revisions, message=message, branch_label=branch_label, rev_id=rev_id, splice=splice)
    _finish(session, created)


def edit(context: typer.Context, revision: RevisionName) -> None:
    """Open the files of REVISION in an editor."""
    # Imported here because no other command starts a program.
    from asyncmig.migrator.editor import edit_files

    session = CommandSession.of(context)
    paths = [info.path for info in find(session, revision) if info.path is not None]
    if not paths:
        raise ConfigError(f"No revision files are indicated by {revision!r}.", hint="asyncmig history")
    edit_files(paths, session.environ)


def _finish(session: CommandSession, created: CreatedRevision) -> None:
    """Run the hooks over a new file and say where it is; the error of a hook says it, too."""
    if session.settings.post_write_hooks:
        # Imported here because most projects have no hooks.
        from asyncmig.migrator.hooks import run_hooks

        run_hooks(session.settings, created.path)
    session.printer.report(created, documents.created, lambda result: [f"Created {result.path}"])
