"""As written: what an `alter_column` says of a MySQL column by itself, where nothing is read from the database.

So Alembic has it: MODIFY and CHANGE replace the whole definition, and what the script does not repeat is lost. A
history that was written for Alembic gives the same columns only in this way.
"""

from __future__ import annotations

import re
from typing import Any, Final

from sqlalchemy import Computed, DateTime, DefaultClause, Identity, TextClause
from sqlalchemy.types import TypeDecorator, TypeEngine

from asyncmig.operations.columns import AlterColumn

NOW: Final = re.compile(r"(?:current_timestamp|now|localtime|localtimestamp)\b", re.I)


def says_enough(op: AlterColumn) -> bool:
    """Whether the operation alone tells what to write; where it does not, Alembic refuses it."""
    if any(isinstance(default, Computed | Identity) for default in (op.server_default, op.existing_server_default)):
        return False
    if type_of(op) is None:
        return is_default_alone(op) and not _is_moment(op.server_default)
    return op.new_column_name is not None or op.server_default is not False or changes_more(op)


def is_default_alone(op: AlterColumn) -> bool:
    """Whether ALTER COLUMN, which leaves the rest of the definition alone, can say all of it."""
    if op.server_default is False or op.new_column_name is not None or changes_more(op):
        return False
    # A default of such a column may be an expression, which ALTER COLUMN does not take everywhere.
    return op.server_default is None or not _is_date_time(type_of(op))


def changes_more(op: AlterColumn) -> bool:
    """Whether more than the name and the default changes."""
    return any(change is not None for change in (op.type_, op.nullable, op.autoincrement)) or op.comment is not False


def type_of(op: AlterColumn) -> TypeEngine[Any] | type[TypeEngine[Any]] | None:
    """The type that the column will have; None where the operation does not tell."""
    return op.type_ if op.type_ is not None else op.existing_type


def _is_date_time(type_: TypeEngine[Any] | type[TypeEngine[Any]] | None) -> bool:
    if type_ is None:
        return False
    instance = type_() if isinstance(type_, type) else type_
    return isinstance(instance.impl_instance if isinstance(instance, TypeDecorator) else instance, DateTime)


def _is_moment(default: Any) -> bool:
    value = default.arg if isinstance(default, DefaultClause) else default
    return NOW.match(value.text if isinstance(value, TextClause) else str(value)) is not None
