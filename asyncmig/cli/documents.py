"""Documents: what commands answer, as plain data for `--json`."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING, Any

from asyncmig.migrator.results import CreatedRevision, RevisionInfo, RunPlan, RunResult, Status

if TYPE_CHECKING:
    from asyncmig.dialects.locking import LockInfo
    from asyncmig.state.log import LogEntry

__all__ = ["created", "lock", "log", "plan", "revision", "revisions", "run", "status"]


def revision(info: RevisionInfo) -> dict[str, Any]:
    """A revision."""
    return {
        "id": info.id,
        "message": info.message,
        "parents": list(info.parents),
        "depends_on": list(info.depends_on),
        "labels": sorted(info.labels),
        "children": list(info.children),
        "is_head": info.is_head,
        "is_effective_head": info.is_effective_head,
        "is_base": info.is_base,
        "is_branch_point": info.is_branch_point,
        "is_merge_point": info.is_merge_point,
        "is_current": info.is_current,
        "phase": info.phase,
        "created": info.created,
        "path": None if info.path is None else str(info.path),
    }


def revisions(infos: Iterable[RevisionInfo]) -> dict[str, Any]:
    """Several revisions."""
    return {"revisions": [revision(info) for info in infos]}


def created(result: CreatedRevision) -> dict[str, Any]:
    """A file that was written."""
    return {"revision": result.revision, "path": str(result.path)}


def run(result: RunResult) -> dict[str, Any]:
    """What a run did."""
    return {
        "direction": result.direction,
        "applied": [
            {"revision": one.revision, "message": one.message, "direction": one.direction, "duration": one.duration}
            for one in result.applied
        ],
        "waited": result.waited,
        "duration": result.duration,
        "heads": list(result.heads),
    }


def plan(result: RunPlan) -> dict[str, Any]:
    """What a run would do."""
    moves = [
        {
            "revision": revision(move.revision),
            "direction": move.direction,
            "operations": [
                {"verb": operation.verb, "description": description}
                for operation, description in zip(move.operations, move.descriptions, strict=True)
            ],
            "complete": move.complete,
            "note": move.note,
        }
        for move in result.moves
    ]
    return {"target": result.target, "applied": list(result.applied), "moves": moves}


def status(result: Status, url: str) -> dict[str, Any]:
    """Where a database is."""
    return {
        "url": url,
        "current": [revision(info) for info in result.current],
        "heads": [revision(info) for info in result.heads],
        "pending": list(result.pending),
        "unknown": list(result.unknown),
        "edited": list(result.edited),
        "unfinished": [
            {"revision": half.revision, "direction": half.direction, "done": list(half.done), "running": half.running}
            for half in result.unfinished
        ],
        "ahead": result.ahead,
        "is_up_to_date": result.is_up_to_date,
    }


def lock(holder: LockInfo | None) -> dict[str, Any]:
    """Who holds the migration lock."""
    if holder is None:
        return {"holder": None}
    return {
        "holder": str(holder),
        "kind": holder.kind,
        "since": None if holder.since is None else f"{holder.since:%Y-%m-%dT%H:%M:%S}Z",
        "step": holder.step,
        "expires_in": holder.expires_in,
        "ending": holder.ending,
    }


def log(entries: Iterable[LogEntry]) -> dict[str, Any]:
    """The history of runs."""
    return {
        "log": [
            {
                "id": entry.id,
                "revision": entry.revision,
                "direction": entry.direction,
                "outcome": entry.outcome,
                "started": f"{entry.started:%Y-%m-%dT%H:%M:%S.%f}Z",
                "duration": entry.duration,
                "checksum": entry.checksum,
                "who": entry.who,
                "host": entry.host,
                "version": entry.version,
                "error": entry.error,
                "run": entry.run,
            }
            for entry in entries
        ]
    }
