import sys
from pathlib import Path

import pytest

from asyncmig.errors import ConfigError
from asyncmig.migrator.editor import edit_files, find_editor


def test_visual_goes_before_editor() -> None:
    assert find_editor({"VISUAL": "code --wait", "EDITOR": "vi"}) == ["code", "--wait"]
    assert find_editor({"VISUAL": "", "EDITOR": "vi"}) == ["vi"]


def test_usual_editor_is_found_on_the_path(tmp_path: Path) -> None:
    for name in ("nano", "editor"):
        (tmp_path / name).write_text("#!/bin/sh\n")
        (tmp_path / name).chmod(0o755)
    assert find_editor({"PATH": str(tmp_path)}) == [str(tmp_path / "editor")]


def test_no_editor_says_how_to_name_one(tmp_path: Path) -> None:
    with pytest.raises(ConfigError) as caught:
        find_editor({"PATH": str(tmp_path)})
    assert "export EDITOR=" in str(caught.value.hint)


def test_editor_gets_each_file(tmp_path: Path) -> None:
    program = tmp_path / "editor.py"
    program.write_text("import sys, pathlib; pathlib.Path(sys.argv[1]).write_text('edited')")
    files = [tmp_path / "a.py", tmp_path / "b.py"]
    edit_files(files, {"EDITOR": f"{sys.executable} {program}"})
    assert [path.read_text() for path in files] == ["edited", "edited"]


def test_editor_that_fails_or_is_missing_is_reported(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match="ended with code 3"):
        edit_files([tmp_path], {"EDITOR": f'{sys.executable} -c "import sys; sys.exit(3)"'})
    with pytest.raises(ConfigError, match="cannot be started"):
        edit_files([tmp_path], {"EDITOR": "/no/such/editor"})
