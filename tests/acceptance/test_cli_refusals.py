"""States of a database in which a command is refused: what is said, the exit code, and that nothing has changed."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from sqlalchemy.engine import make_url

from tests.acceptance.command import Project
from tests.acceptance.databases import execute, look, rows

HEAD = '''"""{id}"""
import sqlalchemy as sa
from asyncmig import Operations

revision = "{id}"
down_revision = {down!r}


async def upgrade(op: Operations) -> None:
    {body}


async def downgrade(op: Operations) -> None:
    pass
'''
TABLE = 'await op.create_table("{}", sa.Column("id", sa.Integer, primary_key=True))'
#: What is committed before it fails, on every database.
HALF = """await op.create_table("t", sa.Column("id", sa.Integer, primary_key=True))
    async with op.get_context().autocommit_block():
        await op.execute("INSERT INTO t (id) VALUES (1)")
    raise ValueError("in the middle")"""


def write(project: Project, id: str, body: str, down: str | None = None) -> Path:
    path = project.root / "migrations" / "versions" / f"{id}_.py"
    path.write_text(HEAD.format(id=id, down=down, body=body))
    return path


@pytest.fixture
def project(tmp_path: Path, database_url: str) -> Project:
    project = Project(tmp_path, {"DATABASE_URL": database_url})
    project.run("init")
    return project


async def all_rows(url: str) -> dict[str, list[tuple[object, ...]]]:
    """Every row of every table."""
    names = await look(url, lambda inspector: inspector.get_table_names())
    return {name: sorted(await rows(url, f"SELECT * FROM {name}"), key=str) for name in names}


async def refused(project: Project, url: str, *arguments: str, code: int) -> str:
    """What is said by a command that is refused and changes nothing."""
    before = await all_rows(url)
    outcome = project.run(*arguments, code=code)
    assert "Traceback" not in outcome.err
    assert await all_rows(url) == before
    return outcome.err


@pytest.mark.parametrize("word", ["--done", "--not-done"])
async def test_there_is_nothing_to_resolve(project: Project, database_url: str, word: str) -> None:
    write(project, "aaaa11", TABLE.format("t"))
    said = await refused(project, database_url, "resolve", "aaaa11", word, code=23)
    assert "No step of revision aaaa11 waits for a word on it" in said and "asyncmig status" in said
    project.run("upgrade")
    await refused(project, database_url, "resolve", "aaaa11", word, code=23)
    # A file may be gone while its journal is there, so an unknown id is asked for like a known one.
    await refused(project, database_url, "resolve", "bbbb22", word, code=23)


async def test_a_step_that_is_open_is_none_to_resolve(project: Project, database_url: str) -> None:
    write(project, "aaaa11", HALF)
    project.run("upgrade", code=23)
    said = await refused(project, database_url, "resolve", "aaaa11", "--done", code=23)
    assert "No step of revision aaaa11 waits for a word on it" in said


async def test_file_of_a_half_done_revision_is_gone(project: Project, database_url: str) -> None:
    write(project, "aaaa11", TABLE.format("one"))
    path = write(project, "bbbb22", HALF, down="aaaa11")
    project.run("upgrade", code=23)
    path.unlink()
    write(project, "cccc33", TABLE.format("three"), down="aaaa11")
    for arguments in (["upgrade"], ["downgrade", "base"]):
        said = await refused(project, database_url, *arguments, code=23)
        assert "The upgrade of revision bbbb22 is half done, and its file is gone" in said
        assert "Bring its file back, then: asyncmig upgrade bbbb22" in said
    status = project.out("status")
    assert "Half done: upgrade of bbbb22" in status and "its file is gone; bring it back first" in status


async def test_version_table_was_edited_by_hand(project: Project, database_url: str) -> None:
    write(project, "aaaa11", TABLE.format("one"))
    project.run("upgrade")
    await execute(database_url, "UPDATE asyncmig_version SET version_num = 'ffff99'")
    write(project, "bbbb22", TABLE.format("two"), down="aaaa11")
    for arguments in (["upgrade"], ["downgrade", "base"], ["current"]):
        said = await refused(project, database_url, *arguments, code=14)
        assert "ffff99" in said and "asyncmig stamp" in said


async def test_lock_that_somebody_holds_for_ever(project: Project, database_url: str) -> None:
    write(project, "aaaa11", TABLE.format("one"))
    project.variables.update(ASYNCMIG_LOCK="lease", ASYNCMIG_LOCK_WAIT="300ms")
    project.run("upgrade")
    write(project, "bbbb22", TABLE.format("two"), down="aaaa11")
    holding = "owner = 'x', holder = 'somebody', expires = '2999-01-01 00:00:00.000000'"
    await execute(database_url, f"UPDATE asyncmig_lock SET {holding}")
    said = await refused(project, database_url, "upgrade", code=20)
    assert "The migration lock is held by somebody" in said and "lock_wait" in said


# -- rights ------------------------------------------------------------------------------------------------------------


@pytest.fixture(params=["postgresql", "mysql"])
async def powerless_url(request: pytest.FixtureRequest) -> AsyncIterator[str]:
    """A database in which the role `app-1` may only look."""
    kind = request.param
    url = request.getfixturevalue(f"{kind}_url")
    name = make_url(url).database
    if kind == "postgresql":
        making = ['CREATE ROLE "app-1" LOGIN', "REVOKE CREATE ON SCHEMA public FROM PUBLIC"]
        ending = ['DROP OWNED BY "app-1"', 'DROP ROLE "app-1"']
    else:
        user = "'app-1'@'127.0.0.1'"
        making = [f"CREATE USER {user} IDENTIFIED BY 'secret'", f"GRANT SELECT ON `{name}`.* TO {user}"]
        ending = [f"DROP USER {user}"]
    await execute(url, *making)
    yield make_url(url).set(username="app-1", password="secret").render_as_string(hide_password=False)
    await execute(url, *ending)


@pytest.mark.parametrize("lock", ["session", "lease"])
async def test_role_that_may_not_create_tables(
    request: pytest.FixtureRequest, tmp_path: Path, powerless_url: str, lock: str
) -> None:
    kind = make_url(powerless_url).get_backend_name()
    url = request.getfixturevalue(f"{kind}_url")
    project = Project(tmp_path, {"DATABASE_URL": powerless_url, "ASYNCMIG_LOCK": lock})
    project.run("init")
    write(project, "aaaa11", TABLE.format("one"))
    said = await refused(project, url, "upgrade", code=22)
    assert "secret" not in said
    (grant,) = (line.strip() for line in said.splitlines() if "GRANT" in line)
    # It can be pasted, and helps.
    await execute(url, grant.rstrip(";"))
    project.run("upgrade")
