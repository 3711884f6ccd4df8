"""Table options: what models say of a table as a whole, and the database has otherwise."""

from __future__ import annotations

from collections.abc import Iterator

from asyncmig.autogenerate.differences import Difference, TablePair


def compare(pair: TablePair) -> Iterator[Difference]:
    """Whether an option that the models name differs; what they do not name is left to the database."""
    changed = {name: value for name, value in pair.wanted.options.items() if pair.live.options.get(name) != value}
    if changed:
        existing = {name: pair.live.options.get(name) for name in changed}
        yield Difference("table_options", changed, existing, pair)
