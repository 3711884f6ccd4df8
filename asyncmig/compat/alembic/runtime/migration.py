"""Migration: the name by which most programs import `MigrationContext`."""

from __future__ import annotations

from asyncmig.compat.alembic.migration import MigrationContext

__all__ = ["MigrationContext"]
