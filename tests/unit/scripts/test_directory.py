from __future__ import annotations

import os
import sys
import time
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from asyncmig.config import Settings
from asyncmig.errors import (
    ConfigError,
    DuplicateRevisionError,
    InvalidTargetError,
    MultipleHeadsError,
    RevisionError,
    ScriptError,
    UnknownRevisionError,
)
from asyncmig.scripts.directory import ScriptDirectory

WHEN = datetime(2026, 1, 2, 3, 4, 5, tzinfo=UTC)


def write(folder: Path, name: str, parents: str = "None", *, extra: str = "") -> Path:
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / f"{name}.py"
    path.write_text(
        f'"""{name}"""\nrevision = "{name}"\ndown_revision = {parents}\n{extra}\ndef upgrade(): return "{name}"\n'
    )
    return path


@pytest.fixture
def project(tmp_path: Path) -> Path:
    """
    aaaa ── bbbb
    """
    write(tmp_path / "versions", "aaaa")
    write(tmp_path / "versions", "bbbb", '"aaaa"', extra='branch_labels = ("main",)')
    return tmp_path


def test_the_graph_is_read_once(project: Path) -> None:
    directory = ScriptDirectory(project)
    graph = directory.graph
    assert graph.heads == ("bbbb",)
    assert directory.graph is graph
    assert graph["aaaa"].path == project / "versions" / "aaaa.py"


def test_changes_are_seen_when_asked_for(project: Path) -> None:
    directory = ScriptDirectory(project)
    assert not directory.stale()
    old = directory.graph
    assert not directory.stale()
    write(project / "versions", "cccc", '"bbbb"')
    assert directory.stale()
    assert directory.graph is old
    assert directory.refresh()
    assert directory.graph.heads == ("cccc",)
    assert old.heads == ("bbbb",)
    assert not directory.refresh()


def test_a_script_is_executed_once(project: Path) -> None:
    directory = ScriptDirectory(project)
    script = directory.script("aaaa", modules={})
    assert directory.script("aaaa", modules={}) is script
    assert script.function("upgrade")() == "aaaa"


def test_settings_say_where(project: Path) -> None:
    settings = Settings(
        root=project.parent, script_location=project.name, version_locations=(f"{project.name}/versions",)
    )
    directory = ScriptDirectory.from_settings(settings)
    assert directory.location == project
    assert directory.graph.heads == ("bbbb",)
    assert directory.template == project / "script.py.mako"


def test_a_missing_directory_hints_at_init(tmp_path: Path) -> None:
    with pytest.raises(ConfigError) as caught:
        _ = ScriptDirectory(tmp_path / "migrations").graph
    assert caught.value.message == f"Path doesn't exist: {tmp_path}/migrations."
    assert caught.value.hint == f"Create a project there: asyncmig init {tmp_path}/migrations"


def test_a_project_without_revisions_is_empty(tmp_path: Path) -> None:
    assert len(ScriptDirectory(tmp_path).graph) == 0


def test_several_locations(project: Path) -> None:
    write(project / "more", "cccc", '"bbbb"')
    directory = ScriptDirectory(project, version_locations=["versions", "more", "none"], root=project)
    assert list(directory.graph) == ["aaaa", "bbbb", "cccc"]


def test_sub_directories_on_request(project: Path) -> None:
    write(project / "versions" / "2026", "cccc", '"bbbb"')
    write(project / "versions" / "__pycache__", "dddd", '"bbbb"')
    assert ScriptDirectory(project).graph.heads == ("bbbb",)
    assert ScriptDirectory(project, recursive=True).graph.heads == ("cccc",)


def test_the_same_file_twice_is_named(project: Path) -> None:
    (project / "again").symlink_to(project / "versions")
    with pytest.raises(ConfigError, match="The same files are found twice, in .*/versions and in .*/again"):
        _ = ScriptDirectory(project, version_locations=["versions", "again"], root=project).graph


def test_one_id_in_two_files_is_named(project: Path) -> None:
    write(project / "versions", "zzzz").write_text('revision = "aaaa"\ndown_revision = None\n')
    with pytest.raises(DuplicateRevisionError) as caught:
        _ = ScriptDirectory(project).graph
    assert caught.value.paths == (f"{project}/versions/aaaa.py", f"{project}/versions/zzzz.py")


def test_a_file_that_is_no_revision_is_named(project: Path) -> None:
    (project / "versions" / "notes.py").write_text("x = 1\n")
    with pytest.raises(ScriptError, match=r"notes\.py"):
        _ = ScriptDirectory(project).graph


def test_a_directory_inside_of_a_package(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    package = tmp_path / "some_installed_package"
    write(package / "database" / "migrations" / "versions", "aaaa")
    (package / "__init__.py").write_text("raise RuntimeError('imported')\n")
    monkeypatch.syspath_prepend(str(tmp_path))
    assert ScriptDirectory("some_installed_package:database/migrations").graph.heads == ("aaaa",)
    assert ScriptDirectory("some_installed_package.database:migrations").graph.heads == ("aaaa",)
    assert "some_installed_package" not in sys.modules


@pytest.mark.parametrize("text", ["no_such_package:x", "asyncmig.nothing:x", "..:x"])
def test_a_package_that_is_not_there(text: str) -> None:
    with pytest.raises(ConfigError, match="There is no package"):
        ScriptDirectory(text)


@pytest.mark.parametrize(
    ("template", "message", "expected"),
    [
        (None, "Add user's role!", "ae10_add_user_s_role.py"),
        (None, None, "ae10_.py"),
        (None, "x" * 50, f"ae10_{'x' * 40}_.py"),
        (None, "one two three four five six seven eight nine", "ae10_one_two_three_four_five_six_seven_eight_.py"),
        (None, "Größe ändern", "ae10_größe_ändern.py"),
        ("%(year)d_%(month).2d_%(day).2d_%(hour).2d%(minute).2d%(second).2d-%(rev)s", "m", "2026_01_02_030405-ae10.py"),
        ("%(epoch)s_%(rev)s", "m", "1767323045_ae10.py"),
    ],
)
def test_file_names(project: Path, template: str | None, message: str | None, expected: str) -> None:
    directory = ScriptDirectory(project, file_template=template)
    assert directory.new_path("ae10", message, WHEN).name == expected


def test_file_names_with_sub_directories(project: Path) -> None:
    template = "%(year)d/%(month).2d/%(rev)s"
    directory = ScriptDirectory(project, file_template=template, recursive=True)
    assert directory.new_path("ae10", "m", WHEN) == project / "versions" / "2026" / "01" / "ae10.py"
    with pytest.raises(ConfigError, match="sub-directories, which are not searched"):
        ScriptDirectory(project, file_template=template).new_path("ae10", "m", WHEN)


@pytest.mark.parametrize("template", ["%(revision)s", "%(rev)", "%"])
def test_a_wrong_file_template(project: Path, template: str) -> None:
    with pytest.raises(ConfigError, match="file_template .* has an error"):
        ScriptDirectory(project, file_template=template).new_path("ae10", "m", WHEN)


def test_a_new_revision_follows_the_head(project: Path) -> None:
    new = ScriptDirectory(project, timezone="utc").place_revision("more", rev_id="cccc", depends_on="aaa")
    assert (new.id, new.message, new.parents, new.depends_on, new.labels) == ("cccc", "more", ("bbbb",), ("aaaa",), ())
    assert new.path == project / "versions" / "cccc_more.py"
    assert new.created.utcoffset() is not None
    assert not new.path.exists()


def test_time_of_a_new_revision_may_be_that_of_the_machine(project: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TZ", "Asia/Kathmandu")
    time.tzset()
    try:
        created = ScriptDirectory(project, timezone="local").place_revision("more").created
    finally:
        monkeypatch.undo()
        time.tzset()

    assert created.utcoffset() == timedelta(hours=5, minutes=45)


def test_an_id_of_its_own(project: Path) -> None:
    new = ScriptDirectory(project).place_revision()
    assert len(new.id) == 12
    assert int(new.id, 16) >= 0
    assert new.message == "empty message"
    assert new.created.tzinfo is UTC
    assert new.created.microsecond == 0


def test_a_dependency_by_label_stays_a_label(project: Path) -> None:
    new = ScriptDirectory(project).place_revision(head="base", depends_on=["main", "bbbb"], branch_label="other")
    assert (new.parents, new.depends_on, new.labels) == ((), ("main", "bbbb"), ("other",))


def test_a_merge_has_several_parents(project: Path) -> None:
    write(project / "versions", "cccc", '"aaaa"')
    directory = ScriptDirectory(project)
    assert directory.place_revision(head="heads").parents == ("bbbb", "cccc")
    assert directory.place_revision(head=["bbbb", "cccc"]).parents == ("bbbb", "cccc")
    with pytest.raises(MultipleHeadsError, match="--head label@head"):
        directory.place_revision()
    with pytest.raises(InvalidTargetError, match="Duplicate head revisions"):
        directory.place_revision(head=["heads", "bbbb"])


def test_following_what_is_no_head_takes_a_splice(project: Path) -> None:
    directory = ScriptDirectory(project)
    with pytest.raises(InvalidTargetError, match="aaaa is not a head revision") as caught:
        directory.place_revision(head="aaaa")
    assert "--splice" in str(caught.value)
    assert directory.place_revision(head="aaaa", splice=True).parents == ("aaaa",)


@pytest.mark.parametrize(
    ("options", "words"),
    [
        ({"rev_id": "a-b"}, r"Character\(s\) '-' not allowed in revision identifier 'a-b'"),
        ({"rev_id": "head"}, "cannot be the id of a revision"),
        ({"rev_id": ""}, "cannot be the id of a revision"),
        ({"rev_id": "aaaa"}, "'aaaa' is declared twice"),
        ({"rev_id": "main"}, "'main' is declared twice"),
        ({"branch_label": "a@b"}, "not allowed in branch label"),
        ({"branch_label": "heads"}, "cannot be a branch label"),
        ({"branch_label": "main"}, "Branch label 'main' is declared twice"),
        ({"branch_label": "aaaa"}, "Branch label 'aaaa' is declared twice"),
        ({"branch_label": ["x", "x"]}, "Branch label 'x' is declared twice"),
        ({"branch_label": "y", "rev_id": "y"}, "Branch label 'y' is declared twice"),
        ({"depends_on": "base"}, "cannot depend on"),
    ],
)
def test_wrong_ids_and_labels(project: Path, options: dict[str, str], words: str) -> None:
    with pytest.raises(RevisionError, match=words):
        ScriptDirectory(project).place_revision(**options)  # type: ignore[arg-type]


def test_an_unknown_dependency(project: Path) -> None:
    with pytest.raises(UnknownRevisionError):
        ScriptDirectory(project).place_revision(depends_on=["nothing"])


def test_a_file_that_is_there_already(project: Path) -> None:
    (project / "versions" / "cccc_m.py").write_text(
        (project / "versions" / "aaaa.py").read_text().replace('"aaaa"', '"dddd"').replace("None", '"bbbb"')
    )
    with pytest.raises(ConfigError, match="is there already"):
        ScriptDirectory(project).place_revision("m", rev_id="cccc", head="dddd")


def test_the_location_is_that_of_the_parent(project: Path) -> None:
    write(project / "more" / "2026", "cccc", '"bbbb"')
    directory = ScriptDirectory(project, version_locations=["versions", "more"], recursive=True, root=project)
    assert directory.place_revision("m", rev_id="x").path == project / "more" / "x_m.py"
    assert directory.place_revision(head="bbbb", splice=True).path.parent == project / "versions"
    assert directory.place_revision(head="base", version_path=project / "more").path.parent == project / "more"
    assert directory.place_revision(head="base", version_path="more").path.parent == project / "more"
    with pytest.raises(ConfigError, match="please specify --version-path"):
        directory.place_revision(head="base")
    with pytest.raises(ConfigError, match="is not represented in current version locations"):
        directory.place_revision(version_path="elsewhere")


def test_an_unknown_zone(project: Path) -> None:
    with pytest.raises(ConfigError, match="Can't locate timezone: Mars/Olympus"):
        ScriptDirectory(project, timezone="Mars/Olympus").place_revision()


def test_reading_a_history_loads_no_database_library(project: Path) -> None:
    code = (
        "import sys; from asyncmig.scripts.directory import ScriptDirectory; "
        f"ScriptDirectory({str(project)!r}).graph; "
        "print(sorted({'sqlalchemy', 'mako', 'typer', 'rich', 'anyio', 'asyncio', 'alembic', 'logging', 'tempfile', "
        "'difflib', 'importlib.metadata'} & set(sys.modules)))"
    )
    assert os.popen(f'"{sys.executable}" -c "{code}"').read().strip() == "[]"
