"""Source: pieces of Python text in the form in which people and formatters write revision files."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

WIDTH = 110


def call(function: str, *arguments: str, **keywords: str | None) -> str:
    """A call, on one line where it fits.

    Args:
        function: what is called.
        arguments: positional arguments, as source.
        keywords: keyword arguments, as source; a None is left out.
    """
    return call_with(function, arguments, keywords)


def call_with(function: str, arguments: Sequence[str], keywords: Mapping[str, str | None]) -> str:
    """The same with the arguments as a sequence and a mapping."""
    parts = [*arguments, *(f"{name}={value}" for name, value in keywords.items() if value is not None)]
    line = f"{function}({', '.join(parts)})"
    if len(line) <= WIDTH and "\n" not in line:
        return line
    body = "".join(f"    {indented(part)},\n" for part in parts)
    return f"{function}(\n{body})"


def indented(text: str) -> str:
    """The lines after the first, four spaces in."""
    return text.replace("\n", "\n    ")


def block(lines: Sequence[str]) -> str:
    """The body of a function or of a `with`."""
    return "\n".join("    " + indented(line) if line else "" for line in lines or ["pass"])


def under(head: str, lines: Sequence[str]) -> str:
    """A compound statement."""
    return f"{head}\n{block(lines)}"


def quoted(text: str) -> str:
    """A string literal in double quotes, as formatters write it."""
    return repr(text) if '"' in text else '"' + repr(text)[1:-1].replace("\\'", "'") + '"'


def names(columns: Sequence[str]) -> str:
    """A list of names."""
    return "[" + ", ".join(map(quoted, columns)) + "]"
