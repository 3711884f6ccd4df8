"""ScriptForm: how a project's template writes its revisions: awaited or plain, and what it calls `op`."""

from __future__ import annotations

import ast
from dataclasses import dataclass
from pathlib import Path

from asyncmig.errors import ScriptError

__all__ = ["ScriptForm", "form_of"]


@dataclass(frozen=True, slots=True)
class ScriptForm:
    """How revisions are written.

    Args:
        asynchronous: whether the words of `op` are awaited.
        prefix: what `op` is called there.
        imports: the lines of import that every revision has.
    """

    asynchronous: bool = True
    prefix: str = "op"
    imports: frozenset[str] = frozenset()


def form_of(text: str, template: Path) -> ScriptForm:
    """The form of an empty revision.

    Args:
        text: the file that *template* makes.
        template: the template, for messages.

    Raises:
        ScriptError: it makes no Python, or no function `upgrade`.
    """
    try:
        tree = ast.parse(text)
    except SyntaxError as error:
        raise ScriptError(f"What this template makes does not parse: {error.msg}.", path=template) from error
    imports = frozenset(ast.unparse(node) for node in tree.body if isinstance(node, ast.Import | ast.ImportFrom))
    for node in tree.body:
        if isinstance(node, ast.AsyncFunctionDef) and node.name == "upgrade":
            first = [*node.args.posonlyargs, *node.args.args]
            return ScriptForm(True, first[0].arg if first else "op", imports)
        if isinstance(node, ast.FunctionDef) and node.name == "upgrade":
            return ScriptForm(False, "op", imports)
    raise ScriptError(
        "What this template makes has no function 'upgrade' for the operations.",
        path=template,
        hint='async def upgrade(op: Operations) -> None:\n    ${upgrades or "pass"}',
    )
