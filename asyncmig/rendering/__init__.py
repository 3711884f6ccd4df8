"""Rendering: operations and what is in them as Python source."""

from asyncmig.rendering.operations import render, render_body, value_source
from asyncmig.rendering.source import Source
from asyncmig.rendering.values import Sources

__all__ = ["Source", "Sources", "render", "render_body", "value_source"]
