"""Templates: what a new project can begin from, wherever the package keeps them."""

from __future__ import annotations

from dataclasses import dataclass
from importlib.resources import files
from pathlib import Path

from asyncmig.errors import ConfigError

__all__ = ["ProjectTemplate", "find_template", "list_templates", "template_directory"]

_README = "README"


@dataclass(frozen=True, slots=True)
class ProjectTemplate:
    """What a new project can begin from.

    Args:
        name: its name.
        path: its directory.
        summary: the first line of its README.
    """

    name: str
    path: Path
    summary: str


def template_directory(package: Path | None = None) -> Path:
    """The directory of all templates.

    Args:
        package: the directory of the package; the one that is installed by default.

    Raises:
        ConfigError: it is not there.
    """
    package = Path(str(files("asyncmig"))) if package is None else package
    # A wheel has them inside of the package; where the sources are used directly, they are beside it.
    for directory in (package / "_templates", package.parent / "templates"):
        if directory.is_dir():
            return directory
    raise ConfigError(
        f"The templates of asyncmig are not in {package}.",
        hint="pip install --force-reinstall asyncmig",
    )


def list_templates() -> tuple[ProjectTemplate, ...]:
    """All templates, by name."""
    return tuple(
        ProjectTemplate(path.name, path, (path / _README).read_text("utf-8").partition("\n")[0])
        for path in sorted(template_directory().iterdir())
        if (path / _README).is_file()
    )


def find_template(name: str) -> ProjectTemplate:
    """The template of this name.

    Raises:
        ConfigError: there is none.
    """
    templates = list_templates()
    for template in templates:
        if template.name == name:
            return template
    known = ", ".join(template.name for template in templates)
    raise ConfigError(f"There is no template {name!r}.", hint=f"There are: {known}.")
