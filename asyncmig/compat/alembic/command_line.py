"""CommandLine: Alembic's command line, with its arguments, run by asyncmig."""

from __future__ import annotations

import inspect
import os
import sys
from argparse import ArgumentParser, Namespace
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from types import MappingProxyType
from typing import Any

from asyncmig._version import VERSION
from asyncmig.compat.alembic import command
from asyncmig.compat.alembic.config import Config
from asyncmig.compat.alembic.errors import CommandError
from asyncmig.compat.alembic.ini import find_files
from asyncmig.compat.alembic.script_file import Script

__all__ = ["CommandLine"]

#: How a parameter of a command is written: the flags, and what argparse has to know.
_OPTIONS: Mapping[str, tuple[tuple[str, ...], Mapping[str, Any]]] = MappingProxyType(
    {
        "template": (("-t", "--template"), {"default": "generic", "help": "What to begin from."}),
        "message": (("-m", "--message"), {"help": "What the revision is for."}),
        "sql": (("--sql",), {"action": "store_true", "help": "Print the SQL instead of executing anything."}),
        "tag": (("--tag",), {"help": "Free text for env.py and for scripts."}),
        "head": (("--head",), {"help": "What the new revision follows: a revision, or <branchname>@head."}),
        "splice": (("--splice",), {"action": "store_true", "help": "Allow it to follow a revision that is no head."}),
        "depends_on": (("--depends-on",), {"action": "append", "help": "A revision that it depends on."}),
        "rev_id": (("--rev-id",), {"help": "Its id, instead of a new one."}),
        "version_path": (("--version-path",), {"help": "The directory of its file."}),
        "branch_label": (("--branch-label",), {"help": "A label for the branch that begins with it."}),
        "verbose": (("-v", "--verbose"), {"action": "store_true", "help": "Show more."}),
        "resolve_dependencies": (
            ("--resolve-dependencies",),
            {"action": "store_true", "help": "Leave out heads that another revision depends on."},
        ),
        "autogenerate": (("--autogenerate",), {"action": "store_true", "help": "Compare models with the database."}),
        "rev_range": (("-r", "--rev-range"), {"help": "A range of revisions: [start]:[end]."}),
        "indicate_current": (("-i", "--indicate-current"), {"action": "store_true", "help": "Mark the current one."}),
        "purge": (("--purge",), {"action": "store_true", "help": "Empty the version table before stamping."}),
        "package": (("--package",), {"action": "store_true", "help": "Write an __init__.py to the directories."}),
        "check_heads": (("-c", "--check-heads"), {"action": "store_true", "help": "Fail unless at all heads."}),
    }
)
_ARGUMENTS: Mapping[str, Mapping[str, Any]] = MappingProxyType(
    {
        "directory": {"help": "The directory of the scripts."},
        "revision": {"help": "A revision."},
        "revisions": {"nargs": "+", "help": "One or more revisions, or 'heads' for all heads."},
    }
)


class CommandLine:
    """Alembic's command line.

    Args:
        prog: the name of the program, for its help.
    """

    def __init__(self, prog: str | None = None) -> None:
        self.parser = ArgumentParser(prog=prog)
        self.parser.add_argument("--version", action="version", version=f"%(prog)s {VERSION}")
        self.parser.add_argument("-c", "--config", action="append", help="The ini file or the pyproject.toml, or both.")
        self.parser.add_argument("-n", "--name", default="alembic", help="The section of the ini file.")
        self.parser.add_argument("-x", action="append", help="An argument for env.py and for scripts: key=value.")
        self.parser.add_argument("--raiseerr", action="store_true", help="Show where in the program an error was.")
        self.parser.add_argument("-q", "--quiet", action="store_true", help="Say nothing on stdout.")
        self.subparsers = self.parser.add_subparsers()
        for name in command.__all__:
            self.register_command(getattr(command, name))

    def register_command(self, fn: Callable[..., Any]) -> None:
        """Add a command.

        Args:
            fn: a function that takes a `Config` first. Its name is the command's, its parameters without a default are
                arguments, those with one and a name that Alembic's commands know are options, and the first paragraph
                of its docstring is the help.
        """
        parameters = list(inspect.signature(fn).parameters.values())[1:]
        positional = [one.name for one in parameters if one.default is one.empty]
        optional = [one.name for one in parameters if one.default is not one.empty]
        if fn is command.stamp:
            positional = ["revisions"]
        summary = " ".join((inspect.getdoc(fn) or "").partition("\n\n")[0].split())
        parser = self.subparsers.add_parser(fn.__name__, help=summary, description=summary)
        parser.set_defaults(cmd=(fn, positional, optional))
        for name in optional:
            if name in _OPTIONS:
                flags, words = _OPTIONS[name]
                parser.add_argument(*flags, **words)
        for name in positional:
            parser.add_argument(name, **_ARGUMENTS.get(name, {}))

    def run_cmd(self, config: Config, options: Namespace) -> None:
        """Run the command that was asked for.

        Args:
            config: the configuration.
            options: what the parser made of the arguments.

        Raises:
            SystemExit: it failed; what happened is on stderr.
            CommandError: it failed, and `--raiseerr` was given.
        """
        fn, positional, optional = options.cmd
        values = {name: getattr(options, name) for name in optional if getattr(options, name, None) is not None}
        try:
            paths = config.get_prepend_sys_paths_list()
            sys.path[:0] = paths or ()
            made = fn(config, *[getattr(options, name, None) for name in positional], **values)
        except CommandError as error:
            if options.raiseerr:
                raise
            sys.stderr.write(f"FAILED: {error}\n")
            raise SystemExit(error.exit_code) from None
        for script in made if isinstance(made, list) else [made]:
            if isinstance(script, Script):
                config.print_stdout(f"Generating {script.path} ...  done")

    def main(self, argv: Sequence[str] | None = None) -> None:
        """Take the arguments apart and run the command.

        Args:
            argv: the arguments; those of the process by default.

        Raises:
            SystemExit: the command failed, or the arguments are wrong.
        """
        options = self.parser.parse_args(argv)
        if not hasattr(options, "cmd"):
            self.parser.error("too few arguments")
        try:
            ini, toml = find_files([Path(name) for name in options.config or ()], os.environ)
        except CommandError as error:
            self.parser.error(error.message)
        self.run_cmd(Config(ini, toml, ini_section=options.name, cmd_opts=options), options)
