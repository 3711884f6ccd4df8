"""Metadata: the `env.py` in asyncmig's own form that says of the models what one of Alembic says."""

from __future__ import annotations

import ast
import builtins
import sys
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property

from asyncmig.compat.alembic.environment_source import EnvironmentSource, dotted, imports_package

__all__ = ["EngineWords", "NewEnvironment", "new_environment"]

_DOC = '"""What asyncmig has to know of this project in Python; plain values are in the settings."""'
#: Modules whose use in `env.py` is over with it.
_LEFT_BEHIND = frozenset({"asyncio", "logging"})


@dataclass(frozen=True, slots=True)
class NewEnvironment:
    """An `env.py` in asyncmig's own form.

    Args:
        text: the file.
        metadata: the expression for the models' metadata; None where there is none.
        note: what to do where it was not found.
    """

    text: str
    metadata: str | None
    note: str | None


@dataclass(frozen=True, slots=True)
class EngineWords:
    """How an engine is made.

    Args:
        url: the expression for its URL, whose names have to be there.
        words: the expression that makes it; None where only the names are asked for.
        imports: the lines that its words need besides.
    """

    url: ast.expr
    words: str | None = None
    imports: tuple[str, ...] = ()


def new_environment(source: EnvironmentSource, engine: EngineWords | None = None) -> NewEnvironment:
    """The `env.py` that says what *source* says of the models.

    What it needs of the old file is taken over as it is written: imports, assignments, functions, and what is executed
    beside them, such as an addition to `sys.path`; but nothing that has to do with Alembic.

    Args:
        source: the old one.
        engine: the engine that the new one makes, where the settings cannot say the URL.
    """
    module = _Module(source)
    expression, kept, note = _models(source, module)
    if engine is not None:
        needed = module.needed_by(engine.url)
        kept = [one for one in module.statements if one in kept or one in needed]
    return NewEnvironment(_text(kept, expression, engine, module), expression, note)


def is_said_outside(expression: ast.expr, source: EnvironmentSource) -> bool:
    """Whether an expression says the same at the top of a file without Alembic."""
    module = _Module(source)
    top = {name for statement in module.statements for name in _bound(statement)}
    return not module.is_alembics(expression) and _used(expression) <= top | set(dir(builtins))


def _models(source: EnvironmentSource, module: _Module) -> tuple[str | None, list[ast.stmt], str | None]:
    """The expression for the metadata, what it needs, and what to do where there is none."""
    found = _metadata(source)
    if found is None or _is_nothing(found, module):
        reason = "names no metadata" if found is None else "has target_metadata = None"
        note = (
            f"{source.path} {reason}. When there is any, add it to the new one: "
            "environment = Environment(metadata=Base.metadata)"
        )
        return None, [], note
    if module.is_alembics(found):
        note = (
            f"{source.path}:{found.lineno}: the metadata come from Alembic's own objects: {ast.unparse(found)}. Say in "
            "the new env.py where they are: environment = Environment(metadata=...)"
        )
        return None, [], note
    return (*_shortened(found, module), None)


def without_metadata(reason: str) -> NewEnvironment:
    """An `env.py` that says nothing.

    Args:
        reason: why.
    """
    return NewEnvironment(_text((), None, None, None), None, reason)


# -- finding the expression


def _metadata(source: EnvironmentSource) -> ast.expr | None:
    """What `context.configure` is given as `target_metadata`, as far as it is known at the top of the file."""
    top = {name for statement in source.tree.body for name in _bound(statement)}
    given = [call.keywords["target_metadata"] for call in source.configure_calls if "target_metadata" in call.keywords]
    for node in ast.walk(source.tree):
        if isinstance(node, ast.Dict):
            given += [
                value
                for key, value in zip(node.keys, node.values, strict=True)
                if isinstance(key, ast.Constant) and key.value == "target_metadata"
            ]
    for expression in given:
        whole = _whole(expression)
        if _used(whole) <= top | set(dir(builtins)):
            return whole
    if "target_metadata" in top:
        return ast.Name("target_metadata", ast.Load(), lineno=1, col_offset=0)
    return None


def _whole(expression: ast.expr) -> ast.expr:
    """The dictionary of which *expression* takes a member, as the template for several databases does."""
    if isinstance(expression, ast.Subscript) and not isinstance(expression.slice, ast.Constant):
        return expression.value
    if (
        isinstance(expression, ast.Call)
        and isinstance(expression.func, ast.Attribute)
        and expression.func.attr == "get"
    ):
        return expression.func.value
    return expression


def _is_nothing(expression: ast.expr, module: _Module) -> bool:
    value = module.only_value(expression.id) if isinstance(expression, ast.Name) else expression
    if isinstance(value, ast.Constant):
        return value.value is None
    if isinstance(value, ast.List | ast.Tuple):
        return not value.elts
    return isinstance(value, ast.Dict) and not value.keys


def _shortened(expression: ast.expr, module: _Module) -> tuple[str, list[ast.stmt]]:
    """The expression in words, and what it needs; a name that is only there to hold it is left out."""
    if not isinstance(expression, ast.Name):
        return module.words(expression), module.needed_by(expression)
    value = module.only_value(expression.id)
    if isinstance(value, ast.Dict):
        return f"list({expression.id}.values())", module.needed_by(expression)
    if value is not None and value.lineno == value.end_lineno:
        kept = module.needed_by(value)
        if not any(expression.id in _used(one) | _bound(one) for one in kept):
            return module.words(value), kept
    return expression.id, module.needed_by(expression)


# -- the statements of a module


class _Module:
    """The statements at the top of a file, and what they need of each other."""

    def __init__(self, source: EnvironmentSource) -> None:
        self.lines = source.text.splitlines(keepends=True)
        self._source = source
        body = source.tree.body
        doc = ast.get_docstring(source.tree, clean=False)
        self.statements = body[1:] if doc is not None else body

    def words(self, node: ast.expr) -> str:
        """An expression as it is written."""
        return ast.get_source_segment(self._source.text, node) or ast.unparse(node)

    @cached_property
    def _alembics(self) -> frozenset[str]:
        """The names that stand on something of Alembic."""
        names: set[str] = set()
        while True:
            found = {
                name
                for statement in self.statements
                if imports_package(statement, "alembic") or _used(statement) & names
                for name in _bound(statement)
            }
            if found <= names:
                return frozenset(names)
            names |= found

    def is_alembics(self, node: ast.AST) -> bool:
        """Whether something stands on Alembic."""
        return bool(_used(node) & self._alembics) or imports_package(node, "alembic")

    def only_value(self, name: str) -> ast.expr | None:
        """What the only statement that binds *name* gives it, where that is a plain assignment."""
        found = [statement for statement in self.statements if name in _bound(statement)]
        if len(found) == 1 and isinstance(found[0], ast.Assign | ast.AnnAssign):
            return found[0].value
        return None

    def needed_by(self, expression: ast.expr) -> list[ast.stmt]:
        """What of the file *expression* needs, in order, with what is done beside it."""
        kept = [one for one in self.statements if self._is_effect(one) or self._is_import_for_its_effect(one)]
        wanted = _used(expression).union(*map(_used, kept))
        while True:
            more = [one for one in self.statements if one not in kept and self._gives(one, wanted)]
            if not more:
                return [one for one in self.statements if one in kept]
            kept += more
            wanted = wanted.union(*map(_used, more))

    def _gives(self, statement: ast.stmt, wanted: frozenset[str] | set[str]) -> bool:
        return bool(_bound(statement) & wanted) and not self.is_alembics(statement)

    def _is_effect(self, statement: ast.stmt) -> bool:
        """Whether a statement does something by itself that has nothing to do with Alembic."""
        if isinstance(statement, ast.ImportFrom) and statement.module == "__future__":
            return True
        if self.is_alembics(statement) or _roots(statement, self.statements) & _LEFT_BEHIND:
            return False
        if isinstance(statement, ast.Import | ast.ImportFrom):
            return False
        return any(_acts(node) for node in _here(statement))

    def _is_import_for_its_effect(self, statement: ast.stmt) -> bool:
        """Whether models are only imported to be there: what is imported is not mentioned again."""
        if not isinstance(statement, ast.Import | ast.ImportFrom) or self.is_alembics(statement):
            return False
        if isinstance(statement, ast.ImportFrom):
            roots = {"" if statement.level else (statement.module or "").partition(".")[0]}
        else:
            roots = {alias.name.partition(".")[0] for alias in statement.names}
        if roots & (sys.stdlib_module_names | {"sqlalchemy", "__future__"}):
            return False
        used = frozenset().union(*(_used(other) for other in self.statements if other is not statement))
        return "*" in _bound(statement) or bool(_bound(statement) - used)


def _acts(node: ast.AST) -> bool:
    """Whether a statement does more than to bind names."""
    if isinstance(node, ast.Expr):
        return isinstance(node.value, ast.Call)
    if isinstance(node, ast.Assign):
        return any(isinstance(target, ast.Attribute | ast.Subscript) for target in node.targets)
    return isinstance(node, ast.Import | ast.ImportFrom)


def _bound(statement: ast.AST) -> frozenset[str]:
    """The names that a statement binds at its own level, `*` for all names of a module."""
    names: set[str] = set()
    for node in _here(statement):
        if isinstance(node, ast.Import | ast.ImportFrom):
            names |= {alias.asname or alias.name.partition(".")[0] for alias in node.names}
        elif isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef):
            names.add(node.name)
        elif isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store):
            names.add(node.id)
    return frozenset(names)


def _used(node: ast.AST) -> frozenset[str]:
    """The names that something mentions anywhere in it, but for those that are only bound there."""
    return frozenset(
        each.id for each in ast.walk(node) if isinstance(each, ast.Name) and isinstance(each.ctx, ast.Load)
    )


def _here(statement: ast.AST) -> Iterator[ast.AST]:
    """A statement and what it holds, but for the bodies of functions and classes."""
    yield statement
    if isinstance(statement, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef | ast.Lambda):
        return
    if isinstance(statement, ast.ListComp | ast.SetComp | ast.DictComp | ast.GeneratorExp):
        return
    for child in ast.iter_child_nodes(statement):
        yield from _here(child)


def _roots(statement: ast.stmt, statements: Sequence[ast.stmt]) -> frozenset[str]:
    """The modules that the names in a statement come from, also through one assignment."""
    roots: set[str] = set()
    names = set(_used(statement))
    for _ in range(2):
        for other in statements:
            if not _bound(other) & names:
                continue
            if isinstance(other, ast.ImportFrom):
                roots.add((other.module or "").partition(".")[0])
            elif isinstance(other, ast.Import):
                roots |= {alias.name.partition(".")[0] for alias in other.names}
            elif isinstance(other, ast.Assign) and isinstance(other.value, ast.Call):
                names.add(dotted(other.value.func).partition(".")[0])
    return frozenset(roots)


# -- writing


def _text(kept: Sequence[ast.stmt], metadata: str | None, engine: EngineWords | None, module: _Module | None) -> str:
    arguments = [f"metadata={metadata}"] if metadata else []
    imports = ["from asyncmig import Environment"]
    if engine is not None and engine.words is not None:
        arguments.append(f"engine={engine.words}")
        imports += engine.imports
    expression = f"Environment({', '.join(arguments)})"
    if len(arguments) > 1:
        expression = "\n    ".join(["Environment(", *(f"{each}," for each in arguments)]) + "\n)"
    first = [one for one in kept if isinstance(one, ast.ImportFrom) and one.module == "__future__"]
    rest = [one for one in kept if one not in first]
    parts = [_DOC, *(_segment(one, module) for one in first), "\n".join(imports)]
    text = "\n\n".join(parts) + "\n"
    before: ast.stmt | None = None
    for statement in rest:
        text += _gap(before, statement) + _segment(statement, module) + "\n"
        before = statement
    last = "\n\n" if isinstance(before, ast.FunctionDef | ast.ClassDef) else "\n"
    return f"{text}{last}environment = {expression}\n"


def _segment(statement: ast.stmt, module: _Module | None) -> str:
    """A statement as it is written, with the comment at its end."""
    assert module is not None
    decorators = getattr(statement, "decorator_list", [])
    start = min([statement.lineno, *(one.lineno for one in decorators)])
    lines = module.lines[start - 1 : statement.end_lineno]
    # Where several statements share a line, only the one that is meant.
    if statement.col_offset or lines[-1].encode()[statement.end_col_offset :].strip().startswith(b";"):
        return ast.unparse(statement)
    return "".join(lines).rstrip()


def _gap(before: ast.stmt | None, after: ast.stmt) -> str:
    imports = (ast.Import, ast.ImportFrom)
    blocks = (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef)
    if isinstance(before, blocks) or isinstance(after, blocks):
        return "\n\n"
    if before is None or isinstance(before, imports) != isinstance(after, imports):
        return "\n"
    return ""
