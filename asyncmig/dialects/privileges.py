"""Privileges: what to grant where a server refuses what asyncmig does for itself: statements for its administrator."""

from __future__ import annotations

import re

from sqlalchemy.engine import URL

_POSTGRESQL = re.compile(r"permission denied for (schema|table|relation|sequence) \"?([^\"\s]+)\"?")
_MYSQL = re.compile(r"to user ('[^']*'@'[^']*')|for user ('[^']*'@'[^']*') to database")
_PLAIN = re.compile(r"[a-z_][a-z0-9_]*")


def postgresql_grant(message: str, url: URL) -> str:
    """The GRANT for an error of PostgreSQL that says "permission denied".

    Args:
        message: the message of the server.
        url: how the database was connected to.
    """
    role = _identifier(url.username)
    found = _POSTGRESQL.search(message)
    if found is None:  # The server speaks another language.
        return f"As the owner of the schema:\n    GRANT USAGE, CREATE ON SCHEMA … TO {role};"
    kind, name = found[1], found[2]
    if kind == "schema":
        return f"As the owner of the schema:\n    GRANT USAGE, CREATE ON SCHEMA {_identifier(name)} TO {role};"
    rights = "USAGE ON SEQUENCE" if kind == "sequence" else "SELECT, INSERT, UPDATE, DELETE ON"
    return f"As its owner:\n    GRANT {rights} {_identifier(name)} TO {role};"


def mysql_grant(message: str, url: URL) -> str:
    """The GRANT for an error of MySQL or MariaDB that says "denied".

    Args:
        message: the message of the server.
        url: how the database was connected to.
    """
    found = _MYSQL.search(message)
    user = (found[1] or found[2]) if found else f"'{url.username or '…'}'@'…'"
    rights = "SELECT, INSERT, UPDATE, DELETE, CREATE, ALTER, DROP, INDEX, REFERENCES"
    return f"As an administrator:\n    GRANT {rights} ON `{url.database or '…'}`.* TO {user};"


def _identifier(name: str | None) -> str:
    if name is None:
        return "…"
    return name if _PLAIN.fullmatch(name) else '"' + name.replace('"', '""') + '"'
