"""The commands that need no database."""

import json
import sys
from pathlib import Path
from typing import Any

import pytest

from tests.acceptance.command import Project


@pytest.fixture
def project(tmp_path: Path) -> Project:
    """A directory in which nothing is yet."""
    return Project(tmp_path)


def answer(project: Project, *arguments: str, code: int = 0) -> Any:
    """The one document that a command prints with `--json`; it prints nothing else."""
    outcome = project.run("--json", *arguments, code=code)
    assert outcome.err == ""
    return json.loads(outcome.out)


def revision(project: Project, *arguments: str) -> str:
    created = answer(project, "revision", *arguments)
    assert Path(created["path"]).is_file()
    return str(created["revision"])


def branchy(project: Project) -> None:
    """Two branches on one base: `first1` is followed by `users1`, which is labelled `people`, and by `posts1`."""
    project.run("init")
    revision(project, "-m", "first", "--rev-id", "first1")
    revision(project, "-m", "users", "--rev-id", "users1", "--branch-label", "people")
    revision(project, "-m", "posts", "--rev-id", "posts1", "--head", "first1", "--splice")


# -- init


def test_init_says_what_it_makes_and_what_comes_next(project: Project) -> None:
    out = project.out("init", "db")
    for line in ("Created db/env.py", "Created db/script.py.mako", "Created asyncmig.toml"):
        assert line in out.splitlines()
    assert 'asyncmig revision -m "first tables"' in out
    assert (project.root / "db" / "versions").is_dir()


def test_init_refuses_a_directory_that_is_not_empty(project: Project) -> None:
    project.run("init")
    outcome = project.run("init", code=2)
    assert outcome.err.startswith("error: Directory migrations already exists and is not empty.")
    assert outcome.out == ""


def test_init_of_each_template_writes_revisions_at_once(project: Project) -> None:
    for template in ("async", "sync", "pyproject"):
        where = Project(project.root / template)
        where.root.mkdir()
        where.run("init", "-t", template, "--package")
        path = Path(answer(where, "revision", "-m", "first tables")["path"])
        text = path.read_text()
        assert ("async def upgrade(op: Operations) -> None:" in text) is (template != "sync")
        assert ("from asyncmig import op\n" in text) is (template == "sync")
        compile(text, str(path), "exec")
        assert (path.parent / "__init__.py").is_file()


def test_init_for_several_databases_asks_which(project: Project) -> None:
    project.run("init", "-t", "multidb", "db")
    outcome = project.run("heads", code=2)
    assert "declares several databases: main, analytics" in outcome.err
    assert "asyncmig -d main" in outcome.err
    project.run("-d", "analytics", "revision", "-m", "first")
    assert len(list((project.root / "db" / "analytics" / "versions").glob("*.py"))) == 1
    assert project.out("-d", "main", "heads") == ""


def test_init_keeps_settings(project: Project) -> None:
    (project.root / "pyproject.toml").write_text("[tool.asyncmig]\n")
    out = project.out("init", "-t", "pyproject", "db")
    assert "Kept pyproject.toml" in out
    assert 'script_location = "db"' in out
    assert (project.root / "pyproject.toml").read_text() == "[tool.asyncmig]\n"


def test_unknown_template_names_the_known_ones(project: Project) -> None:
    assert "async, multidb, pyproject, sync" in project.run("init", "-t", "nope", code=2).err


def test_templates_are_listed(project: Project) -> None:
    for spelling in ("list_templates", "list-templates"):
        out = project.out(spelling)
        assert out.startswith("Available templates:")
        assert "multidb - Several databases" in out
    assert [each["name"] for each in answer(project, "list_templates")["templates"]] == [
        *("async", "multidb", "pyproject", "sync")
    ]


# -- revision and merge


def test_revision_has_the_form_that_is_documented(project: Project) -> None:
    project.run("init")
    revision(project, "-m", "first", "--rev-id", "aaaa11")
    path = Path(
        answer(project, "revision", "-m", "add user role", "--rev-id", "bbbb22", "--depends-on", "aaaa11")["path"]
    )
    lines = path.read_text().splitlines()
    assert path.name == "bbbb22_add_user_role.py"
    assert lines[:4] == ['"""add user role', "", "Revision ID: bbbb22", "Revises: aaaa11"]
    assert lines[4].startswith("Create Date: ")
    assert lines[5:] == [
        '"""',
        "import sqlalchemy as sa",
        "from asyncmig import Operations",
        "",
        'revision = "bbbb22"',
        'down_revision = "aaaa11"',
        "branch_labels = None",
        'depends_on = "aaaa11"',
        "",
        "",
        "async def upgrade(op: Operations) -> None:",
        "    pass",
        "",
        "",
        "async def downgrade(op: Operations) -> None:",
        "    pass",
    ]


def test_revision_needs_a_place_when_there_are_several_heads(project: Project) -> None:
    branchy(project)
    outcome = project.run("revision", "-m", "x", code=13)
    assert "users1" in outcome.err
    assert "posts1" in outcome.err
    assert outcome.err.splitlines()[1].startswith("hint: ")


def test_revision_on_what_is_no_head_needs_splice(project: Project) -> None:
    branchy(project)
    assert "--splice" in project.run("revision", "-m", "x", "--head", "first1", code=2).err


def test_merge_joins_heads(project: Project) -> None:
    branchy(project)
    merged = answer(project, "merge", "heads", "-m", "join", "--rev-id", "merge1")
    assert merged["revision"] == "merge1"
    assert 'down_revision = ("posts1", "users1")' in Path(merged["path"]).read_text()
    assert project.out("heads") == "merge1 (people) (head)\n"


def test_message_is_said_when_a_file_was_created(project: Project) -> None:
    project.run("init")
    outcome = project.run("revision", "-m", "x")
    assert outcome.out.startswith("Created ")
    assert outcome.err == ""
    assert project.run("-q", "revision", "-m", "y").out == ""


def test_template_with_an_error_names_its_line_and_leaves_no_file(project: Project) -> None:
    project.run("init")
    template = project.root / "migrations" / "script.py.mako"
    template.write_text('"""${message}"""\n\n% if revision\npass\n')
    outcome = project.run("revision", "-m", "x", code=2)
    assert f"{template}:3" in outcome.err
    assert "Traceback" not in outcome.err
    assert list((project.root / "migrations" / "versions").iterdir()) == []


def test_template_that_fails_names_its_line_and_leaves_no_file(project: Project) -> None:
    project.run("init")
    template = project.root / "migrations" / "script.py.mako"
    template.write_text('"""${message}"""\n\n${1 / 0}\n')
    outcome = project.run("revision", "-m", "x", code=2)
    assert f"{template}:3" in outcome.err
    assert "ZeroDivisionError" in outcome.err
    assert list((project.root / "migrations" / "versions").iterdir()) == []


@pytest.mark.parametrize(
    ("source", "said"),
    [
        ('revision = "${up_revision}"\ndown_revision = None\ndef upgrade()\n    pass\n', ":3: The file does not parse"),
        ('"""${message}"""\nrevision = "${up_revision}"\n', "declares no down_revision"),
        ('revision = "fixed"\ndown_revision = None\n', "does not write what was asked for: revision"),
        ('revision = "${up_revision}"\ndown_revision = None\nx = ${unknown_name}\n', "'unknown_name' is not defined"),
        ('revision = "${up_revision}"\ndown_revision = None\n', "does not write what was asked for: branch_labels"),
    ],
)
def test_template_that_makes_no_revision_file_is_named_and_leaves_no_file(
    project: Project, source: str, said: str
) -> None:
    project.run("init")
    template = project.root / "migrations" / "script.py.mako"
    template.write_text(source)
    outcome = project.run("revision", "-m", "x", "--branch-label", "shop", code=2)
    assert outcome.err.startswith(f"error: {template}: ")
    assert said in outcome.err
    assert list((project.root / "migrations" / "versions").iterdir()) == []


def test_hooks_run_over_a_new_file(project: Project) -> None:
    project.run("init")
    program = "import sys; print('# hooked', file=open(sys.argv[-1], 'a'))"
    with (project.root / "asyncmig.toml").open("a") as settings:
        settings.write(
            f'[[post_write_hooks]]\nname = "mark"\ntype = "exec"\nexecutable = "{sys.executable}"\n'
            f'options = ["-c", "{program}"]\n'
        )
    path = Path(answer(project, "revision", "-m", "x")["path"])
    assert path.read_text().endswith("# hooked\n")


def test_hook_that_fails_is_reported_and_the_file_kept(project: Project) -> None:
    project.run("init")
    with (project.root / "asyncmig.toml").open("a") as settings:
        settings.write(
            f'[[post_write_hooks]]\nname = "strict"\ntype = "exec"\nexecutable = "{sys.executable}"\n'
            """options = ["-c", "import sys; sys.exit('too long')"]\n"""
        )
    outcome = project.run("revision", "-m", "x", code=1)
    assert "post-write hook 'strict' ended with code 1" in outcome.err
    assert "too long" in outcome.err
    assert "Traceback" not in outcome.err
    assert len(list((project.root / "migrations" / "versions").glob("*.py"))) == 1


# -- looking at the files


def test_heads_and_history_and_branches_in_the_formats_of_alembic(project: Project) -> None:
    branchy(project)
    assert project.out("heads").splitlines() == ["posts1 (head)", "users1 (people) (head)"]
    assert sorted(project.out("history").splitlines()) == [
        "<base> -> first1 (branchpoint), first",
        "first1 -> posts1 (head), posts",
        "first1 -> users1 (people) (head), users",
    ]
    assert project.out("branches").splitlines() == [
        "first1 (branchpoint)",
        "       -> posts1 (head)",
        "       -> users1 (people) (head)",
        "",
    ]


def test_heads_agree_with_themselves_where_one_depends_on_the_other(project: Project) -> None:
    branchy(project)
    revision(project, "-m", "more", "--rev-id", "more11", "--head", "posts1", "--depends-on", "users1")
    assert project.out("heads").splitlines() == ["more11 (head)", "users1 (people) (effective head)"]
    firsts = [line for line in project.out("heads", "-v").splitlines() if line.startswith("Rev: ")]
    assert firsts == ["Rev: more11 (head)", "Rev: users1 (effective head)"]
    assert project.out("heads", "--resolve-dependencies") == "more11 (head)\n"


def test_history_takes_ranges(project: Project) -> None:
    branchy(project)
    assert project.out("history", "-r", "first1:users1").splitlines() == [
        "first1 -> users1 (people) (head), users",
        "<base> -> first1 (branchpoint), first",
    ]
    assert project.out("history", "-r:first1") == "<base> -> first1 (branchpoint), first\n"
    assert project.run("history", "-r", "first1", code=2).err.startswith("error: ")


def test_show_says_everything_about_a_revision(project: Project) -> None:
    branchy(project)
    out = project.out("show", "people")
    assert out.splitlines()[:3] == ["Rev: users1 (head)", "Parent: first1", "Branch names: people"]
    assert "    Revision ID: users1" in out
    (shown,) = answer(project, "show", "use")["revisions"]
    assert (shown["id"], shown["labels"], shown["parents"]) == ("users1", ["people"], ["first1"])
    assert shown["doc"].startswith("users")


def test_graph_draws_in_three_formats(project: Project) -> None:
    branchy(project)
    assert "|/" in project.out("graph")
    assert project.out("graph", "--format", "mermaid").startswith("flowchart TD\n")
    assert project.out("graph", "--format", "svg").startswith("<svg ")
    assert "none of text, mermaid, svg" in project.run("graph", "--format", "png", code=2).err


def test_json_lists_revisions(project: Project) -> None:
    branchy(project)
    assert {each["id"] for each in answer(project, "heads")["revisions"]} == {"users1", "posts1"}
    assert len(answer(project, "history")["revisions"]) == 3
    assert [each["id"] for each in answer(project, "branches")["revisions"]] == ["first1"]


def test_edit_opens_the_files(project: Project) -> None:
    branchy(project)
    project.variables["EDITOR"] = f'{sys.executable} -c "import sys; print(sys.argv[1])"'
    assert project.out("edit", "heads").count("_users.py") == 1
    project.variables["EDITOR"] = "/no/such/editor"
    assert "cannot be started" in project.run("edit", "users1", code=2).err


def test_settings_and_variables_say_where_the_revisions_are(project: Project) -> None:
    project.run("init", "db")
    revision(project, "-m", "x", "--rev-id", "xxxx11")
    elsewhere = Project(project.root / "elsewhere")
    elsewhere.root.mkdir()
    assert elsewhere.out("-c", "../asyncmig.toml", "heads") == "xxxx11 (head)\n"
    elsewhere.variables["ASYNCMIG_CONFIG"] = str(project.root / "asyncmig.toml")
    assert elsewhere.out("heads") == "xxxx11 (head)\n"
    elsewhere.variables = {"ASYNCMIG_SCRIPT_LOCATION": str(project.root / "db")}
    assert elsewhere.out("heads") == "xxxx11 (head)\n"


def test_completion_offers_revisions_labels_and_symbols(project: Project) -> None:
    branchy(project)
    project.variables |= {"_ASYNCMIG_COMPLETE": "complete_bash", "COMP_CWORD": "2"}
    project.variables["COMP_WORDS"] = "asyncmig upgrade "
    offered = project.run().out.split()
    assert {"heads", "people", "users1", "first1"} <= set(offered)
    project.variables["COMP_WORDS"] = "asyncmig show us"
    assert project.run().out.split() == ["users1"]


def test_completion_is_silent_where_nothing_can_be_read(project: Project) -> None:
    project.variables |= {"_ASYNCMIG_COMPLETE": "complete_bash", "COMP_CWORD": "2", "COMP_WORDS": "asyncmig show he"}
    (project.root / "asyncmig.toml").write_text("broken = \n")
    outcome = project.run()
    assert outcome.out.split() == ["head", "heads"]
    assert outcome.err == ""
