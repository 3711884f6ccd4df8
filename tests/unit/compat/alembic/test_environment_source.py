"""What the source of an `env.py` tells of it."""

import ast
from pathlib import Path

import pytest

from asyncmig.compat.alembic.environment_source import EnvironmentSource, read_environment
from asyncmig.errors import ScriptError


def source(text: str) -> EnvironmentSource:
    return EnvironmentSource(Path("env.py"), text, ast.parse(text))


@pytest.mark.parametrize(
    ("text", "form"),
    [
        ("from asyncmig import Environment", "asyncmig's own"),
        ("# alembic\nfrom asyncmig import Environment", "asyncmig's own"),
        (
            "from alembic import context\nengine_from_config({})\ncontext.is_offline_mode()",
            "synchronous",
        ),
        ("from alembic import context as c\ncreate_engine('x')\nc.is_offline_mode()", "synchronous"),
        ("import alembic.context\nalembic.context.is_offline_mode()\nasync def run(): ...", "asynchronous"),
        (
            "from alembic import context\nfrom app import engine",
            "with an engine of the application, without an offline branch",
        ),
        ("import alembic.context as c\nasync_engine_from_config({})", "asynchronous, without an offline branch"),
    ],
)
def test_forms(text: str, form: str) -> None:
    assert source(text).form == form


def test_calls_of_configure_with_what_they_name() -> None:
    found = source(
        "from alembic import context\n"
        "TABLE = 'versions'\n"
        "context.configure(url=url, version_table=TABLE)\n"
        "context.configure(connection=c, transaction_per_migration=False, **more)\n"
        "logging.configure(level=1)\n"
    )

    assert [(call.line, sorted(call.keywords), call.has_more) for call in found.configure_calls] == [
        (3, ["url", "version_table"], False),
        (4, ["connection", "transaction_per_migration"], True),
    ]
    assert found.literal("version_table") == "versions"
    assert found.literal("transaction_per_migration") is False
    assert found.literal("version_table_schema") is None
    assert found.line_of_parameter("version_table") == 3 and found.line_of_parameter("url") == 3


def test_a_name_with_several_values_has_none() -> None:
    assert source("a = 1\na = 2\nb: int = 3\n").value_of("a") is None
    assert source("b: int = 3\n").value_of("b") is not None


@pytest.mark.parametrize(
    ("text", "writes"), [("open('x.sql', 'w')", True), ("Path('x').write_text('')", True), ("x()", False)]
)
def test_what_writes_files(text: str, writes: bool) -> None:
    assert source(text).writes_files == writes


def test_file_that_cannot_be_read(tmp_path: Path) -> None:
    path = tmp_path / "env.py"
    with pytest.raises(ScriptError, match="The file cannot be read"):
        read_environment(path)
    path.write_text("x = 1\ndef (:\n")
    with pytest.raises(ScriptError, match=r"env\.py:2: The file does not parse"):
        read_environment(path)
    path.write_bytes("# coding: latin-1\nx = 'é'\n".encode("latin-1"))
    assert read_environment(path).value_of("x") is not None
