"""Differences: what asyncmig would do differently from Alembic in a project, each as the code does it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from asyncmig.compat.alembic.environment_source import EnvironmentSource
from asyncmig.compat.alembic.report import Attention, Difference, FoundDatabase
from asyncmig.migrator.examining import Configuration
from asyncmig.state.tables import JOURNAL_TABLE, LOCK_TABLE, LOG_TABLE, VERSION_LENGTH

__all__ = ["differences", "parameter_attention"]

_FILTER = 'include_name=lambda name, type_, parents: type_ != "table" or not name.startswith("asyncmig_")'


def differences(found: Sequence[tuple[FoundDatabase, Configuration]]) -> Iterator[Difference]:
    """What would be different.

    Args:
        found: each database, and how it is configured.
    """
    configured = [configuration for _, configuration in found]
    if any(not one.one_transaction and one.transactional_ddl for one in configured):
        yield Difference(
            "transactions",
            "Each revision has a transaction of its own, so what was done before a failure stays done. Alembic has one "
            "for the whole run on PostgreSQL, unless transaction_per_migration is set, and none on SQLite.",
            "context.configure(..., transaction_per_migration=False)    # one for the whole run, with asyncmig too",
        )
    if any(not one.transactional_ddl for one in configured):
        yield Difference(
            "broken-off revisions",
            f"DDL commits by itself here, so each step is written into the table {JOURNAL_TABLE}, and a revision that "
            "was broken off goes on where it stopped.",
        )
    if any(one.alter_column == "keep" for one in configured):
        yield Difference(
            "alter_column",
            "What a script does not mention of a column stays as it is, as mysql_alter_column = keep says; Alembic "
            "writes the column again without it.",
        )
    yield from _lock(configured)
    yield from _tables(found)
    for database in dict.fromkeys(database for database, _ in found):
        if database.named_driver and database.named_driver != database.driver:
            yield Difference(
                "driver", f"{database.url}: {database.driver} is used in place of {database.named_driver}."
            )
    yield Difference(
        "revision files", "Only the files that are to run are executed; the others are only read. Alembic executes all."
    )


def _lock(configured: Sequence[Configuration]) -> Iterator[Difference]:
    if any(one.lock == "session" for one in configured):
        yield Difference(
            "lock",
            "A run takes a lock, so that two runs on one database never meet: the second waits until the first is "
            "done, and finds nothing left to do. Alembic has no lock.",
        )
    else:
        yield Difference(
            "lock",
            "Each transaction takes the write lock of the database at its beginning, and looks then whether another "
            "run was here, so that two runs never do the same. Alembic has no lock.",
        )
    timeouts = {one.lock_timeout for one in configured if one.lock == "session" and not one.external}
    for timeout in sorted(timeouts):
        if timeout:
            yield Difference(
                "lock_timeout",
                f"A statement gives up after {timeout:g} s of waiting for locks that others hold; the revision is "
                "rolled back and tried again. With Alembic it waits as long as the server lets it, and everybody "
                "queues behind it.",
            )


def _tables(found: Sequence[tuple[FoundDatabase, Configuration]]) -> Iterator[Difference]:
    """The tables beside the version table, and what makes Alembic pass them over."""
    schemas = dict.fromkeys(database.version_table_schema for database, _ in found)
    journal = (
        f"and {JOURNAL_TABLE}"
        if any(not one.transactional_ddl for _, one in found)
        else f"and, for a revision that cannot be one transaction, {JOURNAL_TABLE}"
    )
    lease = f" (and {LOCK_TABLE} behind a connection pooler)" if any(c.lock == "session" for _, c in found) else ""
    yield Difference(
        "tables",
        f"The first run makes a table {LOG_TABLE}, which says what was run when, {journal}{lease}, beside the version "
        "table. On the way back they are dropped like this:",
        "\n".join(
            f"DROP TABLE IF EXISTS {f'{schema}.' if schema else ''}{table};"
            for schema in schemas
            for table in (LOG_TABLE, JOURNAL_TABLE, LOCK_TABLE)
        ),
    )
    seen = [one for _, one in found if one.version_table_schema is None or one.options.get("include_schemas")]
    if seen:
        beside = " beside your own" if any(one.options.get("include_name") for one in seen) else ""
        yield Difference(
            "alembic check",
            "Alembic's autogenerate would take these tables for ones that were forgotten in the models, and write DROP "
            f"TABLE for them. This keeps them out of its sight, in context.configure(){beside}:",
            f"{_FILTER},",
        )
    if any(database.version_table_exists is False for database, _ in found):
        yield Difference(
            "version table",
            f"It is made with room for ids of {VERSION_LENGTH} characters; Alembic makes it with room for 32.",
        )


def parameter_attention(
    options: Sequence[Mapping[str, Any]], configured: Sequence[Configuration], source: EnvironmentSource | None
) -> Iterator[Attention]:
    """The parameters of `context.configure` that asyncmig does not use.

    Args:
        options: what each call was given.
        configured: how the databases are configured.
        source: the source of `env.py`.
    """
    given = {name for each in options for name, value in each.items() if value is not None}
    if source is not None:
        given |= {name for call in source.configure_calls for name in call.keywords}
    lines = {name: source.line_of_parameter(name) if source else None for name in given}
    path = source.path if source else None
    if "autogenerate_plugins" in given:
        yield Attention(
            f"autogenerate_plugins is not used: {path} names plugins of Alembic, which asyncmig does not load.",
            None,
            path,
            lines["autogenerate_plugins"],
        )
    for name, text in (
        ("transactional_ddl", "transactional_ddl is not used: DDL is rolled back wherever the database can do that"),
        ("version_table_pk", "version_table_pk is not used: a version table that asyncmig makes has a primary key"),
    ):
        if name in given and any(each.get(name) is False for each in options or [{name: False}]):
            yield Attention(f"{path}: {text}.", None, path, lines[name])
