"""Revisions: writes revision files in any of the three forms from bodies in the plain one."""

import re
from dataclasses import dataclass, field
from pathlib import Path
from textwrap import dedent, indent

FORMS = ("async", "plain", "alembic")

_HEADS = {
    "async": "from asyncmig import Operations\n",
    "plain": "from asyncmig import op\n",
    "alembic": "from alembic import context, op\n",
}
_FUNCTIONS = {"async": "async def {}(op: Operations) -> None:", "plain": "def {}() -> None:", "alembic": "def {}():"}
#: A directive at the beginning of a statement, alone or with its result kept.
_CALL = re.compile(r"^(\s*)((?:\w+ = )?)op\.", re.MULTILINE)
_BLOCK = re.compile(r"^(\s*)with op\.", re.MULTILINE)


def in_form(body: str, form: str) -> str:
    """A body of the plain form in another form: an async one awaits."""
    if form != "async":
        return body
    return _BLOCK.sub(r"\1async with op.", _CALL.sub(r"\1\2await op.", body))


@dataclass
class Revisions:
    """A directory of revisions that follow each other.

    Args:
        root: the directory of the project; it is made.
        form: the form of its files.
    """

    root: Path
    form: str = "async"
    ids: list[str] = field(default_factory=list)

    def __post_init__(self) -> None:
        (self.root / "versions").mkdir(parents=True, exist_ok=True)

    def add(self, upgrade: str, downgrade: str = "pass", *, before: str = "", message: str = "") -> str:
        """Write the next revision; *before* stands before its functions. Gives its id."""
        number = len(self.ids) + 1
        revision, parent = f"{number:04d}", self.ids[-1] if self.ids else None
        parts = [
            f'"""{message or f"step {number}"}\n\nRevision ID: {revision}\nRevises: {parent or ""}\n"""',
            "import sqlalchemy as sa\n" + _HEADS[self.form] + dedent(before).strip(),
            f"revision = {revision!r}\ndown_revision = {parent!r}\nbranch_labels = None\ndepends_on = None",
        ]
        for name, body in (("upgrade", upgrade), ("downgrade", downgrade)):
            body = indent(in_form(dedent(body).strip("\n"), self.form), "    ")
            parts.append(f"\n{_FUNCTIONS[self.form].format(name)}\n{body}")
        (self.root / "versions" / f"{revision}_step.py").write_text("\n\n".join(parts) + "\n")
        self.ids.append(revision)
        return revision
