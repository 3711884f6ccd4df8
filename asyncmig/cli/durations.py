"""Durations, as people read them."""

from __future__ import annotations

__all__ = ["seconds"]


def seconds(duration: float) -> str:
    """*duration* for people: `12 ms`, `3.4 s`, `5 min 20 s`, `2 h 5 min`."""
    if duration < 0.9995:
        return f"{duration * 1000:.0f} ms"
    if duration < 59.95:
        return f"{duration:.1f} s"
    minutes, rest = divmod(round(duration), 60)
    hours, minutes = divmod(minutes, 60)
    return f"{hours} h {minutes} min" if hours else f"{minutes} min {rest} s"
