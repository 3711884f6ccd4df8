"""Programs by chance: both tools give the same, or both refuse."""

from collections.abc import Callable
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
from hypothesis import HealthCheck, Phase, given, seed, settings
from hypothesis import strategies as st

from tests.differential.conftest import Databases
from tests.differential.programs import Bench, compared, programs
from tests.differential.schema import Kind
from tests.differential.summary import Summary


def run(kind: Kind, databases: Databases, summary: Summary, *, examples: int, number: int) -> None:
    """Run programs by chance until one differs; what is shown then is as small as it can be."""
    with TemporaryDirectory() as directory:
        bench = Bench(Path(directory), kind)

        def differs(program: str) -> list[str]:
            with databases.lend() as theirs, databases.lend() as ours:
                one, other = bench.run(program, theirs, ours)
            summary.programs[kind] += 1
            summary.refused += bool(one.error and other.error)
            return compared(one, other)

        _chosen(kind, differs, examples=examples, number=number)()


def _chosen(kind: Kind, differs: Callable[[str], list[str]], *, examples: int, number: int) -> Callable[[], None]:
    @seed(number)
    @settings(
        max_examples=examples,
        deadline=None,
        database=None,
        phases=[Phase.generate, Phase.shrink],
        suppress_health_check=list(HealthCheck),
    )
    @given(programs(kind))
    def program(text: str) -> None:
        found = differs(text)
        assert not found, "\n".join([text, *found[:40]])

    return program


def test_programs(kind: Kind, databases: Databases, summary: Summary) -> None:
    run(kind, databases, summary, examples=12, number=1)


@pytest.mark.slow
@pytest.mark.parametrize("number", range(100, 104))
def test_many_programs(kind: Kind, databases: Databases, summary: Summary, number: int) -> None:
    run(kind, databases, summary, examples=250, number=number)


@pytest.mark.slow
def test_programs_are_not_all_refused(kind: Kind, databases: Databases) -> None:
    summary = Summary()
    run(kind, databases, summary, examples=60, number=7)
    assert summary.refused < 0.8 * summary.programs[kind]


def test_there_is_a_program_for_each_word() -> None:
    words = ("batch_alter_table", "add_column", "drop_constraint", "create_foreign_key", "rename_table", "bulk_insert")
    found: list[str] = []

    @seed(1)
    @settings(max_examples=150, database=None, deadline=None, suppress_health_check=list(HealthCheck))
    @given(st.one_of(programs("postgresql")))
    def collect(text: str) -> None:
        found.append(text)

    collect()
    assert [word for word in words if not any(word in text for text in found)] == []
