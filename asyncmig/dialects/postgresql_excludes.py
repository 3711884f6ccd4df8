"""EXCLUDE constraints of PostgreSQL: from their definition, as the server writes it, to SQLAlchemy's objects."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any, Final, NamedTuple

from sqlalchemy import text
from sqlalchemy.dialects.postgresql import ExcludeConstraint

from asyncmig.dialects.expressions import without_parentheses
from asyncmig.dialects.sql_text import POSTGRESQL, tokens
from asyncmig.operations.base import TableName
from asyncmig.operations.constraints import CreateExcludeConstraint
from asyncmig.schema import ExcludeState

_DEFERRABLE: Final = re.compile(r"( DEFERRABLE)?( INITIALLY DEFERRED)?\Z")
_USING: Final = re.compile(r"(?:USING (\w+) )?(?=\()")
_WITH: Final = re.compile(r"(.*) WITH (\S.*)", re.DOTALL)
_NAME: Final = re.compile(r"[a-z_][a-z0-9_]*")


class _Definition(NamedTuple):
    """What the definition of an EXCLUDE constraint says."""

    elements: list[tuple[Any, str]]
    options: dict[str, Any]


def exclude_constraint(state: ExcludeState) -> ExcludeConstraint:
    """The constraint as SQLAlchemy's object."""
    elements, options = _parsed(state.definition)
    return ExcludeConstraint(*elements, name=state.name, **options)


def exclude_operation(table: TableName, state: ExcludeState) -> CreateExcludeConstraint:
    """What makes the constraint again."""
    elements, options = _parsed(state.definition)
    return CreateExcludeConstraint(state.name, table.name, tuple(elements), schema=table.schema, **options)


def _parsed(definition: str) -> _Definition:
    found = _DEFERRABLE.search(definition)
    assert found is not None
    options: dict[str, Any] = {}
    if found[1]:
        options["deferrable"] = True
    if found[2]:
        options["initially"] = "DEFERRED"
    definition = definition[: found.start()]
    method = _USING.match(definition)
    if method is None:
        return _Definition([], options)
    options["using"] = method[1] or "btree"
    inside, rest = _in_parentheses(definition[method.end() :])
    if rest.startswith(" WHERE "):
        options["where"] = _text(without_parentheses(rest.removeprefix(" WHERE "), POSTGRESQL))
    elements = []
    for part in _split(inside):
        if element := _WITH.fullmatch(part):
            plain = _NAME.fullmatch(element[1])
            elements.append((element[1] if plain else _text(element[1]), element[2]))
    return _Definition(elements, options)


def _text(expression: str) -> Any:
    return text(re.sub(r"(?<![:\w\\]):(?=\w)", r"\\:", expression))


def _depths(sql: str) -> Iterator[tuple[str, int, int]]:
    """Each character outside of quotes, its place, and how many parentheses it is in."""
    depth = 0
    for token in tokens(sql, POSTGRESQL):
        if token.kind in ("quoted", "comment"):
            continue
        for place in range(token.start, token.end):
            if sql[place] == "(":
                depth += 1
            elif sql[place] == ")":
                depth -= 1
            yield sql[place], place, depth


def _in_parentheses(sql: str) -> tuple[str, str]:
    """What stands in the parentheses that a text begins with, and what follows them."""
    for character, place, depth in _depths(sql):
        if character == ")" and depth == 0:
            return sql[1:place], sql[place + 1 :]
    return sql, ""


def _split(sql: str) -> list[str]:
    """The parts of a list, without what is around the commas."""
    ends = [place for character, place, depth in _depths(sql) if character == "," and depth == 0]
    return [
        sql[start:end].strip() for start, end in zip([0, *[end + 1 for end in ends]], [*ends, len(sql)], strict=True)
    ]
