"""ServerProcess: a program that runs in a directory of its own, as an ordinary user, and never outlives its owner."""

import atexit
import os
import pwd
import shutil
import signal
import subprocess
import tempfile
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from tests.servers.errors import ServerFailed

# Waits for a word from the owner. When the owner is gone without one, however it died, ends the server and cleans up.
GUARD = """
if read -r _; then exit 0; fi
kill -QUIT "$1"
sleep 1
kill -KILL -- "-$1"
rm -rf -- "$2"
"""


MEMORY = Path("/dev/shm")
MEMORY_NEEDED = 2 * 1024**3


@dataclass(frozen=True)
class Account:
    """A system user that a server may run as."""

    name: str
    uid: int
    gid: int


def account_for(names: Sequence[str]) -> Account | None:
    """Return the first of these system users when we are root, since servers refuse root; None means: as ourselves."""
    if os.geteuid() != 0:
        return None
    known = {entry.pw_name: entry for entry in pwd.getpwall()}
    for name in names:
        if name in known:
            return Account(name, known[name].pw_uid, known[name].pw_gid)
    raise ServerFailed(f"a server cannot run as root, and there is no user named {' or '.join(names)}")


def find_program(names: Sequence[str], directories: Sequence[Path]) -> Path | None:
    """Return the first of these programs that is on the PATH or in one of the directories."""
    for name in names:
        found = shutil.which(name) or shutil.which(name, path=os.pathsep.join(map(str, directories)))
        if found:
            return Path(found).resolve()
    return None


def make_home(name: str, *, in_memory: bool) -> Path:
    """Make a directory for a server; in memory if there is plenty, where databases are made many times faster."""
    in_memory = in_memory and "TMPDIR" not in os.environ and os.access(MEMORY, os.W_OK | os.X_OK)
    plenty = in_memory and shutil.disk_usage(MEMORY).free >= MEMORY_NEEDED
    return Path(tempfile.mkdtemp(prefix=f"asyncmig-{name}-", dir=MEMORY if plenty else None))


class ServerProcess:
    """One server program and its home directory; kill it and run it again, or remove both."""

    def __init__(self, home: Path, account: Account | None, end_signal: signal.Signals) -> None:
        self.home = home
        self.log = home / "server.log"
        self._account = account
        self._end_signal = end_signal
        self._owner = os.getpid()
        self._process: subprocess.Popen[bytes] | None = None
        self._guard: subprocess.Popen[bytes] | None = None
        self.give(home)
        atexit.register(self.remove)

    def give(self, path: Path) -> None:
        """Make the server's user the owner of a path."""
        if self._account is not None:
            os.chown(path, self._account.uid, self._account.gid)

    def run(self, command: Sequence[str | Path]) -> None:
        """Run a program to its end, as the server's user."""
        with self.log.open("ab") as log:
            done = self._popen(command, log.fileno()).wait()
        if done != 0:
            raise ServerFailed(f"{command[0]} ended with {done}:\n{self.log_tail()}")

    def start(self, command: Sequence[str | Path]) -> None:
        """Start the server, with a guard that ends it when this process is gone."""
        with self.log.open("ab") as log:
            self._process = self._popen(command, log.fileno())
        self._guard = subprocess.Popen(
            ["/bin/sh", "-c", GUARD, "guard", str(self._process.pid), str(self.home)],
            stdin=subprocess.PIPE,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            start_new_session=True,
        )

    def has_ended(self) -> bool:
        """Tell whether the server is not running."""
        return self._process is None or self._process.poll() is not None

    def log_tail(self, lines: int = 20) -> str:
        """Return the last lines that the server wrote."""
        return "\n".join(self.log.read_text(errors="replace").splitlines()[-lines:])

    def kill(self) -> None:
        """End the server at once, as a crash would; its data stay."""
        if self._process is not None:
            if self._process.poll() is None:
                self._process.send_signal(self._end_signal)
            self._reap(self._process)
            self._process = None
        if self._guard is not None:
            self._guard.communicate(b"done\n")
            self._guard = None

    def remove(self) -> None:
        """End the server and remove its home."""
        if os.getpid() != self._owner:
            return  # A forked child runs the owner's exit functions, but the server is not its own.
        atexit.unregister(self.remove)
        self.kill()
        if self.home.exists():
            shutil.rmtree(self.home)

    def _reap(self, process: subprocess.Popen[bytes]) -> None:
        try:
            process.wait(timeout=10)
        except subprocess.TimeoutExpired:
            os.killpg(process.pid, signal.SIGKILL)
            process.wait(timeout=10)

    def _popen(self, command: Sequence[str | Path], output: int) -> subprocess.Popen[bytes]:
        return subprocess.Popen(
            [str(word) for word in command],
            cwd=self.home,
            env={"PATH": os.environ.get("PATH", os.defpath), "HOME": str(self.home), "LC_ALL": "C"},
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=subprocess.STDOUT,
            start_new_session=True,
            user=None if self._account is None else self._account.uid,
            group=None if self._account is None else self._account.gid,
            extra_groups=None if self._account is None else [],
        )
