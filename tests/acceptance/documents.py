"""Documents: the snippets of a page of documentation, and what a comment before each says of it.

::

    <!-- project: blog -->       from here on, commands run in a copy of examples/blog; `new` is an empty directory
    <!-- run -->                 the Python block that follows is executed in the project
    <!-- write: PATH -->         the block that follows is a file of the project
    <!-- from: PATH -->          the block that follows stands in this file of the repository
    <!-- exit: CODE -->          the last command of the block that follows ends with CODE
    <!-- not run: REASON -->     the block that follows is for reading only

Blocks of `console` show commands after `$ ` with their output, which is compared; in blocks of `bash` every line is a
command that must go well. TOML must be valid, with known settings only, and Python must compile.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from textwrap import dedent

from tests.acceptance.command import REPOSITORY

_FENCE = re.compile(
    r"^(?P<indent> *)```(?P<language>\w*)[^\n]*\n(?P<text>.*?)^(?P=indent)```$", re.MULTILINE | re.DOTALL
)
_COMMENT = re.compile(r"<!-- (?P<word>project|run|write|from|exit|not run)(?:: (?P<value>.*?))? -->")
#: What a machine and a moment give to an output.
_VARYING = (
    (re.compile(r"\b\d+(\.\d+)? (ms|s)\b"), "N ms"),
    (re.compile(r"\b\d{4}-\d\d-\d\d \d\d:\d\d:\d\d\S*"), "DATE"),
    (re.compile(r" {2,}"), "  "),
)
#: Where the projects of the documentation are.
SHOWN_ROOT = "/srv/app"


@dataclass(frozen=True)
class Snippet:
    """A block of a page.

    Args:
        page: the page, relative to the repository.
        line: where the block begins.
        language: what stands behind the fence.
        text: the block.
        orders: what the comment before it says.
        project: the project that is current there.
    """

    page: str
    line: int
    language: str
    text: str
    orders: dict[str, str]
    project: str | None

    def __str__(self) -> str:
        return f"{self.page}:{self.line}"


def pages() -> list[Path]:
    """All pages of the documentation."""
    found = [REPOSITORY / "README.md", *sorted((REPOSITORY / "docs").rglob("*.md"))]
    return found + sorted((REPOSITORY / "examples").glob("*/README.md"))


def snippets(path: Path) -> Iterator[Snippet]:
    """The blocks of a page, in order."""
    text = path.read_text("utf-8")
    project: str | None = None
    end = 0
    for fence in _FENCE.finditer(text):
        between, end = text[end : fence.start()], fence.end()
        last_paragraph = between.rstrip().rpartition("\n\n")[2]
        for comment in _COMMENT.finditer(between):
            if comment["word"] == "project":
                project = comment["value"]
        orders = {comment["word"]: comment["value"] or "" for comment in _COMMENT.finditer(last_paragraph)}
        line = text.count("\n", 0, fence.start()) + 1
        name = str(path.relative_to(REPOSITORY))
        yield Snippet(name, line, fence["language"], dedent(fence["text"]), orders, project)


def commands(snippet: Snippet) -> list[tuple[str, str]]:
    """The commands of a block, each with the output that is shown."""
    if snippet.language == "bash":
        lines = snippet.text.replace("\\\n", " ").splitlines()
        return [(line.partition("  #")[0].strip(), "") for line in lines if line.strip() and not line.startswith("#")]
    found: list[tuple[str, str]] = []
    for line in snippet.text.splitlines():
        if line.startswith("$ "):
            found.append((line[2:], ""))
        else:
            command, output = found[-1]
            found[-1] = (command, f"{output}{line}\n")
    return found


def steady(output: str, root: Path | None = None) -> str:
    """An output without what a machine and a moment give to it."""
    if root is not None:
        output = output.replace(str(root), SHOWN_ROOT)
    for pattern, word in _VARYING:
        output = pattern.sub(word, output)
    return "\n".join(line.rstrip() for line in output.strip().splitlines())
