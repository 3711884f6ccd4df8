"""MySQL types: a type as it is declared or as the server shows it, in the one spelling of all that mean the same."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Final, NamedTuple

from asyncmig.dialects.mysql_literals import quoted, strings

_GROUP: Final = re.compile(r"\(((?:'(?:[^'\\]|\\.|'')*'|[^()'])*)\)", re.DOTALL)
_CHARSET: Final = re.compile(r"\s*\b(?:character\s+set|charset)\s+[`'\"]?(\w+)[`'\"]?", re.IGNORECASE)
_COLLATE: Final = re.compile(r"\s*\bcollate\s+[`'\"]?(\w+)[`'\"]?", re.IGNORECASE)
_SYNONYMS: Final = {
    "character": "char",
    "character varying": "varchar",
    "dec": "decimal",
    "double precision": "double",
    "fixed": "decimal",
    "geomcollection": "geometrycollection",
    "int1": "tinyint",
    "int2": "smallint",
    "int3": "mediumint",
    "int4": "int",
    "int8": "bigint",
    "integer": "int",
    "long": "mediumtext",
    "long varbinary": "mediumblob",
    "long varchar": "mediumtext",
    "middleint": "mediumint",
    "nchar": "char",
    "numeric": "decimal",
    "nvarchar": "varchar",
    "real": "double",
}
#: How wide an integer with ZEROFILL is shown where nothing is said.
_FILLED: Final = {"tinyint": "3", "smallint": "5", "mediumint": "8", "int": "10", "bigint": "20"}
_ONE: Final = frozenset({"bit", "char", "binary"})
_TIMES: Final = frozenset({"datetime", "timestamp", "time"})
#: The character types, each with what it is without characters.
_WITHOUT_CHARACTERS: Final = {
    "char": "binary",
    "varchar": "varbinary",
    "tinytext": "tinyblob",
    "text": "blob",
    "mediumtext": "mediumblob",
    "longtext": "longblob",
}
CHARACTER_TYPES: Final = frozenset({*_WITHOUT_CHARACTERS, "enum", "set"})
NUMBER_TYPES: Final = frozenset({*_FILLED, "decimal", "float", "double", "year"})
_TWO_WORDS: Final = frozenset({"character", "double", "long"})


class TypeWords(NamedTuple):
    """A type: its canonical text, and what was said of its characters apart from it.

    Args:
        text: the type without character set and collation.
        charset: the character set that was named.
        collation: the collation that was named.
        is_binary: whether the binary collation of the character set was asked for.
    """

    text: str
    charset: str | None = None
    collation: str | None = None
    is_binary: bool = False


def base_of(type_: str) -> str:
    """The first word of a canonical type."""
    return re.split(r"[ (]", type_, maxsplit=1)[0]


def arguments_of(type_: str) -> tuple[str, ...]:
    """The arguments of a canonical type; of an ENUM or SET, its values."""
    found = _GROUP.search(type_)
    if found is None:
        return ()
    if base_of(type_) in ("enum", "set"):
        return tuple(strings(found[1]))
    return tuple(found[1].split(","))


def type_words(text: str, *, escapes: bool = True, width: Callable[[str | None, str | None], int]) -> TypeWords:
    """A type in its canonical spelling.

    Args:
        text: the type as it is declared, or as the server shows it.
        escapes: whether a backslash in its strings is an escape; what the server shows is always written so.
        width: gives how many bytes a character takes, of a character set and a collation (None: not named).
    """
    group = _GROUP.search(text)
    arguments = "" if group is None else group[1]
    rest = text if group is None else f"{text[: group.start()]} {text[group.end() :]}"
    charset, rest = _taken(_CHARSET, rest)
    collation, rest = _taken(_COLLATE, rest)
    words = rest.lower().split()
    if "national" in words:
        words.remove("national")
        charset = "utf8mb3"
    base, words = _base(words)
    if base.startswith("nchar") or base.startswith("nvarchar"):
        charset = "utf8mb3"
    base = _SYNONYMS.get(base, base)
    if base in ("bool", "boolean"):
        base, arguments = "tinyint", "1"
    charset, is_binary, words = _characters(base, words, charset)
    charset, collation = modern(charset), modern(collation)
    base, arguments, words = _spelt(base, arguments, words, escapes, lambda: width(charset, collation))
    if charset == "binary" and base in _WITHOUT_CHARACTERS:
        base, charset, collation = _WITHOUT_CHARACTERS[base], None, None
    if base not in CHARACTER_TYPES:
        charset = collation = None
    canonical = f"{base}({arguments})" if arguments else base
    return TypeWords(" ".join([canonical, *words]), charset, collation, is_binary)


def _taken(pattern: re.Pattern[str], text: str) -> tuple[str | None, str]:
    found = pattern.search(text)
    if found is None:
        return None, text
    return found[1].lower(), text[: found.start()] + text[found.end() :]


def _base(words: list[str]) -> tuple[str, list[str]]:
    if len(words) > 1 and words[0] in _TWO_WORDS and words[1] in ("varying", "precision", "varchar", "varbinary"):
        return f"{words[0]} {words[1]}", words[2:]
    return (words[0], words[1:]) if words else ("", [])


def _characters(base: str, words: list[str], charset: str | None) -> tuple[str | None, bool, list[str]]:
    """The character set, whether the binary collation is asked for, and the words that are left."""
    if base not in CHARACTER_TYPES:
        return charset, False, words
    left = []
    is_binary = False
    for word in words:
        if word == "ascii":
            charset = "latin1"
        elif word == "unicode":
            charset = "ucs2"
        elif word == "byte":
            charset = "binary"
        elif word == "binary":
            is_binary = True
        else:
            left.append(word)
    return charset, is_binary, left


def modern(name: str | None) -> str | None:
    """The name of a character set or a collation, of which one kind has had another name."""
    if name is None:
        return None
    if name == "utf8" or name.startswith("utf8_"):
        return f"utf8mb3{name[4:]}"
    return name


def _spelt(
    base: str, arguments: str, words: list[str], escapes: bool, width: Callable[[], int]
) -> tuple[str, str, list[str]]:
    if base in ("enum", "set"):
        return base, ",".join(map(quoted, strings(arguments, escapes=escapes))), words
    arguments = "".join(arguments.split())
    words = [word for word in words if word != "signed"]
    if "zerofill" in words:
        words = ["unsigned", *(word for word in words if word != "unsigned")]
    if base in _FILLED:
        if "zerofill" in words:
            return base, arguments or _FILLED[base], words
        # Only one width means something: that of a boolean.
        return base, arguments if (base, arguments) == ("tinyint", "1") else "", words
    if base == "decimal":
        return base, f"{arguments or '10'},0" if "," not in arguments else arguments, words
    if base == "float" and arguments and "," not in arguments:
        return ("float" if int(arguments) <= 24 else "double"), "", words
    if base in ("text", "blob") and arguments:
        return _large(base, int(arguments) * (width() if base == "text" else 1)), "", words
    if base in _ONE:
        return base, arguments or "1", words
    if (base == "year" and arguments == "4") or (base in _TIMES and arguments == "0"):
        return base, "", words
    return base, arguments, words


def _large(base: str, size: int) -> str:
    """The smallest type that takes *size* bytes."""
    if size < 1 << 8:
        return f"tiny{base}"
    if size < 1 << 16:
        return base
    return f"medium{base}" if size < 1 << 24 else f"long{base}"
