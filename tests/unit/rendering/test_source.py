import ast
import shutil
import subprocess

import pytest

from asyncmig.rendering.source import Source, bracketed, call, named, string


def test_a_short_call_stays_on_one_line() -> None:
    source = call("op.f", Source("1"), keywords={"a": Source("2")})

    assert source.laid_out().text == "op.f(1, a=2)"


def test_a_call_that_is_too_long_has_one_argument_a_line() -> None:
    source = call("op.f", Source("x" * 12), keywords={"a": Source("y" * 8)}).laid_out(width=20)

    assert source.text == "op.f(\n    xxxxxxxxxxxx,\n    a=yyyyyyyy,\n)"


def test_only_the_arguments_that_are_too_long_are_broken() -> None:
    inner = bracketed("[", [Source("a" * 10), Source("b" * 10)], "]")
    source = call("f", inner, named("k", bracketed("[", [Source("c")], "]"))).laid_out(width=20)

    assert source.text == "f(\n    [\n        aaaaaaaaaa,\n        bbbbbbbbbb,\n    ],\n    k=[c],\n)"


def test_the_comma_behind_a_line_counts() -> None:
    inner = call("gg", Source("a" * 9))
    source = call("f", inner, Source("b"))

    assert "    gg(aaaaaaaaa),\n" in source.laid_out(width=18).text
    assert "    gg(\n" in source.laid_out(width=17).text


def test_an_indented_place_leaves_less_room() -> None:
    source = call("op.f", Source("x" * 12))

    assert source.laid_out(width=20, indent=2).text == source.text
    assert source.laid_out(width=20, indent=3).text != source.text


def test_a_tuple_of_one_keeps_its_comma() -> None:
    one = bracketed("(", [Source("a")], ")", lone_comma=True)

    assert one.text == "(a,)"
    assert bracketed("(", [Source("a"), Source("b")], ")", lone_comma=True).text == "(a, b)"


def test_names_that_are_no_identifiers_go_into_a_mapping() -> None:
    source = call("f", keywords={"a": Source("1"), "class": Source("2"), "b c": Source("3")})

    assert source.text == 'f(a=1, **{"class": 2, "b c": 3})'


def test_imports_are_those_of_all_parts() -> None:
    source = call("f", Source("a", frozenset({"import a"})), keywords={"b": Source("b", frozenset({"import b"}))})

    assert source.imports == {"import a", "import b"}
    assert source.method("m", Source("c", frozenset({"import c"}))).imports == {"import a", "import b", "import c"}
    assert source.laid_out(width=1).imports == source.imports


@pytest.mark.parametrize(
    ("text", "literal"),
    [
        ("plain", '"plain"'),
        ("it's", '"it\'s"'),
        ('say "x"', "'say \"x\"'"),
        ('it\'s "x"', "'it\\'s \"x\"'"),
        ("a\nb", '"a\\nb"'),
        ("\\:x", '"\\\\:x"'),
        ("\x00é\ud800", '"\\x00é\\ud800"'),
    ],
)
def test_strings_are_in_double_quotes_where_that_is_simplest(text: str, literal: str) -> None:
    assert string(text).text == literal
    assert ast.literal_eval(literal) == text


def test_a_long_string_is_broken_behind_its_newlines() -> None:
    source = call("op.execute", string("SELECT 1\nFROM a\n")).laid_out(width=20)

    assert source.text == 'op.execute(\n    "SELECT 1\\n"\n    "FROM a\\n",\n)'


def test_a_long_string_behind_a_name_is_broken_in_parentheses() -> None:
    source = call("f", keywords={"comment": string("one\ntwo\n")}).laid_out(width=20)

    assert source.text == 'f(\n    comment=(\n        "one\\n"\n        "two\\n"\n    ),\n)'
    assert ast.unparse(ast.parse(source.text)) == "f(comment='one\\ntwo\\n')"


def test_what_is_laid_out_means_the_same_at_every_width() -> None:
    source = call("f", bracketed("(", [string("a\nb")], ")", lone_comma=True), keywords={"k": call("g", string("c"))})

    for width in range(1, 40):
        assert ast.dump(ast.parse(source.laid_out(width=width).text)) == ast.dump(ast.parse(source.text))


@pytest.mark.skipif(shutil.which("ruff") is None, reason="needs ruff")
def test_what_is_laid_out_is_as_ruff_lays_it_out() -> None:
    source = call("op.create_table", *[call("sa.Column", string("c" * 30), Source("d" * 30))] * 3).laid_out(width=88)
    ruff = subprocess.run(
        ["ruff", "format", "--isolated", "--line-length=88", "-"],
        input=source.text + "\n",
        capture_output=True,
        check=True,
        text=True,
    )

    assert ruff.stdout == source.text + "\n"
