"""Files are written all or none, and shown before that."""

import os
from pathlib import Path

import pytest

from asyncmig.compat.alembic.adopt_files import FileChange, write_all
from asyncmig.errors import ConfigError


def test_files_are_written_with_their_mode_and_nothing_is_left_about(tmp_path: Path) -> None:
    old = tmp_path / "old.py"
    old.write_bytes(b"old")
    old.chmod(0o640)
    write_all([FileChange(old, b"old", b"new"), FileChange(tmp_path / "kept.py", None, b"old", kept_from=old)])

    assert {path.name: path.read_bytes() for path in tmp_path.iterdir()} == {"old.py": b"new", "kept.py": b"old"}
    assert {path.stat().st_mode & 0o777 for path in tmp_path.iterdir()} == {0o640}


def test_a_link_stays_a_link(tmp_path: Path) -> None:
    (tmp_path / "real.toml").write_bytes(b"a")
    link = tmp_path / "link.toml"
    link.symlink_to("real.toml")
    write_all([FileChange(link, b"a", b"b")])

    assert link.is_symlink() and (tmp_path / "real.toml").read_bytes() == b"b"


def test_nothing_is_written_when_one_cannot_be_prepared(tmp_path: Path) -> None:
    first = tmp_path / "first"
    first.write_bytes(b"1")
    with pytest.raises(ConfigError, match="Nothing was changed"):
        write_all([FileChange(first, b"1", b"2"), FileChange(tmp_path / "missing" / "second", None, b"x")])

    assert [path.name for path in tmp_path.iterdir()] == ["first"]
    assert first.read_bytes() == b"1"


def test_what_was_written_is_taken_back_when_a_later_one_fails(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    paths = [tmp_path / name for name in ("a", "b", "c")]
    paths[0].write_bytes(b"a")
    paths[2].write_bytes(b"c")
    replace = os.replace

    def failing(source: Path, target: Path) -> None:
        if target.name == "c":
            raise PermissionError(13, "Permission denied", str(source), None, str(target))
        replace(source, target)

    monkeypatch.setattr(os, "replace", failing)
    with pytest.raises(ConfigError, match=r"Cannot write .*/c: Permission denied"):
        write_all(
            [FileChange(paths[0], b"a", b"x"), FileChange(paths[1], None, b"x"), FileChange(paths[2], b"c", b"x")]
        )

    assert {path.name: path.read_bytes() for path in tmp_path.iterdir()} == {"a": b"a", "c": b"c"}


def test_a_file_that_was_changed_meanwhile_is_not_overwritten(tmp_path: Path) -> None:
    path = tmp_path / "a"
    path.write_bytes(b"another")
    with pytest.raises(ConfigError, match="was changed meanwhile"):
        write_all([FileChange(path, b"before", b"after")])

    assert path.read_bytes() == b"another"


def test_diff_shows_no_password(tmp_path: Path) -> None:
    after = b'url = "postgresql://me:se:cret@server/app"\n'
    shown = list(FileChange(tmp_path / "asyncmig.toml", None, after).diff(tmp_path))

    assert shown == [
        "--- /dev/null",
        "+++ b/asyncmig.toml",
        "@@ -0,0 +1 @@",
        '+url = "postgresql://me:***@server/app"',
    ]


def test_diff_of_a_kept_file_is_a_sentence(tmp_path: Path) -> None:
    change = FileChange(tmp_path / "env_alembic.py", None, b"x", kept_from=tmp_path / "env.py")

    assert list(change.diff(tmp_path)) == ["env.py is kept as env_alembic.py"]
