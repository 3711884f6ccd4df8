"""Things beside tables: the operations on schemas, enumerated types, sequences and objects."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, Final

from sqlalchemy import BigInteger, Integer, SmallInteger
from sqlalchemy import Sequence as SchemaSequence
from sqlalchemy.types import TypeEngine

from asyncmig.autogenerate.changes import Change, Unit
from asyncmig.autogenerate.differences import Difference
from asyncmig.autogenerate.renaming import Renames
from asyncmig.dialects.catalogue import Catalogue
from asyncmig.operations.base import TableName
from asyncmig.operations.enums import AlterEnum, CreateEnum
from asyncmig.operations.schemas import CreateSchema
from asyncmig.operations.sequences import AlterSequence, CreateSequence
from asyncmig.schema import EnumState, ObjectKey, ObjectState, SequenceState

#: What the options of a sequence are called in operations, by what they are called in states.
_OPTIONS: Final[Mapping[str, str]] = {
    "start": "start",
    "increment": "increment",
    "minimum": "minvalue",
    "maximum": "maxvalue",
    "cycle": "cycle",
    "cache": "cache",
}
_TYPES: Final[Mapping[str, type[TypeEngine[Any]]]] = {
    "bigint": BigInteger,
    "integer": Integer,
    "smallint": SmallInteger,
}


def schema_units(difference: Difference) -> Iterator[Unit]:
    """What creates or drops a schema."""
    if difference.wanted is not None:
        yield Unit.of(CreateSchema(difference.wanted))
    else:
        yield Unit.of(CreateSchema(difference.live).reversed())


# -- enums -------------------------------------------------------------------------------------------------------------


def enum_units(difference: Difference, renames: Renames) -> Iterator[Unit]:
    """What creates or drops an enumerated type, or gives it other values."""
    wanted, live = difference.wanted, difference.live
    if live is None:
        yield Unit.of(_create_enum(wanted))
    elif wanted is None:
        yield Unit.of(_create_enum(live).reversed())
    else:
        yield _alter_enum(wanted, live, renames)


def _create_enum(enum: EnumState) -> CreateEnum:
    return CreateEnum(enum.name.name, list(enum.values), schema=enum.name.schema)


def _alter_enum(wanted: EnumState, live: EnumState, renames: Renames) -> Unit:
    renamed = renamed_values(wanted, live, renames)
    lost = [value for value in live.values if value not in wanted.values and value not in renamed]
    note = f"{wanted.name} loses {', '.join(map(repr, lost))}, which fails where a row still has it."
    operation = AlterEnum(
        wanted.name.name,
        list(wanted.values),
        schema=wanted.name.schema,
        existing_values=list(live.values),
        renamed=renamed,
    )
    return Unit.of(operation, *([note] if lost else []))


def renamed_values(wanted: EnumState, live: EnumState, renames: Renames) -> dict[str, str]:
    """The values that a person has said have another name now."""
    said = {value: renames.of_member(live.name, value) for value in live.values if value not in wanted.values}
    return {old: new for old, new in said.items() if new in wanted.values and new not in live.values}


def is_exchanged(wanted: EnumState, live: EnumState, renames: Renames) -> bool:
    """Whether a type gets its other values only by being exchanged for a new one."""
    renamed = renamed_values(wanted, live, renames)
    kept = [renamed.get(value, value) for value in live.values]
    there = set(kept)
    return kept != [value for value in wanted.values if value in there]


# -- sequences ---------------------------------------------------------------------------------------------------------


def sequence_units(difference: Difference) -> Iterator[Unit]:
    """What creates, changes or drops a sequence."""
    wanted, live = difference.wanted, difference.live
    if live is None:
        yield Unit.of(_declared_sequence(wanted))
    elif wanted is None:
        yield Unit.of(_read_sequence(live).reversed())
    else:
        yield Unit.of(_alter_sequence(wanted, live))


def _declared_sequence(sequence: SequenceState) -> CreateSequence:
    """A sequence with the options that the models give it."""
    model: SchemaSequence = sequence.model
    return CreateSequence(
        sequence.name.name,
        schema=sequence.name.schema,
        start=model.start,
        increment=model.increment,
        minvalue=model.minvalue,
        maxvalue=model.maxvalue,
        cycle=model.cycle,
        cache=model.cache,
        data_type=model.data_type,
    )


def _read_sequence(sequence: SequenceState) -> CreateSequence:
    """A sequence with the options that it has, apart from those that it would have anyway."""
    usual = SequenceState(sequence.name)
    options = {
        _OPTIONS[name]: getattr(sequence, name) for name in _OPTIONS if getattr(sequence, name) != getattr(usual, name)
    }
    data_type = None if sequence.type == usual.type else _TYPES.get(sequence.type)
    return CreateSequence(sequence.name.name, schema=sequence.name.schema, data_type=data_type, **options)


def _alter_sequence(wanted: SequenceState, live: SequenceState) -> AlterSequence:
    changed = [name for name in _OPTIONS if getattr(wanted, name) != getattr(live, name)]
    options: dict[str, Any] = {_OPTIONS[name]: getattr(wanted, name) for name in changed}
    existing: dict[str, Any] = {_OPTIONS[name]: getattr(live, name) for name in changed}
    if wanted.type != live.type:
        options["data_type"], existing["data_type"] = _TYPES.get(wanted.type), _TYPES.get(live.type)
    return AlterSequence(wanted.name.name, schema=wanted.name.schema, existing=existing, **options)


# -- objects -----------------------------------------------------------------------------------------------------------


def object_units(difference: Difference, catalogue: Catalogue) -> Iterator[Unit]:
    """What creates, replaces or drops an object."""
    wanted: ObjectState | None = difference.wanted
    live: ObjectState | None = difference.live
    changes = tuple(map(Change, catalogue.object_operations(live, wanted)))
    if changes:
        yield Unit(
            changes,
            creates=_key(wanted),
            drops=_key(live) if wanted is None else frozenset(),
            needs=_needs(wanted),
            frees=_needs(live) if wanted is None else frozenset(),
        )


def _key(state: ObjectState | None) -> frozenset[Any]:
    return frozenset() if state is None else frozenset({("object", state.key)})


def _needs(state: ObjectState | None) -> frozenset[Any]:
    if state is None:
        return frozenset()
    objects = {("object", needed) for needed in state.needs if isinstance(needed, ObjectKey)}
    return frozenset(objects).union(
        *({("shape", needed), ("names", needed)} for needed in state.needs if isinstance(needed, TableName))
    )
