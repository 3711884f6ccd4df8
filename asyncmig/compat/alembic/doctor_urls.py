"""URLs of a project, as far as its settings name them, and the drivers that stand for those they name."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from functools import partial
from typing import TYPE_CHECKING

from sqlalchemy.engine import URL, make_url
from sqlalchemy.exc import ArgumentError, NoSuchModuleError

from asyncmig.compat.alembic.errors import InterpolationError
from asyncmig.compat.alembic.report import FoundDatabase
from asyncmig.dialects.registry import async_url, missing_driver, unknown_dialect
from asyncmig.errors import AsyncmigError

if TYPE_CHECKING:
    from asyncmig.compat.alembic.config import Config

__all__ = ["PLACEHOLDER", "driver_error", "named_driver", "named_urls", "unreached"]

#: What Alembic's templates write in place of a URL.
PLACEHOLDER = "driver://"


def named_urls(config: Config) -> tuple[URL, ...]:
    """The URLs that a configuration names: its own, and those of the sections that `databases` lists.

    One with parts that are not there, because only `env.py` puts them in, is left out.
    """
    sections = [name.strip() for name in str(config.get_alembic_option("databases") or "").split(",") if name.strip()]
    getters: list[Callable[[], str | None]] = [partial(config.get_alembic_option, "sqlalchemy.url")]
    getters += [partial(_in_section, config, name) for name in sections]
    texts: list[str] = []
    for get in getters:
        try:
            texts.append(str(get() or ""))
        except InterpolationError:
            # A run says so, if it is still missing then.
            continue
    return tuple(url for text in texts if text and (url := read_url(text)) is not None)


def _in_section(config: Config, name: str) -> str | None:
    return config.get_section_option(name, "sqlalchemy.url") if config.file_config.has_section(name) else None


def read_url(text: str) -> URL | None:
    """A URL; None for the placeholder of a template, and for what is none."""
    if text.startswith(PLACEHOLDER):
        return None
    try:
        return make_url(text)
    except (ArgumentError, ValueError):
        return None


def named_driver(url: URL) -> str | None:
    """The driver that a URL names; None where it leaves that open."""
    return url.drivername.partition("+")[2] or None


def driver_error(url: URL) -> AsyncmigError | None:
    """Why the async driver for *url* cannot be used; None when it can."""
    found = async_url(url)
    try:
        found.get_dialect().import_dbapi()
    except NoSuchModuleError:
        return unknown_dialect(found)
    except ModuleNotFoundError as error:
        return missing_driver(found, error)
    return None


def same_database(left: URL, right: URL) -> bool:
    """Whether two URLs mean the same database, whatever their drivers and options are."""
    return _place(left) == _place(right)


def _place(url: URL) -> tuple[str, str | None, int | None, str | None, str | None]:
    return async_url(url).get_backend_name(), url.host, url.port, url.database, url.username


def unreached(urls: Sequence[URL], found: Sequence[FoundDatabase]) -> Iterator[tuple[URL, FoundDatabase]]:
    """What can be said of the databases of *urls* that are not among *found*."""
    known = [make_url(one.url) for one in found]
    for url in urls:
        if any(same_database(url, one) for one in known):
            continue
        driver = async_url(url)
        yield (
            url,
            FoundDatabase(
                driver.render_as_string(hide_password=True),
                named_driver(url),
                driver.get_driver_name(),
                driver_error(url) is None,
                reached=False,
            ),
        )
