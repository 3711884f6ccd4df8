"""What the page on objects declares is created on every database, and taken away again."""

from collections.abc import AsyncIterator
from typing import Any

import pytest
import sqlalchemy as sa

from tests.acceptance.command import REPOSITORY
from tests.acceptance.documents import snippets
from tests.integration.objects.setting import Database, database, words


@pytest.fixture
async def there(database_url: str) -> AsyncIterator[Database]:
    async with database(database_url) as found:
        yield found


def declared() -> sa.MetaData:
    (models,) = [
        snippet
        for snippet in snippets(REPOSITORY / "docs" / "objects.md")
        if snippet.orders.get("write") == "app/models.py"
    ]
    names: dict[str, Any] = {}
    exec(models.text, names)
    metadata = names["metadata"]
    assert isinstance(metadata, sa.MetaData)
    return metadata


async def test_the_models_of_the_page_come_and_go(there: Database) -> None:
    found = await there.follow(declared())

    kinds = {"postgresql": 7, "mysql": 4, "sqlite": 4}
    assert len(found.operations) == kinds[there.engine.dialect.name]
    await there.execute("INSERT INTO users (id, name, active) VALUES (1, '  ada ', true)")
    assert await there.value("SELECT name FROM active_names") == "ada"
    await there.perform(*found.undone())
    assert words((await there.diff(declared())).operations) == words(found.operations)
