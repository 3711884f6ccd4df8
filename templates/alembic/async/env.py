"""How migrations reach the database: executed for every command that asks it something."""

import asyncio
from logging.config import fileConfig

from alembic import context
from sqlalchemy import pool
from sqlalchemy.ext.asyncio import async_engine_from_config

config = context.config

if config.config_file_name is not None:
    fileConfig(config.config_file_name, disable_existing_loggers=False)

# The metadata of your models, to compare them with the database:
#     from app.models import Base
#     target_metadata = Base.metadata
target_metadata = None


def migrate_offline() -> None:
    """Print the SQL, for `upgrade --sql`; there is no connection."""
    context.configure(
        url=config.get_main_option("sqlalchemy.url"),
        target_metadata=target_metadata,
        literal_binds=True,
        dialect_opts={"paramstyle": "named"},
    )
    with context.begin_transaction():
        context.run_migrations()


def migrate_online() -> None:
    """Execute on the database of the configuration, or on a connection that a program hands over."""
    connection = config.attributes.get("connection")
    if connection is not None:
        migrate(connection)
        return
    asyncio.run(connect())


async def connect() -> None:
    """Open a connection, and execute on it."""
    section = config.get_section(config.config_ini_section, {})
    engine = async_engine_from_config(section, prefix="sqlalchemy.", poolclass=pool.NullPool)
    async with engine.connect() as connection:
        await connection.run_sync(migrate)
    await engine.dispose()


def migrate(connection) -> None:
    """Execute on a connection."""
    context.configure(connection=connection, target_metadata=target_metadata)
    with context.begin_transaction():
        context.run_migrations()


if context.is_offline_mode():
    migrate_offline()
else:
    migrate_online()
