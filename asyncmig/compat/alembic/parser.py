"""Parser: reads an ini file as Alembic does, and says where it is wrong without showing a password."""

from __future__ import annotations

import configparser
import locale
import re
from collections.abc import Mapping
from pathlib import Path

from asyncmig.compat.alembic.errors import AlembicConfigError, InterpolationError

__all__ = ["interpolation_error", "interpolation_hint", "line_of", "read_ini"]

_SECTION = re.compile(r"\[(?P<name>.+)\]")


def read_ini(path: Path | None, defaults: Mapping[str, str]) -> configparser.ConfigParser:
    """What the file says; nothing where there is no file, which Alembic does not mind either.

    Args:
        path: the file.
        defaults: what its values may refer to, such as `here`.

    Raises:
        AlembicConfigError: it cannot be read, or is no ini file; names the line.
    """
    parser = configparser.ConfigParser(defaults)
    if path is None or not path.exists():
        return parser
    try:
        parser.read_string(_text_of(path), source=str(path))
    except configparser.Error as error:
        # Never with its cause: the parser shows the line, and a url in it has a password.
        raise _syntax_error(path, error) from None
    return parser


def line_of(path: Path | None, section: str, key: str) -> int | None:
    """The number of the line, from 1, on which *section* of a file sets *key*; None where it does not."""
    if path is None or not path.is_file():
        return None
    here = ""
    for number, line in enumerate(_text_of(path).splitlines(), 1):
        if found := _SECTION.match(line):
            here = found["name"]
        elif here == section and re.match(rf"\s*{re.escape(key)}\s*[=:]", line, re.IGNORECASE):
            return number
    return None


def interpolation_error(
    path: Path | None, section: str, key: str, error: configparser.InterpolationError
) -> InterpolationError:
    """What to say of a value of which the parser can make nothing; the value is not shown.

    Args:
        path: the file.
        section, key: where the value is.
        error: what the parser says.
    """
    # The parser names the other value in a string that also holds this one, so only the kind of error is taken.
    if isinstance(error, configparser.InterpolationMissingOptionError):
        what = f"it refers to %({error.reference})s, which is set nowhere"
    elif isinstance(error, configparser.InterpolationDepthError):
        what = "it refers to itself"
    else:
        what = "a percent sign in it is neither doubled nor the begin of %(name)s"
    line = line_of(path, section, key)
    place = "" if path is None else f"{path}:{line}: " if line else f"{path}: "
    made = InterpolationError(
        f"{place}the value of {key!r} in [{section}] cannot be read: {what}.", hint=interpolation_hint(key)
    )
    made.reference = getattr(error, "reference", None)
    return made


def interpolation_hint(key: str) -> str:
    """How to write a percent sign in a value."""
    if key.endswith("url"):
        return f"Write each percent sign twice:\n\n    {key} = postgresql://user:p%%40ssword@localhost/database"
    return f"Write each percent sign twice, as in {key} = 100%%, or refer to a key of the same section: %(here)s."


def _text_of(path: Path) -> str:
    # Alembic takes the encoding of the locale, which is UTF-8 nearly everywhere.
    try:
        data = path.read_bytes()
    except OSError as error:
        raise AlembicConfigError(f"Cannot read the configuration file {path}: {error.strerror}.") from error
    try:
        return data.decode("utf-8-sig")
    except UnicodeDecodeError:
        # Next the locale's, then the error below.
        encoding = locale.getpreferredencoding(False)
    try:
        return data.decode(encoding)
    except UnicodeDecodeError as error:
        number = data.count(b"\n", 0, error.start) + 1
        raise AlembicConfigError(
            f"{path}:{number}: this is neither UTF-8 nor {encoding}.", hint="Save the file as UTF-8."
        ) from error


def _syntax_error(path: Path, error: configparser.Error) -> AlembicConfigError:
    if isinstance(error, configparser.MissingSectionHeaderError):
        return AlembicConfigError(
            f"{path}:{error.lineno}: there is something in front of the first section.",
            hint="The first line of an alembic.ini is usually:\n\n    [alembic]",
        )
    if isinstance(error, configparser.DuplicateOptionError):
        return AlembicConfigError(f"{path}:{error.lineno}: {error.option!r} is set twice in [{error.section}].")
    if isinstance(error, configparser.DuplicateSectionError):
        return AlembicConfigError(f"{path}:{error.lineno}: there are two sections [{error.section}].")
    if isinstance(error, configparser.ParsingError) and error.errors:
        return AlembicConfigError(
            f"{path}:{error.errors[0][0]}: this is neither a section nor a key with a value.",
            hint="A key and its value are written   key = value   and what goes on in the next line is indented.",
        )
    return AlembicConfigError(f"{path} is no ini file: {type(error).__name__}.")
