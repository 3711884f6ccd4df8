"""Drawing: the history as a picture: of characters, as a Mermaid diagram, or as SVG."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from html import escape

from asyncmig.cli.graph_lanes import Row, rows
from asyncmig.cli.lines import short
from asyncmig.migrator.results import RevisionInfo

__all__ = ["DRAWINGS", "mermaid", "svg", "text"]

_ROW, _LANE, _RADIUS, _MARGIN, _LETTER = 28, 20, 5, 16, 7.3
_COLOURS = ("#2563eb", "#db2777", "#059669", "#d97706", "#7c3aed", "#0891b2")


def text(revisions: Sequence[RevisionInfo]) -> Iterator[str]:
    """A drawing in characters, newest first."""
    drawn = rows(revisions)
    width = max((max({row.lane, *row.open_before, *row.leaving}) for row in drawn), default=0)
    for row in drawn:
        lanes = set(row.open_before)
        for ending in row.joining:
            lanes.discard(ending)
            yield _with_bend(lanes, row.lane, ending, "/")
        cells = {lane: "|" for lane in row.open} | {row.lane: "*"}
        drawing = _cells(cells).ljust(2 * width + 1)
        yield f"{drawing}  {_caption(row.revision)}"
        lanes = set(row.open) | {row.lane}
        for beginning in row.leaving:
            yield _with_bend(lanes, row.lane, beginning, "\\")
            lanes.add(beginning)


def _caption(revision: RevisionInfo) -> str:
    needs = f" (needs {', '.join(revision.depends_on)})" if revision.depends_on else ""
    current = " (current)" if revision.is_current else ""
    message = f", {revision.message}" if revision.message else ""
    return f"{short(revision)}{needs}{current}{message}"


def _cells(cells: Mapping[int, str]) -> str:
    return "".join(f"{cells.get(lane, ' ')} " for lane in range(max(cells) + 1)).rstrip()


def _with_bend(lanes: Iterable[int], near: int, far: int, bend: str) -> str:
    """The *lanes* as bars, with a line that goes from lane *near* over to lane *far*."""
    cells = {2 * lane: "|" for lane in lanes}
    for column in range(2 * near + 1, 2 * far - 1):
        cells.setdefault(column, "_")
    cells[2 * far - 1] = bend
    return "".join(cells.get(column, " ") for column in range(max(cells) + 1))


def mermaid(revisions: Sequence[RevisionInfo]) -> Iterator[str]:
    """A Mermaid flowchart; dependencies are dotted."""
    names = {revision.id: f"r{number}" for number, revision in enumerate(reversed(revisions))}
    yield "flowchart TD"
    for revision in reversed(revisions):
        label = "<br/>".join(_mermaid_text(part) for part in (short(revision), revision.message) if part)
        shape = ("([", "])") if revision.is_head else ("[", "]")
        yield f'    {names[revision.id]}{shape[0]}"{label}"{shape[1]}'
    for revision in reversed(revisions):
        for parent in revision.parents:
            if parent in names:
                yield f"    {names[parent]} --> {names[revision.id]}"
        for needed in revision.depends_on:
            if needed in names:
                yield f"    {names[needed]} -.-> {names[revision.id]}"
    current = [names[revision.id] for revision in revisions if revision.is_current]
    if current:
        yield "    classDef current stroke-width:3px"
        yield f"    class {','.join(current)} current"


def _mermaid_text(words: str) -> str:
    return escape(words, quote=False).replace('"', "#quot;")


def svg(revisions: Sequence[RevisionInfo]) -> Iterator[str]:
    """An SVG picture, newest first; dependencies are dashed."""
    drawn = rows(revisions)
    places = {row.revision.id: _place(row.lane, number) for number, row in enumerate(drawn)}
    lanes = max((max({row.lane, *row.open_before, *row.leaving}) for row in drawn), default=0) + 1
    left = 2 * _MARGIN + lanes * _LANE
    longest = max((len(_caption(row.revision)) for row in drawn), default=0)
    width, height = round(left + longest * _LETTER + _MARGIN), len(drawn) * _ROW + _MARGIN
    yield (
        f'<svg xmlns="http://www.w3.org/2000/svg" width="{width}" height="{height}" viewBox="0 0 {width} {height}" '
        'font-family="ui-monospace, monospace" font-size="12">'
    )
    yield f'<rect width="{width}" height="{height}" fill="#ffffff"/>'
    for row in drawn:
        yield from _edges(row, places)
    for row in drawn:
        x, y = places[row.revision.id]
        fill = "#ffffff" if row.revision.is_current else _colour(row.lane)
        yield f'<circle cx="{x}" cy="{y}" r="{_RADIUS}" fill="{fill}" stroke="{_colour(row.lane)}" stroke-width="2"/>'
        yield f'<text x="{left}" y="{y + 4}" fill="#111827">{escape(_caption(row.revision))}</text>'
    yield "</svg>"


def _edges(row: Row, places: Mapping[str, tuple[int, int]]) -> Iterator[str]:
    revision = row.revision
    lanes = (row.lane, *row.leaving)
    for lane, parent in zip(lanes, [one for one in revision.parents if one in places], strict=False):
        yield _path(places[revision.id], places[parent], lane, "")
    for needed in revision.depends_on:
        if needed in places:
            yield _path(places[revision.id], places[needed], row.lane, ' stroke-dasharray="4 3" opacity="0.6"')


def _path(upper: tuple[int, int], lower: tuple[int, int], lane: int, extra: str) -> str:
    """A line down the *lane*, with a bend where it leaves *upper* and one where it reaches *lower*."""
    (x1, y1), (x2, y2) = upper, lower
    x, bend = _place(lane, 0)[0], _ROW // 2
    first = f" C {x1} {y1 + bend}, {x} {y1 + bend}, {x} {y1 + _ROW}" if x != x1 else ""
    middle = f" L {x} {max(y2 - _ROW, y1)}" if x == x1 or y2 - _ROW > y1 + _ROW else ""
    last = f" C {x} {y2 - bend}, {x2} {y2 - bend}, {x2} {y2}" if x != x2 else f" L {x2} {y2}"
    colour = _colour(lane)
    return f'<path d="M {x1} {y1}{first}{middle}{last}" fill="none" stroke="{colour}" stroke-width="2"{extra}/>'


def _place(lane: int, number: int) -> tuple[int, int]:
    return _MARGIN + lane * _LANE, _MARGIN + number * _ROW


def _colour(lane: int) -> str:
    return _COLOURS[lane % len(_COLOURS)]


DRAWINGS: Mapping[str, Callable[[Sequence[RevisionInfo]], Iterable[str]]] = {
    "text": text,
    "mermaid": mermaid,
    "svg": svg,
}
