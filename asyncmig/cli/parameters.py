"""Parameters: arguments and options that several commands share."""

from __future__ import annotations

from typing import Annotated

import typer

from asyncmig.cli.completion import complete_revision, complete_revisions
from asyncmig.config import parse_duration

__all__ = [
    "BranchLabel",
    "Message",
    "RevisionId",
    "RevisionName",
    "RevisionNames",
    "Splice",
    "Sql",
    "Tag",
    "Verbose",
    "WaitForDatabase",
    "duration",
]

RevisionName = Annotated[
    str,
    typer.Argument(
        metavar="REVISION", help="An id or the beginning of one, a label, head, ...", autocompletion=complete_revision
    ),
]
RevisionNames = Annotated[
    list[str], typer.Argument(metavar="REVISIONS", help="Ids, labels, heads, ...", autocompletion=complete_revisions)
]
Message = Annotated[
    str | None, typer.Option("-m", "--message", metavar="TEXT", help="What it is for; goes into the file's name.")
]
Splice = Annotated[bool, typer.Option("--splice", help="Let it follow a revision that is no head.")]
BranchLabel = Annotated[
    str | None, typer.Option("--branch-label", metavar="LABEL", help="A label for the branch that begins here.")
]
RevisionId = Annotated[str | None, typer.Option("--rev-id", metavar="ID", help="Its id, instead of a random one.")]
Sql = Annotated[bool, typer.Option("--sql", help="Print the SQL and do nothing; no database is asked.")]
Tag = Annotated[str | None, typer.Option("--tag", metavar="TEXT", help="Free text that scripts can read.")]
Verbose = Annotated[bool, typer.Option("-v", "--verbose", help="All about each revision.")]
WaitForDatabase = Annotated[
    str | None,
    typer.Option(
        "--wait-for-db", metavar="DURATION", help="How long to try again while the server cannot be reached: 60s."
    ),
]


def duration(text: str | None, option: str) -> float | None:
    """The seconds of an option; None where it was not given.

    Args:
        text: what was given.
        option: its name, for the message.
    """
    try:
        return None if text is None else parse_duration(text)
    except ValueError as error:
        raise typer.BadParameter(f"{text!r} is no duration such as 30s or 10m.", param_hint=option) from error
