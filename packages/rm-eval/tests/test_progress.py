from __future__ import annotations

from io import StringIO

import pytest

from rm_eval import Standing
from rm_eval.backends.backend import Reply
from rm_eval.cost import Purse, Tokens
from rm_eval.manifest import Settings
from rm_eval.progress import LiveLine, Meter


class Clock:
    """Seconds that pass when they are told to."""

    def __init__(self) -> None:
        self.now = 1000.0

    def __call__(self) -> float:
        return self.now


class Terminal(StringIO):
    def isatty(self) -> bool:
        return True


def standing(answered: int, **changes: object) -> Standing:
    held: dict[str, object] = {
        "name": "m vstar",
        "answered": answered,
        "total": 191,
        "asked": answered,
        "seconds": 10.0,
        "tokens": Tokens(prompt=120_000, new=900),
        "cost": None,
    }
    return Standing(**(held | changes))  # pyright: ignore[reportArgumentType]


def reply(new: int) -> Reply:
    return Reply("", new, "stop", prompt_tokens=100, visual_tokens=60)


def test_the_time_left_is_at_the_rate_of_this_sitting() -> None:
    clock, told = Clock(), list[Standing]()
    meter = Meter(100, Purse(Settings()), longest=9, tell=told.append, name="m", clock=clock)
    assert meter.may_ask()
    clock.now += 30
    meter.took([reply(5), reply(7), reply(6)], answered=73)  # 70 of them in an earlier sitting
    (one,) = told
    assert (one.asked, one.answered, one.seconds) == (3, 73, 30.0)
    assert one.seconds_left == 27 * 10
    assert one.tokens == Tokens(prompt=300, visual=180, cached=None, new=18)
    assert one.line() == "m: 73 of 100 answered, 300 tokens in, 18 out, 1/s, 0:04:30 left"


@pytest.mark.parametrize(
    ("changes", "line"),
    [
        ({}, "m vstar: 50 of 191 answered, 120.0k tokens in, 900 out, 90/s, 0:00:28 left"),
        ({"name": "", "cost": 1.239}, "50 of 191 answered, 120.0k tokens in, 900 out, 90/s, 0:00:28"
         " left, cost 1.24"),
        ({"tokens": Tokens(prompt=None, new=None)}, "m vstar: 50 of 191 answered, 0:00:28 left"),
        ({"asked": 0, "seconds": 0.0}, "m vstar: 50 of 191 answered, 120.0k tokens in, 900 out"),
        ({"seconds": 36_000.0, "tokens": Tokens(prompt=2_000_000, new=360_000_000)},
         "m vstar: 50 of 191 answered, 2.0M tokens in, 360.0M out, 10.0k/s, 28:12:00 left"),
        ({"total": 50}, "m vstar: 50 of 50 answered, 120.0k tokens in, 900 out, 90/s"),
    ],
)  # fmt: skip
def test_a_standing_is_one_line(changes: dict[str, object], line: str) -> None:
    assert standing(50, **changes).line() == line


def test_a_terminal_shows_one_line_that_ends_with_the_run(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("COLUMNS", "30")
    shown = Terminal()
    with LiveLine(shown) as live:
        live.show(standing(10))
        live.show(standing(191))
        live.show(standing(11))
    assert shown.getvalue() == (
        "\rm vstar: 10 of 191 answered, \x1b[K"
        "\rm vstar: 191 of 191 answered,\x1b[K\n"
        "\rm vstar: 11 of 191 answered, \x1b[K\n"
    )


def test_a_pipe_gets_a_line_now_and_then() -> None:
    clock, shown = Clock(), StringIO()
    with LiveLine(shown, clock) as live:
        for answered in range(8):
            live.show(standing(answered))
            clock.now += 100
    lines = shown.getvalue().splitlines()
    assert [line.partition(" of")[0] for line in lines] == ["m vstar: 3", "m vstar: 6"]
    assert "\r" not in shown.getvalue()
