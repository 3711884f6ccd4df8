"""The models of the notes, and the engine of their database."""

import os
from datetime import datetime
from pathlib import Path

from sqlalchemy import MetaData, String, Text, false, func
from sqlalchemy.ext.asyncio import async_sessionmaker, create_async_engine
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column

PROJECT = Path(__file__).resolve().parent.parent

engine = create_async_engine(os.environ.get("DATABASE_URL") or f"sqlite+aiosqlite:///{PROJECT / 'notes.sqlite'}")
session = async_sessionmaker(engine, expire_on_commit=False)


class Base(DeclarativeBase):
    metadata = MetaData(
        naming_convention={
            "ix": "ix_%(table_name)s_%(column_0_N_name)s",
            "uq": "uq_%(table_name)s_%(column_0_N_name)s",
            "ck": "ck_%(table_name)s_%(constraint_name)s",
            "fk": "fk_%(table_name)s_%(column_0_N_name)s_%(referred_table_name)s",
            "pk": "pk_%(table_name)s",
        }
    )


class Note(Base):
    __tablename__ = "notes"

    id: Mapped[int] = mapped_column(primary_key=True)
    title: Mapped[str] = mapped_column(String(200))
    body: Mapped[str] = mapped_column(Text)
    created_at: Mapped[datetime] = mapped_column(server_default=func.now())
    pinned: Mapped[bool] = mapped_column(server_default=false())
