"""add full-text search

Each database has its own way to search in texts:

* PostgreSQL: a tsvector column, kept up to date by a trigger, with a GIN index;
* MySQL and MariaDB: a FULLTEXT index;
* SQLite: an FTS5 table beside the posts, kept up to date by triggers.

Revision ID: d4907b13f6a8
Revises: 8c26e0b41d97
Create Date: 2026-03-23 08:47:55+00:00
"""

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import TSVECTOR

from asyncmig import Operations

revision = "d4907b13f6a8"
down_revision = "8c26e0b41d97"
branch_labels = None
depends_on = None


async def upgrade(op: Operations) -> None:
    match op.dialect.name:
        case "postgresql":
            await op.add_column("posts", sa.Column("search_vector", TSVECTOR()))
            await op.create_index("ix_posts_search_vector", "posts", ["search_vector"], postgresql_using="gin")
            await op.execute(
                """
                CREATE TRIGGER posts_search_vector_update
                BEFORE INSERT OR UPDATE OF title, content ON posts
                FOR EACH ROW EXECUTE FUNCTION
                tsvector_update_trigger(search_vector, 'pg_catalog.english', title, content)
                """
            )
            await op.execute(
                "UPDATE posts SET search_vector = to_tsvector('pg_catalog.english', title || ' ' || content)"
            )
        case "mysql" | "mariadb":
            await op.create_index("ix_posts_search", "posts", ["title", "content"], mysql_prefix="FULLTEXT")
        case "sqlite":
            await op.execute(
                """
                CREATE VIRTUAL TABLE posts_search USING fts5(title, content, content='posts', content_rowid='id');

                CREATE TRIGGER posts_search_insert AFTER INSERT ON posts BEGIN
                    INSERT INTO posts_search (rowid, title, content) VALUES (new.id, new.title, new.content);
                END;

                CREATE TRIGGER posts_search_delete AFTER DELETE ON posts BEGIN
                    INSERT INTO posts_search (posts_search, rowid, title, content)
                    VALUES ('delete', old.id, old.title, old.content);
                END;

                CREATE TRIGGER posts_search_update AFTER UPDATE OF title, content ON posts BEGIN
                    INSERT INTO posts_search (posts_search, rowid, title, content)
                    VALUES ('delete', old.id, old.title, old.content);
                    INSERT INTO posts_search (rowid, title, content) VALUES (new.id, new.title, new.content);
                END;

                INSERT INTO posts_search (posts_search) VALUES ('rebuild');
                """
            )


async def downgrade(op: Operations) -> None:
    match op.dialect.name:
        case "postgresql":
            await op.execute("DROP TRIGGER posts_search_vector_update ON posts")
            await op.drop_index("ix_posts_search_vector", "posts")
            await op.drop_column("posts", "search_vector")
        case "mysql" | "mariadb":
            await op.drop_index("ix_posts_search", "posts")
        case "sqlite":
            await op.execute("DROP TRIGGER posts_search_update")
            await op.execute("DROP TRIGGER posts_search_delete")
            await op.execute("DROP TRIGGER posts_search_insert")
            await op.execute("DROP TABLE posts_search")
