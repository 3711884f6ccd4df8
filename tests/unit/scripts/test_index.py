from __future__ import annotations

import marshal
import os
import sys
from pathlib import Path
from types import ModuleType

import pytest

from asyncmig.revisions.revision import Revision
from asyncmig.scripts import index
from asyncmig.scripts.index import index_path, revisions_of, stamps_of

LONG_AGO = 1_000_000_000


@pytest.fixture(autouse=True)
def bytecode(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "dont_write_bytecode", False)
    monkeypatch.setattr(sys, "pycache_prefix", None)


def write(folder: Path, number: int, message: str = "message") -> Path:
    path = folder / f"r{number:03}.py"
    parent = f'"r{number - 1:03}"' if number else None
    path.write_text(f'"""{message}\n\nCreate Date: now\n"""\nrevision = "r{number:03}"\ndown_revision = {parent}\n')
    os.utime(path, (LONG_AGO, LONG_AGO))
    return path


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    for number in range(60):
        write(tmp_path, number)
    return tmp_path


def read(folder: Path) -> list[Revision]:
    return revisions_of(str(folder), stamps_of(str(folder)))


def test_files_are_found_as_alembic_finds_them(tmp_path: Path) -> None:
    for name in ("b.py", "a.py", "__init__.py", "__init__x.py", ".#a.py", "c.pyc", "d.txt"):
        (tmp_path / name).touch()
    (tmp_path / "folder.py").mkdir()
    assert list(stamps_of(str(tmp_path))) == ["a.py", "b.py"]


def test_the_second_look_opens_no_file(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    first = read(folder)
    monkeypatch.setattr(index, "header_of", None)
    assert read(folder) == first
    assert first[1] == Revision(
        "r001", ("r000",), (), frozenset(), "message", None, first[1].doc, "now", file=str(folder / "r001.py")
    )


def test_a_changed_file_is_read_again(folder: Path) -> None:
    read(folder)
    path = write(folder, 7, "another message")
    assert read(folder)[7].message == "another message"
    path.unlink()
    assert len(read(folder)) == 59
    assert len(read(folder)) == 59


def test_a_young_file_is_never_trusted(folder: Path) -> None:
    path = folder / "r003.py"
    os.utime(path)
    read(folder)
    stamp = path.stat()
    path.write_text(path.read_text().replace("message", "massage"))
    os.utime(path, ns=(stamp.st_atime_ns, stamp.st_mtime_ns))
    assert read(folder)[3].message == "massage"


def test_few_files_have_no_index(tmp_path: Path) -> None:
    write(tmp_path, 0)
    read(tmp_path)
    assert not (tmp_path / "__pycache__").exists()


def test_no_index_where_no_bytecode_is_wanted(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "dont_write_bytecode", True)
    read(folder)
    assert not Path(index_path(str(folder))).exists()


def test_bytecode_elsewhere_means_the_index_elsewhere(
    folder: Path, tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch
) -> None:
    elsewhere = tmp_path_factory.mktemp("cache")
    monkeypatch.setattr(sys, "pycache_prefix", str(elsewhere))
    read(folder)
    assert Path(index_path(str(folder))).is_relative_to(elsewhere)
    assert Path(index_path(str(folder))).exists()
    assert not (folder / "__pycache__").exists()


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"nonsense",
        marshal.dumps(None),
        marshal.dumps((0, {}, {})),
        marshal.dumps((1, [], {})),
        marshal.dumps((1, {"r001.py": (1, 2)}, {"r001.py": (1, 2, 3)})),
    ],
)
def test_a_broken_index_is_made_again(folder: Path, data: bytes) -> None:
    first = read(folder)
    path = index_path(str(folder))
    good = index._load(path)
    Path(path).write_bytes(data)
    assert read(folder) == first
    assert index._load(path) == good


def test_a_truncated_index_is_made_again(folder: Path) -> None:
    first = read(folder)
    path = Path(index_path(str(folder)))
    path.write_bytes(path.read_bytes()[:-9])
    assert read(folder) == first


def test_a_place_that_cannot_be_written_does_no_harm(folder: Path) -> None:
    (folder / "__pycache__").write_text("no directory")
    assert len(read(folder)) == 60
    assert sorted(path.name for path in folder.iterdir() if path.suffix != ".py") == ["__pycache__"]


def test_value_of_a_module_is_not_kept(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    module = ModuleType("labels_of_an_index")
    monkeypatch.setitem(sys.modules, module.__name__, module)
    text = (folder / "r000.py").read_text()
    path = folder / "r000.py"
    path.write_text(f"{text}from labels_of_an_index import LABEL\nbranch_labels = LABEL\n")
    os.utime(path, (LONG_AGO, LONG_AGO))
    for label in ("one", "other"):
        vars(module)["LABEL"] = label
        assert read(folder)[0].labels == {label}
        assert "r001.py" in marshal.loads(Path(index_path(str(folder))).read_bytes())[1]
