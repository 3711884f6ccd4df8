"""Base: `Operations` and what it shares with blocks, under the names by which programs import them."""

from __future__ import annotations

from asyncmig.compat.alembic.operations import AbstractOperations, BatchOperations, Operations

__all__ = ["AbstractOperations", "BatchOperations", "Operations"]
