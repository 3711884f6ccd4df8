"""Column changes of PostgreSQL: the statements for one `op.alter_column`."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

from sqlalchemy import Column, Computed, Identity, Table
from sqlalchemy import schema as sa_schema
from sqlalchemy.types import NULLTYPE, TypeEngine

from asyncmig._sqlalchemy import copy_type, is_type_bound, stand_in
from asyncmig.dialects.steps import Statement
from asyncmig.errors import OperationError
from asyncmig.operations.columns import AlterColumn

if TYPE_CHECKING:
    from asyncmig.dialects.ansi import AnsiAdapter

#: PostgreSQL 17 can change the expression of a generated column.
SET_EXPRESSION = 17
#: The ends of the integer types, which PostgreSQL fills in as the bounds of an identity column.
_HIGHEST = frozenset({2**15 - 1, 2**31 - 1, 2**63 - 1})
_LOWEST = frozenset({-(2**15), -(2**31), -(2**63)})


class ColumnChange:
    """The statements that carry out an `AlterColumn`.

    The order matters: an old default goes before the type changes (it might not fit the new one), an identity goes
    before NOT NULL does (it needs it) and comes after it, and the new name comes when all else has been done.
    `autoincrement` is a matter of MySQL; scripts for several databases give it, and it changes nothing here.
    """

    def __init__(self, adapter: AnsiAdapter, op: AlterColumn) -> None:
        self.adapter = adapter
        self.op = op
        self.new = op.server_default
        self.old = None if op.existing_server_default is False else op.existing_server_default

    def statements(self) -> Iterator[Statement]:
        self._check()
        op = self.op
        if op.type_ is not None and op.existing_type is not None:
            yield from self._drop_type_checks(op.existing_type)
        yield from self._remove_default()
        if op.type_ is not None:
            using = f" USING {op.postgresql_using}" if op.postgresql_using else ""
            yield self._alter(f"TYPE {self.adapter.type_text(op.type_)}{using}")
        if op.nullable is not None:
            yield self._alter("DROP NOT NULL" if op.nullable else "SET NOT NULL")
        yield from self._set_default()
        if op.comment is not False:
            yield self._comment(op.comment)
        if op.new_column_name is not None and op.new_column_name != op.column_name:
            names = f"{self._quote(op.column_name)} TO {self._quote(op.new_column_name)}"
            yield Statement(f"ALTER TABLE {self._table} RENAME {names}")
        if op.type_ is not None:
            yield from self._add_type_checks(op.type_)

    # -- what cannot be ---------------------------------------------------------------------------------------------

    def _check(self) -> None:
        op = self.op
        if op.postgresql_using and op.type_ is None:
            raise OperationError(
                f"op.alter_column: postgresql_using says how values become another type, but no type_ is given"
                f" ({op.describe()}).",
                operation=op,
                hint=f"op.alter_column({op.table_name!r}, {op.column_name!r}, type_=..., "
                f"postgresql_using={op.postgresql_using!r})",
            )
        if op.insert_before or op.insert_after:
            raise self.adapter.unsupported(
                op,
                why="PostgreSQL cannot move a column: a new column stands at the end, and the order stays",
                hint="Leave insert_before and insert_after out; queries name their columns anyway.",
            )
        if isinstance(self.new, Computed):
            self._check_computed(self.new)

    def _check_computed(self, new: Computed) -> None:
        if not isinstance(self.old, Computed):
            raise self._no_computed("PostgreSQL cannot make an existing column a generated one")
        if _persisted(new) != _persisted(self.old):
            raise self._no_computed("PostgreSQL cannot change a generated column between stored and virtual")
        version = getattr(self.adapter.dialect, "server_version_info", None)
        if not self._same_expression(new, self.old) and version and version < (SET_EXPRESSION,):
            found = ".".join(map(str, version))
            raise self._no_computed(f"PostgreSQL {found} cannot change the expression of a generated column, 17 can")

    def _no_computed(self, why: str) -> Exception:
        op = self.op
        return self.adapter.unsupported(
            op,
            why=why,
            hint="Drop the column and add it again:\n"
            f"    op.drop_column({op.table_name!r}, {op.column_name!r})\n"
            f"    op.add_column({op.table_name!r}, sa.Column({op.column_name!r}, ..., sa.Computed(...)))",
        )

    def _same_expression(self, new: Computed, old: Computed) -> bool:
        return self.adapter.expression(new.sqltext).split() == self.adapter.expression(old.sqltext).split()

    # -- default ----------------------------------------------------------------------------------------------------

    def _remove_default(self) -> Iterator[Statement]:
        """Take away what the new default cannot follow directly."""
        new, old = self.new, self.old
        if new is False or isinstance(new, Computed):
            return
        if isinstance(old, Identity):
            if not isinstance(new, Identity):
                yield self._alter("DROP IDENTITY")
        elif isinstance(old, Computed):
            yield self._alter("DROP EXPRESSION")
        elif new is None or (old is not None if isinstance(new, Identity) else self.op.type_ is not None):
            yield self._alter("DROP DEFAULT")

    def _set_default(self) -> Iterator[Statement]:
        new, old = self.new, self.old
        if new is False or new is None:
            return
        if isinstance(new, Computed):
            if isinstance(old, Computed) and not self._same_expression(new, old):
                yield self._alter(f"SET EXPRESSION AS ({self.adapter.expression(new.sqltext)})")
        elif isinstance(new, Identity):
            if not isinstance(old, Identity):
                yield self._alter(f"ADD {self._compiler().process(_copied(new))}")
            elif changes := " ".join(self._identity_changes(new, old)):
                yield self._alter(changes)
        elif text := self._default_text(new):
            yield self._alter(f"SET DEFAULT {text}")

    def _default_text(self, default: Any) -> str | None:
        type_ = self.op.type_ if self.op.type_ is not None else self.op.existing_type
        column = next(iter(self._stand_in(type_, server_default=default).columns))
        text = self._compiler().get_column_default_string(column)
        return None if text is None else str(text)

    def _identity_changes(self, new: Identity, old: Identity) -> Iterator[str]:
        """SET ... for each option that differs; an option that is not given has PostgreSQL's own default."""
        if bool(new.always) != bool(old.always):
            yield f"SET GENERATED {'ALWAYS' if new.always else 'BY DEFAULT'}"
        before = _identity_options(old)
        for option, (value, clause) in _identity_options(new).items():
            if value != before[option][0]:
                yield f"SET {clause}"
        if (_increment(new) > 0) != (_increment(old) > 0):
            # What it has counted to is beyond its new bounds.
            yield "RESTART"

    # -- the rest ---------------------------------------------------------------------------------------------------

    def _comment(self, comment: str | None) -> Statement:
        if comment is None:
            # SQLAlchemy's DropColumnComment leaves out the schema.
            return Statement(f"COMMENT ON COLUMN {self._table}.{self._quote(self.op.column_name)} IS NULL")
        column = next(iter(self._stand_in(None, comment=comment).columns))
        return Statement(self.adapter.ddl(sa_schema.SetColumnComment(column)))

    def _drop_type_checks(self, type_: TypeEngine[Any] | type[TypeEngine[Any]]) -> Iterator[Statement]:
        table = self._stand_in(type_)
        for constraint in sorted(table.constraints, key=lambda constraint: constraint._creation_order):
            if not is_type_bound(constraint) or not self.adapter.constraint_applies(constraint):
                continue
            name = self.adapter.printing.identifier_preparer.format_constraint(constraint)
            if name is None:
                raise OperationError(
                    f"op.alter_column: the CHECK of existing_type has no name by which it could be dropped"
                    f" ({self.op.describe()}).",
                    operation=self.op,
                    hint='existing_type=sa.Enum(..., name="the_name", native_enum=False, create_constraint=True)',
                )
            yield Statement(f"ALTER TABLE {self._table} DROP CONSTRAINT {name}")

    def _add_type_checks(self, type_: TypeEngine[Any] | type[TypeEngine[Any]]) -> Iterator[Statement]:
        table = self._stand_in(type_, name=self.op.new_column_name or self.op.column_name)
        for constraint in sorted(table.constraints, key=lambda constraint: constraint._creation_order):
            if is_type_bound(constraint) and self.adapter.constraint_applies(constraint):
                yield self.adapter.add_constraint(constraint)

    @property
    def _table(self) -> str:
        return self.adapter.table_name(self.op.table_name, self.op.schema)

    def _quote(self, name: str) -> str:
        return self.adapter.quote(name)

    def _alter(self, change: str) -> Statement:
        return Statement(f"ALTER TABLE {self._table} ALTER COLUMN {self._quote(self.op.column_name)} {change}")

    def _compiler(self) -> Any:
        return self.adapter.printing.ddl_compiler(self.adapter.printing, None)  # type: ignore[arg-type]

    def _stand_in(
        self, type_: TypeEngine[Any] | type[TypeEngine[Any]] | None, *, name: str | None = None, **options: Any
    ) -> Table:
        """A stand-in table that has only this column."""
        copied = NULLTYPE if type_ is None else copy_type(type_)
        column: Column[Any] = Column(name or self.op.column_name, copied, **options)
        return stand_in(self.op.table_name, self.op.schema, self.adapter.metadata(), column)


def _copied(identity: Identity) -> Identity:
    copied = identity._copy()
    return copied


def _persisted(computed: Computed) -> bool | None:
    return computed.persisted


def _increment(identity: Identity) -> int:
    return identity.increment if identity.increment is not None else 1


def _bound(value: int | None, up: bool) -> int | str:
    return value if value is not None else f"none, {'up' if up else 'down'}wards"


def _identity_options(identity: Identity) -> dict[str, tuple[Any, str]]:
    """The effective value of each option, and the clause that sets it."""
    increment = _increment(identity)
    up = increment > 0
    lowest = None if identity.minvalue in (_LOWEST if not up else {1}) else identity.minvalue
    highest = None if identity.maxvalue in (_HIGHEST if up else {-1}) else identity.maxvalue
    start = identity.start
    if start is None:
        start = lowest if up else highest
    if start is None:
        start = 1 if up else -1
    cache = identity.cache if identity.cache is not None else 1
    cycle = bool(identity.cycle)
    return {
        "increment": (increment, f"INCREMENT BY {increment}"),
        "start": (start, f"START WITH {start}"),
        # Which bounds are none depends on the direction.
        "minvalue": (_bound(lowest, up), "NO MINVALUE" if lowest is None else f"MINVALUE {lowest}"),
        "maxvalue": (_bound(highest, up), "NO MAXVALUE" if highest is None else f"MAXVALUE {highest}"),
        "cache": (cache, f"CACHE {cache}"),
        "cycle": (cycle, "CYCLE" if cycle else "NO CYCLE"),
    }
