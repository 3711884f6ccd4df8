"""A Litestar application that brings its database up to date when it starts."""

import os
from pathlib import Path

from litestar import Litestar, get, post
from sqlalchemy import text
from sqlalchemy.ext.asyncio import create_async_engine

from asyncmig.integrations.litestar import AsyncmigPlugin

HERE = Path(__file__).resolve().parent

engine = create_async_engine(os.environ.get("DATABASE_URL") or f"sqlite+aiosqlite:///{HERE / 'notes.sqlite'}")


@get("/notes")
async def read() -> list[str]:
    """The titles of all notes."""
    async with engine.connect() as connection:
        return list(await connection.scalars(text("SELECT title FROM notes ORDER BY id")))


@post("/notes/{title:str}")
async def write(title: str) -> None:
    """Keep a note."""
    async with engine.begin() as connection:
        await connection.execute(text("INSERT INTO notes (title) VALUES (:title)"), {"title": title})


app = Litestar(
    [read, write],
    plugins=[AsyncmigPlugin(engine, HERE / "migrations", connect_wait=60, health_path="/health/migrations")],
    on_shutdown=[engine.dispose],
)
