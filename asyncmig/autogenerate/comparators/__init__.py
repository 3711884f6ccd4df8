"""Comparators: one for each kind of thing, pure functions of what models want and what a database has."""
