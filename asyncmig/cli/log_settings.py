"""Log settings: the logging sections of an `alembic.ini`, obeyed by the command line only."""

from __future__ import annotations

import logging.config
from configparser import ConfigParser
from typing import Any

__all__ = ["file_config"]


def file_config(fname: Any, defaults: Any = None, disable_existing_loggers: bool = True, **options: Any) -> None:
    """`logging.config.fileConfig`, except that loggers which exist already go on logging.

    A file without logging sections is passed over: for everything else they are not needed.

    Args:
        fname, defaults, options: as in `logging.config.fileConfig`.
        disable_existing_loggers: not obeyed.
    """
    try:
        logging.config.fileConfig(fname, defaults, disable_existing_loggers=False, **options)
    except KeyError:
        if "loggers" in _sections(fname):
            raise


def _sections(fname: Any) -> list[str]:
    parser = ConfigParser(interpolation=None)
    parser.read(fname)
    return parser.sections()
