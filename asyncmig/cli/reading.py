"""Commands that read the revision files, and the database only where they are asked about it."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Annotated

import typer

from asyncmig.cli import documents, lines
from asyncmig.cli.parameters import RevisionName, Verbose
from asyncmig.cli.session import CommandSession
from asyncmig.migrator.results import RevisionInfo

Range = Annotated[
    str | None,
    typer.Option("-r", "--rev-range", metavar="[START]:[END]", help="Which; the ends may be current, -3, ids, ..."),
]
IndicateCurrent = Annotated[
    bool, typer.Option("-i", "--indicate-current", help="Mark where the database is; connects to it.")
]


def history(
    context: typer.Context, rev_range: Range = None, verbose: Verbose = False, indicate_current: IndicateCurrent = False
) -> None:
    """List the revisions, newest first."""
    session = CommandSession.of(context)
    found = _history(session, rev_range, indicate_current)
    to_lines = lines.blocks if verbose else lambda revisions: map(lines.move_line, revisions)
    session.printer.answer(found, documents.revisions, to_lines)


def heads(
    context: typer.Context,
    verbose: Verbose = False,
    resolve_dependencies: Annotated[
        bool, typer.Option("--resolve-dependencies", help="Leave out heads that another revision depends on.")
    ] = False,
) -> None:
    """List the heads: the revisions that no other follows."""
    session = CommandSession.of(context)
    found = session.history.heads(resolve_dependencies=resolve_dependencies)
    to_lines = lines.blocks if verbose else lambda revisions: map(lines.short, revisions)
    session.printer.answer(found, documents.revisions, to_lines)


def branches(context: typer.Context, verbose: Verbose = False) -> None:
    """List the revisions that several others follow."""
    session = CommandSession.of(context)

    def to_lines(revisions: tuple[RevisionInfo, ...]) -> Iterator[str]:
        for branch in revisions:
            children = [session.history.info(child) for child in branch.children]
            yield from lines.branch_lines(branch, children, verbose=verbose)

    session.printer.answer(session.history.branches(), documents.revisions, to_lines)


def show(context: typer.Context, revision: RevisionName) -> None:
    """Show all about REVISION."""
    session = CommandSession.of(context)
    found = find(session, revision)

    def document(revisions: tuple[RevisionInfo, ...]) -> dict[str, object]:
        return {"revisions": [documents.revision(info) | {"doc": info.doc} for info in revisions]}

    session.printer.answer(found, document, lines.blocks)


def graph(
    context: typer.Context,
    kind: Annotated[
        str, typer.Option("--format", metavar="FORMAT", help="text, mermaid or svg.", show_default=True)
    ] = "text",
    rev_range: Range = None,
    indicate_current: IndicateCurrent = False,
) -> None:
    """Draw the revisions and how they follow each other."""
    # Imported here because only this command draws.
    from asyncmig.cli.graph_drawing import DRAWINGS

    session = CommandSession.of(context)
    if kind not in DRAWINGS:
        raise typer.BadParameter(f"{kind!r} is none of {', '.join(DRAWINGS)}.", param_hint="--format")
    found = _history(session, rev_range, indicate_current)
    session.printer.answer(found, documents.revisions, DRAWINGS[kind])


def find(session: CommandSession, target: str) -> tuple[RevisionInfo, ...]:
    """The revisions that *target* names; the database is asked only for `current`."""
    if "current" in target:
        return session.run(lambda migrator: migrator.show(target), reads=True)
    return session.history.show(target)


def _history(session: CommandSession, rev_range: str | None, indicate_current: bool) -> tuple[RevisionInfo, ...]:
    if indicate_current or (rev_range is not None and "current" in rev_range):
        return session.run(lambda migrator: migrator.history(rev_range, indicate_current=indicate_current), reads=True)
    return session.history.history(rev_range)
