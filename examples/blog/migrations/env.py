"""What the migrations of the blog need to know of it."""

from collections.abc import Mapping

from blog.db import engine
from blog.models import Base

from asyncmig import Environment

#: What `d4907b13f6a8` has made by hand for the search, each database in its own way; the models know nothing of it.
SEARCH = {"search_vector", "ix_posts_search_vector", "ix_posts_search"}


def include_name(name: str | None, kind: str, parents: Mapping[str, str | None]) -> bool:
    """Whether models and database are compared in what has this name."""
    return name not in SEARCH


environment = Environment(metadata=Base.metadata, engine=engine, include_name=include_name)
