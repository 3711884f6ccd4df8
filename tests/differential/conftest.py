"""Fixtures of the differential tests: empty databases of one kind, as many as asked for, and the summary at the end."""

import itertools
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, ExitStack, contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest

from tests.differential.schema import KINDS, Kind
from tests.differential.summary import COMPARED, Summary
from tests.servers import DatabaseServer
from tests.servers.process import MEMORY
from tests.servers.session import SessionServers

#: Gives the URL of a new, empty database.
NewDatabase = Callable[[], str]


@pytest.fixture
def summary(pytestconfig: pytest.Config) -> Summary:
    """What is printed at the end."""
    return pytestconfig.stash[COMPARED]


@pytest.fixture(params=[pytest.param(kind, marks=getattr(pytest.mark, kind)) for kind in KINDS])
def kind(request: pytest.FixtureRequest) -> Kind:
    """Each kind of database in turn."""
    kind: Kind = request.param
    return kind


class Databases:
    """Empty databases of one kind.

    Args:
        lend: lends the URL of a new one, and takes it away afterwards.
    """

    def __init__(self, lend: Callable[[], AbstractContextManager[str]]) -> None:
        self.lend = lend


@pytest.fixture
def databases(kind: Kind, request: pytest.FixtureRequest, servers: SessionServers) -> Iterator[Databases]:
    """Lends empty databases of one kind."""
    if kind != "sqlite":
        server: DatabaseServer = request.getfixturevalue(f"{kind}_server")
        yield Databases(server.database)
        return
    servers.note_sqlite()
    # In memory where that is possible: nothing here is about what a disk keeps.
    with TemporaryDirectory(prefix="asyncmig-", dir=MEMORY if MEMORY.is_dir() else None) as directory:
        numbers = itertools.count()

        @contextmanager
        def lend() -> Iterator[str]:
            path = Path(directory) / f"{next(numbers)}.sqlite"
            yield f"sqlite+aiosqlite:///{path}"
            path.unlink(missing_ok=True)

        yield Databases(lend)


@pytest.fixture
def new_database(databases: Databases) -> Iterator[NewDatabase]:
    """Makes empty databases of one kind, which are gone after the test."""
    with ExitStack() as stack:
        yield lambda: stack.enter_context(databases.lend())
