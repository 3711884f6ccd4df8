"""Checksum: what tells whether a revision's file is the one that was run."""

from __future__ import annotations

import hashlib

from asyncmig.revisions.revision import Revision


def checksum_of(revision: Revision | None) -> str | None:
    """SHA-256 of the file of *revision*; None where it has none."""
    if revision is None or revision.path is None:
        return None
    return hashlib.sha256(revision.path.read_bytes()).hexdigest()
