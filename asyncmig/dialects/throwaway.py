"""Throwaway: a database of its own on a server, made for a moment."""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy.engine import URL


@dataclass(frozen=True, slots=True)
class Throwaway:
    """A database of its own on a server, made for a moment.

    Args:
        url: where it is, once it is made.
        create, drop: the statements that make it and drop it, outside of any transaction; none where it comes and goes
            with the connection.
    """

    url: URL
    create: str | None = None
    drop: str | None = None
