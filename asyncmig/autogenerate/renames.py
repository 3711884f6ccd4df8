"""Found renames: which tables and columns of a database only have another name in the models."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from asyncmig.autogenerate.differences import in_order
from asyncmig.autogenerate.pacing import Pace
from asyncmig.autogenerate.questions import Questioner, RenameQuestion
from asyncmig.autogenerate.renaming import Renames
from asyncmig.autogenerate.scoring import HIGH, column_score, table_score
from asyncmig.errors import AmbiguousRenameError, AutogenerateError
from asyncmig.operations.base import TableName
from asyncmig.schema import Snapshot, TableState

#: How many pairs of tables are looked at closely.
MANY = 10_000


@dataclass(frozen=True)
class FoundRenames:
    """Which tables and columns only have another name in the models.

    Args:
        tables: the new names of tables, by the old ones.
        columns: the new names of columns, by the old ones, for each table by its new name.
    """

    tables: Mapping[TableName, TableName] = field(default_factory=dict)
    columns: Mapping[TableName, Mapping[str, str]] = field(default_factory=dict)


async def find_renames(
    wanted: Snapshot, live: Snapshot, renames: Renames, questioner: Questioner | None
) -> FoundRenames:
    """Which tables and columns only have another name in the models.

    What a person said counts first, then what the models say (`info={"renamed_from": ...}`); about what is much alike,
    somebody is asked.

    Raises:
        AmbiguousRenameError: there was nobody to ask, or no answer.
        AutogenerateError: a person named something that is not there.
    """
    finder = _Finder(renames, questioner)
    tables = await finder.tables(wanted, live)
    old_names = {new: old for old, new in tables.items()}
    columns = {}
    for name in in_order(wanted.tables):
        was = live.tables.get(old_names.get(name, name))
        if was is not None and was.columns != wanted.tables[name].columns:
            found = await finder.columns(wanted.tables[name], was)
            if found:
                columns[name] = found
    finder.finish(wanted, live)
    return FoundRenames(tables, columns)


class _Finder:
    def __init__(self, renames: Renames, questioner: Questioner | None) -> None:
        self._renames = renames
        self._questioner = questioner
        self._unanswered: list[RenameQuestion] = []
        self._used: set[tuple[str, ...]] = set()
        self._pace = Pace()

    async def tables(self, wanted: Snapshot, live: Snapshot) -> dict[TableName, TableName]:
        gone = {name: live.tables[name] for name in in_order(live.tables.keys() - wanted.tables.keys())}
        new = {name: wanted.tables[name] for name in in_order(wanted.tables.keys() - live.tables.keys())}
        found: dict[TableName, TableName] = {}

        def take(old: TableName, name: TableName) -> None:
            found[old] = name
            del gone[old], new[name]

        for old in [*gone]:
            name = TableName(self._renames.of_table(old) or "", old.schema)
            if name in new:
                self._use(old)
                take(old, name)
        for name, table in [*new.items()]:
            old_name = next((old for old in _hints(table.model, name.schema) if old in gone), None)
            if old_name is not None:
                take(old_name, name)
        scored = []
        for old, name in _worth_scoring(gone, new):
            scored.append((table_score(new[name], gone[old]), old, name))
            await self._pace()
        for score, old, name in _best(scored):
            if old in gone and name in new and await self._is_rename("table", old, old.name, name.name, score):
                take(old, name)
        return found

    async def columns(self, wanted: TableState, live: TableState) -> dict[str, str]:
        gone = {column.name: column for column in live.columns if wanted.column(column.name) is None}
        new = {column.name: column for column in wanted.columns if live.column(column.name) is None}
        found: dict[str, str] = {}

        def take(old: str, name: str) -> None:
            found[old] = name
            del gone[old], new[name]

        for old in [*gone]:
            for table in (wanted.name, live.name):
                name = self._renames.of_member(table, old)
                if name in new and old in gone:
                    self._use(table, old)
                    take(old, str(name))
        for name, column in [*new.items()]:
            hinted = next((old.name for old in _hints(column.model, None) if old.name in gone), None)
            if hinted is not None:
                take(hinted, name)
        scored = [
            (column_score(column, was, wanted, live), old, name)
            for old, was in gone.items()
            for name, column in new.items()
        ]
        for score, old, name in _best(scored):
            if old in gone and name in new and await self._is_rename("column", wanted.name, old, name, score):
                take(old, name)
        return found

    async def _is_rename(self, kind: str, table: TableName, old: str, new: str, score: float) -> bool:
        if score < HIGH or self._renames.accept_loss:
            return False
        question = RenameQuestion(kind, table, old, new, score)
        answer = None if self._questioner is None else await self._questioner.is_rename(question)
        if answer is None:
            self._unanswered.append(question)
        return bool(answer)

    def _use(self, table: TableName, *member: str) -> None:
        self._used.add((*([table.schema] if table.schema else []), table.name, *member))

    def finish(self, wanted: Snapshot, live: Snapshot) -> None:
        """Refuse to guess, and to overlook what a person said."""
        enums = {name for name in wanted.enums if name in live.enums}
        for parts, new in self._renames.given.items():
            if parts not in self._used and not _is_enum_value(parts, enums):
                old = ".".join(parts)
                raise AutogenerateError(
                    f"--rename {old}={new} fits nothing: {old} must be in the database and not in the models, and "
                    f"{new} in the models and not in the database.",
                    hint="Look at the names, or leave it out.",
                )
        if self._unanswered:
            raise AmbiguousRenameError(candidates=[question.option for question in _once(self._unanswered)])


def _worth_scoring(
    gone: Mapping[TableName, TableState], new: Mapping[TableName, TableState]
) -> Iterator[tuple[TableName, TableName]]:
    """Pairs of tables that have columns of the same names; where there are very many, exactly the same."""
    few = len(gone) * len(new) <= MANY
    names_of_new = {name: frozenset(column.name for column in table.columns) for name, table in new.items()}
    same: dict[frozenset[str], list[TableName]] = {}
    for name, names in names_of_new.items():
        same.setdefault(names, []).append(name)
    for old, was in gone.items():
        names = frozenset(column.name for column in was.columns)
        for name in new if few else same.get(names, ()):
            if old.schema == name.schema and not names.isdisjoint(names_of_new[name]):
                yield old, name


def _hints(model: Any, schema: str | None) -> Iterator[TableName]:
    """The names that a model says it had before."""
    said = getattr(model, "info", {}).get("renamed_from", ())
    for name in [said] if isinstance(said, str) else said:
        yield TableName(name, schema)


def _best(scored: Iterable[tuple[float, Any, Any]]) -> list[tuple[float, Any, Any]]:
    """Candidates, the best first; among equals in the order of their names."""
    return sorted(scored, key=lambda each: (-round(each[0], 6), _text(each[1]), _text(each[2])))


def _text(name: TableName | str) -> str:
    return str(name)


def _once(questions: Sequence[RenameQuestion]) -> Iterator[RenameQuestion]:
    """The best question about each old and each new name."""
    old: set[tuple[TableName, str]] = set()
    new: set[tuple[TableName, str]] = set()
    for question in questions:
        table = TableName("", question.table.schema) if question.kind == "table" else question.table
        if (table, question.old) not in old and (table, question.new) not in new:
            old.add((table, question.old))
            new.add((table, question.new))
            yield question


def _is_enum_value(parts: tuple[str, ...], enums: Iterable[TableName]) -> bool:
    return any(parts[:-1] == ((name.schema, name.name) if name.schema else (name.name,)) for name in enums)
