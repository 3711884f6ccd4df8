"""Differential tests: the same revisions by asyncmig and by the real Alembic, and everything compared."""
