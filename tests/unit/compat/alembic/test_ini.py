"""What Alembic makes of a configuration is what asyncmig makes of it."""

import os
import sys
import warnings
from pathlib import Path
from typing import Any

import pytest
from alembic.config import Config as AlembicConfig
from alembic.script import ScriptDirectory as AlembicScripts

from asyncmig.compat.alembic import command
from asyncmig.compat.alembic.config import Config
from asyncmig.compat.alembic.errors import AlembicConfigError, CommandError
from asyncmig.compat.alembic.ini import AlembicProject, find_project, read_project
from asyncmig.compat.alembic.script import ScriptDirectory as Scripts
from asyncmig.config import Hook, Settings
from asyncmig.errors import ConfigError
from asyncmig.scripts.directory import ScriptDirectory

SCRIPTS = "[alembic]\nscript_location = scripts\n"
#: Configurations: what the ini file says, what the pyproject.toml says.
CONFIGURATIONS: dict[str, tuple[str, str]] = {
    "least": (SCRIPTS, ""),
    "here": ("[alembic]\nscript_location = %(here)s/scripts\n", ""),
    "url": (SCRIPTS + "sqlalchemy.url = postgresql://u:p%%40ss@localhost/db\n", ""),
    "own reference": (SCRIPTS + "name = db\nsqlalchemy.url = sqlite:///%(name)s.db\n", ""),
    "default section": ("[DEFAULT]\nbase = scripts\n[alembic]\nscript_location = %(base)s\n", ""),
    "comments": ("# a\n[alembic]\n; b\nscript_location = scripts\n# c\ntimezone = UTC\n", ""),
    "colon for equals": ("[alembic]\nscript_location: scripts\ntimezone : UTC\n", ""),
    "capitals in keys": ("[alembic]\nScript_Location = scripts\n", ""),
    "empty values": (SCRIPTS + "sqlalchemy.url =\ntimezone =\nversion_locations =\n", ""),
    "file template": (SCRIPTS + "file_template = %%(year)d_%%(month).2d_%%(day).2d-%%(rev)s_%%(slug)s\n", ""),
    "file template with every token": (
        SCRIPTS
        + "file_template = %%(epoch)s_%%(year)d%%(month).2d%%(day).2d_%%(hour).2d%%(minute).2d%%(second).2d_%%(rev)s\n",
        "",
    ),
    "date directories": (
        SCRIPTS + "file_template = %%(year)d/%%(month).2d/%%(rev)s_%%(slug)s\nrecursive_version_locations = true\n",
        "",
    ),
    "slug length": (SCRIPTS + "truncate_slug_length = 12\n", ""),
    "no slug length": (SCRIPTS + "truncate_slug_length = 0\n", ""),
    "time zone": (SCRIPTS + "timezone = Europe/Vienna\n", ""),
    "switches on": (SCRIPTS + "sourceless = true\nrecursive_version_locations = true\n", ""),
    "switches that are not on": (SCRIPTS + "sourceless = True\nrecursive_version_locations = yes\n", ""),
    "encoding": (SCRIPTS + "output_encoding = latin-1\n", ""),
    "one location": (SCRIPTS + "version_locations = one\n", ""),
    "locations by space": (SCRIPTS + "version_locations = one two\npath_separator = space\n", ""),
    "locations by the system": (
        SCRIPTS + f"version_locations = %(here)s/one{os.pathsep}two\npath_separator = os\n",
        "",
    ),
    "locations by line": (SCRIPTS + "version_locations =\n  one\n  two three\npath_separator = newline\n", ""),
    "locations by colon": (SCRIPTS + "version_locations = one:two\npath_separator = :\n", ""),
    "locations by semicolon": (SCRIPTS + "version_locations = one; two;\npath_separator = ;\n", ""),
    "locations by the old key": (SCRIPTS + "version_locations = one;two\nversion_path_separator = ;\n", ""),
    "locations by both keys": (
        SCRIPTS + "version_locations = one:two\nversion_path_separator = ;\npath_separator = :\n",
        "",
    ),
    "locations the old way": (SCRIPTS + "version_locations = one two,three, four\n", ""),
    "locations the old way over lines": (SCRIPTS + "version_locations = one\n  two\n", ""),
    "search path": (SCRIPTS + "prepend_sys_path = .\n", ""),
    "search path the old way": (SCRIPTS + "prepend_sys_path = . src:lib, more\n", ""),
    "search path by the system": (SCRIPTS + f"prepend_sys_path = .{os.pathsep}src\npath_separator = os\n", ""),
    "search path ignores the old key": (SCRIPTS + "prepend_sys_path = . src\nversion_path_separator = ;\n", ""),
    "percent from another section": (SCRIPTS + "[loggers]\nkeys = root\n[formatter]\nformat = %(levelname)s\n", ""),
    "hooks": (
        SCRIPTS
        + "[post_write_hooks]\nhooks = black, ruff\nblack.type = console_scripts\nblack.entrypoint = black\n"
        + "black.options = -l 79 REVISION_SCRIPT_FILENAME\nruff.type = exec\nruff.executable = %(here)s/bin/ruff\n"
        + "ruff.options = check --fix\nruff.cwd = %(here)s\n",
        "",
    ),
    "toml alone": ("", '[tool.alembic]\nscript_location = "%(here)s/scripts"\n'),
    "toml with all": (
        "",
        '[tool.alembic]\nscript_location = "scripts"\nfile_template = "%%(rev)s-%%(slug)s"\ntimezone = "UTC"\n'
        'truncate_slug_length = 9\nprepend_sys_path = [".", "%(here)s/src"]\nversion_locations = ["%(here)s/a", "b"]\n'
        'recursive_version_locations = true\nsourceless = false\noutput_encoding = "utf-8"\n',
    ),
    "toml hooks": (
        "",
        '[tool.alembic]\nscript_location = "scripts"\n[[tool.alembic.post_write_hooks]]\nname = "ruff"\n'
        'type = "module"\nmodule = "ruff"\noptions = "check REVISION_SCRIPT_FILENAME"\n'
        '[[tool.alembic.post_write_hooks]]\nname = "own"\ntype = "exec"\nexecutable = "%(here)s/own"\n',
    ),
    "both, ini goes before": (
        "[alembic]\ntimezone = UTC\n",
        '[tool.alembic]\nscript_location = "scripts"\ntimezone = "Europe/Vienna"\ntruncate_slug_length = 7\n',
    ),
    "both, without Alembic's section in the ini file": (
        "[loggers]\nkeys = root\n",
        '[tool.alembic]\nscript_location = "scripts"\n',
    ),
    "another tool's toml": (SCRIPTS, "[tool.other]\nx = 1\n"),
}


def write(folder: Path, ini: str, toml: str) -> None:
    if ini:
        (folder / "alembic.ini").write_text(ini)
    if toml:
        (folder / "pyproject.toml").write_text(toml)
    (folder / "scripts").mkdir(exist_ok=True)


def read(folder: Path, ini: str | None = None, toml: str = "", **given: Any) -> AlembicProject:
    if ini is not None:
        write(folder, ini, toml)
    return read_project(**({"path": None, "cwd": folder, "environ": {}} | given))


def refused(folder: Path, ini: str | None = None, toml: str = "", **given: Any) -> ConfigError:
    with pytest.raises(ConfigError) as caught:
        read(folder, ini, toml, **given)
    assert isinstance(caught.value, CommandError)
    assert caught.value.exit_code == 2
    return caught.value


@pytest.fixture
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(sys, "path", list(sys.path))
    return tmp_path


def alembics(section: str = "alembic") -> tuple[AlembicConfig, AlembicScripts]:
    """What Alembic makes of the files in the working directory."""
    config = AlembicConfig("alembic.ini", toml_file="pyproject.toml", ini_section=section)
    with warnings.catch_warnings():
        # What it says of separators is of no interest here.
        warnings.simplefilter("ignore", DeprecationWarning)
        return config, AlembicScripts.from_config(config)


@pytest.mark.parametrize("name", CONFIGURATIONS)
def test_configuration_means_what_it_means_to_alembic(name: str, here: Path) -> None:
    settings = read(here, *CONFIGURATIONS[name]).settings
    config, theirs = alembics()
    ours = ScriptDirectory.from_settings(settings)

    assert ours.location == here / theirs.dir
    assert list(ours.version_locations) == [here / path for path in theirs._version_locations]
    assert ours.recursive == theirs.recursive_version_locations
    assert (ours.file_template, ours.truncate_slug_length) == (theirs.file_template, theirs.truncate_slug_length)
    assert (settings.timezone, settings.sourceless) == (theirs.timezone or "local", theirs.sourceless)
    assert settings.output_encoding == theirs.output_encoding
    assert settings.url == (config.get_alembic_option("sqlalchemy.url") or None)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", DeprecationWarning)
        assert list(settings.prepend_sys_path) == (config.get_prepend_sys_paths_list() or [])
    assert [hook.name for hook in settings.post_write_hooks] == [hook["_hook_name"] for hook in theirs.hooks]


@pytest.mark.parametrize("name", CONFIGURATIONS)
def test_every_value_is_the_one_that_alembic_reads(name: str, here: Path) -> None:
    ours = read(here, *CONFIGURATIONS[name]).config
    theirs, _ = alembics()

    assert ours.file_config.sections() == theirs.file_config.sections()
    for section in theirs.file_config.sections():
        if section != "formatter":
            assert ours.get_section(section) == theirs.get_section(section)
    keys = {*theirs.toml_alembic_config, *(theirs.get_section("alembic") or {}), "not there"}
    for key in keys:
        assert ours.get_alembic_option(key) == theirs.get_alembic_option(key)
    assert ours.get_hooks_list() == theirs.get_hooks_list()


def test_file_name_is_the_one_that_alembic_gives(here: Path) -> None:
    for name, (ini, toml) in CONFIGURATIONS.items():
        if name == "empty values":
            # Alembic wants a zone of no name then.
            continue
        for file in ("alembic.ini", "pyproject.toml"):
            (here / file).unlink(missing_ok=True)
        settings = read(here, ini, toml).settings
        _, theirs = alembics()
        when = theirs._generate_create_date()
        ours = ScriptDirectory.from_settings(settings).new_path("ab12", "Add a user's rôle, at last", when)

        assert (name, ours.name) == (name, theirs._rev_path("x", "ab12", "Add a user's rôle, at last", when).name)


def test_settings_are_those_of_an_alembic_project(here: Path) -> None:
    assert read(here, SCRIPTS).settings == Settings(
        root=here,
        script_location="scripts",
        version_table="alembic_version",
        transaction="run",
        mysql_alter_column="as_written",
        timezone="local",
        prepend_sys_path=(),
        path=here / "alembic.ini",
    )


def test_what_a_script_does_not_mention_of_a_column_can_be_kept(here: Path) -> None:
    assert read(here, SCRIPTS + "mysql_alter_column = keep\n").settings.mysql_alter_column == "keep"
    toml = '[tool.alembic]\nscript_location = "scripts"\nmysql_alter_column = "keep"\n'
    assert read(here, "", toml).settings.mysql_alter_column == "keep"


def test_hooks_become_ours_with_the_file_where_alembic_puts_it(here: Path) -> None:
    first, second = read(here, *CONFIGURATIONS["hooks"]).settings.post_write_hooks

    assert first == Hook("black", "console_scripts", "black", ("-l", "79", "REVISION_SCRIPT_FILENAME"))
    assert second == Hook("ruff", "exec", f"{here}/bin/ruff", ("REVISION_SCRIPT_FILENAME", "check", "--fix"), str(here))


def test_hook_of_a_kind_that_the_project_registers_is_kept_for_later(here: Path) -> None:
    ini = SCRIPTS + "[post_write_hooks]\nhooks = own, half\nown.type = tidy\n"

    own, half = read(here, ini).settings.post_write_hooks

    assert own == Hook("own", "registered", "tidy", ("REVISION_SCRIPT_FILENAME",))
    assert half == Hook("half", "registered", "", ("REVISION_SCRIPT_FILENAME",))


# -- which files


def test_section_can_be_another_one(here: Path) -> None:
    ini = SCRIPTS + "[other]\nscript_location = elsewhere\nversion_locations = x;y\npath_separator = ;\n"

    settings = read(here, ini, section="other").settings

    assert settings.script_location == "elsewhere"
    assert settings.version_locations == ("x", "y")


def test_file_is_named_by_an_argument_or_a_variable(here: Path) -> None:
    (here / "conf").mkdir()
    (here / "conf/db.ini").write_text("[alembic]\nscript_location = %(here)s/scripts\n")

    for given in ({"path": Path("conf/db.ini")}, {"environ": {"ALEMBIC_CONFIG": "conf/db.ini"}}):
        settings = read(here, **given).settings
        assert settings.script_location == f"{here}/conf/scripts"
        assert settings.root == here


def test_toml_is_named_by_an_argument_or_a_variable(here: Path) -> None:
    (here / "conf").mkdir()
    (here / "conf/pyproject.toml").write_text('[tool.alembic]\nscript_location = "%(here)s/scripts"\n')

    for given in ({"path": Path("conf/pyproject.toml")}, {"environ": {"ALEMBIC_CONFIG": "conf/pyproject.toml"}}):
        assert read(here, **given).settings.script_location == f"{here}/conf/scripts"


def test_override_goes_before_the_file_and_env_py_sees_it_too(here: Path) -> None:
    url = "postgresql://u:p%40ss@localhost/db"

    project = read(here, SCRIPTS + "sqlalchemy.url = sqlite://\n", overrides={"url": url, "timezone": None})

    assert project.settings.url == url
    assert project.config.get_main_option("sqlalchemy.url") == url
    assert project.settings.timezone == "local"


def test_project_is_found_by_either_file(here: Path) -> None:
    assert find_project(here) is None
    (here / "pyproject.toml").write_text("[tool.other]\nx = 1\n")
    assert find_project(here) is None
    (here / "pyproject.toml").write_text('[tool.alembic]\nscript_location = "scripts"\n')
    assert find_project(here) == here / "pyproject.toml"
    (here / "alembic.ini").write_text(SCRIPTS)
    assert find_project(here) == here / "alembic.ini"


# -- what is wrong


def test_no_configuration_at_all_is_refused(here: Path) -> None:
    error = refused(here)

    assert error.message == f"There is neither an alembic.ini nor a pyproject.toml with [tool.alembic] in {here}."


def test_named_file_that_is_not_there_is_refused(here: Path) -> None:
    assert refused(here, path=Path("other.ini")).message == f"There is no configuration file {here / 'other.ini'}."


def test_named_file_that_is_not_there_is_refused_although_there_is_another(here: Path) -> None:
    write(here, "", '[tool.alembic]\nscript_location = "scripts"\n')

    for given in ({"path": Path("typo.ini")}, {"environ": {"ALEMBIC_CONFIG": "typo.ini"}}):
        assert refused(here, **given).message == f"There is no configuration file {here / 'typo.ini'}."


def test_section_that_is_not_there_is_refused_whatever_is_overridden(here: Path) -> None:
    error = refused(here, SCRIPTS, section="prod", overrides={"url": "sqlite://", "script_location": "x"})

    assert error.message == f"{here}/alembic.ini has no section [prod]."


def test_missing_script_location_is_shown_with_its_line_to_add(here: Path) -> None:
    error = refused(here, "[alembic]\nsqlalchemy.url = sqlite://\n")

    assert error.message == f"{here}/alembic.ini: [alembic]: No 'script_location' key found in configuration."
    assert error.hint == "[alembic]\nscript_location = %(here)s/migrations"


def test_missing_script_location_of_toml_names_the_table(here: Path) -> None:
    error = refused(here, "", '[tool.alembic]\ntimezone = "UTC"\n')

    assert error.message.startswith(f"{here}/pyproject.toml: tool.alembic: No 'script_location' key")
    assert error.hint == 'script_location = "%(here)s/migrations"'


def test_program_that_was_started_elsewhere_is_told_where_the_file_was_sought(here: Path) -> None:
    with pytest.raises(CommandError) as caught:
        command.heads(Config("conf/alembic.ini"))

    assert caught.value.message.endswith(f"found in configuration: there is no file {here}/conf/alembic.ini.")


def test_missing_section_lists_those_that_are_there(here: Path) -> None:
    error = refused(here, SCRIPTS + "[loggers]\nkeys = root\n", section="prod")

    assert error.message == f"{here}/alembic.ini has no section [prod]."
    assert error.hint == "Its sections are: alembic, loggers."


@pytest.mark.parametrize(
    ("line", "message"),
    [
        ("sqlalchemy.url = postgresql://u:s3cr%40et@h/d", "a percent sign in it is neither doubled nor"),
        ("timezone = s3cret%(user)s", "it refers to %(user)s, which is set nowhere"),
        ("sqlalchemy.url = s3cret%(sqlalchemy.url)s", "it refers to itself"),
        ("timezone = s3cret%", "a percent sign in it is neither doubled nor"),
        ("truncate_slug_length = long", "expected a whole number, not 'long'"),
        ("mysql_alter_column = lose", "expected keep or as_written, not 'lose'"),
        ("version_locations = a,b\npath_separator = comma", "'comma' is not a valid value for path_separator"),
    ],
)
def test_wrong_value_is_named_with_its_line_and_never_shown_where_it_may_be_secret(
    line: str, message: str, here: Path
) -> None:
    error = refused(here, SCRIPTS + line + "\n")

    assert message in error.message
    assert error.message.startswith(f"{here}/alembic.ini:")
    assert "s3cr" not in str(error)
    assert error.__cause__ is None and (error.__context__ is None or error.__suppress_context__)
    assert error.hint


def test_interpolation_error_has_the_number_of_the_line(here: Path) -> None:
    error = refused(here, SCRIPTS + "\n# a url\nsqlalchemy.url = postgresql://u:p%40ss@h/d\n")

    assert error.message.startswith(f"{here}/alembic.ini:5: the value of 'sqlalchemy.url' in [alembic] cannot be read")
    assert error.hint is not None and "p%%40ssword" in error.hint


@pytest.mark.parametrize(
    ("text", "place", "message"),
    [
        ("script_location = scripts\n", 1, "in front of the first section"),
        (SCRIPTS + "script_location = other\n", 3, "'script_location' is set twice in [alembic]"),
        (SCRIPTS + "[alembic]\n", 3, "there are two sections [alembic]"),
        (SCRIPTS + "some s3cret words\n", 3, "neither a section nor a key"),
        (SCRIPTS + "name = \udce9t\n", 3, "neither UTF-8 nor"),
    ],
)
def test_file_that_is_no_ini_file_is_refused_with_its_line(text: str, place: int, message: str, here: Path) -> None:
    (here / "alembic.ini").write_bytes(text.encode("utf-8", "surrogateescape"))

    error = refused(here)

    assert error.message.startswith(f"{here}/alembic.ini:{place}: ")
    assert message in error.message
    assert "s3cret" not in str(error)


def test_unreadable_file_is_refused(here: Path) -> None:
    (here / "alembic.ini").mkdir()

    error = refused(here, path=Path("alembic.ini"))

    assert error.message == f"Cannot read the configuration file {here}/alembic.ini: Is a directory."


@pytest.mark.parametrize(
    ("toml", "message"),
    [
        ("[tool.alembic\n", "is not valid TOML"),
        ("tool = 1\n", "tool.alembic: expected a table"),
        ("[tool]\nalembic = 1\n", "tool.alembic: expected a table"),
        ('[tool.alembic]\nscript_location = "%(there)s/x"\n', "it refers to %(there)s"),
        ('[tool.alembic]\nscript_location = "100%/x"\n', "a percent sign is single"),
        ('[tool.alembic]\nscript_location = "x"\nsourceless = "true"\n', "boolean value expected for TOML"),
        ('[tool.alembic]\nscript_location = "x"\ntimezone = 1.5\n', "unsupported TOML value type for key"),
        (
            '[tool.alembic]\nscript_location = "x"\ntruncate_slug_length = "x"\n',
            "truncate_slug_length: expected",
        ),
    ],
)
def test_wrong_toml_is_refused(toml: str, message: str, here: Path) -> None:
    error = refused(here, "", toml)

    assert message in error.message
    assert error.message.startswith(f"{here}/pyproject.toml")


def test_configuration_of_alembic_itself_is_refused_with_the_import_that_is_missing() -> None:
    for call in (Scripts.from_config, lambda config: command.upgrade(config, "head"), command.heads):
        with pytest.raises(CommandError, match=r"something else: alembic\.config\.Config") as caught:
            call(AlembicConfig())  # type: ignore[arg-type]
        assert caught.value.hint == "from asyncmig.compat.alembic.config import Config"


def test_errors_of_a_configuration_can_be_caught_as_alembics_and_as_ours(here: Path) -> None:
    config = Config(here / "alembic.ini")

    with pytest.raises(CommandError, match=r"No config file '.*' found, or file has no '\[alembic\]' section"):
        config.get_main_option("script_location")
    assert issubclass(AlembicConfigError, CommandError) and issubclass(AlembicConfigError, ConfigError)
