"""The engine of the blog: the database that DATABASE_URL names, else a SQLite file beside the project."""

import os
from pathlib import Path

from sqlalchemy.ext.asyncio import create_async_engine

PROJECT = Path(__file__).resolve().parent.parent

engine = create_async_engine(os.environ.get("DATABASE_URL") or f"sqlite+aiosqlite:///{PROJECT / 'blog.sqlite'}")
