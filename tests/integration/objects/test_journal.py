"""The journal: an operation of several statements that each stand alone goes on in its middle."""

from pathlib import Path

import pytest

from asyncmig.errors import RevisionFailedError
from tests.integration.objects.setting import database
from tests.project import Project

#: Lets the first new value pass, and no other.
OBSTACLE = (
    """
    CREATE FUNCTION only_one() RETURNS event_trigger LANGUAGE plpgsql AS $$
    BEGIN
        IF (SELECT count(*) FROM pg_enum) > 2 THEN
            RAISE 'not now';
        END IF;
    END
    $$
    """,
    "CREATE EVENT TRIGGER obstacle ON ddl_command_start WHEN TAG IN ('ALTER TYPE') EXECUTE FUNCTION only_one()",
)


async def test_values_that_were_not_added_yet_are_added_by_the_next_run(tmp_path: Path, postgresql_url: str) -> None:
    project = Project(tmp_path)
    project.revision(
        "aaaa",
        """
        await op.create_enum("grade", ["low", "high"])
        await op.alter_enum("grade", ["low", "middle", "high", "top"], existing_values=["low", "high"])
        """,
    )
    async with database(postgresql_url) as there:
        await there.execute(*OBSTACLE)
        async with project.migrator(there.engine) as migrator:
            with pytest.raises(RevisionFailedError, match="not now"):
                await migrator.upgrade()
        assert await there.value("SELECT enum_range(NULL::grade)::text") == "{low,middle,high}"
        await there.execute("DROP EVENT TRIGGER obstacle")
        async with project.migrator(there.engine) as migrator:
            assert (await migrator.upgrade()).heads == ("aaaa",)
        assert await there.value("SELECT enum_range(NULL::grade)::text") == "{low,middle,high,top}"
