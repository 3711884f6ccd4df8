from __future__ import annotations

import importlib
import sys
from pathlib import Path

import pytest

from asyncmig.revisions.revision import Revision
from asyncmig.scripts.imports import ScriptModules
from asyncmig.scripts.loader import load_script
from asyncmig.scripts.search_path import SearchPath

NAMES = ("first_place", "second_place", "third_place")


@pytest.fixture
def places(tmp_path: Path) -> list[str]:
    """Three directories with a module in each."""
    for name in NAMES:
        (tmp_path / name).mkdir()
        (tmp_path / name / f"m_{name}.py").write_text("from alembic import op\nvalue = op\n")
    importlib.invalidate_caches()
    return [str(tmp_path / name) for name in NAMES]


def run(folder: Path, modules: ScriptModules, text: str) -> object:
    path = folder / "ae10.py"
    path.write_text(text)
    before = list(sys.path), set(sys.modules)
    try:
        return load_script(Revision("ae10", file=str(path)), modules=modules).function("upgrade")()
    finally:
        assert (sys.path, set(sys.modules)) == before


@pytest.mark.parametrize(
    "change",
    [
        "sys.path.insert(0, {second!r})",
        "sys.path.append({second!r})",
        "sys.path = [{second!r}] + sys.path",
        "from sys import path\npath.append({second!r})",
        "sys.path[:0] = [{second!r}]",
    ],
)
def test_files_add_to_their_own_search_path(tmp_path: Path, places: list[str], change: str) -> None:
    modules = ScriptModules({"alembic.op": "ours"}, SearchPath(places[:1]))
    text = (
        f"import sys\n{change.format(second=places[1])}\nimport m_first_place\n"
        "def upgrade():\n    from m_second_place import value\n    return m_first_place.value, value\n"
    )
    assert run(tmp_path, modules, text) == ("ours", "ours")
    assert run(tmp_path, modules, "def upgrade():\n    import m_second_place as m\n    return m.value") == "ours"


def test_what_an_imported_module_adds_stays_for_the_project(tmp_path: Path, places: list[str]) -> None:
    adding = Path(places[0]) / "adding.py"
    adding.write_text(f"import sys\nsys.path.append({places[1]!r})\n")
    modules = ScriptModules({"alembic.op": "ours"}, SearchPath(places[:1]))
    path = list(sys.path)
    script = tmp_path / "ae10.py"
    script.write_text("import adding\ndef upgrade():\n    import m_second_place\n    return m_second_place.value\n")
    try:
        assert load_script(Revision("ae10", file=str(script)), modules=modules).function("upgrade")() == "ours"
    finally:
        sys.modules.pop("adding", None)
    assert sys.path == path


def test_reset_forgets_what_was_added(places: list[str]) -> None:
    path = SearchPath(places[:1])
    path.entries.append("nowhere")
    path.reset()
    assert path.entries == [places[0], *sys.path]


def test_what_the_process_adds_later_is_searched_too(
    tmp_path: Path, places: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    modules = ScriptModules({"alembic.op": "ours"}, SearchPath(places[:1]))
    monkeypatch.syspath_prepend(places[2])
    assert run(tmp_path, modules, "def upgrade():\n    import m_third_place as m\n    return m.value") == "ours"


def test_sys_is_otherwise_that_of_the_process(tmp_path: Path) -> None:
    modules = ScriptModules({}, SearchPath())
    text = "import sys\ndef upgrade(): return sys.modules, sys.argv, sys.version_info"
    assert run(tmp_path, modules, text) == (sys.modules, sys.argv, sys.version_info)
