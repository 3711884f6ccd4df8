"""Models as an application has them, at several moments, and a project that has them."""

from pathlib import Path

from tests.acceptance.command import Project

ENV = """\
from asyncmig import Environment
from models import Base

environment = Environment(metadata=Base.metadata)
"""

_HEAD = """\
import datetime
import enum
from decimal import Decimal

import sqlalchemy as sa
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column


class Base(DeclarativeBase):
    metadata = sa.MetaData(
        naming_convention={
            "ix": "ix_%(table_name)s_%(column_0_N_name)s",
            "uq": "uq_%(table_name)s_%(column_0_N_name)s",
            "ck": "ck_%(table_name)s_%(constraint_name)s",
            "fk": "fk_%(table_name)s_%(column_0_N_name)s_%(referred_table_name)s",
            "pk": "pk_%(table_name)s",
        }
    )


class Kind(enum.Enum):
    PAPER = "paper"
    DIGITAL = "digital"
"""

FIRST = (
    _HEAD
    + """

class Author(Base):
    __tablename__ = "authors"

    id: Mapped[int] = mapped_column(primary_key=True)
    name: Mapped[str] = mapped_column(sa.String(50), unique=True)
    born: Mapped[datetime.date | None]


class Book(Base):
    __tablename__ = "books"
    __table_args__ = (sa.Index("ix_books_newest", sa.desc("published")),)

    id: Mapped[int] = mapped_column(primary_key=True)
    title: Mapped[str] = mapped_column(sa.String(100), index=True)
    author_id: Mapped[int] = mapped_column(sa.ForeignKey("authors.id", ondelete="CASCADE"))
    published: Mapped[datetime.datetime] = mapped_column(server_default=sa.func.now())
    price: Mapped[Decimal] = mapped_column(sa.Numeric(10, 2), server_default="0")
    in_print: Mapped[bool] = mapped_column(server_default=sa.false())
"""
)

SECOND = (
    _HEAD
    + """

class Author(Base):
    __tablename__ = "authors"

    id: Mapped[int] = mapped_column(primary_key=True)
    name: Mapped[str] = mapped_column(sa.String(80), unique=True)
    email: Mapped[str | None] = mapped_column(sa.String(100), index=True)


class Book(Base):
    __tablename__ = "books"
    __table_args__ = (sa.CheckConstraint("price >= 0", name="price"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    title: Mapped[str] = mapped_column(sa.String(100), index=True)
    author_id: Mapped[int] = mapped_column(sa.ForeignKey("authors.id", ondelete="CASCADE"))
    published: Mapped[datetime.datetime | None] = mapped_column(server_default=sa.func.now())
    price: Mapped[Decimal] = mapped_column(sa.Numeric(10, 2), server_default="1")
    in_print: Mapped[bool] = mapped_column(server_default=sa.false())
    kind: Mapped[Kind | None] = mapped_column(sa.Enum(Kind, name="book_kind"))


class Tag(Base):
    __tablename__ = "tags"

    name: Mapped[str] = mapped_column(sa.String(30), primary_key=True)
    book_id: Mapped[int] = mapped_column(sa.ForeignKey("books.id"), primary_key=True)
"""
)

#: The second with the author's name under another name.
RENAMED = SECOND.replace(
    "    name: Mapped[str] = mapped_column(sa.String(80), unique=True)",
    "    full_name: Mapped[str] = mapped_column(sa.String(80), unique=True)",
)


def library(root: Path, url: str, models: str = FIRST, *, template: str = "async") -> Project:
    """A project with *models* and no revision yet."""
    project = Project(root, {"DATABASE_URL": url})
    project.run("init", "-t", template, "migrations")
    (root / "migrations" / "env.py").write_text(ENV)
    write_models(project, models)
    return project


def write_models(project: Project, models: str) -> None:
    """Change the models."""
    (project.root / "models.py").write_text(models)


def revisions(project: Project) -> list[Path]:
    """The revision files."""
    return sorted((project.root / "migrations").rglob("versions/*.py"))
