"""The command that settles a step which the database cannot tell of."""

from __future__ import annotations

from typing import Annotated

import typer

from asyncmig.cli.parameters import RevisionName
from asyncmig.cli.session import CommandSession


def resolve(
    context: typer.Context,
    revision: RevisionName,
    done: Annotated[bool, typer.Option("--done", help="The step took effect.")] = False,
    not_done: Annotated[bool, typer.Option("--not-done", help="It did not, and is to be done again.")] = False,
) -> None:
    """Say whether the step in the middle of which REVISION was stopped took effect."""
    if done == not_done:
        raise typer.BadParameter("say one of --done and --not-done.", param_hint="--done")
    session = CommandSession.of(context)
    session.run(lambda migrator: migrator.resolve(revision, done=done))
    word = "done" if done else "not done"
    session.printer.report(
        revision,
        lambda id: {"revision": id, "done": done},
        lambda id: [f"The step of {id} counts as {word}. Go on with: asyncmig upgrade"],
    )
