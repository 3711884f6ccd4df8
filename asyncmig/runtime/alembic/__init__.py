"""Alembic's names: what revision files find behind `alembic.op`, `alembic.context`, `alembic.operations` and others."""
