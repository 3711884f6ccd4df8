"""Compatibility: projects and programs of other tools, as they are."""
