"""Lines: what commands answer, in words, one revision a line or a block."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from typing import TYPE_CHECKING

from asyncmig.cli.durations import seconds
from asyncmig.migrator.results import PlannedMove, RevisionInfo, RunPlan, RunResult, Status, Unfinished

if TYPE_CHECKING:
    from asyncmig.state.log import LogEntry

__all__ = [
    "block",
    "blocks",
    "branch_lines",
    "log_lines",
    "move_line",
    "plan_lines",
    "run_lines",
    "short",
    "status_lines",
]

_VERBS = {"upgrade": "Applied", "downgrade": "Reverted", "stamp": "Stamped"}


def short(revision: RevisionInfo, *, tree: bool = False) -> str:
    """A revision in a few words: `8f2c51d0a7be (billing) (head)`.

    Args:
        revision: the revision.
        tree: whether to say what it is in the tree besides a head.
    """
    labels = f" ({', '.join(sorted(revision.labels))})" if revision.labels else ""
    return f"{revision.id}{labels}{_head_mark(revision)}{_tree_marks(revision) if tree else ''}"


def move_line(revision: RevisionInfo) -> str:
    """A revision as a line of the history: `1d4f0a92c3e1 -> 8f2c51d0a7be (head), add user role`."""
    below = ", ".join(revision.parents) or "<base>"
    if revision.depends_on:
        below += f" ({', '.join(revision.depends_on)})"
    current = " (current)" if revision.is_current else ""
    message = f", {revision.message}" if revision.message else ""
    return f"{below} -> {short(revision, tree=True)}{current}{message}"


def block(revision: RevisionInfo) -> Iterator[str]:
    """All about a revision."""
    current = " (current)" if revision.is_current else ""
    yield f"Rev: {revision.id}{_head_mark(revision)}{_tree_marks(revision)}{current}"
    title = "Merges" if revision.is_merge_point else "Parent"
    yield f"{title}: {', '.join(revision.parents) or '<base>'}"
    if revision.depends_on:
        yield f"Also depends on: {', '.join(revision.depends_on)}"
    if revision.is_branch_point:
        yield f"Branches into: {', '.join(revision.children)}"
    if revision.labels:
        yield f"Branch names: {', '.join(sorted(revision.labels))}"
    if revision.phase:
        yield f"Phase: {revision.phase}"
    if revision.path is not None:
        yield f"Path: {revision.path}"
    yield ""
    for line in revision.doc.strip().splitlines():
        yield f"    {line}".rstrip()
    yield ""


def blocks(revisions: Iterable[RevisionInfo]) -> Iterator[str]:
    """All about several revisions."""
    for revision in revisions:
        yield from block(revision)


def branch_lines(branch: RevisionInfo, children: Sequence[RevisionInfo], *, verbose: bool) -> Iterator[str]:
    """A branch point and what follows it."""
    if verbose:
        yield from block(branch)
    else:
        yield short(branch, tree=True)
    for child in children:
        message = f", {child.message}" if verbose and child.message else ""
        yield f"{' ' * (len(branch.id) + 1)}-> {short(child, tree=True)}{message}"
    yield ""


def run_lines(result: RunResult) -> Iterator[str]:
    """What a run did, in a sentence."""
    place = ", ".join(result.heads) or "<base>"
    if not result.applied:
        yield f"Nothing to do: the database is at {place}."
        return
    count = len(result.applied)
    what = f"revision {result.applied[0].revision}" if count == 1 else f"{count} revisions"
    waited = f", {seconds(result.waited)} of them waiting for the lock" if result.waited >= 1 else ""
    if result.direction == "stamp":
        yield f"Stamped: the database is at {place}."
    else:
        yield f"{_VERBS[result.direction]} {what} in {seconds(result.duration)}{waited}. The database is at {place}."


def plan_lines(plan: RunPlan) -> Iterator[str]:
    """What a run would do."""
    if not plan.moves:
        yield f"Nothing to do: the database is at {', '.join(plan.applied) or '<base>'}."
        return
    for move in plan.moves:
        yield from _planned_move(move)
    count = len(plan.moves)
    yield f"{count} revision{'s' if count > 1 else ''} to {plan.moves[0].direction}. Nothing was changed."


def _planned_move(move: PlannedMove) -> Iterator[str]:
    message = f", {move.revision.message}" if move.revision.message else ""
    phase = f" ({move.revision.phase})" if move.revision.phase else ""
    yield f"{move.direction} {move.revision.id}{phase}{message}"
    for description in move.descriptions:
        yield from _indented(description, "  - ", "    ")
    if not move.complete:
        yield from _indented(move.note or "the rest is not known before it runs", "  ? ", "    ")
    elif not move.descriptions:
        yield "  (no operations)"


def _indented(text: str, first: str, rest: str) -> Iterator[str]:
    for number, line in enumerate(text.strip().splitlines()):
        yield f"{rest if number else first}{line}"


def status_lines(status: Status, url: str) -> Iterator[str]:
    """Where a database is, in one look."""
    yield f"Database: {url}"
    current = [f"{short(revision)}{_message(revision)}" for revision in status.current]
    yield from _titled("Current", current or ["<base>"])
    yield from _titled("Heads", [f"{short(revision)}{_message(revision)}" for revision in status.heads] or ["none"])
    if status.ahead:
        yield from _titled("Ahead", [f"{one}, expanded by newer code" for one in status.unknown])
    else:
        yield from _titled("Unknown", [f"{one} is in the version table, but in no file" for one in status.unknown])
    yield from _titled("Edited", [f"{one}: its file was changed after it was applied" for one in status.edited])
    for half in status.unfinished:
        yield from _unfinished(half)
    if not status.pending:
        unknown = status.unknown and not status.ahead
        yield "Pending:  " + ("unknown" if unknown else "nothing, the database is up to date")
        return
    count = len(status.pending)
    yield f"Pending:  {count} revision{'s' if count > 1 else ''}"
    for revision in status.pending:
        yield f"          {revision}"


def _unfinished(half: Unfinished) -> Iterator[str]:
    count = len(half.done)
    yield f"Half done: {half.direction} of {half.revision}, {count} operation{'' if count == 1 else 's'} done"
    if half.running is not None:
        yield f"          stopped in the middle of: {' '.join(half.running.split())}"
    if half.missing:
        yield "          its file is gone; bring it back first"
    yield f"          goes on with: asyncmig {half.direction} {half.revision if half.direction == 'upgrade' else '-1'}"


def _titled(title: str, values: Sequence[str]) -> Iterator[str]:
    for number, value in enumerate(values):
        yield f"{'' if number else title + ':':<10}{value}"


def log_lines(entries: Sequence[LogEntry]) -> Iterator[str]:
    """The history of runs, newest first."""
    if not entries:
        yield "Nothing has been run on this database yet."
    for entry in entries:
        who = "@".join(part for part in (entry.who, entry.host) if part)
        started = f"{entry.started:%Y-%m-%d %H:%M:%S}Z"
        duration = seconds(entry.duration)
        yield f"{started}  {entry.direction:<9} {entry.revision:<14} {entry.outcome:<9} {duration:>8}  {who}".rstrip()
        if entry.error:
            yield f"    {entry.error.strip().splitlines()[0]}"


def _message(revision: RevisionInfo) -> str:
    return f", {revision.message}" if revision.message else ""


def _head_mark(revision: RevisionInfo) -> str:
    if not revision.is_head:
        return ""
    return " (head)" if revision.is_effective_head else " (effective head)"


def _tree_marks(revision: RevisionInfo) -> str:
    branch = " (branchpoint)" if revision.is_branch_point else ""
    merge = " (mergepoint)" if revision.is_merge_point else ""
    return branch + merge
