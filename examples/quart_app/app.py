"""A Quart application that brings its database up to date before it serves."""

import os
from pathlib import Path

from quart import Quart
from sqlalchemy import text
from sqlalchemy.ext.asyncio import create_async_engine

from asyncmig.integrations.quart import Asyncmig

HERE = Path(__file__).resolve().parent

engine = create_async_engine(os.environ.get("DATABASE_URL") or f"sqlite+aiosqlite:///{HERE / 'notes.sqlite'}")

app = Quart(__name__)
Asyncmig(app, engine, HERE / "migrations", connect_wait=60, health_path="/health/migrations")


@app.get("/notes")
async def read() -> list[str]:
    """The titles of all notes."""
    async with engine.connect() as connection:
        return list(await connection.scalars(text("SELECT title FROM notes ORDER BY id")))


@app.post("/notes/<title>")
async def write(title: str) -> tuple[str, int]:
    """Keep a note."""
    async with engine.begin() as connection:
        await connection.execute(text("INSERT INTO notes (title) VALUES (:title)"), {"title": title})
    return "", 201


@app.after_serving
async def close() -> None:
    """Close the connections."""
    await engine.dispose()
