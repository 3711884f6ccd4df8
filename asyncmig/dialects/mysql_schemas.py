"""MySQLSchemaPlanner: what MySQL and MariaDB say differently about databases, sequences and options of tables."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, Final

from sqlalchemy import BigInteger, Connection, text
from sqlalchemy.dialects.mysql.base import MySQLDDLCompiler
from sqlalchemy.types import to_instance

from asyncmig._sqlalchemy import stand_in
from asyncmig.dialects.adapter import plans
from asyncmig.dialects.facts import Facts
from asyncmig.dialects.mysql_constraints import MySQLConstraintPlanner
from asyncmig.dialects.steps import Statement, Step
from asyncmig.errors import OperationError
from asyncmig.operations.schemas import DropSchema
from asyncmig.operations.sequences import AlterSequence, CreateSequence, DropSequence
from asyncmig.operations.table_options import AlterTableOptions

#: MariaDB knows other types of sequences than BIGINT since then.
_TYPED_SEQUENCES: Final = (11, 5)
#: How an option goes back to what it is without being said.
_DEFAULTS: Final[Mapping[str, str]] = {
    "row_format": "DEFAULT",
    "pack_keys": "DEFAULT",
    "stats_auto_recalc": "DEFAULT",
    "stats_persistent": "DEFAULT",
    "stats_sample_pages": "DEFAULT",
    "key_block_size": "0",
    "avg_row_length": "0",
    "max_rows": "0",
    "min_rows": "0",
    "checksum": "0",
    "delay_key_write": "0",
    "insert_method": "NO",
}

_CONTENTS = text(
    "SELECT table_name FROM information_schema.tables WHERE table_schema = :schema"
    " UNION ALL SELECT routine_name FROM information_schema.routines WHERE routine_schema = :schema ORDER BY 1"
)


class MySQLSchemaPlanner(MySQLConstraintPlanner):
    """What MySQL and MariaDB say differently about databases, sequences and options of tables."""

    # -- databases --------------------------------------------------------------------------------------------------

    @plans(DropSchema)
    def drop_schema(self, op: DropSchema, facts: Facts) -> Iterator[Step]:
        """DROP SCHEMA, which takes everything with it here; so it is refused while anything stands in it."""
        contents = facts.uses.get(schema_key(op.schema_name), ())
        if contents:
            raise OperationError(
                f"op.{op.verb}: schema {op.schema_name} is not empty; MySQL would drop with it: {', '.join(contents)}.",
                operation=op,
                hint=f'op.execute("DROP SCHEMA {self.schema_name(op.schema_name)}")   # with everything in it',
            )
        yield from super().drop_schema(op, facts)

    # -- sequences --------------------------------------------------------------------------------------------------

    @plans(CreateSequence)
    def create_sequence(self, op: CreateSequence, facts: Facts) -> Iterator[Step]:
        self._require_sequences(op)
        yield from super().create_sequence(op, facts)

    @plans(AlterSequence)
    def alter_sequence(self, op: AlterSequence, facts: Facts) -> Iterator[Step]:
        self._require_sequences(op)
        yield from super().alter_sequence(op, facts)

    @plans(DropSequence)
    def drop_sequence(self, op: DropSequence, facts: Facts) -> Iterator[Step]:
        self._require_sequences(op)
        yield from super().drop_sequence(op, facts)

    def _require_sequences(self, op: CreateSequence | AlterSequence | DropSequence) -> None:
        if not self.is_mariadb:
            raise self.unsupported(
                op,
                why="MySQL has no sequences",
                hint='if op.dialect.name != "mysql": ...   # around it; columns count with autoincrement=True',
            )

    def sequence_options(self, op: CreateSequence | AlterSequence, options: Mapping[str, Any]) -> str:
        type_ = options.get("data_type")
        version: Any = getattr(self.dialect, "server_version_info", None) or (0,)
        if type_ is not None and version[:2] < _TYPED_SEQUENCES:
            if not isinstance(to_instance(type_), BigInteger):
                raise self.unsupported(op, why="sequences of MariaDB before 11.5 are always BIGINT")
            options = {**options, "data_type": None}
        return super().sequence_options(op, options)

    # -- tables -----------------------------------------------------------------------------------------------------

    @plans(AlterTableOptions)
    def alter_table_options(self, op: AlterTableOptions, facts: Facts) -> Iterator[Step]:
        """ALTER TABLE with options.

        A character set or collation is what new columns get; those that are there keep theirs.
        """
        prefix = self.dialect.name
        options = op.options_for(prefix)
        words = [self._default(op, name) for name, value in options.items() if value is None]
        given = {f"{prefix}_{name}": str(value) for name, value in options.items() if value is not None}
        if given:
            table = stand_in(op.table_name, op.schema, self.metadata(), **given)
            compiler = self.compiler()
            assert isinstance(compiler, MySQLDDLCompiler)
            words.insert(0, compiler.post_create_table(table).strip())
        if words:
            yield Statement(f"ALTER TABLE {self.table_name(op.table_name, op.schema)} {', '.join(words)}")

    def _default(self, op: AlterTableOptions, name: str) -> str:
        if name not in _DEFAULTS:
            raise self.unsupported(op, why=f"MySQL has no way to leave {name} to the server again")
        return f"{name.upper()}={_DEFAULTS[name]}"


def schema_key(name: str) -> Any:
    """A schema, to be asked for among the uses."""
    # It differs from every name of a table, and of a type.
    return (name, None, "schema")


def read_contents(connection: Connection, key: Any) -> tuple[str, ...]:
    """What stands in a schema."""
    return tuple(connection.execute(_CONTENTS, {"schema": key[0]}).scalars())
