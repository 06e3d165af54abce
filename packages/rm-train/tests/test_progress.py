from __future__ import annotations

import os
import pty
import re
import select
import sys
from collections.abc import Generator
from contextlib import contextmanager
from io import StringIO
from itertools import count
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rm_train.progress import Pace, Progress, as_text, duration

LINE: dict[str, Any] = {
    "step": 3,
    "stage": "judgement",
    "reward": 1.5,
    "rewards": {"format": 1.0, "correctness": 0.5, "detail": None},
    "accuracy": 0.25,
    "accuracy_by_type": {"TorF1": 0.5},
    "dead_groups": 0.25,
    "dead_right": 0.0,
    "dead_wrong": 0.25,
    "kl": 0.001,
    "completion_length": 10.0,
    "step_time": 2.0,
}


def paced(seconds: float, total: int = 10) -> Pace:
    ticks = count(0.0, seconds)
    pace = Pace(total, 8, lambda: next(ticks))
    pace.add()
    return pace


@pytest.mark.parametrize(
    ("seconds", "text"),
    [
        (0, "0 s"),
        (7.4, "7 s"),
        (250, "4 min 10 s"),
        (300, "5 min"),
        (3600 * 2 + 310, "2 h 5 min"),
        (86400 + 3600 * 3 + 50, "1 d 3 h"),
        (-1, "0 s"),
    ],
)
def test_a_span_is_told_in_its_two_largest_units(seconds: float, text: str) -> None:
    assert duration(seconds) == text


@given(st.floats(0, 1e7))
def test_a_span_never_loses_more_than_its_second_unit(seconds: float) -> None:
    sizes = {"d": 86400, "h": 3600, "min": 60, "s": 1}
    parts = re.findall(r"(\d+) (d|h|min|s)", duration(seconds))
    told = sum(int(number) * sizes[unit] for number, unit in parts)
    assert 0 <= round(seconds) - told < max(60, 0.05 * seconds)


def test_a_line_tells_reward_parts_dead_groups_speed_and_the_time_left() -> None:
    assert as_text(LINE, paced(2.0)) == (
        "step  3/10  judgement  reward 1.500 (format 1.00, correctness 0.50)  accuracy 0.250  "
        "dead 25%  kl 0.0010  tokens/s 40  2.00 s  14 s left"
    )


def test_a_line_of_the_warm_up_tells_its_loss() -> None:
    line = {"step": 10, "stage": "gold answers", "loss": 0.5, "grad_norm": 1.25}
    assert as_text(line, paced(1.0)) == "step 10/10  gold answers  loss 0.500  grad 1.25  1.00 s"


def test_where_there_is_no_terminal_few_lines_and_no_control_characters_are_written() -> None:
    told: list[str] = []
    with Progress(100, 8, told.append, StringIO()) as progress:
        for step in range(1, 101):
            progress({**LINE, "step": step, "stage": "first" if step < 50 else "second"})
    assert [line.split()[1] for line in told] == ["1/100", "50/100", "100/100"]
    assert not re.search(r"[\x00-\x1f]", "".join(told))


@contextmanager
def terminal(monkeypatch: pytest.MonkeyPatch, kind: str) -> Generator[int]:
    """A real terminal as standard error; gives what reads from it without waiting."""
    ours, theirs = pty.openpty()
    os.set_blocking(ours, False)
    monkeypatch.setenv("TERM", kind)
    monkeypatch.setenv("COLUMNS", "60")
    with os.fdopen(theirs, "w") as stream:
        monkeypatch.setattr(sys, "stderr", stream)
        yield ours
    os.close(ours)


def interrupted_run() -> None:
    def tell(line: str) -> None:
        print(line, file=sys.stderr, flush=True)

    with Progress(100, 8, tell) as progress:
        progress({**LINE, "step": 1})
        tell("note: a word in between")
        progress({**LINE, "step": 2})
        raise KeyboardInterrupt


def all_of(screen: int) -> str:
    """What was written there; the kernel may hand it over in pieces, and late."""
    pieces: list[bytes] = []
    while select.select([screen], [], [], 1.0)[0]:
        pieces.append(os.read(screen, 1 << 16))
    return b"".join(pieces).decode()


def test_on_a_terminal_one_panel_is_drawn_over_itself_and_other_lines_go_above(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    with terminal(monkeypatch, "xterm") as screen:
        with pytest.raises(KeyboardInterrupt):
            interrupted_run()
        seen = all_of(screen)
    plain = re.sub(r"\x1b\[[0-9;?]*[A-Za-z]", "", seen)
    assert "note: a word in between" in plain
    assert "all wrong 25%" in plain
    drawn = re.split(r"[\r\n]+", plain.strip())[:-1]
    assert max(map(len, drawn)) <= 60
    assert seen.count("\x1b[?25l") == seen.count("\x1b[?25h") == 1  # the cursor comes back
    assert plain.rstrip().splitlines()[-1].startswith("step   2/100  judgement  reward 1.500")


def test_a_dumb_terminal_gets_lines(monkeypatch: pytest.MonkeyPatch) -> None:
    told: list[str] = []
    with terminal(monkeypatch, "dumb") as screen:
        with Progress(3, 8, told.append) as progress:
            progress(LINE)
        print(".", file=sys.stderr, flush=True)
        assert os.read(screen, 100) == b".\r\n"
    assert len(told) == 1
