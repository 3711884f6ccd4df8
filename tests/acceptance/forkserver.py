"""Fork server: gives each command a process of its own, without starting Python and importing SQLAlchemy each time.

As a program it reads jobs as lines of JSON and answers each with the exit code, as `subprocess` would have it.
"""

import json
import os
import signal
import subprocess
import sys
import traceback
from collections.abc import Mapping, Sequence
from functools import cache
from importlib import import_module
from pathlib import Path
from typing import Any, NoReturn

#: Seconds that a command may take.
_LONGEST = 120
#: What nearly every command imports.
_IMPORTS = (
    *("asyncmig.cli.app", "asyncmig.migrator.migrator", "asyncmig.migrator.running", "asyncmig.runtime.directives"),
    *("asyncmig.dialects.postgresql", "asyncmig.dialects.mysql", "asyncmig.dialects.sqlite", "asyncmig.operations"),
    *("sqlalchemy.ext.asyncio", "aiosqlite", "asyncpg", "aiomysql", "anyio._backends._asyncio"),
)


class ForkServer:
    """The server, from outside; one command at a time.

    Args:
        environ: its environment variables.
    """

    def __init__(self, environ: Mapping[str, str]) -> None:
        self._process = subprocess.Popen(
            [sys.executable, "-m", "tests.acceptance.forkserver"],
            env=dict(environ),
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )

    def run(self, arguments: Sequence[str], *, cwd: Path, environ: Mapping[str, str], out: str, err: str) -> int:
        """Run `asyncmig` with *arguments*, let it write into two files, and give its exit code."""
        assert self._process.stdin is not None and self._process.stdout is not None
        job = {"arguments": list(arguments), "cwd": str(cwd), "environ": dict(environ), "out": out, "err": err}
        self._process.stdin.write(json.dumps(job) + "\n")
        self._process.stdin.flush()
        return int(self._process.stdout.readline())


@cache
def fork_server(environ: tuple[tuple[str, str], ...]) -> ForkServer:
    """The server that serves this process, made when it is needed first."""
    return ForkServer(dict(environ))


def serve() -> None:
    """Answer jobs until nobody asks any more."""
    for name in _IMPORTS:
        import_module(name)
    for line in sys.stdin:
        job = json.loads(line)
        child = os.fork()
        if child == 0:
            _work(job)
        print(os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]), flush=True)


def _work(job: dict[str, Any]) -> NoReturn:
    """Be the command."""
    code: Any = 1
    # Nobody waits for ever: what hangs ends by this signal.
    signal.alarm(_LONGEST)
    try:
        os.chdir(job["cwd"])
        os.environ.clear()
        os.environ.update(job["environ"])
        for number, path in ((0, os.devnull), (1, job["out"]), (2, job["err"])):
            os.dup2(os.open(path, os.O_RDWR | os.O_CREAT), number)
        sys.path[0] = job["cwd"]
        sys.argv = ["asyncmig", *job["arguments"]]
        from asyncmig.cli.app import main

        main()
    except SystemExit as end:
        code = end.code
    except BaseException:
        traceback.print_exc()
    finally:
        sys.stdout.flush()
        sys.stderr.flush()
        os._exit(code if isinstance(code, int) else 0 if code is None else 1)


if __name__ == "__main__":
    serve()
