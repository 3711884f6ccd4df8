"""PostgreSQLSchemaPlanner: what PostgreSQL says differently about enumerated types and options of tables."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from asyncmig.dialects.adapter import plans
from asyncmig.dialects.facts import Facts
from asyncmig.dialects.postgresql_connection import PostgreSQLConnections
from asyncmig.dialects.postgresql_enums import EnumUses, Exchange, additions, is_extension, with_old_names
from asyncmig.dialects.steps import Statement, Step
from asyncmig.errors import NeedsDatabaseError, OperationError
from asyncmig.operations.enums import AddEnumValue, AlterEnum, RenameEnumValue
from asyncmig.operations.table_options import AlterTableOptions


class PostgreSQLSchemaPlanner(PostgreSQLConnections):
    """What PostgreSQL says differently about enumerated types and options of tables."""

    # -- enums ------------------------------------------------------------------------------------------------------

    @plans(AlterEnum)
    def alter_enum(self, op: AlterEnum, facts: Facts) -> Iterator[Step]:
        existing = self._existing_values(op, facts)
        renamed = {old: new for old, new in op.renamed.items() if old in existing and new not in existing}
        wanted = with_old_names(op.values, renamed)
        if is_extension(existing, wanted):
            yield from self._renamed(op, renamed)
            now = [renamed.get(value, value) for value in existing]
            for value, before, after in additions(now, op.values):
                add = AddEnumValue(op.enum_name, value, before=before, after=after, schema=op.schema)
                yield from self.plan(add, facts)
            return
        yield from self._exchanged(op, wanted, [value for value in existing if value not in wanted], facts)
        yield from self._renamed(op, renamed)

    def _existing_values(self, op: AlterEnum, facts: Facts) -> Sequence[str]:
        """The values that the type has.

        Raises:
            NeedsDatabaseError: nobody says.
            OperationError: there is no such type.
        """
        known = facts.types.get(op.enum) if op.enum in facts.types else op.existing_values
        if known is not None:
            return tuple(known)
        if facts.known or op.enum in facts.types:
            raise OperationError(f"op.{op.verb}: there is no enum {op.enum}.", operation=op)
        raise NeedsDatabaseError(
            f"op.{op.verb}: the values that enum {op.enum} has are not known without a database.",
            operation=op,
            hint=f'op.{op.verb}("{op.enum_name}", {list(op.values)!r}, existing_values=[…])',
        )

    def _renamed(self, op: AlterEnum, renamed: Mapping[str, str]) -> Iterator[Step]:
        for old, new in renamed.items():
            yield from self.plan(RenameEnumValue(op.enum_name, old, new, schema=op.schema), Facts())

    def _exchanged(self, op: AlterEnum, values: Sequence[str], gone: Sequence[str], facts: Facts) -> Iterator[Step]:
        """The steps that put a new type in the place of the old one.

        Raises:
            NeedsDatabaseError: nobody says which columns have the type.
            OperationError: something hangs on the type that cannot be carried over.
        """
        uses: EnumUses | None = facts.uses.get(op.enum)
        if uses is None:
            raise NeedsDatabaseError(
                f"op.{op.verb}: values are taken out of enum {op.enum} or change their places, and which columns have "
                "it is not known without a database.",
                operation=op,
                hint="Print the SQL with a connection to a database that stands at the revision before, or write the "
                "ALTER TABLE … ALTER COLUMN … TYPE … USING … with op.execute.",
            )
        if uses.in_the_way:
            raise OperationError(
                f"op.{op.verb}: enum {op.enum} must be exchanged for a new type, but these hang on it: "
                f"{', '.join(uses.in_the_way)}.",
                operation=op,
                hint="Drop them before and create them again behind it:\n" + "\n".join(map(_way_out, uses.in_the_way)),
            )
        if naming := uses.naming(gone, self.literal):
            raise OperationError(
                f"op.{op.verb}: enum {op.enum} loses values that these name: {', '.join(naming)}.",
                operation=op,
                hint="Change them before it.",
            )
        exchange = Exchange(op.enum, values, uses, name=self.table_name, literal=self.literal)
        for statement in exchange.statements():
            yield Statement(statement)

    # -- tables -----------------------------------------------------------------------------------------------------

    @plans(AlterTableOptions)
    def alter_table_options(self, op: AlterTableOptions, facts: Facts) -> Iterator[Step]:
        table = f"ALTER TABLE {self.table_name(op.table_name, op.schema)}"
        if (prefixes := op.options.get("prefixes")) is not None:
            # Of all words between CREATE and TABLE, this is the one that can come later.
            yield Statement(f"{table} SET {'UNLOGGED' if 'UNLOGGED' in map(str.upper, prefixes) else 'LOGGED'}")
        for name, value in op.options_for(self.dialect.name).items():
            match name:
                case "tablespace":
                    yield Statement(f"{table} SET TABLESPACE {self.quote(value or 'pg_default')}")
                case "using":
                    yield Statement(f"{table} SET ACCESS METHOD {self.quote(value or 'heap')}")
                case "with":
                    yield from self._storage(op, table, dict(value or ()))
                case "ignore_search_path" | "on_commit":
                    continue
                case _:
                    raise self.unsupported(op, why=f"PostgreSQL cannot change {name} of a table that is there")

    def _storage(self, op: AlterTableOptions, table: str, wanted: Mapping[str, Any]) -> Iterator[Step]:
        before = dict(op.existing_options.get(f"{self.dialect.name}_with") or ())
        gone = [name for name in before if name not in wanted]
        if wanted:
            yield Statement(f"{table} SET ({', '.join(f'{name} = {value}' for name, value in wanted.items())})")
        if gone:
            yield Statement(f"{table} RESET ({', '.join(gone)})")


def _way_out(thing: str) -> str:
    kind, _, name = thing.rpartition(" ")
    if kind in ("view", "materialized view"):
        return f'    op.drop_{kind.replace(" ", "_")}("{name.rpartition(".")[2]}")'
    return f"    {thing}"
