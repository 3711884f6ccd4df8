from __future__ import annotations

import compileall
import importlib
import subprocess
import sys
from pathlib import Path

import pytest

from asyncmig.errors import ScriptError
from asyncmig.scripts.bytecode import bytecode_names
from asyncmig.scripts.directory import ScriptDirectory

FILE = '''"""add a table

Create Date: 2026-11-25
"""
from __future__ import annotations
import os
from typing import Sequence, Union

revision: str = {id!r}
down_revision: Union[str, Sequence[str], None] = {down!r}
branch_labels = ["a_{id}", *()] if False else None
labels = {labels}
branch_labels = labels
depends_on = None
transactional = False

def upgrade():
    from .common import value
    return value
def downgrade(): 1 / 0
'''


@pytest.fixture
def location(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A project with three revisions, of which there are sources."""
    versions = tmp_path / "a_project" / "versions"
    versions.mkdir(parents=True)
    for folder in (versions, versions.parent):
        (folder / "__init__.py").touch()
    (versions / "c.py").write_text(FILE.format(id="cccc", down=("aaaa", "bbbb"), labels="{'three'}"))
    (versions / "b.py").write_text(FILE.format(id="bbbb", down=None, labels="['two']"))
    (versions / "a.py").write_text(FILE.format(id="aaaa", down=None, labels="('one',)"))
    monkeypatch.syspath_prepend(str(tmp_path))
    importlib.invalidate_caches()
    (versions.parent / "common.py").write_text("value = 7\n")
    for name in "abc":
        text = (versions / f"{name}.py").read_text()
        (versions / f"{name}.py").write_text(text.replace("from .common", "from ..common"))
    return versions.parent


def check(location: Path) -> None:
    directory = ScriptDirectory(location, sourceless=True)
    graph = directory.graph
    assert set(graph) == {"aaaa", "bbbb", "cccc"}
    assert graph["cccc"].parents == ("aaaa", "bbbb")
    assert [sorted(graph[each].labels) for each in ("aaaa", "bbbb", "cccc")] == [["one"], ["two"], ["three"]]
    assert graph["aaaa"].message == "add a table"
    assert graph["aaaa"].created == "2026-11-25"
    assert graph["aaaa"].transactional is False
    script = directory.script("aaaa", modules={})
    assert script.function("upgrade")() == 7
    assert script.path == graph["aaaa"].path
    assert not directory.stale()


def test_compiled_files_beside_the_sources(location: Path) -> None:
    compileall.compile_dir(location / "versions", legacy=True, quiet=2)
    check(location)
    for path in (location / "versions").glob("[ab].py"):
        path.unlink()
    check(location)
    assert set(ScriptDirectory(location, sourceless=False).version_locations) == {location / "versions"}


def test_compiled_files_where_python_keeps_them(location: Path) -> None:
    versions = location / "versions"
    compileall.compile_dir(versions, quiet=2)
    for path in [*versions.glob("[abc].py")]:
        path.unlink()
    check(location)
    assert len(ScriptDirectory(location).graph) == 0


def test_a_source_goes_before_what_was_compiled_of_it(location: Path) -> None:
    versions = location / "versions"
    compileall.compile_dir(versions, quiet=2)
    compileall.compile_dir(versions, legacy=True, quiet=2)
    assert bytecode_names(str(versions), [path.name for path in versions.iterdir()]) == []
    check(location)


def test_only_what_this_interpreter_has_compiled_counts(tmp_path: Path) -> None:
    (tmp_path / "__pycache__").mkdir()
    tag = sys.implementation.cache_tag
    for name in (
        "a.cpython-21.pyc",
        f"b.{tag}.pyc",
        f"b.{tag}.opt-1.pyc",
        f"c.{tag}.opt-2.pyc",
        f"__init__.{tag}.pyc",
        f"asyncmig.{tag}.headers",
    ):
        (tmp_path / "__pycache__" / name).touch()
    assert bytecode_names(str(tmp_path), ["d.pyc", "e.py", "e.pyc", "__init__.pyc", ".#f.pyc"]) == [
        "d.pyc",
        f"__pycache__/b.{tag}.pyc",
        f"__pycache__/c.{tag}.opt-2.pyc",
    ]


@pytest.mark.parametrize("data", [b"", b"no bytecode at all, that is clear"])
def test_a_compiled_file_that_cannot_be_read(location: Path, data: bytes) -> None:
    (location / "versions" / "d.pyc").write_bytes(data)
    with pytest.raises(ScriptError, match=r"d\.pyc: The compiled file cannot be read") as caught:
        assert ScriptDirectory(location, sourceless=True).graph
    assert "compileall" in str(caught.value.hint)


def test_a_compiled_file_without_an_id(location: Path) -> None:
    (location / "versions" / "d.py").write_text("import os\nrevision = os.name\ndown_revision = None\n")
    compileall.compile_dir(location / "versions", legacy=True, quiet=2)
    (location / "versions" / "d.py").unlink()
    with pytest.raises(ScriptError, match="Could not determine the revision id"):
        assert ScriptDirectory(location, sourceless=True).graph


def test_an_error_in_a_compiled_file_has_the_line_of_its_source(location: Path) -> None:
    source = location / "versions" / "d.py"
    source.write_text("revision = 'dddd'\ndown_revision = None\n\n1 / 0\n")
    compileall.compile_dir(location / "versions", legacy=True, quiet=2)
    source.unlink()
    with pytest.raises(ScriptError, match=r"d\.pyc:4: The file fails while it is read: ZeroDivisionError"):
        ScriptDirectory(location, sourceless=True).script("dddd", modules={})


ALEMBIC = """
import sys
from alembic.script import ScriptDirectory
for script in sorted(ScriptDirectory(sys.argv[1], sourceless=True).walk_revisions(), key=lambda one: one.revision):
    print(script.revision, script.down_revision, sorted(script._orig_branch_labels), script.doc)
"""


@pytest.mark.parametrize("legacy", [True, False])
def test_alembic_finds_the_same(location: Path, legacy: bool) -> None:
    compileall.compile_dir(location / "versions", legacy=legacy, quiet=2)
    for path in (location / "versions").glob("[ab].py"):
        path.unlink()
    done = subprocess.run(
        [sys.executable, "-c", ALEMBIC, str(location)], capture_output=True, text=True, check=True, timeout=60
    )
    graph = ScriptDirectory(location, sourceless=True).graph
    ours = []
    for each in sorted(graph.values(), key=lambda one: one.id):
        down = None if not each.parents else each.parents[0] if len(each.parents) == 1 else each.parents
        ours.append(f"{each.id} {down} {sorted(each.labels)} {each.message}")
    assert done.stdout.splitlines() == ours
