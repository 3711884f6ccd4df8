"""Rendering: operations, what is in them, and whole revision files as Python source.

The names are in its modules (`rendering.operations.render`, `rendering.source.Source`, ...): writing a file from a
template needs no database library, so importing this package loads none.
"""
