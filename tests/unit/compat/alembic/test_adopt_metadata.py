"""The `env.py` in asyncmig's own form that is made of one of Alembic."""

import ast
from pathlib import Path
from textwrap import dedent

import pytest

from asyncmig.compat.alembic.adopt_metadata import NewEnvironment, new_environment
from asyncmig.compat.alembic.environment_source import EnvironmentSource

DOC = '"""What asyncmig has to know of this project in Python; plain values are in the settings."""'
TAIL = """
def run_migrations_online():
    connectable = engine_from_config(config.get_section(config.config_ini_section), prefix="sqlalchemy.")
    with connectable.connect() as connection:
        context.configure(connection=connection, target_metadata=target_metadata)
        with context.begin_transaction():
            context.run_migrations()

if context.is_offline_mode():
    pass
else:
    run_migrations_online()
"""
HEAD = """
import logging
import os
import sys
from logging.config import fileConfig
from sqlalchemy import engine_from_config, pool
from alembic import context

config = context.config
if config.config_file_name is not None:
    fileConfig(config.config_file_name)
logger = logging.getLogger("alembic.env")
logger.info("begin")
"""


def made(text: str, *, head: str = HEAD, tail: str = TAIL) -> NewEnvironment:
    """What becomes of an `env.py` whose models are found as *text* says."""
    whole = head + dedent(text) + tail
    return new_environment(EnvironmentSource(Path("env.py"), whole, ast.parse(whole)))


def body(environment: NewEnvironment) -> str:
    """The text without what is in each of them."""
    begin = f"{DOC}\n\nfrom asyncmig import Environment\n"
    assert environment.text.startswith(begin)
    compile(environment.text, "env.py", "exec")
    assert "context" not in environment.text and "fileConfig" not in environment.text
    return environment.text.removeprefix(begin).strip()


def test_import_and_assignment_become_an_argument() -> None:
    environment = made("""
    from app.models import Base
    target_metadata = Base.metadata
    """)

    assert body(environment) == "from app.models import Base\n\nenvironment = Environment(metadata=Base.metadata)"
    assert environment.note is None


def test_none_gives_an_empty_environment_and_says_what_to_add() -> None:
    environment = made("target_metadata = None")

    assert body(environment) == "environment = Environment()"
    assert environment.metadata is None
    assert "environment = Environment(metadata=Base.metadata)" in str(environment.note)


def test_models_that_are_imported_for_their_effect_stay() -> None:
    environment = made("""
    from app.db import Base
    from app.settings import settings
    import app.models.user
    from app.models import *  # noqa
    from app.models.post import Post  # noqa: F401
    config.set_main_option("sqlalchemy.url", settings.url)
    target_metadata = Base.metadata
    """)

    assert body(environment).splitlines() == [
        "from app.db import Base",
        "import app.models.user",
        "from app.models import *  # noqa",
        "from app.models.post import Post  # noqa: F401",
        "",
        "environment = Environment(metadata=Base.metadata)",
    ]


def test_several_metadata_stay_a_list() -> None:
    environment = made("""
    from app import users, orders
    target_metadata = [users.metadata, orders.metadata]
    """)

    assert body(environment).endswith("environment = Environment(metadata=[users.metadata, orders.metadata])")


def test_a_dictionary_of_metadata_becomes_a_list() -> None:
    environment = made(
        """
        from app import one, two
        target_metadata = {"engine1": one.metadata, "engine2": two.metadata}
        """,
        tail=TAIL.replace("=target_metadata", "=target_metadata.get(name)"),
    )

    assert environment.metadata == "list(target_metadata.values())"
    assert 'target_metadata = {"engine1": one.metadata, "engine2": two.metadata}' in body(environment)


def test_what_is_put_together_in_several_steps_stays_as_it_is() -> None:
    environment = made("""
    from sqlalchemy import MetaData
    from app.models import one, two

    def joined(*several):
        \"\"\"All tables.\"\"\"
        result = MetaData()
        for metadata in several:
            for table in metadata.tables.values():
                table.to_metadata(result)
        return result

    target_metadata = joined(one.metadata, two.metadata)
    target_metadata.naming_convention = {"pk": "pk_%(table_name)s"}
    """)

    assert environment.metadata == "target_metadata"
    lines = body(environment).splitlines()
    assert lines[0] == "from sqlalchemy import MetaData"
    assert "def joined(*several):" in lines
    assert "target_metadata = joined(one.metadata, two.metadata)" in lines
    assert 'target_metadata.naming_convention = {"pk": "pk_%(table_name)s"}' in lines
    assert lines[-1] == "environment = Environment(metadata=target_metadata)"


def test_the_search_path_and_dotenv_stay_in_front_of_what_needs_them() -> None:
    environment = made("""
    from dotenv import load_dotenv
    BASE = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
    load_dotenv(os.path.join(BASE, ".env"))
    sys.path.append(BASE)
    from app.models import Base
    target_metadata = Base.metadata
    """)

    assert body(environment).splitlines() == [
        "import os",
        "import sys",
        "from dotenv import load_dotenv",
        "",
        "BASE = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))",
        'load_dotenv(os.path.join(BASE, ".env"))',
        "sys.path.append(BASE)",
        "",
        "from app.models import Base",
        "",
        "environment = Environment(metadata=Base.metadata)",
    ]


def test_a_function_that_gives_them_is_taken_over() -> None:
    environment = made(
        """
        from flask import current_app
        target_db = current_app.extensions["migrate"].db

        def get_metadata():
            if hasattr(target_db, "metadatas"):
                return target_db.metadatas[None]
            return target_db.metadata
        """,
        tail=TAIL.replace("=target_metadata", "=get_metadata()"),
    )

    assert environment.metadata == "get_metadata()"
    assert "def get_metadata():" in body(environment) and "target_db = current_app" in body(environment)


def test_imports_with_a_fallback_stay_whole() -> None:
    environment = made("""
    try:
        from app.models import Base
    except ImportError:
        from models import Base
    target_metadata = Base.metadata
    """)

    assert "try:\n    from app.models import Base\nexcept ImportError:\n    from models import Base" in body(
        environment
    )


def test_what_comes_from_the_configuration_is_left_to_the_user() -> None:
    environment = made('target_metadata = config.attributes.get("metadata")')

    assert body(environment) == "environment = Environment()"
    assert "come from Alembic's own objects" in str(environment.note)


def test_arguments_from_a_dictionary_are_found() -> None:
    environment = made(
        """
        from app.models import Base
        OPTIONS = {"target_metadata": Base.metadata, "compare_type": True}
        """,
        tail=TAIL.replace("target_metadata=target_metadata", "**OPTIONS"),
    )

    assert environment.metadata == "Base.metadata"


def test_no_metadata_at_all() -> None:
    environment = made("", tail=TAIL.replace(", target_metadata=target_metadata", ""))

    assert environment.metadata is None
    assert "names no metadata" in str(environment.note)


def test_future_imports_come_first() -> None:
    head = "from __future__ import annotations\n" + HEAD
    environment = made("from app import Base\ntarget_metadata = Base.metadata\n", head=head)

    assert environment.text.splitlines()[2] == "from __future__ import annotations"
    compile(environment.text, "env.py", "exec")


@pytest.mark.parametrize("annotation", ["", ": MetaData"])
def test_an_annotated_name_is_no_hindrance(annotation: str) -> None:
    environment = made(f"""
    from sqlalchemy import MetaData
    from app.models import Base
    target_metadata{annotation} = Base.metadata
    """)

    assert environment.metadata == "Base.metadata"
    assert body(environment).splitlines()[0] == "from app.models import Base"
