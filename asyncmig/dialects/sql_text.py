"""Statements: a text of SQL taken apart at its separators, by the lexical rules of each database.

The scanner knows strings, quoted names, comments and the bodies of functions and triggers, and nothing else of the
language. It reads the text once from left to right and never changes what a statement says.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import cache
from typing import Final, NamedTuple

from asyncmig.dialects.sql_bodies import AtomicBody, Body, CompoundBody, TriggerBody

# Every pattern of a quoted thing matches up to the end of the text when its end is missing. A doubled quote needs no
# care: it reads as two neighbouring strings. Quantifiers are possessive, so that nothing is read twice.
_PLAIN: Final = r"'[^']*+(?:'|\Z)"
_NAME: Final = r'"[^"]*+(?:"|\Z)'
_BACKTICKS: Final = r"`[^`]*+(?:`|\Z)"
_BRACKETS: Final = r"\[[^\]]*+(?:\]|\Z)"
_ESCAPED: Final = r"'[^'\\]*+(?:\\.[^'\\]*+)*+(?:'|\\?\Z)"
_ESCAPED_NAME: Final = r'"[^"\\]*+(?:\\.[^"\\]*+)*+(?:"|\\?\Z)'
# The pieces of a string that goes on after a line break follow the rules of its first piece.
_E_STRING: Final = rf"[eE]{_ESCAPED}(?:[ \t\f\v]*+[\r\n]\s*+{_ESCAPED})*+"


@dataclass(frozen=True)
class LexicalRules:
    """How a database reads SQL before it understands it.

    Args:
        quoted: patterns of strings and quoted names.
        line_comment: the pattern of a comment that ends with its line.
        body: what knows where the body of a function or trigger ends.
        nested_comments: whether `/* /* */ */` is one comment.
        dollar_quotes: whether `$tag$ ... $tag$` is a string.
        executable_comments: whether `/*! ... */` is code.
        delimiter_lines: whether a line `DELIMITER //` sets another separator, as the clients of MySQL know it.
    """

    quoted: tuple[str, ...]
    line_comment: str
    body: Callable[[], Body]
    nested_comments: bool = False
    dollar_quotes: bool = False
    executable_comments: bool = False
    delimiter_lines: bool = False


POSTGRESQL: Final = LexicalRules(
    quoted=(_E_STRING, _PLAIN, _NAME),
    line_comment=r"--[^\r\n]*+",
    body=AtomicBody,
    nested_comments=True,
    dollar_quotes=True,
)
MYSQL: Final = LexicalRules(
    quoted=(_ESCAPED, _ESCAPED_NAME, _BACKTICKS),
    line_comment=r"(?:\#|--(?=[\s\x00-\x1f]|\Z))[^\n]*+",
    body=CompoundBody,
    executable_comments=True,
    delimiter_lines=True,
)
SQLITE: Final = LexicalRules(
    quoted=(_PLAIN, _NAME, _BACKTICKS, _BRACKETS),
    line_comment=r"--[^\n]*+",
    body=TriggerBody,
)


class Token(NamedTuple):
    """A piece of the text: its kind (`space`, `comment`, `code`, `quoted`, `word`, `other`, `separator`), and where."""

    kind: str
    start: int
    end: int


def split_statements(sql: str, rules: LexicalRules) -> list[str]:
    """The statements of a text, without the separators between them.

    Pieces that hold nothing but comments and white space are left out. The text of a statement is as it was written;
    comments before it stay with it.
    """
    return [sql[start:end].strip() for start, end in _statements(sql, rules)]


def first_words(sql: str, rules: LexicalRules = POSTGRESQL, *, limit: int = 8) -> tuple[str, ...]:
    """The first words of a statement in upper case, up to the first thing that is no plain word.

    `/* why */ create index concurrently "i" on t (x)` begins with `("CREATE", "INDEX", "CONCURRENTLY")`.
    """
    run = _WORDS.match(sql)
    if run is not None and sql[run.end() : run.end() + 1] in _ENDS_WORDS:
        return tuple(run.group().upper().split(None, limit)[:limit])
    words: list[str] = []
    for token in tokens(sql, rules):
        if token.kind == "word":
            words.append(sql[token.start : token.end].upper())
        if len(words) == limit or token.kind in ("quoted", "other", "separator"):
            break
    return tuple(words)


#: Plain words at the beginning of nearly every statement, where what follows them is no word and no comment either: no
#: need to read such a text piece by piece.
_WORDS: Final = re.compile(r"(?:[a-z_][a-z0-9_]*\s+)+", re.ASCII | re.IGNORECASE)
_ENDS_WORDS: Final = frozenset("(\"'`,=")

#: What SQLAlchemy's `text()` takes for a parameter.
_PARAMETER: Final = re.compile(r"(?<![:\w\x5c]):(\w+)(?![:\w])")


def without_false_parameters(sql: str, rules: LexicalRules) -> str:
    """The text with a backslash before each `:name` in a string, a quoted name or a comment.

    SQLAlchemy's `text()` takes `:name` for a parameter wherever it stands, as in `'{"a":1}'` or `$$ ... a[:i] ... $$`,
    where no database would.
    """
    if ":" not in sql:
        return sql
    pieces = [(token.kind in ("quoted", "comment"), sql[token.start : token.end]) for token in tokens(sql, rules)]
    return "".join(_PARAMETER.sub(r"\\\g<0>", piece) if is_quoted else piece for is_quoted, piece in pieces)


def tokens(sql: str, rules: LexicalRules) -> Iterator[Token]:
    """The pieces of a text in order; together they are the whole text."""
    return _Scanner(sql, rules).tokens()


class _Scanner:
    """Reads a text piece by piece; the separator may change on the way."""

    def __init__(self, sql: str, rules: LexicalRules) -> None:
        self.sql = sql
        self.rules = rules
        self.position = 0
        self.in_code = False
        self.pattern = _pattern(rules, ";")

    def separate_by(self, separator: str, position: int) -> None:
        """Go on at *position* with another separator."""
        self.position = position
        self.pattern = _pattern(self.rules, separator)

    def tokens(self) -> Iterator[Token]:
        while self.position < len(self.sql):
            start = self.position
            match = self.pattern.match(self.sql, start)
            if match is None or match.lastgroup is None:
                raise AssertionError(f"no token at {start}")  # the last alternative takes any character
            kind, end = match.lastgroup, match.end()
            if kind == "block":
                kind, end = "comment", self._comment_end(end)
            elif kind == "dollar":
                kind, end = "quoted", self._after(match.group(), end)
            elif kind == "code":
                self.in_code = True
            elif kind == "close":
                # Outside of code it is a factor and the beginning of a comment: 2*/* two */3.
                kind, end = ("code", end) if self.in_code else ("other", start + 1)
                self.in_code = False
            self.position = end
            yield Token(kind, start, end)

    def _after(self, closing: str, position: int) -> int:
        found = self.sql.find(closing, position)
        return len(self.sql) if found < 0 else found + len(closing)

    def _comment_end(self, position: int) -> int:
        if not self.rules.nested_comments:
            return self._after("*/", position)
        depth = 1
        for mark in _COMMENT_MARKS.finditer(self.sql, position):
            depth += 1 if mark.group() == "/*" else -1
            if depth == 0:
                return mark.end()
        return len(self.sql)


_COMMENT_MARKS: Final = re.compile(r"/\*|\*/")
_DELIMITER_LINE: Final = re.compile(r"[ \t]+(\S+)[^\n]*+(?:\n|\Z)")


@cache
def _pattern(rules: LexicalRules, separator: str) -> re.Pattern[str]:
    kinds = [
        ("space", r"\s++"),
        ("comment", rules.line_comment),
        ("separator", re.escape(separator)),
        ("quoted", "|".join(rules.quoted)),
        # A name may hold a dollar sign, so that `a$b$c` opens no string.
        ("word", r"[^\W\d][\w$]*+" if separator == ";" else r"[^\W\d]\w*+"),
        ("number", r"\d\w*+"),
    ]
    if rules.executable_comments:
        kinds += [("code", r"/\*M?!\d*+"), ("close", r"\*/")]
    kinds.append(("block", r"/\*"))
    if rules.dollar_quotes:
        kinds.append(("dollar", r"\$(?:[^\W\d]\w*+)?\$"))
    kinds.append(("other", "."))
    return re.compile("|".join(f"(?P<{kind}>{pattern})" for kind, pattern in kinds), re.DOTALL)


def _statements(sql: str, rules: LexicalRules) -> Iterator[tuple[int, int]]:
    scanner = _Scanner(sql, rules)
    body = rules.body()
    begun, start, separator = False, 0, ";"
    for token in scanner.tokens():
        kind = token.kind
        if kind in ("space", "comment"):
            continue
        if kind == "separator":
            if (separator == ";" and body.holds()) or scanner.in_code:
                continue
            if begun:
                yield start, token.start
            begun, start, body = False, token.end, rules.body()
            continue
        if rules.delimiter_lines and not begun and (line := _delimiter(sql, token)):
            separator = line[1]
            scanner.separate_by(separator, line.end())
            start = line.end()
            continue
        begun = True
        if kind == "code":
            continue
        text = sql[token.start : token.end]
        body.read(kind, text.upper() if kind == "word" else text)
    if begun:
        yield start, len(sql)


def _delimiter(sql: str, token: Token) -> re.Match[str] | None:
    if token.kind != "word" or sql[token.start : token.end].upper() != "DELIMITER":
        return None
    return _DELIMITER_LINE.match(sql, token.end)
