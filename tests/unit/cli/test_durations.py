import pytest

from asyncmig.cli.durations import seconds


@pytest.mark.parametrize(
    ("duration", "text"),
    [
        (0, "0 ms"),
        (0.012, "12 ms"),
        (0.9996, "1.0 s"),
        (3.44, "3.4 s"),
        (59.96, "1 min 0 s"),
        (320, "5 min 20 s"),
        (7500, "2 h 5 min"),
    ],
)
def test_duration_is_written_for_people(duration: float, text: str) -> None:
    assert seconds(duration) == text
