"""Every word of Alembic's `op` is there, with its parameters in their order and with their defaults."""

import inspect
from collections.abc import Callable, Mapping
from typing import Any

import pytest

from asyncmig.runtime.directives import Operations, SyncOperations, op
from asyncmig.runtime.table_operations import TableDirective, TableOperations

NEEDED = inspect.Parameter.empty

#: By word: what may be given by position, then what is given by name; the defaults are Alembic's.
WORDS: Mapping[str, tuple[Mapping[str, Any], Mapping[str, Any]]] = {
    "create_table": ({"table_name": NEEDED, "*": NEEDED}, {"if_not_exists": None, "**": NEEDED}),
    "drop_table": ({"table_name": NEEDED}, {"schema": None, "if_exists": None, "**": NEEDED}),
    "rename_table": ({"old_table_name": NEEDED, "new_table_name": NEEDED}, {"schema": None}),
    "add_column": (
        {"table_name": NEEDED, "column": NEEDED},
        {"schema": None, "if_not_exists": None, "inline_references": None, "inline_primary_key": None},
    ),
    "drop_column": ({"table_name": NEEDED, "column_name": NEEDED}, {"schema": None, "**": NEEDED}),
    "alter_column": (
        {"table_name": NEEDED, "column_name": NEEDED},
        {
            "nullable": None,
            "comment": False,
            "server_default": False,
            "new_column_name": None,
            "type_": None,
            "existing_type": None,
            "existing_server_default": False,
            "existing_nullable": None,
            "existing_comment": None,
            "schema": None,
            "autoincrement": None,
            "existing_autoincrement": None,
            "postgresql_using": None,
            "**": NEEDED,
        },
    ),
    "create_index": (
        {"index_name": NEEDED, "table_name": NEEDED, "columns": NEEDED},
        {"schema": None, "unique": False, "if_not_exists": None, "**": NEEDED},
    ),
    "drop_index": (
        {"index_name": NEEDED, "table_name": None},
        {"schema": None, "if_exists": None, "**": NEEDED},
    ),
    "create_primary_key": (
        {"constraint_name": NEEDED, "table_name": NEEDED, "columns": NEEDED},
        {"schema": None},
    ),
    "create_foreign_key": (
        {
            "constraint_name": NEEDED,
            "source_table": NEEDED,
            "referent_table": NEEDED,
            "local_cols": NEEDED,
            "remote_cols": NEEDED,
        },
        {
            "onupdate": None,
            "ondelete": None,
            "deferrable": None,
            "initially": None,
            "match": None,
            "source_schema": None,
            "referent_schema": None,
            "**": NEEDED,
        },
    ),
    "create_unique_constraint": (
        {"constraint_name": NEEDED, "table_name": NEEDED, "columns": NEEDED},
        {"schema": None, "deferrable": None, "initially": None, "**": NEEDED},
    ),
    "create_check_constraint": (
        {"constraint_name": NEEDED, "table_name": NEEDED, "condition": NEEDED},
        {"schema": None, "**": NEEDED},
    ),
    "create_exclude_constraint": (
        {"constraint_name": NEEDED, "table_name": NEEDED, "*": NEEDED},
        {"where": None, "using": None, "deferrable": None, "initially": None, "schema": None, "**": NEEDED},
    ),
    "drop_constraint": (
        {"constraint_name": NEEDED, "table_name": NEEDED, "type_": None},
        {"schema": None, "if_exists": None},
    ),
    "create_table_comment": ({"table_name": NEEDED, "comment": NEEDED}, {"existing_comment": None, "schema": None}),
    "drop_table_comment": ({"table_name": NEEDED}, {"existing_comment": None, "schema": None}),
    "bulk_insert": ({"table": NEEDED, "rows": NEEDED}, {"multiinsert": True}),
    "execute": ({"sqltext": NEEDED}, {"execution_options": None}),
}

#: The words of a table block, and what Alembic gives them besides.
BLOCK_WORDS: Mapping[str, tuple[str, ...]] = {
    "add_column": ("insert_before", "insert_after"),
    "alter_column": ("insert_before", "insert_after"),
    "drop_column": (),
    "create_index": (),
    "drop_index": (),
    "create_primary_key": (),
    "create_foreign_key": (),
    "create_unique_constraint": (),
    "create_check_constraint": (),
    "create_exclude_constraint": (),
    "drop_constraint": (),
    "create_table_comment": (),
    "drop_table_comment": (),
}

HELPERS: Mapping[str, tuple[str, ...]] = {
    "f": ("name",),
    "get_bind": (),
    "get_context": (),
    "inline_literal": ("value", "type_"),
    "invoke": ("operation",),
    "batch_alter_table": (
        "table_name",
        "schema",
        "recreate",
        "partial_reordering",
        "copy_from",
        "table_args",
        "table_kwargs",
        "reflect_args",
        "reflect_kwargs",
        "naming_convention",
    ),
}


def _parameters(function: Callable[..., Any]) -> tuple[dict[str, Any], dict[str, Any]]:
    """What may be given by position, and what by name, with the defaults."""
    positional: dict[str, Any] = {}
    named: dict[str, Any] = {}
    for name, parameter in inspect.signature(function).parameters.items():
        match parameter.kind:
            case inspect.Parameter.VAR_POSITIONAL:
                positional["*"] = NEEDED
            case inspect.Parameter.VAR_KEYWORD:
                named["**"] = NEEDED
            case inspect.Parameter.KEYWORD_ONLY:
                named[name] = parameter.default
            case _:
                positional[name] = parameter.default
    return positional, named


@pytest.mark.parametrize("word", WORDS)
def test_word_has_the_parameters_that_alembic_gives_it(word: str) -> None:
    positional, named = _parameters(getattr(Operations, word).build)
    wanted_positional, wanted_named = WORDS[word]

    assert list(positional.items())[: len(wanted_positional)] == list(wanted_positional.items())
    assert wanted_named.items() <= named.items()
    ours = {**dict(list(positional.items())[len(wanted_positional) :]), **named}
    assert all(ours[name] is not NEEDED for name in ours if name not in ("*", "**")), "ours besides may be left out"


@pytest.mark.parametrize("word", BLOCK_WORDS)
def test_word_of_a_block_builds_the_same_operation_without_the_table(word: str) -> None:
    directive = vars(TableOperations)[word]
    assert isinstance(directive, TableDirective)
    assert directive.build == getattr(Operations, word).build
    names = list(_parameters(directive.build)[0])
    assert names[1 if directive.named else 0] in ("table_name", "source_table")
    assert set(BLOCK_WORDS[word]) <= set(_parameters(directive.build)[1])


@pytest.mark.parametrize("facade", [Operations, SyncOperations])
@pytest.mark.parametrize("word", HELPERS)
def test_helper_has_the_parameters_that_alembic_gives_it(facade: type[Any], word: str) -> None:
    parameters = [name for name in inspect.signature(getattr(facade, word)).parameters if name != "self"]
    assert tuple(parameters) == HELPERS[word]


def test_module_level_op_has_every_word() -> None:
    missing = [word for word in {*WORDS, *HELPERS, "run_async"} if not hasattr(type(op), word)]
    assert missing == []


def test_block_runs_sql_too() -> None:
    assert isinstance(vars(TableOperations)["execute"], property)
