"""Duration: a length of time in seconds, as people write it."""

from __future__ import annotations

import re

_DURATION = re.compile(r"(?:(\d+(?:\.\d+)?)h)?(?:(\d+(?:\.\d+)?)m)?(?:(\d+(?:\.\d+)?)s)?(?:(\d+(?:\.\d+)?)ms)?")


def parse_duration(value: object) -> float:
    """Seconds, from a number of them or a text such as `10m`, `3s`, `500ms` or `1h30m`.

    Raises:
        ValueError: it is neither, or negative.
    """
    if isinstance(value, str):
        text = value.strip().replace(" ", "")
        if match := _DURATION.fullmatch(text) if text else None:
            hours, minutes, seconds, milliseconds = (float(part or 0) for part in match.groups())
            return hours * 3600 + minutes * 60 + seconds + milliseconds / 1000
        value = float(text)
    if isinstance(value, bool) or not isinstance(value, int | float) or not 0 <= value < float("inf"):
        raise ValueError(f"not a duration: {value!r}")
    return float(value)
