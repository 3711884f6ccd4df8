"""Notes: a small application with one table."""
