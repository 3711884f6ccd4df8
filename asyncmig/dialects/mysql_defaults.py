"""MySQL defaults: the default of a column as it is declared or as the server shows it, in one spelling."""

from __future__ import annotations

import re
from collections.abc import Callable
from decimal import ROUND_HALF_UP, Decimal, InvalidOperation
from typing import Final

from asyncmig.dialects.expressions import without_parentheses
from asyncmig.dialects.mysql_literals import is_string, quoted, unquoted
from asyncmig.dialects.mysql_types import NUMBER_TYPES, arguments_of, base_of
from asyncmig.dialects.sql_text import MYSQL

_NOW: Final = re.compile(r"(?:current_timestamp|now|localtime|localtimestamp)\s*(?:\(\s*(\d*)\s*\))?", re.IGNORECASE)
_ON_UPDATE: Final = re.compile(r"\bon\s+update\s+(.+)\Z", re.IGNORECASE | re.DOTALL)
_NUMBER: Final = re.compile(r"[-+]?(?:\d+\.?\d*|\.\d+)(?:e[-+]?\d+)?", re.IGNORECASE)
_BITS: Final = re.compile(r"(?:b'([01]*)'|0b([01]+))", re.IGNORECASE)
_WHOLE: Final = re.compile(r"-?\d+")
_WORDS: Final = {"true": "1", "false": "0"}


def now_words(text: str) -> str | None:
    """The present time in one spelling; None for what is something else."""
    found = _NOW.fullmatch(text)
    if found is None:
        return None
    return f"CURRENT_TIMESTAMP({found[1]})" if found[1] not in (None, "", "0") else "CURRENT_TIMESTAMP"


def on_update_of(text: str) -> str | None:
    """What ON UPDATE says at the end of a text; None where it says nothing."""
    found = _ON_UPDATE.search(text)
    return None if found is None else now_words(found[1].strip()) or found[1].strip()


def declared_default(text: str, type_: str, *, escapes: bool) -> tuple[str | None, str | None]:
    """The default of a column as models declare it, and its ON UPDATE.

    Args:
        text: what stands behind DEFAULT.
        type_: the canonical type of the column.
        escapes: whether a backslash in its strings is an escape.
    """
    if is_string(text, escapes=escapes):
        return typed_default(quoted(unquoted(text, escapes=escapes)), type_), None
    on_update = None
    found = _ON_UPDATE.search(text)
    if found is not None:
        on_update, text = on_update_of(text), text[: found.start()]
    if not escapes:
        text = _STRINGS.sub(lambda match: quoted(unquoted(match.group(), escapes=False)), text)
    return typed_default(text, type_), on_update


_STRINGS: Final = re.compile(r"'(?:[^']|'')*'")


def shown_default(text: str | None, type_: str, extra: str, *, is_mariadb: bool) -> str | None:
    """The default of a column as `information_schema` shows it.

    Args:
        text: its text; MariaDB writes what could stand behind DEFAULT, MySQL the value of a literal.
        type_: the canonical type of the column.
        extra: what else is shown; there MySQL tells an expression from a literal.
        is_mariadb: whose it is.
    """
    if text is None:
        return None
    if is_mariadb:
        return _expression(text)
    if "DEFAULT_GENERATED" in extra:
        return _expression(shown_expression(text))
    base = base_of(type_)
    if base in ("datetime", "timestamp") and (now := now_words(text)) is not None:
        return now
    return typed_default(text, type_) if base in NUMBER_TYPES or base == "bit" else quoted(text)


def shown_expression(text: str) -> str:
    """An expression as MySQL's `information_schema` shows it, as it stands in a statement.

    Its strings have a backslash before each quote, and say which character set the session had that wrote them.
    """
    return _INTRODUCER.sub("'", text.replace("\\'", "'"))


_INTRODUCER: Final = re.compile(r"\b_utf8mb[34]\s*'")


def _expression(text: str) -> str | None:
    text = without_parentheses(text, MYSQL)
    if text.upper() == "NULL":
        return None
    return quoted(unquoted(text)) if is_string(text) else now_words(text) or text


def typed_default(text: str, type_: str) -> str | None:
    """A default that is given as text, as a column of a type keeps it; what is no plain literal stays as it is."""
    text = without_parentheses(text, MYSQL)
    if text.upper() == "NULL":
        return None
    if (now := now_words(text)) is not None:
        return now
    literal = _WORDS.get(text.lower(), text)
    value = unquoted(literal) if is_string(literal) else None
    base = base_of(type_)
    if base in NUMBER_TYPES:
        number = literal if value is None else value.strip()
        return _number(number, type_, base) if _NUMBER.fullmatch(number) else literal
    if base == "bit":
        return _bits(literal)
    if base not in ("char", "varchar"):
        return literal if value is None else quoted(value)
    if value is None:
        return quoted(literal) if _WHOLE.fullmatch(literal) else literal
    return quoted(value.rstrip(" ") if base == "char" else value)


def _number(text: str, type_: str, base: str) -> str:
    try:
        return _FORMS.get(base, _integer)(Decimal(text), type_)
    except InvalidOperation:
        return text


def _integer(number: Decimal, type_: str) -> str:
    whole = str(int(number.quantize(Decimal(1), ROUND_HALF_UP)))
    width = arguments_of(type_) if "zerofill" in type_ else ()
    return whole.zfill(int(width[0])) if width else whole


def _fixed(number: Decimal, type_: str) -> str:
    precision, digits = arguments_of(type_)
    fixed = f"{number.quantize(Decimal(1).scaleb(-int(digits)), ROUND_HALF_UP):f}"
    if "zerofill" not in type_:
        return fixed
    return fixed.zfill(int(precision) + (1 if int(digits) else 0))


def _floating(number: Decimal, type_: str) -> str:
    if arguments_of(type_):
        return _fixed(number, type_)
    if abs(number) >= Decimal("1e15") or abs(number) < Decimal("1e-4"):
        return str(number).lower() if number else "0"
    return str(int(number)) if number == number.to_integral_value() else format(number.normalize(), "f")


_FORMS: Final[dict[str, Callable[[Decimal, str], str]]] = {"decimal": _fixed, "float": _floating, "double": _floating}


def _bits(literal: str) -> str:
    if found := _BITS.fullmatch(literal):
        digits = (found[1] if found[1] is not None else found[2]).lstrip("0")
    elif literal.isdecimal():
        digits = f"{int(literal):b}".lstrip("0")
    else:
        return literal
    return f"b'{digits or '0'}'"
