"""Migrator: the API; its rooms are imported one by one, so that what needs no database loads no database library."""
