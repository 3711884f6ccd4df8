"""Source: a piece of Python text together with the import lines it needs."""

from __future__ import annotations

import keyword as python
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace

from asyncmig.operations.sql import cleaned

__all__ = ["LINE_LENGTH", "Source", "bracketed", "call", "merged", "named", "sql", "string"]

#: The line length that laid out source keeps to, where it can.
LINE_LENGTH = 120
_STEP = 4


@dataclass(frozen=True)
class Breaks:
    """Where a source may be broken over lines: after its opening, after each item, before its closing.

    Args:
        opening: text up to the first item.
        items: what stands between, one a line.
        closing: text after the last item.
        separator: what follows each item; empty for the pieces of one string.
        flat: whether the items stand no deeper than the opening, as the lines of a text do.
    """

    opening: str
    items: tuple[Source, ...]
    closing: str
    separator: str = ","
    flat: bool = False


@dataclass(frozen=True)
class Source:
    """A piece of Python text together with the import lines it needs.

    Args:
        text: the text.
        imports: lines such as `import sqlalchemy as sa`.
        breaks: where the text may be broken, None when it may not; a source from a plug-in needs none.
    """

    text: str
    imports: frozenset[str] = frozenset()
    breaks: Breaks | None = field(default=None, repr=False, compare=False)

    def __str__(self) -> str:
        return self.text

    def between(self, before: str, after: str = "") -> Source:
        """This source with text before and after it."""
        breaks = self.breaks
        if breaks is not None:
            if not breaks.opening:
                # The pieces of a string stand alone only; after other text they need parentheses.
                breaks = replace(breaks, opening="(", closing=")")
            breaks = replace(breaks, opening=before + breaks.opening, closing=breaks.closing + after)
        return Source(f"{before}{self.text}{after}", self.imports, breaks)

    def method(self, name: str, *arguments: Source) -> Source:
        """The call of method *name* on this source."""
        source = call(f"{self.text}.{name}", *arguments)
        return replace(source, imports=source.imports | self.imports)

    def requiring(self, *imports: str) -> Source:
        """This source with further import lines."""
        return replace(self, imports=self.imports.union(imports))

    def laid_out(self, *, indent: int = 0, width: int = LINE_LENGTH) -> Source:
        """This source broken over lines where it is longer than *width*, for a place that is indented by *indent*.

        The first line is not indented, the others are by what they are deeper than the first.
        """
        return Source("\n".join(_lines(self, 0, width - indent)), self.imports)


def _lines(source: Source, indent: int, width: int, after: int = 0) -> Iterator[str]:
    """The lines of *source*, which stands at *indent* and is followed by *after* characters on its last line."""
    margin = " " * indent
    breaks = source.breaks
    fits = "\n" not in source.text and indent + len(source.text) + after <= width
    if breaks is None or not breaks.items or fits:
        yield margin + source.text
        return
    deeper = indent
    if breaks.opening:
        yield margin + breaks.opening
        deeper += 0 if breaks.flat else _STEP
    for item in breaks.items:
        if breaks.flat and not item.text:
            yield ""
            continue
        *first, last = _lines(item, deeper, width, len(breaks.separator))
        yield from first
        yield last + breaks.separator
    if breaks.closing:
        yield margin + breaks.closing


def merged(sources: Iterable[Source]) -> frozenset[str]:
    """The import lines of all *sources*."""
    return frozenset().union(*(source.imports for source in sources))


def bracketed(opening: str, items: Iterable[Source], closing: str, *, lone_comma: bool = False) -> Source:
    """*items* between brackets.

    Args:
        lone_comma: whether a single item needs a comma after it (a tuple).
    """
    things = tuple(items)
    comma = "," if lone_comma and len(things) == 1 else ""
    text = f"{opening}{', '.join(item.text for item in things)}{comma}{closing}"
    return Source(text, merged(things), Breaks(opening, things, closing))


def named(name: str, value: Source) -> Source:
    """A keyword argument."""
    return value.between(f"{name}=")


def call(function: str, *arguments: Source, keywords: Mapping[str, Source] | None = None) -> Source:
    """A call of *function*."""
    given = dict(keywords or {})
    plain = [named(name, value) for name, value in given.items() if _may_be_keyword(name)]
    other = [value.between(f"{string(name)}: ") for name, value in given.items() if not _may_be_keyword(name)]
    rest = [bracketed("**{", other, "}")] if other else []
    return bracketed(f"{function}(", [*arguments, *plain, *rest], ")")


def _may_be_keyword(name: str) -> bool:
    return name.isidentifier() and not python.iskeyword(name)


def string(text: str) -> Source:
    """A string literal in double quotes where that needs no escape; it may be broken after its newlines."""
    pieces = text.splitlines(keepends=True)
    breaks = Breaks("", tuple(Source(_literal(piece)) for piece in pieces), "", "") if len(pieces) > 1 else None
    return Source(_literal(text), breaks=breaks)


def sql(text: str) -> Source:
    """A text of SQL: in triple quotes where it has several lines, indented with what is around it."""
    lines = cleaned(text).splitlines()
    if len(lines) < 2 or not all(line.isprintable() for line in lines):
        return string(text)
    written = [line.replace("\\", "\\\\").replace('"""', r"\"\"\"") for line in lines]
    quotes = '"""'
    breaks = Breaks(quotes, tuple(map(Source, written)), quotes, "", flat=True)
    return Source("\n".join([quotes, *written, quotes]), breaks=breaks)


def _literal(text: str) -> str:
    quoted = repr(text)
    # repr takes single quotes when there is no single quote in the text, or when there are both kinds
    return f'"{quoted[1:-1]}"' if quoted[0] == "'" and '"' not in quoted else quoted
