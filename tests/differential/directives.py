"""Directives: words of `op` on one table, written plainly or inside `batch_alter_table`."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from tests.differential.schema import Column, Table
from tests.differential.source import call_with, quoted, under
from tests.differential.world import World


@dataclass(frozen=True)
class Word:
    """One directive on a table.

    Args:
        name: its word.
        arguments: positional arguments without the table, as source.
        keywords: keywords, as source; a None is left out.
        named: whether a name stands before the table.
        schemas: the keyword for the schema of the table.
    """

    name: str
    arguments: Sequence[str]
    keywords: Mapping[str, str | None] = field(default_factory=dict)
    named: bool = False
    schema: str = "schema"


def plain(table: Table, *words: Word) -> list[str]:
    """The words as calls of `op`."""
    lines = []
    for word in words:
        first = [word.arguments[0], quoted(table.name)] if word.named else [quoted(table.name)]
        rest = word.arguments[1:] if word.named else word.arguments
        keywords = {**word.keywords, word.schema: table.schema_source}
        lines.append(call_with(f"op.{word.name}", [*first, *rest], keywords))
    return lines


def batch(world: World, table: Table, *words: Word, **options: str) -> list[str]:
    """The words in a block.

    Args:
        world: the world.
        table: the table.
        words: the words.
        options: keywords of `batch_alter_table`, as source.
    """
    keywords: dict[str, str | None] = {"schema": table.schema_source, **options}
    if not table.schema and world.chance(0.75):
        keywords["schema"] = "None"
    head = call_with("op.batch_alter_table", [quoted(table.name)], keywords)
    lines = [call_with(f"batch_op.{word.name}", list(word.arguments), word.keywords) for word in words]
    return [under(f"with {head} as batch_op:", lines)]


def written(world: World, table: Table, *words: Word, simple: bool = False) -> list[str]:
    """The words in the form that is right for the database and as frequent as with people.

    Args:
        world: the world.
        table: the table.
        words: the words.
        simple: whether SQLite can do them without a block.
    """
    share = 0.35 if world.kind != "sqlite" else 0.6 if simple else 1.0
    if world.chance(share):
        return batch(world, table, *words)
    return plain(table, *words)


def existing(world: World, column: Column, *changed: str) -> dict[str, str | None]:
    """The `existing_*` keywords of `alter_column`.

    Args:
        world: the world; MySQL needs all of them, elsewhere people write some.
        column: the column as it is.
        changed: what is changed and therefore not repeated: `type`, `nullable`, `server_default`, `comment`.
    """
    known: dict[str, str | None] = {}
    if world.kind == "mysql" or world.chance(0.7):
        known["existing_type"] = column.type.source
    if "nullable" not in changed and (world.kind == "mysql" or world.chance(0.4)):
        known["existing_nullable"] = str(column.nullable)
    default = None if "server_default" in changed else column.default
    if default is not None and (world.kind == "mysql" or world.chance(0.3)):
        known["existing_server_default"] = default
    if "comment" not in changed and column.comment is not None and (world.kind == "mysql" or world.chance(0.5)):
        known["existing_comment"] = quoted(column.comment)
    return known
