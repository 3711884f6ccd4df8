"""Printed: SQL that both tools print, in the form in which it is compared; what differs on purpose is taken out."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from itertools import groupby
from typing import TypeAlias

from tests.differential.schema import Kind

Statements: TypeAlias = list[str]


@dataclass(frozen=True)
class Intended:
    """A difference that is there on purpose.

    Args:
        what: what differs.
        why: what it is good for.
        same: brings what either tool prints to a common form.
        on: the databases where it appears.
    """

    what: str
    why: str
    same: Callable[[Statements], Statements]
    on: Sequence[Kind] = ("sqlite", "postgresql", "mysql")


def statements(text: str) -> Statements:
    """The statements and comments of a script, each with single spaces.

    A blank line ends what is printed; inside of a string or a body there may be blank lines, too, which is no matter as
    long as both scripts have them.
    """
    text = re.sub(r"^\s*-- (?!Running ).*$", "", text, flags=re.MULTILINE)
    parts = [re.sub(r"\s+", " ", part).strip() for part in text.split("\n\n")]
    return [part for part in parts if part]


def _each(change: Callable[[str], str]) -> Callable[[Statements], Statements]:
    return lambda statements: [change(one) for one in statements]


def _without(*patterns: str) -> Callable[[Statements], Statements]:
    return lambda statements: [one for one in statements if not any(re.fullmatch(each, one) for each in patterns)]


def _alone(found: Statements) -> Statements:
    """Texts of several statements, one by one."""
    joined = []
    for one in found:
        is_body = "$" in one or one.startswith("--")
        joined += [re.sub(r";+$", ";", one)] if is_body else [f"{part.strip().rstrip(';')};" for part in _split(one)]
    return joined


def _split(text: str) -> list[str]:
    """The statements of a text; those in strings of the generated revisions have a blank or nothing behind `;`."""
    parts, depth, start = [], False, 0
    for place, letter in enumerate(text):
        if letter == "'":
            depth = not depth
        elif letter == ";" and not depth:
            parts.append(text[start:place])
            start = place + 1
    parts.append(text[start:])
    return [part for part in parts if part.strip()]


def _indexes_in_order(found: Statements) -> Statements:
    """With neighbouring indexes in order."""
    groups = groupby(found, lambda one: re.match(r"CREATE (UNIQUE )?INDEX", one) is not None)
    return [one for are_indexes, group in groups for one in (sorted(group) if are_indexes else group)]


def _version_table_alone(found: Statements) -> Statements:
    """Without COMMIT and BEGIN behind the version table."""
    made = [place for place, one in enumerate(found) if one.startswith("CREATE TABLE alembic_version")]
    return (
        [one for place, one in enumerate(found) if not any(each < place <= each + 2 for each in made)]
        if (made and found[made[0] + 1] == "COMMIT;")
        else found
    )


def _any_head(found: Statements) -> Statements:
    """Without the ids, where several rows are written."""
    if not any(one.startswith("INSERT INTO alembic_version") for one in found):
        return found
    return [re.sub(r"(VALUES \(|SET version_num=)'\w+'", r"\1'…'", one) for one in found]


def _no_default_before_type(found: Statements) -> Statements:
    """Without DROP DEFAULT before TYPE, and the default that is set or dropped where it stands."""
    drops = r"ALTER TABLE (\S+) ALTER COLUMN (\S+) DROP DEFAULT;"
    return [one for one in found if not re.fullmatch(drops, one)]


def _definition(statement: str) -> str:
    """CHANGE c c, which Alembic writes for the definition of a moment, as MODIFY c."""
    return re.sub(r"^(ALTER TABLE \S+) CHANGE (\S+) \2 ", r"\1 MODIFY \2 ", statement)


INTENDED: Sequence[Intended] = (
    Intended(
        "Several statements in one string are printed one by one, and none ends with two semicolons.",
        "Each can be run, timed and found in a log by itself.",
        _alone,
    ),
    Intended(
        "The column of the version table takes 255 letters.",
        "Ids that say something are often longer than 32.",
        _each(lambda one: one.replace("version_num VARCHAR(255)", "version_num VARCHAR(32)")),
    ),
    Intended(
        "INSERT into the version table has no RETURNING.",
        "Nobody reads what it would return.",
        _each(lambda one: re.sub(r" RETURNING \S+;", ";", one)),
    ),
    Intended(
        "Where a downgrade leaves several heads, another one of them may take over the old row; the rest are inserted.",
        "The rows are the same.",
        _any_head,
    ),
    Intended(
        "Indexes that CREATE TABLE brings along are made in the order of their names.",
        "Alembic's order is another one each time.",
        _indexes_in_order,
    ),
    Intended(
        "The version table is made in a transaction of its own.",
        "So it is when a database is migrated.",
        _version_table_alone,
        on=("postgresql",),
    ),
    Intended(
        "BEGIN and COMMIT on SQLite.",
        "A script that fails in the middle leaves nothing behind.",
        _without("BEGIN;", "COMMIT;"),
        on=("sqlite",),
    ),
    Intended(
        "DROP DEFAULT before a change of the type that comes with a change of the default.",
        "PostgreSQL would have to convert the old default, and often cannot.",
        _no_default_before_type,
        on=("postgresql",),
    ),
    Intended(
        "MODIFY instead of CHANGE to the same name.",
        "They are the same.",
        _each(_definition),
        on=("mysql",),
    ),
    Intended(
        "A default that is an expression stands in parentheses, as in CREATE TABLE.",
        "MySQL wants them.",
        _each(lambda one: re.sub(r"DEFAULT \((-?[\d.]+)\)", r"DEFAULT \1", one)),
        on=("mysql",),
    ),
)


def common_form(text: str, kind: Kind) -> Statements:
    """The statements of a script without what differs on purpose."""
    found = statements(text)
    for difference in INTENDED:
        if kind in difference.on:
            found = difference.same(found)
    return found


#: Where only one of the two prints anything.
PRINTS_MORE: Mapping[Kind, str] = {
    "sqlite": "A block that needs no rebuild, or whose table was created in the same script, is printed; Alembic "
    "refuses every block of SQLite without copy_from.",
}
