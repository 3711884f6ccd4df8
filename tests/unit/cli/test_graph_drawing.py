from collections.abc import Iterable, Sequence
from textwrap import dedent
from xml.etree import ElementTree

import pytest

from asyncmig.cli.graph_drawing import DRAWINGS
from asyncmig.cli.graph_lanes import rows
from asyncmig.migrator.results import RevisionInfo
from asyncmig.revisions.revision import Revision
from tests.unit.cli.infos import infos

LINE = (Revision("a", message="first"), Revision("b", ("a",)), Revision("c", ("b",)))
DIAMOND = (Revision("a"), Revision("b", ("a",)), Revision("c", ("a",)), Revision("d", ("b", "c")))
THREE = (
    Revision("a"),
    Revision("b", ("a",)),
    Revision("c", ("a",)),
    Revision("d", ("a",)),
    Revision("e", ("b", "c", "d")),
)
APART = (Revision("a"), Revision("b", ("a",)), Revision("x", labels=frozenset({"lib"})), Revision("y", ("x",)))


def draw(revisions: Sequence[RevisionInfo], kind: str = "text") -> str:
    drawn: Iterable[str] = DRAWINGS[kind](revisions)
    return "\n".join(line.rstrip() for line in drawn)


def picture(text: str) -> str:
    return dedent(text).strip("\n")


def test_nothing_is_drawn_of_nothing() -> None:
    assert draw(()) == ""


def test_line_is_one_lane() -> None:
    assert draw(infos(*LINE)) == picture("""
        *  c (head)
        *  b
        *  a, first
    """)


def test_diamond_parts_and_meets() -> None:
    assert draw(infos(*DIAMOND)) in (
        picture(r"""
            *    d (head)
            |\
            * |  b
            | *  c
            |/
            *    a
        """),
        picture(r"""
            *    d (head)
            |\
            | *  c
            * |  b
            |/
            *    a
        """),
    )


def test_three_parents_have_three_lanes() -> None:
    drawn = draw(infos(*THREE))
    assert drawn.splitlines()[:3] == ["*      e (head)", "|\\", "|_|\\"]
    assert drawn.splitlines()[-3:] == ["|_|/", "|/", "*      a"]


def test_histories_apart_use_one_lane_after_the_other() -> None:
    drawn = draw(infos(*APART)).splitlines()
    assert len(drawn) == 4
    assert all(line.startswith("*") for line in drawn)


def test_dependency_and_current_are_told() -> None:
    history = (Revision("a"), Revision("b", depends_on=("a",), message="needs a"))
    assert "b (head) (needs a) (current), needs a" in draw(infos(*history, current=("b",)))


def test_part_of_a_history_can_be_drawn() -> None:
    assert draw(infos(*LINE)[:2]) == "*  c (head)\n*  b"


def test_every_parent_stands_below_in_a_lane_that_leads_to_it() -> None:
    for history in (LINE, DIAMOND, THREE, APART):
        drawn = rows(infos(*history))
        lanes = {row.revision.id: row.lane for row in drawn}
        for row in drawn:
            for lane, parent in zip((row.lane, *row.leaving), row.revision.parents, strict=False):
                below = next(one for one in drawn if one.revision.id == parent)
                assert lanes[parent] == lane or lane in below.joining


def test_mermaid_draws_parents_and_dependencies() -> None:
    history = (Revision("a", message='say "hi" <b>'), Revision("b", ("a",)), Revision("c", depends_on=("a",)))
    drawn = draw(infos(*history, current=("b",)), "mermaid")
    assert drawn.splitlines()[0] == "flowchart TD"
    assert "#quot;hi#quot; &lt;b&gt;" in drawn
    assert drawn.count("-->") == 1
    assert drawn.count("-.->") == 1
    assert "classDef current" in drawn


@pytest.mark.parametrize("history", [(), LINE, DIAMOND, THREE, APART])
def test_svg_is_well_formed_and_has_a_dot_for_each_revision(history: tuple[Revision, ...]) -> None:
    root = ElementTree.fromstring(draw(infos(*history), "svg"))
    space = "{http://www.w3.org/2000/svg}"
    assert len(root.findall(f"{space}circle")) == len(history)
    assert len(root.findall(f"{space}path")) == sum(len(one.parents) for one in history)


def test_svg_escapes_messages() -> None:
    assert "a &lt;b&gt; &amp; c" in draw(infos(Revision("a", message="a <b> & c")), "svg")
