from __future__ import annotations

import codecs
from pathlib import Path

import pytest

from asyncmig.errors import ScriptError
from asyncmig.revisions.revision import Revision
from asyncmig.scripts import header
from asyncmig.scripts.header import read_header

CANONICAL = '''"""add user role

Revision ID: bb02
Revises: aa01
Create Date: 2026-11-22 15:10:03+00:00

"""
from typing import Sequence, Union

from alembic import op
import sqlalchemy as sa


# revision identifiers, used by Alembic.
revision: str = "bb02"
down_revision: Union[str, Sequence[str], None] = "aa01"
branch_labels: Union[str, Sequence[str], None] = None
depends_on: Union[str, Sequence[str], None] = None


def upgrade() -> None:
    """Upgrade schema."""
    op.execute("""
revision = "not this one"
    """)


def downgrade() -> None:
    pass
'''


def read(text: str, name: str = "bb02_add.py") -> Revision:
    return read_header(text.encode(), Path(name))


def by_regex(text: str) -> bool:
    """Whether the quick way was enough."""
    return header._canonical(text) is not None


def test_what_alembic_writes_is_read_without_a_syntax_tree() -> None:
    text = CANONICAL.replace("not this one", "x").replace('revision = "x"', "SELECT 1")
    assert by_regex(text)
    revision = read(text)
    assert revision == Revision(
        id="bb02",
        parents=("aa01",),
        message="add user role",
        file="bb02_add.py",
        doc="add user role\n\nRevision ID: bb02\nRevises: aa01\nCreate Date: 2026-11-22 15:10:03+00:00",
        created="2026-11-22 15:10:03+00:00",
    )


def test_a_name_inside_of_a_string_is_no_assignment() -> None:
    assert not by_regex(CANONICAL)
    assert read(CANONICAL).id == "bb02"


HEAD = '"""m"""\nrevision = "bb02"\ndown_revision = "aa01"\n'


@pytest.mark.parametrize(
    ("text", "quick"),
    [
        (HEAD, True),
        ("# a comment\n\n" + HEAD, True),
        ("'''m'''\nrevision = 'bb02'\ndown_revision = 'aa01'\n", True),
        ('"""m"""\nrevision="bb02"  # the id\ndown_revision=("aa01",)\n', True),
        ('"""m"""\nrevision = "bb02"\ndown_revision = [\n    "aa01",\n]\n', True),
        ('r"""m"""\nrevision = "bb02"\ndown_revision = "aa01"\n', False),
        ('"m"\nrevision = "bb02"\ndown_revision = "aa01"\n', False),
        ('"""m"""\nrevision, down_revision = "bb02", "aa01"\n', False),
        ('"""m"""\nrevision = "bb02"; down_revision = "aa01"\n', False),
        ('"""m"""\nPREVIOUS = "aa01"\nrevision = "bb02"\ndown_revision = PREVIOUS\n', False),
        ('"""m"""\nrevision = "bb" + "02"\ndown_revision = f"aa{"01"}"\n'.replace('{"01"}', "01"), False),
        ('"""m"""\nrevision = "\\x62b02"\ndown_revision = "aa01"\n', False),
        ('"""m"""\nrevision = "old"\nrevision = "bb02"\ndown_revision = "aa01"\n', False),
        ('"""m"""\ndef upgrade():\n    pass\nrevision = "bb02"\ndown_revision = "aa01"\n', True),
        ('"""m"""\ntry:\n    import x\nexcept ImportError:\n    x = None\n' + HEAD[8:], True),
        ('"""m"""\nwith open("x"):\n    revision = "bb02"\ndown_revision = "aa01"\n', False),
        ('"""m"""\nrevision = "bb02"\ndown_revision = ("aa01"\n)\n', True),
    ],
)
def test_shapes(text: str, quick: bool) -> None:
    revision = read(text)
    assert by_regex(text) is quick
    assert (revision.id, revision.parents, revision.message) == ("bb02", ("aa01",), "m")


def test_no_docstring() -> None:
    revision = read('revision = "bb02"\ndown_revision = None\n')
    assert (revision.message, revision.doc, revision.created, revision.parents) == ("", "", None, ())


def test_a_merge_with_labels_and_dependencies() -> None:
    revision = read(
        '"""m"""\nrevision = "cc"\ndown_revision = ("aa", "bb")\nbranch_labels = ("one", "two")\ndepends_on = "dd"\n'
    )
    assert (revision.parents, revision.labels, revision.depends_on) == (("aa", "bb"), {"one", "two"}, ("dd",))


def test_our_own_words() -> None:
    revision = read(
        HEAD + 'phase = "expand"\ntransactional = False\nirreversible = "the rows are gone"\nlock_timeout = "2s"\n'
    )
    assert (revision.phase, revision.transactional, revision.irreversible) == ("expand", False, "the rows are gone")


@pytest.mark.parametrize(("value", "expected"), [("True", "its file says so"), ("False", None), ("None", None)])
def test_irreversible_without_a_reason(value: str, expected: str | None) -> None:
    assert read(HEAD + f"irreversible = {value}\n").irreversible == expected


def test_a_very_old_file_has_its_id_in_its_name() -> None:
    assert read('"""m"""\ndown_revision = None\n', "3512b954651e.py").id == "3512b954651e"


@pytest.mark.parametrize(
    ("data", "message"),
    [
        (codecs.BOM_UTF8 + HEAD.replace("m", "größer").encode(), "größer"),
        (HEAD.replace("m", "größer").encode(), "größer"),
        (("# -*- coding: latin-1 -*-\n" + HEAD.replace("m", "größer")).encode("latin-1"), "größer"),
        (("#!/usr/bin/python\n# vim: set fileencoding=cp1252 :\n" + HEAD.replace("m", "€")).encode("cp1252"), "€"),
        (HEAD.replace("\n", "\r\n").encode(), "m"),
        (HEAD.replace("\n", "\r").encode(), "m"),
    ],
)
def test_encodings_and_line_ends(data: bytes, message: str) -> None:
    revision = read_header(data, Path("bb02.py"))
    assert (revision.id, revision.parents, revision.message) == ("bb02", ("aa01",), message)


@pytest.mark.parametrize(
    ("text", "line", "words"),
    [
        ('"""m"""\nrevision = make()\ndown_revision = None\n', 2, "revision is not a plain value"),
        ('"""m"""\nrevision = "a"\n\ndown_revision = SOMETHING\n', 4, "down_revision is not a plain value"),
        ('"""m"""\nrevision = "a"\nif X:\n    down_revision = "b"\n', 4, "down_revision is not a plain value"),
        ('"""m"""\nrevision = "a"\ndown_revision = None\ndown_revision += "b"\n', 4, "is not a plain value"),
        ('"""m"""\nrevision = 12 + 0\ndown_revision = None\n', 2, "revision must be the id, as text, but it is 12"),
        ('"""m"""\nrevision = "a" + ""\ndown_revision = (1,)\n', 3, "down_revision must be"),
        ('"""m"""\nrevision = "a" + ""\ndown_revision = None\nphase = "later"\n', 4, "phase must be 'expand'"),
        ('"""m"""\nrevision = "a" + ""\ndown_revision = None\ntransactional = 1\n', 4, "transactional must be True"),
        ('"""m"""\nrevision = "a" + ""\ndown_revision = None\nirreversible = 1\n', 4, "irreversible must be"),
        ('"""m"""\nrevision = "a"\n', None, "declares no down_revision"),
        ('"""m"""\ndown_revision = None\n', None, "Could not determine the revision id"),
        ('"""m"""\nrevision = "a"\ndown_revision = (\n', 3, "does not parse"),
        ('"""m"""\nrevision = ("a" "b")\ndown_revision = (\n', 3, "does not parse"),
        ('"""m\0"""\nrevision = ("a" "b")\n', None, "does not parse"),
    ],
)
def test_errors_name_the_file_and_the_line(text: str, line: int | None, words: str) -> None:
    with pytest.raises(ScriptError) as caught:
        read(text)
    assert words in str(caught.value)
    assert caught.value.path == Path("bb02_add.py")
    assert caught.value.line == line


@pytest.mark.parametrize(
    ("data", "line", "words"),
    [
        (b'"""m"""\n# \xff\nrevision = "a"\n', 2, "The file is not utf-8"),
        (b"# coding: klingon\n", 1, "unknown encoding: klingon"),
    ],
)
def test_bytes_that_are_no_text(data: bytes, line: int, words: str) -> None:
    with pytest.raises(ScriptError, match=words) as caught:
        read_header(data, Path("a.py"))
    assert caught.value.line == line


def test_imported_values_are_looked_up(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    package = tmp_path / "shop_of_headers"
    package.mkdir()
    (package / "__init__.py").write_text("")
    (package / "branches.py").write_text('EXPAND = "expand"\nclass Names:\n    release = "liberty"\n')
    monkeypatch.syspath_prepend(tmp_path)
    imports = (
        "import shop_of_headers.branches\nimport shop_of_headers.branches as b\nfrom shop_of_headers import branches\n"
        "from shop_of_headers.branches import EXPAND as name\n"
    )
    for value, labels in (
        ("(branches.EXPAND,)", {"expand"}),
        ("b.EXPAND", {"expand"}),
        ("name", {"expand"}),
        ('("x", shop_of_headers.branches.EXPAND, b.Names.release)', {"x", "expand", "liberty"}),
    ):
        revision = read(f'"""m"""\n{imports}revision = "a"\ndown_revision = None\nbranch_labels = {value}\n')
        assert revision.labels == labels


@pytest.mark.parametrize(
    ("line", "value", "words"),
    [
        ("import no_such_module", "no_such_module.NAME", "no_such_module.NAME cannot be imported: ModuleNotFoundError"),
        ("from json import no_such_name", "no_such_name", "no_such_name cannot be imported: ModuleNotFoundError"),
        ("import json", "json.no_such_name", "json.no_such_name cannot be imported: AttributeError"),
        ("from json import codecs", "codecs.lookup", "branch_labels must be None, an id, or a tuple of ids"),
        ("import json", "json.dumps([])", "branch_labels is not a plain value"),
    ],
)
def test_imported_value_that_cannot_be_had(line: str, value: str, words: str) -> None:
    with pytest.raises(ScriptError) as caught:
        read(f'"""m"""\n{line}\nrevision = "a"\ndown_revision = None\nbranch_labels = {value}\n')
    assert words in str(caught.value)
    assert caught.value.line == 5
