"""ColumnDefinition: the definition of a MySQL or MariaDB column as the server writes it, editable clause by clause.

MODIFY and CHANGE replace a whole column: what they do not repeat is lost. The text of SHOW CREATE TABLE is what the
servers themselves (and their dump programs) make a column from again, so it is kept as it stands, and only the clauses
that shall change are exchanged in it. `information_schema` would have to be put together again by rules that differ
between servers and versions.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from typing import Final, NamedTuple

_ESCAPED_STRING: Final = r"'(?:[^'\\]|\\.|'')*'"
_PLAIN_STRING: Final = r"'(?:[^']|'')*'"
_REST: Final = r"""
    | (?P<name>`(?:[^`]|``)*`|"(?:[^"]|"")*")
    | (?P<word>[\w$]+)
    | (?P<space>\s+)
    | (?P<note>/\*.*?\*/)
    | (?P<other>.)
"""
_PATTERNS: Final = {
    escapes: re.compile(f"(?P<string>{string}){_REST}", re.DOTALL | re.VERBOSE)
    for escapes, string in ((True, _ESCAPED_STRING), (False, _PLAIN_STRING))
}


class Token(NamedTuple):
    """A piece of a definition: its kind (`string`, `name`, `word`, `note`, `group`, `other`), text and place."""

    kind: str
    text: str
    start: int

    @property
    def end(self) -> int:
        """Where the token ends."""
        return self.start + len(self.text)

    @property
    def keyword(self) -> str:
        """The word in upper case; empty when the token is no plain word."""
        return self.text.upper() if self.kind == "word" else ""


def scan(text: str, *, escapes: bool) -> Iterator[Token]:
    """All tokens of a text, white space too.

    Args:
        text: the text.
        escapes: whether a backslash in a string takes the next character along (not so with NO_BACKSLASH_ESCAPES).
    """
    for match in _PATTERNS[escapes].finditer(text):
        yield Token(str(match.lastgroup), match.group(), match.start())


def tokens(text: str, *, escapes: bool) -> list[Token]:
    """The tokens of a text; what stands in parentheses is one token of the kind `group`."""
    found: list[Token] = []
    depth, opened = 0, 0
    for token in scan(text, escapes=escapes):
        if token.text == "(":
            depth += 1
            if depth == 1:
                opened = token.start
        elif token.text == ")" and depth:
            depth -= 1
            if depth == 0:
                found.append(Token("group", text[opened : token.end], opened))
        elif depth == 0 and token.kind != "space":
            found.append(token)
    return found


def unquote(name: str) -> str:
    """The name that an identifier stands for."""
    if name[:1] in ('"', "`"):
        return name[1:-1].replace(name[0] * 2, name[0])
    return name


_ESCAPES: Final = {"0": "\0", "b": "\b", "n": "\n", "r": "\r", "t": "\t", "Z": "\x1a"}


def without_escapes(text: str) -> str:
    """*text* with its strings written for a session in which a backslash is an ordinary character.

    SHOW CREATE TABLE writes strings with backslashes also where the session does not read them so.
    """
    return "".join(
        re.sub(r"\\(.)", _plain, token.text, flags=re.DOTALL) if token.kind == "string" else token.text
        for token in scan(text, escapes=True)
    )


def _plain(match: re.Match[str]) -> str:
    character = match.group(1)
    return "''" if character == "'" else _ESCAPES.get(character, character)


#: The clauses in the order in which both servers read them; a new one goes before the first that follows it here.
_ORDER: Final = (
    "type",
    "charset",
    "collate",
    "generated",
    "null",
    "default",
    "on update",
    "auto_increment",
    "comment",
    "check",
)
#: Words that begin a clause: its kind and how many tokens it has; 0: its length must be found out.
_CLAUSES: Final = {
    "CHARACTER": ("charset", 3),
    "CHARSET": ("charset", 2),
    "COLLATE": ("collate", 2),
    "GENERATED": ("generated", 0),
    "AS": ("generated", 0),
    "NOT": ("null", 2),
    "NULL": ("null", 1),
    "DEFAULT": ("default", 0),
    "ON": ("on update", 0),
    "AUTO_INCREMENT": ("auto_increment", 1),
    "COMMENT": ("comment", 2),
    "CONSTRAINT": ("check", 0),
    "CHECK": ("check", 0),
    # Kept as they are; each must be known to end the clause before it.
    "INVISIBLE": ("other", 1),
    "VISIBLE": ("other", 1),
    "WITH": ("other", 3),
    "WITHOUT": ("other", 3),
    "COLUMN_FORMAT": ("other", 2),
    "STORAGE": ("other", 2),
    "SRID": ("other", 2),
    "ENGINE_ATTRIBUTE": ("other", 0),
    "SECONDARY_ENGINE_ATTRIBUTE": ("other", 0),
    "UNIQUE": ("other", 0),
    "PRIMARY": ("other", 0),
    "REFERENCES": ("other", 0),
}
_GENERATED_WORDS: Final = frozenset(
    {"GENERATED", "ALWAYS", "AS", "ROW", "START", "END", "VIRTUAL", "STORED", "PERSISTENT"}
)
_SYNONYMS: Final = {
    "bool": "tinyint",
    "boolean": "tinyint",
    "dec": "decimal",
    "fixed": "decimal",
    "integer": "int",
    "numeric": "decimal",
    "real": "double",
}
_DEFAULT_SIZES: Final = {"bit": "1)", "binary": "1)", "char": "1)", "decimal": "10,0)"}
_CHARACTER_TYPES: Final = frozenset({"CHAR", "VARCHAR", "TINYTEXT", "TEXT", "MEDIUMTEXT", "LONGTEXT", "ENUM", "SET"})
_BINARY_TYPES: Final = frozenset({"VARBINARY", "TINYBLOB", "BLOB", "MEDIUMBLOB", "LONGBLOB"})
_CHARACTER_WORDS: Final = frozenset({"ASCII", "UNICODE", "BINARY", "BYTE"})


class Clause(NamedTuple):
    """A part of a definition: its kind, and its text as it was written."""

    kind: str
    text: str


@dataclass(frozen=True, slots=True)
class ColumnDefinition:
    """What stands after the name of a column, in clauses.

    Args:
        clauses: in the order in which they are written; the first one is the type.
        escapes: whether a backslash in the strings is an escape.
    """

    clauses: tuple[Clause, ...]
    escapes: bool = True

    @classmethod
    def parse(cls, text: str, *, escapes: bool = True) -> ColumnDefinition:
        """Read a definition."""
        pieces = tokens(text, escapes=escapes)
        clauses: list[Clause] = []
        start = 0
        while start < len(pieces):
            kind, length = ("type", _until_clause(pieces, 1)) if start == 0 else _clause(pieces, start)
            last = pieces[min(start + length, len(pieces)) - 1]
            clauses.append(Clause(kind, text[pieces[start].start : last.end]))
            start += length
        return cls(tuple(clauses), escapes)

    def __str__(self) -> str:
        return " ".join(clause.text for clause in self.clauses)

    def get(self, kind: str) -> str:
        """The text of a clause; empty when there is none of this kind."""
        return next((clause.text for clause in self.clauses if clause.kind == kind), "")

    def replace(self, kind: str, text: str) -> ColumnDefinition:
        """With *text* as its clause of this kind, or without such a clause when it is empty."""
        clauses = list(self.clauses)
        place = next((n for n, clause in enumerate(clauses) if clause.kind == kind), None)
        if place is not None:
            del clauses[place]
        elif text:
            following = _ORDER[_ORDER.index(kind) + 1 :]
            place = next((n for n, clause in enumerate(clauses) if clause.kind in following), len(clauses))
        if text and place is not None:
            clauses.insert(place, Clause(kind, text))
        return ColumnDefinition(tuple(clauses), self.escapes)

    def without(self, kinds: Collection[str]) -> ColumnDefinition:
        """Without its clauses of these kinds."""
        return ColumnDefinition(tuple(clause for clause in self.clauses if clause.kind not in kinds), self.escapes)

    @property
    def nullable(self) -> bool:
        """Whether it may be null."""
        return not self.get("null").upper().startswith("NOT")

    @property
    def is_json(self) -> bool:
        """Whether it is what MariaDB makes of the type JSON: a long text with a CHECK."""
        return self.get("type").lower() == "longtext" and "json_valid(" in self.get("check").lower()

    @property
    def base_type(self) -> str:
        """The first word of its type, in upper case."""
        return re.split(r"\W", self.get("type"), maxsplit=1)[0].upper()

    @property
    def has_characters(self) -> bool:
        """Whether its type has a character set that the type itself does not fix."""
        words = set(re.findall(r"\w+", re.sub(r"\(.*\)", "", self.get("type"), flags=re.DOTALL).upper()))
        return self.base_type in _CHARACTER_TYPES and not words & _CHARACTER_WORDS

    def is_of_type(self, other: ColumnDefinition) -> bool:
        """Whether the server makes the same type of both, however it is spelt."""
        if other.base_type == "JSON" and self.is_json:
            return True
        return _spelt_by_server(self.get("type")) == _spelt_by_server(other.get("type"))

    def retyped(self, new: ColumnDefinition) -> ColumnDefinition:
        """With the type of *new*.

        Character set and collation stay where the new type has such things and does not name its own.
        """
        changed = self
        if self.is_json:
            # These came with the type JSON, so they go with it.
            changed = changed.without({"charset", "collate", "check"})
        if new.get("charset") or new.get("collate") or not new.has_characters:
            changed = changed.replace("charset", new.get("charset")).replace("collate", new.get("collate"))
        clauses = tuple(clause for clause in changed.clauses if _survives(clause, new))
        return ColumnDefinition(clauses, self.escapes).replace("type", new.get("type"))

    def renamed(self, old: str, new: str) -> ColumnDefinition:
        """With the expressions of its own clauses (a CHECK, say) speaking of *new*, a quoted name, instead of *old*."""
        clauses = [
            clause._replace(text=_rename(clause.text, old, new, escapes=self.escapes))
            if clause.kind in ("generated", "default", "check")
            else clause
            for clause in self.clauses
        ]
        return ColumnDefinition(tuple(clauses), self.escapes)


def _spelt_by_server(type_: str) -> str:
    """A type in the one spelling of all that mean the same; the width of an integer is no part of its meaning."""
    text = re.sub(r"\s*([(),])\s*", r"\1", " ".join(type_.split()))
    base, parenthesis, rest = text.partition("(")
    first, _, words = base.lower().partition(" ")
    if first == "double" and words.startswith("precision"):
        words = words.removeprefix("precision").lstrip()
    first = _SYNONYMS.get(first, first)
    if first.endswith("int"):
        rest, parenthesis = rest.partition(")")[2] if parenthesis else rest, ""
    elif not parenthesis and first in _DEFAULT_SIZES:
        parenthesis, rest = "(", _DEFAULT_SIZES[first]
    # The values of an ENUM are the only part in which capitals count.
    rest = rest if first in ("enum", "set") else rest.lower()
    return " ".join(f"{first} {words}{parenthesis}{rest}".split()).replace(" (", "(")


def _clause(pieces: Sequence[Token], start: int) -> tuple[str, int]:
    """Kind and number of tokens of the clause that begins at *start*."""
    if pieces[start].kind == "note":
        return "other", 1
    kind, length = _CLAUSES.get(pieces[start].keyword, ("other", 0))
    if length:
        return kind, length
    if kind == "generated":
        length = 1
        while start + length < len(pieces) and (
            pieces[start + length].kind == "group" or pieces[start + length].keyword in _GENERATED_WORDS
        ):
            length += 1
        return kind, length
    if kind == "check":
        length = next(
            n for n, token in enumerate(pieces[start:], 1) if token.kind == "group" or start + n == len(pieces)
        )
        words = [token.keyword for token in pieces[start + length : start + length + 2]]
        return kind, length + (2 if words == ["NOT", "ENFORCED"] else 1 if words[:1] == ["ENFORCED"] else 0)
    # The value of a default may be NULL or a name, which would begin something else further on.
    fixed = {"on update": 3, "default": 2}.get(kind, 1)
    return kind, _until_clause(pieces, start + fixed) - start


def _until_clause(pieces: Sequence[Token], start: int) -> int:
    """Where the next clause begins, from *start* on."""
    for place in range(start, len(pieces)):
        token = pieces[place]
        begins_name = token.kind == "name" and pieces[place - 1].text != "."
        if token.keyword in _CLAUSES or token.kind == "note" or begins_name:
            return place
    return len(pieces)


def _survives(clause: Clause, new: ColumnDefinition) -> bool:
    """Whether a clause still has a meaning with the type of *new*."""
    if clause.kind != "other" or not clause.text.startswith("/*"):
        return True
    if "COMPRESSED" in clause.text:
        return new.base_type in _CHARACTER_TYPES - {"CHAR", "ENUM", "SET"} | _BINARY_TYPES
    return "SRID" not in clause.text or new.base_type in _SPATIAL_TYPES


_SPATIAL_TYPES: Final = frozenset(
    {
        "GEOMETRY",
        "POINT",
        "LINESTRING",
        "POLYGON",
        "MULTIPOINT",
        "MULTILINESTRING",
        "MULTIPOLYGON",
        "GEOMETRYCOLLECTION",
        "GEOMCOLLECTION",
    }
)


def _rename(text: str, old: str, new: str, *, escapes: bool) -> str:
    """*text* with the column *old* called *new*; names that belong to a schema or are called are left alone."""
    pieces = list(scan(text, escapes=escapes))
    result = []
    for place, token in enumerate(pieces):
        is_old = token.kind == "name" and unquote(token.text).casefold() == old.casefold()
        around = [piece.text for piece in (*pieces[max(place - 1, 0) : place], *pieces[place + 1 : place + 2])]
        result.append(new if is_old and "." not in around else token.text)
    return "".join(result)


class IndexElement(NamedTuple):
    """An element of an index, given as text.

    Args:
        expression: what is indexed if it is more than a column or a prefix of one, without parentheses around all of
            it; None for a column.
        direction: ASC or DESC as it is written, with a space before it; empty when nothing is said.
    """

    expression: str | None
    direction: str

    @classmethod
    def parse(cls, text: str, *, escapes: bool = True) -> IndexElement:
        """Read an element."""
        pieces = tokens(text, escapes=escapes)
        direction = ""
        if len(pieces) > 1 and pieces[-1].keyword in ("ASC", "DESC"):
            direction = f" {pieces.pop().text}"
        kinds = [piece.kind for piece in pieces]
        if kinds in (["word"], ["name"]):
            return cls(None, direction)
        if kinds in (["word", "group"], ["name", "group"]) and pieces[1].text[1:-1].strip().isdigit():
            return cls(None, direction)
        body = text[pieces[0].start : pieces[-1].end]
        return cls(body[1:-1].strip() if kinds == ["group"] else body, direction)
