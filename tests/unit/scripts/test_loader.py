from __future__ import annotations

import dataclasses
import os
import pickle
import sys
from collections.abc import Callable
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from asyncmig.errors import AsyncmigError, NeedsDatabaseError, ScriptError, UnawaitedOperationError
from asyncmig.revisions.revision import Revision
from asyncmig.scripts.loader import load_script
from asyncmig.scripts.script import Script

Load = Callable[..., Script]


class Op:
    def create_table(self, name: str) -> str:
        return f"created {name}"

    def add_column(self) -> None:
        raise NeedsDatabaseError("op.add_column() was called while the file was being read; put it in upgrade().")


OP = Op()
MODULES = {"alembic": SimpleNamespace(op=OP, context="context"), "alembic.op": OP, "alembic.context": "context"}


@pytest.fixture
def load(tmp_path: Path) -> Load:
    def load(text: str, name: str = "ae10_x.py", modules: dict[str, Any] = MODULES, folder: Path = tmp_path) -> Script:
        path = folder / name
        path.write_text(text, encoding="utf-8")
        return load_script(Revision("ae10", file=str(path)), modules=modules, verbs={"add_column", "execute"})

    return load


UPGRADE = "\ndef upgrade(): return found\n"


@pytest.mark.parametrize(
    "text",
    [
        "from alembic import op as found",
        "import alembic.op as found",
        "import alembic.op\nfound = alembic.op",
        "import alembic\nfound = alembic.op",
        "from alembic import op, context\nfound = op",
        "def upgrade():\n    from alembic import op\n    return op",
        "def upgrade():\n    import alembic.op\n    return alembic.op",
        "class A:\n    from alembic import op\nfound = A.op",
    ],
)
def test_imports_give_what_was_provided(load: Load, text: str) -> None:
    script = load(text if "upgrade" in text else text + UPGRADE)
    assert script.function("upgrade")() is OP


def test_words_can_be_imported_from_op(load: Load) -> None:
    script = load("from alembic.op import create_table\ndef upgrade(): return create_table('t')\n")
    assert script.function("upgrade")() == "created t"


def test_what_is_not_provided_comes_from_the_real_package(load: Load) -> None:
    script = load("from alembic import op, util\nimport alembic.ddl.base\ndef upgrade(): return op, util.__name__\n")
    assert script.function("upgrade")() == (OP, "alembic.util")


def test_parents_of_a_provided_name_are_provided_too(load: Load) -> None:
    script = load("import tool.words.op\ndef upgrade(): return tool.words.op\n", modules={"tool.words.op": OP})
    assert script.function("upgrade")() is OP


def test_a_package_that_is_nowhere(load: Load) -> None:
    with pytest.raises(ScriptError, match=r"ae10_x\.py:2: The file fails while it is read: ModuleNotFoundError"):
        load("\nimport no_such_package_anywhere\n")


def test_nothing_is_left_in_the_interpreter(load: Load) -> None:
    before = set(sys.modules)
    script = load("import alembic.op\ndef upgrade(): pass\n")
    assert {name for name in set(sys.modules) - before if "asyncmig" in name} == set()
    assert script.module.__name__ not in sys.modules
    assert script.module.__file__ == str(script.path)
    assert script.module.__spec__ is not None


def test_two_scripts_of_one_id_do_not_meet(load: Load) -> None:
    assert load("def upgrade(): pass\n").module.__name__ != load("def upgrade(): pass\n").module.__name__


def test_functions_are_optional_until_they_are_wanted(load: Load) -> None:
    script = load("def upgrade(): return 1\n")
    assert script.function("upgrade")() == 1
    with pytest.raises(ScriptError, match="no function 'downgrade'"):
        script.function("downgrade")


def test_upgrade_must_be_a_function(load: Load) -> None:
    with pytest.raises(ScriptError, match="upgrade is int, but must be a function"):
        load("upgrade = 3\n")


@pytest.mark.parametrize(
    ("signature", "words"),
    [
        ("def upgrade(op)", r"upgrade\(op\) is plain, so it does not take op"),
        ("def upgrade(op, engine)", r"upgrade\(op, engine\) is plain, so it does not take op"),
        ("async def upgrade(op, engine)", r"upgrade\(op, engine\) is async, so it must take op and nothing else"),
        ("async def upgrade(op, *, engine)", "nothing else"),
        ("def downgrade(op)", r"downgrade\(op\) is plain, so it does not take op"),
    ],
)
def test_function_with_the_parameters_of_the_other_form_is_told_so(load: Load, signature: str, words: str) -> None:
    with pytest.raises(ScriptError, match=words) as caught:
        load(f"def upgrade(): pass\n\n{signature}: pass\n")
    assert caught.value.line == 3
    assert "async def " in str(caught.value.hint)


@pytest.mark.parametrize(
    "text",
    [
        "def upgrade(engine_name=''): pass\n",
        "def upgrade(engine_name, *, how): pass\n",
        "def upgrade(**options): pass\n",
        "def upgrade(*args, **kw): pass\n",
        "async def upgrade(op, x=1): pass\n",
        "def twice(f):\n    async def g(*args): await f(*args)\n    return g\n\n@twice\nasync def upgrade(op): pass\n",
    ],
)
def test_parameters_that_need_not_be_given_or_come_with_the_run_do_no_harm(load: Load, text: str) -> None:
    assert load(text).upgrade is not None


def test_an_error_while_the_file_is_read_keeps_its_cause_and_line(load: Load) -> None:
    with pytest.raises(ScriptError, match="ZeroDivisionError") as caught:
        load("\n\ndef f():\n    return 1 / 0\n\nf()\n")
    assert caught.value.line == 4
    assert isinstance(caught.value.__cause__, ZeroDivisionError)


def test_our_own_error_while_the_file_is_read_is_kept(load: Load) -> None:
    with pytest.raises(NeedsDatabaseError):
        load("from alembic import op\nop.add_column()\n")


def test_no_python(load: Load) -> None:
    with pytest.raises(ScriptError, match="does not parse") as caught:
        load("x = 1\ndef upgrade(:\n    pass\n")
    assert caught.value.line == 2


def test_no_file(tmp_path: Path) -> None:
    with pytest.raises(ScriptError, match="cannot be read"):
        load_script(Revision("a", file=str(tmp_path / "nothing.py")), modules={})
    with pytest.raises(ScriptError, match="Revision a has no file"):
        load_script(Revision("a"), modules={})


def test_a_forgotten_await_is_found_before_the_file_is_executed(load: Load) -> None:
    with pytest.raises(UnawaitedOperationError) as caught:
        load("raise SystemExit\n\n\nasync def upgrade(op):\n    op.add_column('t')\n")
    assert caught.value.line == 5


def test_other_encodings(load: Load, tmp_path: Path) -> None:
    path = tmp_path / "a.py"
    path.write_bytes("# coding: latin-1\nasync def upgrade(op): return 'größer'\n".encode("latin-1"))
    assert load_script(Revision("a", file=str(path)), modules={}).upgrade is not None


def test_a_file_changed_within_the_same_second_by_as_many_letters_is_compiled_again(
    load: Load, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sys, "dont_write_bytecode", False)
    assert load("def upgrade(): return 1\n").function("upgrade")() == 1
    (path,) = tmp_path.glob("*.py")
    before = path.stat()
    text = path.read_text().replace("return 1", "return 2")
    path.write_text(text)
    os.utime(path, ns=(before.st_atime_ns, before.st_mtime_ns))
    assert load_script(Revision("a", file=str(path)), modules={}).function("upgrade")() == 2
    assert not (tmp_path / "__pycache__").exists()


def test_relative_imports_in_a_package(load: Load, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    folder = tmp_path / "a_project_package" / "versions"
    folder.mkdir(parents=True)
    for each in (folder, folder.parent):
        (each / "__init__.py").touch()
    (folder / "common.py").write_text("value = 7\n")
    monkeypatch.syspath_prepend(str(tmp_path))
    script = load("from .common import value\ndef upgrade(): return value\n", folder=folder)
    assert script.function("upgrade")() == 7


def test_relative_imports_without_a_package(load: Load) -> None:
    with pytest.raises(ScriptError, match="no known parent package"):
        load("from .common import value\n")


DATACLASS = """\
from __future__ import annotations
from dataclasses import dataclass, field
from typing import ClassVar

@dataclass
class Row:
    id: int
    kind: ClassVar[str] = "row"
    tags: list[str] = field(default_factory=list)

def upgrade():
    @dataclass
    class Inner:
        id: int
    return Row(1), Inner(2)
"""


def test_dataclasses_with_postponed_annotations(load: Load) -> None:
    script = load(DATACLASS)
    with script.importable():
        row, inner = script.function("upgrade")()
        assert pickle.loads(pickle.dumps(row)) == row
        assert inner.id == 2
    assert [each.name for each in dataclasses.fields(row)] == ["id", "tags"]
    assert script.module.__name__ not in sys.modules


def test_a_mapped_class_with_postponed_annotations(load: Load) -> None:
    script = load(
        "from __future__ import annotations\n"
        "from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column\n"
        "class Base(DeclarativeBase): pass\n"
        "class User(Base):\n    __tablename__ = 'users'\n    id: Mapped[int] = mapped_column(primary_key=True)\n"
        "def upgrade(): return User(id=1).id\n"
    )
    assert script.function("upgrade")() == 1


def test_runs_at_the_same_time_share_one_entry(load: Load) -> None:
    script = load("def upgrade(): pass\n")
    with script.importable():
        with script.importable():
            pass
        assert sys.modules[script.module.__name__] is script.module
    assert script.module.__name__ not in sys.modules


def test_a_script_error_is_one_of_ours() -> None:
    assert issubclass(ScriptError, AsyncmigError)
