from __future__ import annotations

import ast
from pathlib import Path

import pytest

from asyncmig.errors import ConfigError, ScriptError
from asyncmig.rendering.script import render_script, script_values

TEMPLATE = '''"""${message}

Revision ID: ${up_revision}
Revises: ${down_revision | comma,n}
Create Date: ${create_date}
"""
${imports if imports else ""}
revision: str = ${repr(up_revision)}
down_revision = ${repr(down_revision)}
branch_labels = ${repr(branch_labels)}
depends_on = ${repr(depends_on)}


def upgrade() -> None:
    ${upgrades if upgrades else "pass"}


def downgrade() -> None:
    ${downgrades if downgrades else "pass"}
'''


@pytest.fixture
def template(tmp_path: Path) -> Path:
    path = tmp_path / "script.py.mako"
    path.write_text(TEMPLATE, encoding="utf-8")
    return path


def test_a_revision_file(template: Path) -> None:
    text = render_script(
        template,
        script_values(
            message="größer",
            revision="ae10",
            parents=["aa", "bb"],
            create_date="today",
            labels=["one"],
            depends_on=["cc"],
            upgrades="op.execute('x')",
        ),
    )
    assert "größer\n\nRevision ID: ae10\nRevises: aa, bb\nCreate Date: today" in text
    names: dict[str, object] = {}
    exec(compile(text.replace("op.execute('x')", "return 1"), "a.py", "exec"), names)
    assert names["down_revision"] == ("aa", "bb")
    assert (names["branch_labels"], names["depends_on"]) == (("one",), "cc")


def test_the_first_revision(template: Path) -> None:
    text = render_script(template, script_values(message="", revision="ae10", parents=(), create_date="today"))
    assert "empty message" in text
    assert "Revises: \n" in text
    assert "down_revision = None" in text
    assert "def upgrade() -> None:\n    pass" in text


def test_a_template_that_is_not_there(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match=r"script\.py\.mako cannot be read"):
        render_script(tmp_path / "script.py.mako", {})


@pytest.mark.parametrize(
    ("source", "line", "words"),
    [
        ("one\n${1 / 0}\n", 2, "ZeroDivisionError"),
        ("one\n\n${nothing.x}\n", None, "'nothing' is not defined"),
        ("% if x:\n", 1, "The template has an error"),
        ("one\n${1 +}\n", 2, "The template has an error"),
    ],
)
def test_an_error_in_the_template_names_its_line(template: Path, source: str, line: int, words: str) -> None:
    template.write_text(source, encoding="utf-8")
    with pytest.raises(ScriptError, match=words) as caught:
        render_script(template, {})
    assert caught.value.line == line
    assert caught.value.path == template
    assert caught.value.__cause__ is not None


@pytest.mark.parametrize(
    "message", ['say """now"""', 'quoted "end"', r"a \n backslash \ ", 'ends with \\"', '"', '"""']
)
def test_any_message_gives_a_file_that_reads_back(tmp_path: Path, message: str) -> None:
    template = tmp_path / "script.py.mako"
    template.write_text('"""${message}"""\nrevision = "a"\n')
    text = render_script(template, script_values(message=message, revision="a", parents=(), create_date="today"))
    assert ast.get_docstring(ast.parse(text), clean=False) == message
