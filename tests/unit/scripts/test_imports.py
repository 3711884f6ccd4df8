from __future__ import annotations

import importlib
import itertools
import sys
import threading
from collections.abc import Callable, Iterator
from pathlib import Path
from types import ModuleType, SimpleNamespace
from typing import Any

import pytest

from asyncmig.errors import ScriptError
from asyncmig.revisions.revision import Revision
from asyncmig.scripts.imports import ScriptModules
from asyncmig.scripts.loader import load_script


class Op:
    def __init__(self) -> None:
        self.tables: list[str] = []

    def create_table(self, name: str) -> str:
        self.tables.append(name)
        return f"created {name}"


_numbers = itertools.count(1)


def real_alembic() -> dict[str, Any]:
    """The modules of Alembic that the host process can see."""
    return {name: module for name, module in sys.modules.items() if name.partition(".")[0] == "alembic"}


class World:
    """A directory on `sys.path` with packages of its own names, and scripts that are given an `op` of ours."""

    def __init__(self, root: Path) -> None:
        self.root = root
        self.app = f"app_{next(_numbers)}"
        self.op = Op()
        self.modules = self.new_modules()

    def new_modules(self) -> ScriptModules:
        op = self.op
        return ScriptModules({"alembic": SimpleNamespace(op=op), "alembic.op": op, "alembic.context": "context"})

    def write(self, files: dict[str, str]) -> None:
        """Write modules of the application; a package for every folder."""
        for name, text in files.items():
            path = self.root / self.app / name
            path.parent.mkdir(parents=True, exist_ok=True)
            for folder in path.relative_to(self.root).parents:
                if folder != Path() and not (self.root / folder / "__init__.py").exists():
                    (self.root / folder / "__init__.py").write_text("")
            path.write_text(text.replace("APP", self.app))
        importlib.invalidate_caches()

    def run(self, text: str, modules: ScriptModules | None = None) -> Any:
        """Load a script and call its `upgrade`."""
        path = self.root / f"script_{next(_numbers)}.py"
        path.write_text(text.replace("APP", self.app))
        before = real_alembic()
        try:
            script = load_script(Revision("ae10", file=str(path)), modules=modules or self.modules)
            return script.function("upgrade")()
        finally:
            after = real_alembic()
            assert before.items() <= after.items()
            assert all(getattr(module, "__spec__", None) or module is None for module in after.values())

    def host(self, name: str = "") -> ModuleType:
        """Import a module of the application as the host does."""
        return importlib.import_module(f"{self.app}.{name}" if name else self.app)

    @property
    def left(self) -> set[str]:
        """The modules of the application that the host process can see."""
        return {
            name.removeprefix(self.app).removeprefix(".")
            for name in sys.modules
            if name == self.app or name.startswith(f"{self.app}.")
        } - {""}


@pytest.fixture
def world(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[World]:
    monkeypatch.syspath_prepend(str(tmp_path))
    made = World(tmp_path)
    path = list(sys.path)
    yield made
    assert sys.path == path
    for name in [each for each in sys.modules if each.partition(".")[0] == made.app]:
        del sys.modules[name]


@pytest.fixture(params=["installed", "imported", "missing"])
def alembic(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> str:
    """Whether the real Alembic is there, has been imported by the host already, or is not there."""
    for name in real_alembic():
        monkeypatch.delitem(sys.modules, name)
    if request.param == "imported":
        importlib.import_module("alembic")
    if request.param == "missing":
        monkeypatch.setitem(sys.modules, "alembic", None)  # type: ignore[arg-type]
    return str(request.param)


@pytest.fixture(autouse=True)
def real_alembic_as_before() -> Iterator[None]:
    before = real_alembic()
    yield
    for name in real_alembic():
        del sys.modules[name]
    sys.modules.update(before)


HELPER = "from alembic import op\ndef create(name): return op.create_table(name)\n"

MODELS = (
    "from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column\n"
    "class Base(DeclarativeBase): pass\n"
    "class User(Base):\n    __tablename__ = 'users'\n    id: Mapped[int] = mapped_column(primary_key=True)\n"
)


FORMS = {
    "from": "from APP.helpers import create\ndef upgrade(): return create('t')",
    "module": "import APP.helpers\ndef upgrade(): return APP.helpers.create('t')",
    "as": "import APP.helpers as h\ndef upgrade(): return h.create('t')",
    "package": "from APP import helpers\ndef upgrade(): return helpers.create('t')",
    "lazy": "def upgrade():\n    from APP.helpers import create\n    return create('t')",
    "importlib": "import importlib\nh = importlib.import_module('APP.helpers')\ndef upgrade(): return h.create('t')",
    "import_module": "from importlib import import_module as get\ndef upgrade(): return get('APP.helpers').create('t')",
    "relative": "import importlib\ndef upgrade(): return importlib.import_module('.helpers', 'APP').create('t')",
    "call": "def upgrade(): return __import__('APP.helpers').helpers.create('t')",
    "star": "from APP.helpers import *\ndef upgrade(): return create('t')",
}


@pytest.mark.parametrize("form", FORMS)
def test_helper_gets_our_op_and_leaves_nothing(world: World, alembic: str, form: str) -> None:
    world.write({"helpers.py": HELPER})
    assert world.run(FORMS[form]) == "created t"
    assert world.left == set()
    assert not hasattr(world.host(), "helpers")


@pytest.mark.parametrize(
    "text",
    [
        "import alembic\ndef create(name): return alembic.op.create_table(name)",
        "import alembic.op\ndef create(name): return alembic.op.create_table(name)",
        "import alembic.op as words\ndef create(name): return words.create_table(name)",
        "from alembic.op import create_table as create",
        "def create(name):\n    from alembic import op\n    return op.create_table(name)",
        "class A:\n    from alembic import op\ndef create(name): return A.op.create_table(name)",
        "import importlib\nop = importlib.import_module('alembic.op')\ndef create(name): return op.create_table(name)",
        "from APP.more import create",
        "from .more import create",
        "from . import more\ndef create(name): return more.create(name)",
        "from .deep.below import create",
        "from .more import *",
        "import APP.more\ndef create(name): return APP.more.create(name)",
        "def a():\n    from alembic import op\ndef create(name):\n    from . import more\n    return more.create(name)",
    ],
)
def test_helper_may_import_it_in_any_form(world: World, alembic: str, text: str) -> None:
    world.write({"helpers.py": text, "more.py": HELPER, "deep/below.py": "from ..more import create"})
    assert world.run(FORMS["from"]) == "created t"
    assert world.left - {"deep"} == set()


def test_host_that_has_the_helper_keeps_its_own(world: World) -> None:
    world.write({"helpers.py": HELPER, "user.py": "from APP.helpers import create"})
    own, user = world.host("helpers"), world.host("user")
    before = dict(vars(own))
    real = importlib.import_module("alembic.op")
    for form in FORMS.values():
        assert world.run(form) == "created t"
    assert world.run("from APP.user import create\ndef upgrade(): return create('u')") == "created u"
    assert world.host("helpers") is own
    assert world.host("user") is user
    assert own.op is real
    assert world.host().helpers is own
    assert vars(own) == before


def test_copy_is_made_once_for_a_project_and_not_shared_between_projects(world: World, alembic: str) -> None:
    world.write({"helpers.py": HELPER + "calls = []\n"})
    text = "from APP.helpers import calls\ndef upgrade():\n    calls.append(1)\n    return calls"
    assert world.run(text) is world.run(text)
    assert world.run(text) == [1, 1, 1]
    assert world.run(text, world.new_modules()) == [1]


def test_models_are_imported_once_and_stay(world: World, alembic: str) -> None:
    world.write({"models.py": MODELS, "helpers.py": HELPER + "from APP.models import User\n"})
    found = world.run(
        "from APP.models import User\nfrom APP import helpers\ndef upgrade(): return User, helpers.User\n"
    )
    assert world.left == {"models"}
    models = world.host("models")
    assert found == (models.User, models.User)
    assert "__import__" not in vars(models)["__builtins__"] or vars(models)["__builtins__"]["__import__"] is __import__


def test_models_that_the_host_has_are_the_same(world: World) -> None:
    world.write({"models.py": MODELS, "helpers.py": HELPER})
    models = world.host("models")
    assert world.run("from APP.models import User\nimport APP.helpers\ndef upgrade(): return User") is models.User


def test_names_that_only_a_type_checker_needs_make_no_copy(world: World) -> None:
    checked = "from typing import TYPE_CHECKING\nif TYPE_CHECKING:\n    from alembic import op\n"
    world.write({"models.py": checked + MODELS})
    assert world.run("from APP.models import User\ndef upgrade(): return User") is world.host("models").User


def test_application_code_that_runs_migrations_is_shared(world: World) -> None:
    world.write(
        {"db.py": "from alembic import command\nfrom alembic.config import Config\nfrom APP.models import Base"}
    )
    world.write({"models.py": MODELS})
    assert world.run("from APP.db import Base\ndef upgrade(): return Base") is world.host("models").Base
    assert world.left == {"db", "models"}


def test_models_with_a_method_that_runs_migrations_are_shared(world: World, alembic: str) -> None:
    world.write({"models.py": MODELS + "    def migrate(self):\n        from alembic import command\n"})
    assert world.run("from APP.models import User\ndef upgrade(): return User") is world.host("models").User


def test_package_whose_face_imports_a_helper(world: World, alembic: str) -> None:
    world.write({"helpers/__init__.py": "from .tables import create", "helpers/tables.py": HELPER})
    assert world.run(FORMS["from"]) == "created t"
    assert world.run("from APP.helpers.tables import create\ndef upgrade(): return create('t')") == "created t"
    assert world.left == set()


def test_module_beside_a_helper_in_a_package_whose_face_imports_it(world: World, alembic: str) -> None:
    world.write({"helpers/__init__.py": "from .tables import create", "helpers/tables.py": HELPER})
    world.write({"helpers/types.py": "class Kind: pass\n"})
    kinds = world.run(
        "from APP.helpers.types import Kind\nimport APP.helpers\nfrom APP import helpers\n"
        "def upgrade(): return Kind, APP.helpers.types.Kind, helpers.create('t')"
    )
    assert kinds[0] is kinds[1]
    assert kinds[2] == "created t"
    assert world.left == set()


def test_models_in_a_package_whose_face_imports_a_helper(world: World) -> None:
    world.write({"data/__init__.py": "from .tables import create", "data/tables.py": HELPER, "data/models.py": MODELS})
    found = world.run(
        "from APP.data.models import User\nimport APP.data\nfrom APP.data import create, models\n"
        "def upgrade(): return User, APP.data.models.User, models.User, create('t')"
    )
    user = world.host("data.models").User
    assert found == (user, user, user, "created t")
    assert world.host("data").models.User is user


def test_models_in_such_a_package_that_the_host_has(world: World) -> None:
    world.write(
        {"data/__init__.py": "from .tables import create", "data/tables.py": HELPER, "data/types.py": "kinds = []"}
    )
    types = world.host("data.types")
    assert world.run("from APP.data.types import kinds\ndef upgrade(): return kinds") is types.kinds


def test_helpers_in_a_circle(world: World, alembic: str) -> None:
    world.write(
        {
            "one.py": "from APP import two\nfrom alembic import op\ndef create(name): return two.name(name)\n",
            "two.py": "import APP.one\nfrom APP import one\ndef name(n): return APP.one.op.create_table(n), one.op\n",
        }
    )
    assert world.run("from APP.one import create\ndef upgrade(): return create('t')") == ("created t", world.op)
    assert world.run("from APP.two import name\ndef upgrade(): return name('t')") == ("created t", world.op)
    assert world.left == set()


def test_helper_at_the_top_of_the_path(world: World, alembic: str) -> None:
    name = f"top_{world.app}"
    (world.root / f"{name}.py").write_text(HELPER)
    importlib.invalidate_caches()
    assert world.run(f"import {name}\ndef upgrade(): return {name}.create('t')") == "created t"
    assert name not in sys.modules


def test_namespace_package(world: World, alembic: str) -> None:
    folder = world.root / world.app / "loose"
    folder.mkdir(parents=True)
    (folder / "helpers.py").write_text(HELPER)
    importlib.invalidate_caches()
    assert world.run("from APP.loose.helpers import create\ndef upgrade(): return create('t')") == "created t"
    assert world.left <= {"loose"}


def test_helper_loaded_by_its_path(world: World, alembic: str) -> None:
    world.write({"helpers.py": HELPER})
    found = world.run(
        "import importlib.util\n"
        f"spec = importlib.util.spec_from_file_location('h', {str(world.root / world.app / 'helpers.py')!r})\n"
        "h = importlib.util.module_from_spec(spec)\nspec.loader.exec_module(h)\n"
        "def upgrade(): return h.create('t')"
    )
    assert found == "created t"


def test_helper_that_fails_is_told_and_leaves_nothing(world: World, alembic: str) -> None:
    world.write({"helpers.py": HELPER + "1 / 0\n"})
    for _ in range(2):
        with pytest.raises(ScriptError, match="ZeroDivisionError"):
            world.run(FORMS["from"])
    assert world.left == set()
    world.write({"broken.py": "from alembic import op\ndef (:\n"})
    with pytest.raises(ScriptError, match="SyntaxError"):
        world.run("from APP.broken import create")


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("from APP.helpers import nothing", "ImportError: cannot import name 'nothing' from 'APP.helpers'"),
        ("from APP import nothing", "ImportError: cannot import name 'nothing' from 'APP'"),
        ("from APP import helpers, nothing", "ImportError: cannot import name 'nothing' from 'APP'"),
        ("import APP.nothing", "ModuleNotFoundError: No module named 'APP.nothing'"),
        ("from APP.helpers.more import x", "ModuleNotFoundError: No module named 'APP.helpers.more'"),
    ],
)
def test_what_is_not_there_is_told_as_usual(world: World, alembic: str, text: str, words: str) -> None:
    world.write({"helpers.py": HELPER})
    with pytest.raises(ScriptError) as caught:
        world.run(text)
    assert words.replace("APP", world.app) in str(caught.value)


def test_dataclasses_and_models_in_a_helper(world: World, alembic: str) -> None:
    world.write(
        {
            "helpers.py": "from __future__ import annotations\nfrom dataclasses import dataclass\n"
            "from typing import ClassVar\nfrom alembic import op\n" + MODELS + "@dataclass\nclass Row:\n"
            "    name: str\n    kind: ClassVar[str] = 'row'\n    def create(self): return op.create_table(self.name)\n"
        }
    )
    assert world.run("from APP.helpers import Row\ndef upgrade(): return Row('t').create()") == "created t"
    assert world.left == set()


def test_models_that_a_function_of_a_helper_defines(world: World, alembic: str) -> None:
    world.write(
        {
            "helpers.py": "from __future__ import annotations\nfrom alembic import op\n"
            "from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column\n"
            "def model():\n    class Base(DeclarativeBase): pass\n    class User(Base):\n"
            "        __tablename__ = 'users'\n        id: Mapped[int] = mapped_column(primary_key=True)\n"
            "    return User\n"
        }
    )
    assert world.run("from APP.helpers import model\ndef upgrade(): return model().__table__.name") == "users"
    assert world.left == set()


def test_module_that_puts_something_else_in_its_place(world: World, alembic: str) -> None:
    world.write(
        {
            "helpers.py": "import sys\nfrom alembic import op\n"
            "class Words:\n    def create(self, name): return op.create_table(name)\nsys.modules[__name__] = Words()\n"
        }
    )
    assert world.run(FORMS["package"]) == "created t"
    assert world.left == set()


def test_what_is_written_to_a_package_reaches_it(world: World, alembic: str) -> None:
    world.write({"helpers.py": HELPER, "__init__.py": "level = 1\n"})
    world.run("import APP.helpers\nAPP.level = 2\ndef upgrade(): return APP.level")
    assert world.host().level == 2


def test_function_that_hides_its_module(world: World, alembic: str) -> None:
    world.write({"create.py": HELPER, "__init__.py": "from .create import create\n"})
    assert world.run("from APP import create\ndef upgrade(): return create('t')") == "created t"
    assert world.left == set()


def test_the_rest_of_alembic_is_the_real_one(world: World) -> None:
    found = world.run(
        "import alembic, alembic.config\nfrom alembic import op, command\nfrom alembic.util import CommandError\n"
        "def upgrade(): return alembic.op, op, command.__name__, alembic.config.Config, CommandError"
    )
    real = importlib.import_module("alembic.config")
    errors = importlib.import_module("alembic.util")
    assert found == (world.op, world.op, "alembic.command", real.Config, errors.CommandError)


def test_the_rest_of_alembic_without_it(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "alembic", None)  # type: ignore[arg-type]
    with pytest.raises(ScriptError, match=r"revision files are given alembic, alembic\.context, alembic\.op"):
        world.run("from alembic import command")
    with pytest.raises(ScriptError, match=r"has no attribute 'command'"):
        world.run("import alembic\nalembic.command")


def test_threads_with_projects_of_their_own(world: World, alembic: str) -> None:
    world.write({"helpers.py": "import time\n" + HELPER + "time.sleep(0.02)\n"})
    found: list[Any] = []

    def run(call: Callable[[], Any]) -> None:
        found.append(call())

    threads = [
        threading.Thread(target=run, args=(lambda: world.run(FORMS["from"], world.new_modules()),)) for _ in range(8)
    ]
    for each in threads:
        each.start()
    for each in threads:
        each.join()
    assert found == ["created t"] * 8
    assert world.left == set()
