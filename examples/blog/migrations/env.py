"""What the migrations of the blog need to know of it."""

from blog.db import engine
from blog.models import Base

from asyncmig import Environment

environment = Environment(metadata=Base.metadata, engine=engine)
