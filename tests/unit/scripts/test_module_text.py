"""What the text of a module tells of its imports is never less than what its code says."""

import sysconfig
from pathlib import Path

import pytest

from asyncmig.scripts.module_imports import imports_of
from asyncmig.scripts.module_text import read_text


def imported(source: bytes) -> set[tuple[int, str]] | None:
    """The modules that a text may import, with the names that may be modules; None where it must be compiled."""
    text = read_text(source)
    if text is None:
        return None
    return {(each.level, name) for each in text.imports for name in (each.name, *_below(each.name, each.names))}


def _below(name: str, names: tuple[str, ...]) -> list[str]:
    return [f"{name}.{each}".lstrip(".") for each in names]


def compiled(source: bytes) -> set[tuple[int, str]]:
    found = imports_of(compile(source, "x", "exec", dont_inherit=True))
    return {(each.level, name) for each in found for name in (each.name, *_below(each.name, each.names))}


@pytest.mark.parametrize(
    "source",
    [
        "import a",
        "import a.b as c, d",
        "from a import b",
        "from a.b import c as d, e",
        "from . import a",
        "from .. import (a,\n  b,  # of it\n  c as d,\n)",
        "from ..a.b import c",
        "from a import (b,  # note (this)\n  c)",
        "from.a import b",
        "from .a import(b)",
        "from a import (b)",
        "from a \\\n    import b",
        "from a import b, \\\n    c",
        "import a, \\\n    b.c",
        "try: import a\nexcept ImportError: from b import c",
        "if 1: import a; from b import c; import d",
        "def f():\n\timport a\n\tclass C:\n\t\tfrom .b import c",
        "from a import *",
        "import a;import b",
        "from . a import b",
        "from .\ta import b",
        "import\ta",
        "from a import b # import c, from d import e",
        "with x as y: import a",
    ],
)
def test_import_is_seen(source: str) -> None:
    found = imported(source.encode())

    assert found is not None
    assert compiled(source.encode()) <= found


@pytest.mark.parametrize(
    "source",
    [
        "import_module('a')",
        "__import__('a')",
        "import ä",
        "from ä import b",
        "from a.\\\n b import c",
        "import a\\\n.b",
    ],
)
def test_what_is_unusual_is_compiled(source: str) -> None:
    assert read_text(source.encode()) is None


def test_text_that_names_alembic_says_so() -> None:
    for source, names in ((b"from alembic import op", True), (b"# alembic", True), (b"import a", False)):
        text = read_text(source)
        assert text is not None and text.names_alembic is names


def test_no_import_of_real_modules_is_missed() -> None:
    compared = 0
    places = [Path(sysconfig.get_paths()[name]) for name in ("stdlib", "purelib")]
    files = [path for place in places for path in sorted(place.glob("*.py")) + sorted(place.glob("sqlalchemy/**/*.py"))]
    for path in files:
        source = path.read_bytes()
        found = imported(source)
        if found is not None:
            compared += 1
            assert compiled(source) <= found, path
    assert compared > 300
