"""What the command line needs to know of the notes; the application says it itself."""

from notes.models import Base, engine

from asyncmig import Environment

environment = Environment(metadata=Base.metadata, engine=engine)
