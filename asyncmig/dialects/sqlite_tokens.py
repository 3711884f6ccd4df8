"""Tokens: the lexical pieces of SQLite's SQL, and what can be told from them alone."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence
from typing import Final, NamedTuple

#: Words that SQLite never takes for a name unless they are quoted.
RESERVED: Final = frozenset(
    {
        "ADD",
        "ALL",
        "ALTER",
        "AND",
        "AS",
        "AUTOINCREMENT",
        "BETWEEN",
        "CASE",
        "CHECK",
        "COLLATE",
        "COMMIT",
        "CONSTRAINT",
        "CREATE",
        "DEFAULT",
        "DEFERRABLE",
        "DELETE",
        "DISTINCT",
        "DROP",
        "ELSE",
        "ESCAPE",
        "EXCEPT",
        "EXISTS",
        "FOREIGN",
        "FROM",
        "GROUP",
        "HAVING",
        "IN",
        "INDEX",
        "INSERT",
        "INTERSECT",
        "INTO",
        "IS",
        "ISNULL",
        "JOIN",
        "LIMIT",
        "NOT",
        "NOTHING",
        "NOTNULL",
        "NULL",
        "ON",
        "OR",
        "ORDER",
        "PRIMARY",
        "REFERENCES",
        "RETURNING",
        "SELECT",
        "SET",
        "TABLE",
        "THEN",
        "TO",
        "TRANSACTION",
        "UNION",
        "UNIQUE",
        "UPDATE",
        "USING",
        "VALUES",
        "WHEN",
        "WHERE",
    }
)

_PATTERN: Final = re.compile(
    r"(?P<space>[ \t\n\f\r]++)"
    r"|(?P<comment>--[^\n]*+(?:\n|\Z)|/\*.*?(?:\*/|\Z))"
    r"|(?P<blob>[xX]'[0-9a-fA-F]*+')"
    r"|(?P<string>'(?:[^']|'')*+')"
    r'|(?P<name>"(?:[^"]|"")*+"|`(?:[^`]|``)*+`|\[[^\]]*+\])'
    # Every character beyond ASCII belongs to a word, also those that look like spaces.
    r"|(?P<word>[A-Za-z_\x80-\U0010ffff][A-Za-z0-9_$\x80-\U0010ffff]*+)"
    r"|(?P<number>0[xX][0-9a-fA-F]++|(?:\d++(?:\.\d*+)?|\.\d++)(?:[eE][+-]?\d++)?)"
    r"|(?P<mark>->>|->|\|\||<<|>>|<=|>=|<>|!=|==|.)",
    re.DOTALL,
)


class Token(NamedTuple):
    """One piece of a text: what it is, its text, and where it begins and ends."""

    kind: str
    text: str
    start: int
    end: int

    @property
    def upper(self) -> str:
        """A word in upper case; nothing for what is no bare word."""
        return self.text.upper() if self.kind == "word" else ""

    @property
    def filler(self) -> bool:
        """Whether it is white space or a comment."""
        return self.kind in ("space", "comment")

    @property
    def identifier(self) -> str | None:
        """The name it stands for where a name may stand; SQLite takes a string for one, too."""
        if self.kind == "word":
            return self.text
        if self.kind in ("name", "string"):
            quote = self.text[0]
            inner = self.text[1:-1]
            return inner if quote == "[" else inner.replace(quote * 2, quote)
        return None


def tokens(sql: str) -> list[Token]:
    """All pieces of a text in order; together they are the whole text."""
    found = []
    for match in _PATTERN.finditer(sql):
        kind = match.lastgroup or "mark"
        found.append(Token(kind, match.group(), match.start(), match.end()))
    return found


def significant(sql: str) -> list[Token]:
    """The pieces of a text without white space and comments."""
    return [token for token in tokens(sql) if not token.filler]


def same_sql(one: str, other: str) -> bool:
    """Whether two texts differ in white space, comments, case and the quotes of names only."""
    return _normal(one) == _normal(other)


def _normal(sql: str) -> list[str]:
    normal = []
    for token in significant(sql):
        if token.kind in ("word", "name"):
            normal.append((token.identifier or "").lower())
        elif token.kind == "string":
            normal.append(token.text)
        else:
            normal.append(token.text.lower())
    return normal


def skip_group(pieces: Sequence[Token], position: int) -> int:
    """Where to go on after the parentheses that open at *position*."""
    depth = 0
    for index in range(position, len(pieces)):
        if pieces[index].text == "(":
            depth += 1
        elif pieces[index].text == ")":
            depth -= 1
            if depth == 0:
                return index + 1
    return len(pieces)


def groups(pieces: Sequence[Token]) -> list[list[Token]]:
    """The pieces between parentheses, split at the commas that stand in no deeper parentheses."""
    parts: list[list[Token]] = [[]]
    depth = 0
    for token in pieces:
        depth += (token.text == "(") - (token.text == ")")
        if token.text == "," and depth == 0:
            parts.append([])
        else:
            parts[-1].append(token)
    return parts


def _columns_at(pieces: Sequence[Token]) -> Iterator[int]:
    """Which pieces of an expression may name a column of the table it belongs to."""
    cases = 0
    for index, token in enumerate(pieces):
        before = pieces[index - 1] if index else None
        after = pieces[index + 1] if index + 1 < len(pieces) else None
        if token.kind not in ("word", "name"):
            continue
        if token.upper == "CASE":
            cases += 1
        elif token.upper == "END" and cases:
            cases -= 1
            continue
        if token.upper in RESERVED:
            continue
        if before is not None and before.upper == "COLLATE":
            continue
        if token.kind == "word" and after is not None and after.text == "(":
            continue  # a function
        if after is not None and after.text == ".":
            continue  # the table in front of a column
        yield index


def mentions(expression: str) -> frozenset[str]:
    """The names in an expression that may be those of columns, in lower case.

    Names only: an expression in a table or index can use nothing but columns of its own table.
    """
    pieces = significant(expression)
    return frozenset((pieces[index].identifier or "").lower() for index in _columns_at(pieces))


def rename_columns(expression: str, rename: Callable[[str], str | None], quote: Callable[[str], str]) -> str:
    """An expression with other names for its columns.

    Args:
        expression: of a table or index.
        rename: the new name of a column, None where it keeps its name.
        quote: writes a name.
    """
    pieces = significant(expression)
    text, end = "", 0
    for index in _columns_at(pieces):
        token = pieces[index]
        new = rename(token.identifier or "")
        if new is not None:
            text += expression[end : token.start] + quote(new)
            end = token.end
    return text + expression[end:]


def all_names(sql: str) -> frozenset[str]:
    """Every name and bare word in a statement, in lower case: what it may be about."""
    return frozenset(
        (token.identifier or "").lower() for token in tokens(sql) if token.kind in ("word", "name", "string")
    )


def with_schema(sql: str, schema: str) -> str:
    """A stored CREATE statement, which never names the schema it is in, with *schema* (quoted) before its name."""
    pieces = significant(sql)
    position = next(
        index + 1 for index, token in enumerate(pieces) if token.upper in ("INDEX", "TRIGGER", "VIEW", "TABLE")
    )
    start = pieces[position].start
    return f"{sql[:start]}{schema}.{sql[start:]}"
