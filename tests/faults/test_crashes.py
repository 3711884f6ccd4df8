"""Crashes: a run that is killed or cut at any moment is resumed by the next one, and ends where it would have ended."""

import os
import random
from pathlib import Path

import pytest

from tests.faults.corpus_more import CORPUS
from tests.faults.databases import Database
from tests.faults.forks import Forks
from tests.faults.matrix import Matrix
from tests.faults.summary import Summary

#: Kills of the long form on each of the four databases.
KILLS = int(os.environ.get("ASYNCMIG_FAULTS_KILLS", "1200")) // 4
SEED = int(os.environ.get("ASYNCMIG_FAULTS_SEED", "1"))


def test_a_sample_of_kills_is_resumed(database: Database, forks: Forks, tmp_path: Path) -> None:
    chance = random.Random(f"{SEED} {database.name}")
    matrix = Matrix(database, forks, tmp_path / "history", CORPUS)
    positions = sorted(chance.sample(range(len(matrix.moves)), 12))
    matrix.learn(positions)
    for position in positions:
        matrix.strike(position, chance)
    assert not matrix.tally.wrong, "\n".join(matrix.tally.wrong)
    assert matrix.tally.right == len(positions)


@pytest.mark.slow
def test_hundreds_of_kills_are_resumed(database: Database, forks: Forks, tmp_path: Path, summary: Summary) -> None:
    chance = random.Random(f"{SEED} {database.name}")
    matrix = Matrix(database, forks, tmp_path / "history", CORPUS)
    summary.tallies.append(matrix.tally)
    positions = range(len(matrix.moves))
    matrix.learn(positions)
    while matrix.tally.kills < KILLS:
        for position in positions:
            matrix.strike(position, chance)
        matrix.reset()
    assert not matrix.tally.wrong, "\n".join(matrix.tally.wrong)
