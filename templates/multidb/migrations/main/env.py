"""What asyncmig has to know of the database main in Python; plain values are in the settings."""

from asyncmig import Environment

# from app.db import engine
# from app.models import Base

environment = Environment(
    # metadata=Base.metadata,
    # engine=engine,  # an AsyncEngine, for a project without a url in its settings
)
