"""Differences that are there on purpose are there, and are what their list says."""

import re
from pathlib import Path

import pytest

from tests.differential.dumps import differences
from tests.differential.intended import DIFFERENCES, Difference
from tests.differential.programs import Bench, Outcome
from tests.servers import DatabaseServer
from tests.servers.session import SessionServers

SIGNS = {"theirs": "-", "ours": "+"}


def said(outcome: Outcome, found: list[str], sign: str) -> str:
    """What a tool says, or what its database has besides the other's."""
    if outcome.error is not None:
        return outcome.error
    lines = [line for line in found if line.startswith(sign)]
    return "\n".join(lines)


@pytest.mark.parametrize("difference", DIFFERENCES, ids=lambda one: f"{one.on}: {one.name}".replace(" ", "_"))
def test_difference(
    difference: Difference, request: pytest.FixtureRequest, tmp_path: Path, servers: SessionServers
) -> None:
    urls = [f"sqlite+aiosqlite:///{tmp_path / name}.sqlite" for name in SIGNS]
    if difference.on == "sqlite":
        servers.note_sqlite()
        check(difference, tmp_path, urls)
        return
    server: DatabaseServer = request.getfixturevalue(f"{difference.on}_server")
    with server.database() as theirs, server.database() as ours:
        check(difference, tmp_path, [theirs, ours])


def check(difference: Difference, directory: Path, urls: list[str]) -> None:
    outcomes = Bench(directory, difference.on).run(difference.program, *urls)
    both = all(outcome.error is None for outcome in outcomes)
    found = differences(outcomes[0].dump, outcomes[1].dump) if both else []
    for outcome, sign, expected in zip(outcomes, SIGNS.values(), (difference.theirs, difference.ours), strict=True):
        if expected == "accepted":
            assert outcome.error is None
        else:
            assert re.search(expected, said(outcome, found, sign)), (sign, outcome.error, found)
