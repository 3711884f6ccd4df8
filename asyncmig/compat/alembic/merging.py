"""Merging: what was found or done on each database that one `env.py` configures, as one answer."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any, TypeVar, cast

from asyncmig.migrator.results import RunPlan, RunResult, Status

if TYPE_CHECKING:
    from asyncmig.migrator.differences import CheckResult, DiffResult

T = TypeVar("T")

__all__ = ["merged"]

_DIFFERENCES = "asyncmig.migrator.differences"


def merged(results: Sequence[T]) -> T:
    """One result that says what all of *results* say, in their order.

    Args:
        results: what each database gave: runs, plans, statuses, texts, tuples of those, or nothing. Of results of
            another kind the last one stands for all.
    """
    last = results[-1]
    if len(results) == 1:
        return last
    together: Any = last
    if isinstance(last, RunResult):
        together = _runs(cast("Sequence[RunResult]", results))
    elif isinstance(last, RunPlan):
        together = _plans(cast("Sequence[RunPlan]", results))
    elif isinstance(last, Status):
        together = _statuses(cast("Sequence[Status]", results))
    elif type(last).__module__ == _DIFFERENCES:
        together = _compared(results)
    elif isinstance(last, str):
        together = _texts(cast("Sequence[str]", results))
    elif type(last) is tuple:
        together = _tuples(cast("Sequence[tuple[Any, ...]]", results))
    return cast(T, together)


def _runs(results: Sequence[RunResult]) -> RunResult:
    return RunResult(
        results[-1].direction,
        tuple(one for result in results for one in result.applied),
        sum(result.waited for result in results),
        sum(result.duration for result in results),
        _distinct([result.heads for result in results]),
    )


def _plans(results: Sequence[RunPlan]) -> RunPlan:
    moves = tuple(move for result in results for move in result.moves)
    return RunPlan(results[-1].target, _distinct([result.applied for result in results]), moves)


def _statuses(results: Sequence[Status]) -> Status:
    return Status(
        current=_distinct([result.current for result in results]),
        heads=results[-1].heads,
        pending=_distinct([result.pending for result in results]),
        unknown=_distinct([result.unknown for result in results]),
        unfinished=tuple(one for result in results for one in result.unfinished),
        edited=_distinct([result.edited for result in results]),
        ahead=any(result.ahead for result in results) and all(result.ahead or not result.unknown for result in results),
    )


def _compared(results: Sequence[Any]) -> Any:
    """What comparing models gave."""
    # Imported here because only comparing needs it.
    from asyncmig.migrator.differences import CheckResult

    return _checks(results) if isinstance(results[-1], CheckResult) else _diffs(results)


def _diffs(results: Sequence[DiffResult]) -> DiffResult:
    # Imported here for the same reason.
    from asyncmig.migrator.differences import DiffResult

    texts = [result.sql for result in results if result.sql is not None]
    return DiffResult(
        tuple(one for result in results for one in result.operations),
        tuple(one for result in results for one in result.differences),
        _distinct([result.warnings for result in results]),
        tuple(one for result in reversed(results) for one in result.reversal),
        tuple(one for result in reversed(results) for one in result.gaps),
        "\n".join(texts) if texts else None,
    )


def _checks(results: Sequence[CheckResult]) -> CheckResult:
    # Imported here for the same reason.
    from asyncmig.migrator.differences import CheckResult

    drifts = [result.drift for result in results if result.drift is not None]
    skipped = [result.skipped for result in results if result.skipped is not None]
    return CheckResult(
        _diffs([result.models for result in results]),
        _diffs(drifts) if drifts else None,
        "; ".join(dict.fromkeys(skipped)) or None,
    )


def _texts(results: Sequence[str]) -> str:
    """Scripts one below the other; names, each once, in a line."""
    if any("\n" in result for result in results):
        return "\n".join(result for result in results if result)
    return ", ".join(_distinct([results]))


def _tuples(results: Sequence[tuple[Any, ...]]) -> tuple[Any, ...]:
    """Records, whose parts are of several kinds, part by part; lists one after the other, each member once."""
    if any(len({type(part) for part in result}) > 1 for result in results):
        return tuple(merged(part) for part in zip(*results, strict=True))
    return _distinct(results)


def _distinct(groups: Sequence[Sequence[T]]) -> tuple[T, ...]:
    """The members of *groups* in order, each once."""
    return tuple(dict.fromkeys(one for group in groups for one in group))
