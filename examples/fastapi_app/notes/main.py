"""The application: its lifespan brings the database up to date before the first request is served."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from fastapi import FastAPI
from pydantic import BaseModel, ConfigDict
from sqlalchemy import select
from starlette.routing import Route

from asyncmig.integrations.starlette import migrations
from notes.models import PROJECT, Base, Note, engine, session


@asynccontextmanager
async def lifespan(app: FastAPI) -> AsyncIterator[None]:
    yield
    await engine.dispose()


# Any number of workers may start at once: one migrates, the others wait for it.
start = migrations(engine, PROJECT / "migrations", metadata=Base.metadata, connect_wait=60, lifespan=lifespan)

app = FastAPI(title="Notes", lifespan=start)
# Only what works in the background needs it; whoever runs the application may choose that: ASYNCMIG_ON_START=background
app.add_middleware(start.middleware, let_through=["/health"])
app.router.routes.append(Route("/health/migrations", start.health()))


class NewNote(BaseModel):
    """A note as a client sends it."""

    title: str
    body: str = ""
    pinned: bool = False


class NoteView(NewNote):
    """A note as a client gets it."""

    model_config = ConfigDict(from_attributes=True)

    id: int


@app.post("/notes", status_code=201)
async def write(note: NewNote) -> NoteView:
    """Keep a note."""
    async with session.begin() as db:
        kept = Note(**note.model_dump())
        db.add(kept)
    return NoteView.model_validate(kept)


@app.get("/notes")
async def read() -> list[NoteView]:
    """All notes, pinned ones first."""
    async with session() as db:
        notes = await db.scalars(select(Note).order_by(Note.pinned.desc(), Note.id))
        return [NoteView.model_validate(note) for note in notes]


@app.get("/version")
async def version() -> dict[str, list[str]]:
    """The revisions that the database is at, and those that this start has applied."""
    result = start.result
    if result is None:
        return {"heads": [], "applied": []}
    return {"heads": list(result.heads), "applied": [one.revision for one in result.applied]}
