"""RunRecord: what a run has done so far, for the one sentence after an interruption."""

from __future__ import annotations

from asyncmig.errors import in_short
from asyncmig.events import Event, RevisionDone, RevisionFailed, RevisionStarted

__all__ = ["RunRecord"]


class RunRecord:
    """What a run has done so far.

    Args:
        one_transaction: whether the whole run may be one transaction, which an interruption takes back.
    """

    def __init__(self, *, one_transaction: bool = False) -> None:
        self._one_transaction = one_transaction
        self.applied: list[str] = []
        self.running: str | None = None
        self.left: tuple[str, ...] = ()

    def observe(self, event: Event) -> None:
        """Take note of an event."""
        match event:
            case RevisionStarted(revision=revision):
                self.running, self.left = revision, ()
            case RevisionDone(revision=revision):
                self.applied.append(revision)
                self.running = None
            case RevisionFailed(left=left):
                self.left = left
            case _:
                pass

    def after_interruption(self) -> str:
        """What an interruption now leaves behind."""
        if self.left:
            message = f"revision {self.running} was under way; left of it in the database: {'; '.join(self.left)}."
        elif self._one_transaction and (self.running or self.applied):
            return "what the run had not committed was rolled back; nothing is half done."
        elif self.running:
            message = f"revision {self.running} was rolled back; nothing is half done."
        else:
            message = "nothing is half done."
        return f"{message} Done before: {in_short(self.applied)}." if self.applied else message
