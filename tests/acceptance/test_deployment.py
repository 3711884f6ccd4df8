"""Applications as they are deployed: several workers, other servers, `flask db`."""

import json
import signal
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy.engine import make_url

from tests.acceptance.command import environment, run_process
from tests.acceptance.databases import rows, tables
from tests.acceptance.test_examples import copy_of
from tests.servers.base import free_port

WORKERS = 4


class Served:
    """An application that is being served.

    Args:
        process: the server.
        port: where it listens.
    """

    def __init__(self, process: "subprocess.Popen[str]", port: int) -> None:
        self._process = process
        self._port = port
        self.said = ""

    def ask(self, path: str, method: str = "GET") -> tuple[int, Any]:
        """The status and the answer, from a server that may still be starting."""
        until = time.monotonic() + 60
        while True:
            request = urllib.request.Request(f"http://127.0.0.1:{self._port}{path}", method=method)
            try:
                with urllib.request.urlopen(request, timeout=5) as answer:
                    return answer.status, json.loads(answer.read() or b"null")
            except urllib.error.HTTPError as error:
                return error.code, json.loads(error.read() or b"null")
            except OSError:
                assert self._process.poll() is None, "the server has ended"
                assert time.monotonic() < until, "the server does not answer"
                time.sleep(0.1)

    def end(self) -> None:
        if self._process.poll() is None:
            self._process.send_signal(signal.SIGTERM)
        try:
            self.said, _ = self._process.communicate(timeout=30)
        except subprocess.TimeoutExpired:
            self._process.kill()
            raise


@contextmanager
def serving(root: Path, *command: str, port: int, **variables: str) -> Iterator[Served]:
    process = subprocess.Popen(
        [sys.executable, "-m", *command],
        cwd=root,
        env=environment(**variables),
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )
    served = Served(process, port)
    try:
        yield served
    finally:
        served.end()


@pytest.fixture(params=[pytest.param(kind, marks=getattr(pytest.mark, kind)) for kind in ("sqlite", "postgresql")])
def empty_url(request: pytest.FixtureRequest) -> str:
    """The URL of an empty database."""
    url: str = request.getfixturevalue(f"{request.param}_url")
    return url


async def test_workers_that_start_at_once_migrate_once_and_all_serve(tmp_path: Path, empty_url: str) -> None:
    root, port = copy_of("fastapi_app", tmp_path), free_port()
    options = ("notes.main:app", "--port", str(port), "--workers", str(WORKERS))
    with serving(root, "uvicorn", *options, port=port, DATABASE_URL=empty_url) as served:
        assert served.ask("/health/migrations")[0] == 200
        until = time.monotonic() + 60
        reached: set[tuple[str, ...]] = set()
        # One worker has applied everything, and the others have applied nothing.
        while len(reached) < 2 and time.monotonic() < until:
            status, version = served.ask("/version")
            assert (status, version["heads"]) == (200, ["7e04f1ab36d2"])
            reached.add(tuple(version["applied"]))
        assert served.ask("/notes") == (200, [])
    assert served.said.count("Application startup complete") == WORKERS, served.said
    assert "Traceback" not in served.said
    log = await rows(empty_url, "SELECT run, revision, outcome FROM asyncmig_log ORDER BY id")
    assert [(row[1], row[2]) for row in log] == [("2b8d5c61f9e3", "done"), ("7e04f1ab36d2", "done")]
    assert reached == {("2b8d5c61f9e3", "7e04f1ab36d2"), ()}
    if not empty_url.startswith("sqlite"):
        assert len({row[0] for row in log}) == 1


def test_workers_that_shall_not_migrate_refuse_to_start(tmp_path: Path, sqlite_url: str) -> None:
    root, port = copy_of("fastapi_app", tmp_path), free_port()
    done = run_process(
        *(sys.executable, "-m", "uvicorn", "notes.main:app", "--port", str(port)),
        cwd=root,
        DATABASE_URL=sqlite_url,
        ASYNCMIG_ON_START="require",
    )
    assert done.code != 0
    assert "2 revisions are pending" in done.err and "asyncmig upgrade heads" in done.err


def test_application_serves_while_it_migrates_in_the_background(tmp_path: Path, empty_url: str) -> None:
    root, port = copy_of("fastapi_app", tmp_path), free_port()
    slow = root / "migrations" / "versions" / "7e04f1ab36d2_pin_notes.py"
    slow.write_text(
        slow.read_text().replace(
            "    await op.add", "    import asyncio\n\n    await asyncio.sleep(2)\n    await op.add"
        )
    )
    variables = {"DATABASE_URL": empty_url, "ASYNCMIG_ON_START": "background"}
    with serving(root, "uvicorn", "notes.main:app", "--port", str(port), port=port, **variables) as served:
        assert served.ask("/notes") == (503, {"detail": "The database is being migrated."})
        until = time.monotonic() + 30
        while served.ask("/health/migrations")[0] != 200:
            assert time.monotonic() < until
            time.sleep(0.2)
        assert served.ask("/notes") == (200, [])


async def test_litestar_application_runs_under_uvicorn(tmp_path: Path, empty_url: str) -> None:
    root, port = copy_of("litestar_app", tmp_path), free_port()
    with serving(root, "uvicorn", "app:app", "--port", str(port), port=port, DATABASE_URL=empty_url) as served:
        assert served.ask("/notes") == (200, [])
        assert served.ask("/notes/Milk", "POST")[0] == 201
        assert served.ask("/notes") == (200, ["Milk"])
        status, health = served.ask("/health/migrations")
        assert (status, health["current"]) == (200, ["3c91d27be0a5"])


async def test_quart_application_runs_under_hypercorn(tmp_path: Path, empty_url: str) -> None:
    root, port = copy_of("quart_app", tmp_path), free_port()
    with serving(root, "hypercorn", "app:app", "-b", f"127.0.0.1:{port}", port=port, DATABASE_URL=empty_url) as served:
        assert served.ask("/notes") == (200, [])
        assert served.ask("/notes/Milk", "POST")[0] == 201
        assert served.ask("/notes") == (200, ["Milk"])
        status, health = served.ask("/health/migrations")
        assert (status, health["current"]) == (200, ["58e2b7f1046c"])


async def test_flask_application_is_migrated_by_its_commands(tmp_path: Path, empty_url: str) -> None:
    root, port = copy_of("flask_app", tmp_path), free_port()
    url = make_url(empty_url)
    sync = {"sqlite": "sqlite", "postgresql": "postgresql+psycopg2"}[url.get_backend_name()]
    variables = {"DATABASE_URL": url.set(drivername=sync).render_as_string(hide_password=False)}
    done = run_process(sys.executable, "-m", "flask", "db", "upgrade", cwd=root, **variables)
    assert (done.code, done.out) == (0, "The database is at 94d0a6c3e871.\n"), done
    assert await tables(empty_url) == {"notes"}
    with serving(root, "flask", "run", "--port", str(port), port=port, **variables) as served:
        assert served.ask("/notes/Milk", "POST")[0] == 201
        assert served.ask("/notes") == (200, ["Milk"])
