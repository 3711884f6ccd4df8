"""`from alembic import op` becomes `from asyncmig import op`, and no other byte of a file changes."""

from pathlib import Path

import pytest

from asyncmig.compat.alembic.adopt_imports import rewritten, rewritten_template
from asyncmig.errors import ScriptError

HEAD = '"""add user\n\nRevision ID: a1\n"""\n'
VALUES = 'revision = "a1"\ndown_revision = None\nbranch_labels = ("users",)\ndepends_on = None\n'
BODY = "\n\ndef upgrade():\n    op.drop_table('alembic')  # alembic\n"


def source(imports: str) -> str:
    return f"{HEAD}{imports}\nimport sqlalchemy as sa\n\n{VALUES}{BODY}"


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("from alembic import op", "from asyncmig import op"),
        ("from  alembic  import  op  # the words", "from  asyncmig  import  op  # the words"),
        ("from alembic import (op)", "from asyncmig import (op)"),
        ("from alembic import (\n    op,\n)", "from asyncmig import (\n    op,\n)"),
        ("from alembic import op as words", "from asyncmig import op as words"),
        ("from \\\n    alembic import op", "from \\\n    asyncmig import op"),
        (
            "try:\n    from alembic import op\nfinally:\n    pass",
            "try:\n    from asyncmig import op\nfinally:\n    pass",
        ),
        ("x = 'é'; from alembic import op", "x = 'é'; from asyncmig import op"),
    ],
)
def test_import_of_op_alone(before: str, after: str) -> None:
    assert rewritten(source(before).encode(), Path("a1.py")) == source(after).encode()


@pytest.mark.parametrize(
    "imports",
    [
        "from alembic import op, context",
        "from alembic import context",
        "from alembic import context as op",
        "import alembic.op",
        "from alembic.op import execute",
        "from asyncmig import op",
        "text = 'from alembic import op'",
        "from .alembic import op",
    ],
)
def test_other_imports_stay(imports: str) -> None:
    data = source(imports).encode()

    assert rewritten(data, Path("a1.py")) == data


@pytest.mark.parametrize("end", ["\n", "\r\n", "\r"])
@pytest.mark.parametrize("mark", [b"", b"\xef\xbb\xbf"])
def test_line_ends_and_byte_order_mark_stay(end: str, mark: bytes) -> None:
    before = mark + source("from alembic import op").replace("\n", end).encode()

    assert rewritten(before, Path("a1.py")) == before.replace(b"from alembic import op", b"from asyncmig import op")


def test_encoding_stays() -> None:
    before = ("# -*- coding: latin-1 -*-\n" + source("from alembic import op").replace("user", "für")).encode("latin-1")
    after = rewritten(before, Path("a1.py"))

    assert after == before.replace(b"from alembic import op", b"from asyncmig import op")
    assert "für".encode("latin-1") in after


def test_import_inside_a_function_is_rewritten_too() -> None:
    before = source("").replace("def upgrade():\n", "def upgrade():\n    from alembic import op\n").encode()

    assert b"    from asyncmig import op\n" in rewritten(before, Path("a1.py"))


def test_file_that_does_not_parse_is_named() -> None:
    with pytest.raises(ScriptError, match=r"a1\.py:1: The file does not parse"):
        rewritten(b"from alembic import op op\n", Path("a1.py"))


@pytest.mark.parametrize("end", ["\n", "\r\n"])
def test_template_of_new_files(end: str) -> None:
    before = '"""${message}"""\nfrom alembic import op\nfrom alembic import context\n${imports}\n'.replace("\n", end)
    after = before.replace("from alembic import op", "from asyncmig import op")

    assert rewritten_template(before.encode()) == after.encode()
