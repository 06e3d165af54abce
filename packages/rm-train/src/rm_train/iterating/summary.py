"""What came of the rounds or phases, as a table for people."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Final

from rm_train.iterating.held_out import Score
from rm_train.iterating.phases import Ran
from rm_train.iterating.rounds import Iterated, Round
from rm_train.run_directory import write_text

ROUNDS: Final = "rounds.md"
PHASES: Final = "phases.md"

_NOTE: Final = "\nHeld-out: share of right replies with its 95 % interval (Wilson).\n"


def write_rounds(done: Iterated, out: Path) -> str:
    """The rounds as a Markdown table, which is also written to `rounds.md`."""
    heads = ("round", "replies right", "traces", "held-out after SFT", "held-out after GRPO")
    base = ("base", "", "", "", _shown(done.base))
    rows = [base, *(_row(one) for one in done.rounds)]
    text = table(heads, rows) + (_NOTE if done.base is not None else "")
    write_text(out / ROUNDS, text)
    return text


def write_phases(done: Sequence[Ran], out: Path) -> str:
    """The phases as a Markdown table, which is also written to `phases.md`."""
    heads = ("phase", "longest reply", "replies", "held-out before", "held-out after")
    rows = [
        (
            one.name,
            f"{one.config.max_completion_length} tokens",
            f"{one.config.num_generations} a question",
            _shown(one.before),
            _shown(one.after),
        )
        for one in done
    ]
    text = table(heads, rows) + (_NOTE if done and done[0].after is not None else "")
    write_text(out / PHASES, text)
    return text


def table(heads: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    """A Markdown table."""
    lines = [heads, ["---"] * len(heads), *rows]
    return "".join(f"| {' | '.join(cells)} |\n" for cells in lines)


def _row(one: Round) -> tuple[str, ...]:
    counts = one.distilled
    return (
        str(one.number),
        f"{counts.right} of {counts.replies}",
        f"{counts.traces} of {counts.questions} questions",
        _shown(one.taught),
        _shown(one.reinforced),
    )


def _shown(score: Score | None) -> str:
    return "" if score is None else str(score)
