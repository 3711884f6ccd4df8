"""A configuration that a program makes is the one that Alembic would make."""

import io
from argparse import Namespace
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from alembic.config import Config as AlembicConfig

from asyncmig.compat.alembic.config import Config
from asyncmig.compat.alembic.errors import CommandError, InterpolationError

#: What programs do with a configuration; the result must be the one of Alembic's.
USES: dict[str, Callable[[Any], object]] = {
    "nothing": lambda config: [config.config_file_name, config.toml_file_name, config.config_ini_section],
    "main option that is not there": lambda config: config.get_main_option("x"),
    "default of a main option": lambda config: config.get_main_option("x", "y"),
    "default is not used": lambda config: (config.set_main_option("x", "z"), config.get_main_option("x", "y"))[1],
    "doubled percent": lambda config: (config.set_main_option("x", "a%%b"), config.get_main_option("x"))[1],
    "reference": lambda config: (
        config.set_main_option("a", "1"),
        config.set_main_option("b", "%(a)s2"),
        config.get_main_option("b"),
    )[2],
    "another section": lambda config: (
        config.set_section_option("s", "k", "v"),
        config.get_section_option("s", "k"),
        config.get_section_option("s", "none"),
        config.get_section_option("s", "none", "default"),
        config.get_section("s"),
    )[1:],
    "section that is not there": lambda config: config.get_section("none"),
    "default of a section": lambda config: config.get_section("none", {"a": "b"}),
    "main section": lambda config: (config.set_main_option("a", "1"), config.get_section("alembic"))[1],
    "here": lambda config: config.get_main_option("here"),
    "removed": lambda config: (
        config.set_main_option("a", "1"),
        config.remove_main_option("a"),
        config.remove_main_option("b"),
        config.get_main_option("a"),
    )[3],
    "either file": lambda config: [
        config.get_alembic_option("x"),
        config.get_alembic_option("x", "y"),
        config.get_alembic_boolean_option("sourceless"),
    ],
    "lists": lambda config: [
        config.get_version_locations_list(),
        config.get_prepend_sys_paths_list(),
        config.get_hooks_list(),
    ],
    "attributes": lambda config: (
        config.attributes.update(a=1),
        config.attributes.get("a"),
        config.attributes.get("b"),
    ),
    "quiet": lambda config: dict(config.messaging_opts),
    "parser": lambda config: config.file_config.has_section("alembic"),
    "capitals": lambda config: (
        config.set_main_option("SQLAlchemy.URL", "x"),
        config.get_main_option("sqlalchemy.url"),
    ),
}


@pytest.mark.parametrize("name", USES)
def test_use_of_a_configuration_made_in_code_gives_what_alembic_gives(name: str) -> None:
    assert USES[name](Config()) == USES[name](AlembicConfig())


@pytest.mark.parametrize("name", USES)
def test_use_of_a_configuration_of_a_file_gives_what_alembic_gives(name: str, tmp_path: Path) -> None:
    (tmp_path / "a.ini").write_text("[alembic]\nscript_location = %(here)s/x\nx = 1\nsourceless = true\n")
    (tmp_path / "pyproject.toml").write_text('[tool.alembic]\nversion_locations = ["%(here)s/v"]\n')
    files = [tmp_path / "a.ini", tmp_path / "pyproject.toml"]

    assert USES[name](Config(*files)) == USES[name](AlembicConfig(*files))


@pytest.mark.parametrize(
    ("given", "use"),
    [
        ({"ini_section": "other"}, lambda config: (config.set_main_option("a", "1"), config.get_section("other"))[1]),
        (
            {"config_args": {"who": "me"}},
            lambda config: (config.set_main_option("a", "%(who)s"), config.get_section("alembic")),
        ),
        ({"attributes": {"connection": 1}}, lambda config: config.attributes),
        ({"cmd_opts": Namespace(quiet=True)}, lambda config: dict(config.messaging_opts)),
    ],
)
def test_argument_means_what_it_means_to_alembic(given: dict[str, Any], use: Callable[[Any], object]) -> None:
    assert use(Config(**given)) == use(AlembicConfig(**given))


def test_lines_go_to_the_stream_that_was_given() -> None:
    ours, theirs = io.StringIO(), io.StringIO()
    for config in (Config(stdout=ours), AlembicConfig(stdout=theirs)):
        config.print_stdout("100%")
        config.print_stdout("%s of %d", "one", 2)

    assert ours.getvalue() == theirs.getvalue() == "100%\none of 2\n"


def test_letter_that_a_stream_does_not_have_is_replaced() -> None:
    narrow, memory = io.TextIOWrapper(io.BytesIO(), encoding="ascii"), io.StringIO()
    for stream in (narrow, memory):
        Config(stdout=stream).print_stdout("rôle")

    narrow.seek(0)
    assert (narrow.read(), memory.getvalue()) == ("r?le\n", "rôle\n")


def test_quiet_configuration_prints_nothing() -> None:
    out = io.StringIO()

    Config(stdout=out, cmd_opts=Namespace(quiet=True)).print_stdout("a line")

    assert out.getvalue() == ""


def test_stdout_is_the_one_of_the_moment(capsys: pytest.CaptureFixture[str]) -> None:
    Config().print_stdout("a line")

    assert capsys.readouterr().out == "a line\n"


def test_single_percent_is_refused_as_alembic_refuses_it_but_not_shown() -> None:
    with pytest.raises(InterpolationError) as caught:
        Config().set_main_option("sqlalchemy.url", "postgresql://u:s3cr%40t@h/d")

    assert isinstance(caught.value, ValueError)
    assert "s3cr" not in str(caught.value)
    assert caught.value.hint == 'config.set_main_option("sqlalchemy.url", value.replace("%", "%%"))'
    with pytest.raises(ValueError, match="invalid interpolation syntax"):
        AlembicConfig().set_main_option("sqlalchemy.url", "postgresql://u:s3cr%40t@h/d")


def test_value_that_is_no_text_is_refused_as_alembic_refuses_it() -> None:
    for config in (Config(), AlembicConfig()):
        with pytest.raises(TypeError, match="option values must be strings"):
            config.set_main_option("sqlalchemy.url", 1)  # type: ignore[arg-type]


def test_section_that_is_not_there_is_refused_as_alembic_refuses_it(tmp_path: Path) -> None:
    with pytest.raises(CommandError, match="file has no '.none.' section"):
        Config().get_section_option("none", "key")
    with pytest.raises(CommandError, match="No config file 'missing.ini' found"):
        Config("missing.ini").get_main_option("key")
    with pytest.raises(CommandError, match="No config file 'missing.ini' found"):
        Config("missing.ini").remove_main_option("key")


def test_templates_are_ours() -> None:
    assert (Path(Config().get_template_directory()) / "generic" / "script.py.mako").is_file()
