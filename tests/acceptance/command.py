"""Command: runs the real command line in a process of its own, as a user's shell does."""

import os
import subprocess
import sys
import tempfile
from dataclasses import dataclass, field
from pathlib import Path

from tests.acceptance.forkserver import fork_server

REPOSITORY = Path(__file__).resolve().parents[2]
#: Variables that would change what the command does; pytest's own are others for each test, and the fork server of one
#: test shall serve the next one, too.
FOREIGN = ("ASYNCMIG_", "DATABASE_URL", "FORCE_COLOR", "PYTHONPATH", "PYTEST_")


@dataclass(frozen=True)
class Outcome:
    """What a process has said, and how it ended."""

    code: int
    out: str
    err: str

    def __str__(self) -> str:
        return f"exit code {self.code}\n{self.out}\n{self.err}"


def environment(**variables: str) -> dict[str, str]:
    """The variables of a process: ours, without those that would change what it does, and *variables*."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith(FOREIGN)}
    return {**kept, "PYTHONPATH": str(REPOSITORY), "NO_COLOR": "1", "COLUMNS": "200", **variables}


def run_process(*words: str | os.PathLike[str], cwd: Path, **variables: str) -> Outcome:
    """Run a program to its end."""
    done = subprocess.run(
        words, cwd=cwd, env=environment(**variables), text=True, capture_output=True, timeout=120, check=False
    )
    return Outcome(done.returncode, done.stdout, done.stderr)


def run_command(*arguments: str, cwd: Path, **variables: str) -> Outcome:
    """Run `asyncmig` to its end, in a process of its own."""
    server = fork_server(tuple(environment().items()))
    with tempfile.TemporaryDirectory() as folder:
        out, err = Path(folder) / "out", Path(folder) / "err"
        environ = environment(**variables)
        code = server.run(arguments, cwd=cwd, environ=environ, out=str(out), err=str(err))
        return Outcome(code, *(path.read_text() if path.exists() else "" for path in (out, err)))


@dataclass
class Project:
    """A directory in which commands are run.

    Args:
        root: the directory.
        variables: environment variables for every command.
    """

    root: Path
    variables: dict[str, str] = field(default_factory=dict)

    def run(self, *arguments: str, code: int = 0) -> Outcome:
        """Run `asyncmig` with *arguments*; it must end with *code*."""
        outcome = run_command(*arguments, cwd=self.root, **self.variables)
        assert outcome.code == code, f"asyncmig {' '.join(arguments)}: {outcome}"
        return outcome

    def out(self, *arguments: str) -> str:
        """The answer of a command that must go well."""
        return self.run(*arguments).out

    def python(self, *arguments: str) -> Outcome:
        """Run Python with *arguments*; it must go well."""
        outcome = run_process(sys.executable, *arguments, cwd=self.root, **self.variables)
        assert outcome.code == 0, f"python {' '.join(arguments)}: {outcome}"
        return outcome
