"""Bodies: where the body of a function, procedure or trigger ends, which has semicolons of its own."""

from __future__ import annotations

from typing import Final

_ROUTINES: Final = frozenset({"FUNCTION", "PROCEDURE"})


class Body:
    """Follows one statement, and knows which of its semicolons do not end it."""

    def __init__(self) -> None:
        self.parentheses = 0

    def holds(self) -> bool:
        """Whether a semicolon at this place belongs to the statement; asking is reading it."""
        return self.parentheses > 0

    def read(self, kind: str, text: str) -> None:
        """Take note of the next piece, words in upper case; white space and comments are left out."""
        if text == "(":
            self.parentheses += 1
        elif text == ")":
            self.parentheses = max(0, self.parentheses - 1)


class AtomicBody(Body):
    """The SQL-standard body of PostgreSQL's functions: `BEGIN ATOMIC ... END`."""

    def __init__(self) -> None:
        super().__init__()
        self._head = ""
        self._is_routine: bool | None = None
        self._depth = 0
        self._last = ""

    def holds(self) -> bool:
        self._last = ";"
        return self._depth > 0 or super().holds()

    def read(self, kind: str, text: str) -> None:
        super().read(kind, text)
        if kind == "word" and self._last != ".":
            if self._is_routine is None:
                self._decide(text)
            elif self._is_routine:
                self._read_word(text)
        self._last = text

    def _decide(self, word: str) -> None:
        """See from the first words whether the statement creates a function or procedure."""
        if not self._head:
            self._head = word
            if word != "CREATE":
                self._is_routine = False
        elif word not in ("OR", "REPLACE"):
            self._is_routine = word in _ROUTINES

    def _read_word(self, word: str) -> None:
        if self._depth == 0:
            self._depth = int(self._last == "BEGIN" and word == "ATOMIC")
        elif word == "CASE":
            self._depth += 1
        elif word == "END":
            self._depth -= 1


class TriggerBody(Body):
    """The body of a trigger of SQLite: the statement ends with `; END ;`, as `sqlite3_complete()` sees it."""

    def __init__(self) -> None:
        super().__init__()
        self._head: list[str] = []
        self._end = 0

    def holds(self) -> bool:
        if self._head != ["CREATE", "TRIGGER"]:
            return super().holds()
        if self._end == 2:
            return False
        self._end = 1
        return True

    def read(self, kind: str, text: str) -> None:
        super().read(kind, text)
        self._end = 2 if self._end == 1 and text == "END" else 0
        if len(self._head) < 2 and text not in ("EXPLAIN", "TEMP", "TEMPORARY"):
            self._head.append(text)


_BLOCKS: Final = frozenset({"IF", "LOOP", "WHILE", "REPEAT", "FOR"})
_STORED: Final = frozenset({"PROCEDURE", "FUNCTION", "TRIGGER", "EVENT"})
#: Words that begin a simple statement, so that what follows is no block.
_SIMPLE: Final = frozenset(
    {"RETURN", "SELECT", "INSERT", "UPDATE", "DELETE", "REPLACE", "CALL", "WITH", "SET", "VALUES"}
)


class CompoundBody(Body):
    """The body of a stored program of MySQL and MariaDB, or a compound statement outside of one (MariaDB).

    A word like IF opens a block only where a statement may begin; elsewhere it is a function or `IF EXISTS`. CASE is
    an expression or a statement, and has its END in both.
    """

    def __init__(self) -> None:
        super().__init__()
        self._is_stored: bool | None = None
        self._blocks: list[str] = []
        self._first = ""
        self._last = ""
        # whether a statement may begin here; in the head of a stored program, whether its body may
        self._may_begin = True

    def holds(self) -> bool:
        held = bool(self._blocks) or super().holds()
        self._last = ";"
        self._may_begin = held
        return held

    def read(self, kind: str, text: str) -> None:
        super().read(kind, text)
        is_word = kind == "word" and self._last not in (".", "@")
        if self._is_stored is None:
            if is_word:
                self._decide(text)
        elif self._is_stored:
            if not self._blocks:
                self._read_head(is_word, text)
            else:
                self._read_body(is_word, text)
        self._last = text

    def _decide(self, word: str) -> None:
        """See from the first words whether the statement can have a body."""
        if not self._first:
            self._first = word
            if word in _BLOCKS or word == "CASE":
                self._is_stored = True
                self._read_body(True, word)
            elif word not in ("CREATE", "ALTER", "BEGIN"):
                self._is_stored = False
        elif self._first == "BEGIN":
            self._is_stored = word == "NOT"
            if self._is_stored:
                self._open("BEGIN")
        elif word in _STORED:
            self._is_stored = True
        elif word not in ("OR", "REPLACE", "AGGREGATE") and "DEFINER" not in (word, self._first):
            self._is_stored = False
        elif word == "DEFINER":
            self._first = "DEFINER"  # a user's name follows, in any form
        elif word in ("VIEW", "SQL"):
            self._is_stored = False

    def _read_head(self, is_word: bool, text: str) -> None:
        if not is_word:
            return
        if text == "BEGIN":
            self._open(text)
        elif text == "DO" or (text == "ROW" and self._last == "EACH"):
            self._may_begin = True  # the body of an event or a trigger
        elif text in _SIMPLE and self._last != "CHARACTER":
            self._may_begin = False
        elif text == "CASE" and self._last != "END":
            self._open("CASE" if self._may_begin else "expression")
        elif text in _BLOCKS and self._may_begin and self._opens_in_head(text):
            self._open(text)

    def _opens_in_head(self, word: str) -> bool:
        if self.parentheses or self._last in _STORED:  # PROCEDURE IF NOT EXISTS
            return False
        return word != "FOR"  # FOR EACH ROW

    def _read_body(self, is_word: bool, text: str) -> None:
        begins, self._may_begin = self._may_begin, False
        if text == ":":
            self._may_begin = True  # a label
        if not is_word:
            return
        block = self._blocks[-1] if self._blocks else ""
        if text == "END":
            self._blocks.pop()
        elif text == "CASE":
            if self._last != "END":
                self._open("CASE" if begins else "expression")
        elif text == "BEGIN" or (text in _BLOCKS and begins):
            self._open(text)
        elif text == "ATOMIC" or (text in ("THEN", "ELSE") and block in ("IF", "CASE")):
            self._may_begin = True
        elif text == "DO":
            self._may_begin = not begins and block in ("WHILE", "FOR")

    def _open(self, block: str) -> None:
        self._blocks.append(block)
        self._may_begin = block in ("BEGIN", "LOOP", "REPEAT")
