"""Runtime: Alembic's names for where a database is, and for what runs an `env.py`."""
