"""Completion: revision ids, labels and database names that a shell may offer."""

from __future__ import annotations

import os
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from asyncmig.config import Settings, read_settings
from asyncmig.migrator.history import History

__all__ = ["complete_database", "complete_revision", "complete_revisions"]

_SYMBOLS = {"head": "the only head", "heads": "all heads", "base": "before the first revision"}


def complete_revision(ctx: Any, incomplete: str) -> list[tuple[str, str]]:
    """Names of revisions that begin with *incomplete*, with a few words on each."""
    return [pair for pair in _offers(ctx) if pair[0].startswith(incomplete)]


def complete_revisions(ctx: Any, incomplete: str) -> list[tuple[str, str]]:
    """The same for a parameter that takes several."""
    return complete_revision(ctx, incomplete)


def complete_database(ctx: Any, incomplete: str) -> list[str]:
    """Names of databases that begin with *incomplete*."""
    try:
        databases = _settings(ctx, with_database=False).databases
    except Exception:
        # While a word is being typed there is nobody to tell an error to; the command itself will.
        return []
    return [name for name in databases if name.startswith(incomplete)]


def _offers(ctx: Any) -> Iterable[tuple[str, str]]:
    offers = list(_SYMBOLS.items())
    try:
        graph = History.from_settings(_settings(ctx, with_database=True)).graph
    except Exception:
        # As above.
        return offers
    newest_first = list(reversed(graph.revisions))
    offers += [(label, revision.message) for revision in newest_first for label in sorted(revision.labels)]
    offers += [(revision.id, revision.message) for revision in newest_first]
    return offers


def _settings(ctx: Any, *, with_database: bool) -> Settings:
    given = ctx.find_root().params
    config = given.get("config")
    return read_settings(
        Path(config) if config else None,
        cwd=Path.cwd(),
        environ=os.environ,
        database=given.get("database") if with_database else None,
    )
