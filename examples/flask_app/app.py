"""A synchronous Flask application whose database is migrated with `flask db`."""

import os

from flask import Flask
from flask_sqlalchemy import SQLAlchemy
from sqlalchemy import String
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column

from asyncmig.integrations.flask import Asyncmig


class Base(DeclarativeBase):
    pass


app = Flask(__name__)
app.config["SQLALCHEMY_DATABASE_URI"] = os.environ.get("DATABASE_URL") or "sqlite:///notes.sqlite"

db = SQLAlchemy(app, model_class=Base)
Asyncmig(app, db)


class Note(db.Model):
    """A note."""

    __tablename__ = "notes"

    id: Mapped[int] = mapped_column(primary_key=True)
    title: Mapped[str] = mapped_column(String(200))


@app.get("/notes")
def read() -> list[str]:
    """The titles of all notes."""
    return [note.title for note in db.session.scalars(db.select(Note).order_by(Note.id))]


@app.post("/notes/<title>")
def write(title: str) -> tuple[str, int]:
    """Keep a note."""
    db.session.add(Note(title=title))
    db.session.commit()
    return "", 201
