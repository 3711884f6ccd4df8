"""The house rules that a program can see to; CONTRIBUTING has all of them."""

import ast
import importlib
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

import asyncmig

PACKAGE = Path(asyncmig.__file__).parent
FILES = sorted(path for path in PACKAGE.rglob("*.py") if "_templates" not in path.parts)
#: About 400; a file that grows beyond this has two nouns in it.
MAX_LINES = 450
#: Who may read environment variables: the settings, who takes a URL of the kind `env:NAME` from them, and who starts an
#: application, where whoever runs it has the last word on what is done then; and Alembic's command that starts an
#: editor, which a variable names.
READS_ENVIRONMENT = {"integrations/start.py", "config.py", "migrator/migrator.py", "compat/alembic/command.py"}
#: What an env.py of Alembic and its settings put there is taken away again when it ends, and what an import of one of
#: its files needs, when that ends.
LENDS_SEARCH_PATH = {"compat/alembic/search_path.py", "scripts/search_path.py"}
MUTABLE = (ast.List, ast.Dict, ast.Set, ast.ListComp, ast.DictComp, ast.SetComp)
MUTABLE_CALLS = {"list", "dict", "set", "defaultdict", "deque", "Counter", "OrderedDict", "WeakKeyDictionary"}
MUTATORS = {
    *("append", "extend", "insert", "remove", "add", "discard", "update", "setdefault", "pop", "popitem", "clear"),
    *("appendleft", "popleft", "sort", "reverse", "__setitem__"),
}
LINT_IMPORTS = Path(sys.executable).with_name("lint-imports")


def name_of(path: Path) -> str:
    return path.relative_to(PACKAGE).as_posix()


def is_cli(path: Path) -> bool:
    return name_of(path).startswith(("cli/", "__main__", "compat/alembic/command_line"))


EACH_FILE = pytest.mark.parametrize("path", FILES, ids=name_of)
EACH_CORE_FILE = pytest.mark.parametrize("path", [path for path in FILES if not is_cli(path)], ids=name_of)


def tree_of(path: Path) -> ast.Module:
    return ast.parse(path.read_text(encoding="utf-8"))


def dotted(node: ast.AST) -> str:
    """`os.environ` for such an expression, empty for any other."""
    if isinstance(node, ast.Name):
        return node.id
    if isinstance(node, ast.Attribute) and (owner := dotted(node.value)):
        return f"{owner}.{node.attr}"
    return ""


def imported(tree: ast.AST) -> Iterator[tuple[str, int]]:
    """What is imported anywhere in a tree, with the line."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            yield from ((alias.name, node.lineno) for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            yield "." * node.level + (node.module or ""), node.lineno


@EACH_CORE_FILE
def test_the_core_prints_nothing_and_leaves_logging_and_signals_alone(path: Path) -> None:
    tree = tree_of(path)
    calls = [node for node in ast.walk(tree) if isinstance(node, ast.Call)]

    assert [call.lineno for call in calls if dotted(call.func) in {"print", "input", "sys.exit", "exit"}] == []
    assert [line for module, line in imported(tree) if module.partition(".")[0] in {"logging", "signal"}] == []


@EACH_CORE_FILE
def test_the_core_reads_no_environment_and_changes_no_search_path(path: Path) -> None:
    words = [(dotted(node), node.lineno) for node in ast.walk(tree_of(path)) if isinstance(node, ast.Attribute)]

    if name_of(path) not in LENDS_SEARCH_PATH:
        assert [line for word, line in words if word == "sys.path"] == []
    if name_of(path) not in READS_ENVIRONMENT:
        assert [line for word, line in words if word in {"os.environ", "os.getenv", "os.putenv"}] == []


@EACH_FILE
def test_modules_keep_no_state(path: Path) -> None:
    tree = tree_of(path)
    names = {name for statement in tree.body for name in mutable_names(statement)}

    assert [node.lineno for node in ast.walk(tree) if isinstance(node, ast.Global)] == []
    assert [node.lineno for node in ast.walk(tree) if changed_name(node) in names] == []


def mutable_names(statement: ast.stmt) -> Iterator[str]:
    """The names that a statement of a module binds to something that can change."""
    if isinstance(statement, ast.Assign):
        targets: list[ast.expr] = statement.targets
    elif isinstance(statement, ast.AnnAssign):
        targets = [statement.target]
    else:
        return
    value = statement.value
    called = dotted(value.func).rpartition(".")[2] if isinstance(value, ast.Call) else ""
    if isinstance(value, MUTABLE) or called in MUTABLE_CALLS:
        yield from (target.id for target in targets if isinstance(target, ast.Name))


def changed_name(node: ast.AST) -> str | None:
    """The name of what a piece of code changes in place."""
    if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.func.attr in MUTATORS:
        return dotted(node.func.value)
    if isinstance(node, ast.Subscript) and isinstance(node.ctx, ast.Store | ast.Del):
        return dotted(node.value)
    return dotted(node.target) if isinstance(node, ast.AugAssign) else None


def test_there_is_one_context_variable() -> None:
    makers = [
        name_of(path)
        for path in FILES
        for node in ast.walk(tree_of(path))
        if isinstance(node, ast.Call) and dotted(node.func).rpartition(".")[2] == "ContextVar"
    ]

    assert makers == ["runtime/session.py"]


@pytest.mark.parametrize("path", [path for path in FILES if not name_of(path).startswith("dialects/")], ids=name_of)
def test_only_the_dialects_ask_which_database_it_is(path: Path) -> None:
    asked = [
        node.lineno
        for node in ast.walk(tree_of(path))
        if isinstance(node, ast.Compare)
        for side in (node.left, *node.comparators)
        if dotted(side).endswith(("dialect.name", "dialect_name", "adapter.name"))
    ]

    assert asked == []


@EACH_FILE
def test_a_file_has_one_noun(path: Path) -> None:
    text = path.read_text(encoding="utf-8")

    assert len(text.splitlines()) <= MAX_LINES
    assert [word for word in ("TODO", "FIXME", "XXX") if word in text] == []


@EACH_FILE
def test_imports_in_functions_say_why(path: Path) -> None:
    lines = path.read_text(encoding="utf-8").splitlines()
    inner = {
        line
        for node in ast.walk(tree_of(path))
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)
        for _, line in imported(node)
    }

    # That they do not run up the floors either, the test below sees to.
    assert [line for line in sorted(inner) if not has_comment(lines, line)] == []


def has_comment(lines: list[str], number: int) -> bool:
    """Whether a line, or the one above the imports that it stands with, says why."""
    if "#" in lines[number - 1]:
        return True
    above = number - 2
    while above > 0 and lines[above].strip().startswith(("import ", "from ", "#")) | (not lines[above].strip()):
        if lines[above].strip().startswith("#"):
            return True
        above -= 1
    return False


@EACH_FILE
def test_every_exported_name_is_there(path: Path) -> None:
    if path.stem == "__main__":
        return
    parts = path.relative_to(PACKAGE.parent).with_suffix("").parts
    module = importlib.import_module(".".join(parts[:-1] if parts[-1] == "__init__" else parts))
    exported = getattr(module, "__all__", [])

    assert [name for name in exported if not hasattr(module, name)] == []
    assert len(exported) == len(set(exported))


@pytest.mark.skipif(not LINT_IMPORTS.exists(), reason="needs import-linter")
def test_imports_run_down_the_floors_only() -> None:
    done = subprocess.run(
        [LINT_IMPORTS, "--no-cache", "--config", PACKAGE.parent / ".importlinter"],
        cwd=PACKAGE.parent,
        capture_output=True,
        check=False,
        text=True,
    )

    assert done.returncode == 0, done.stdout + done.stderr
