"""The questions of one run, or of two side by side, as the page's script takes them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from itertools import chain, zip_longest
from pathlib import Path
from typing import Final

from rm_eval.errors import EvalError
from rm_eval.job import REWARDS
from rm_eval.samples import SAMPLES, Sample, read_samples
from rm_eval.viewer.pictures import Album
from rm_rewards import Reward, jsonl

_LONGEST: Final = 20_000
"""Characters of a reply that the page holds."""

_RULES: Final[Mapping[str, str]] = {
    "letter": "it names one option by its letter",
    "text": "it holds the text of one option",
    "regex": "it says `answer is`",
    "phrase": "it says what the answer is",
    "boxed": "the last \\boxed{}",
    "whole": "the whole reply is the answer",
    "refused": "the model declined",
    "judge": "no rule found an answer, a judge model did",
    "none": "no rule found an answer",
}


def rows(folders: Sequence[Path], album: Album) -> Iterator[dict[str, object]]:
    """A row for each question, with a reply for each run; pictures are put into the album.

    Raises:
        EvalError: If a folder is no finished run, or the runs differ in their questions.
        RecordError: If a line of a run is damaged.
        OSError: If a file cannot be read.
    """
    for told in _side_by_side(folders):
        asked = {None if one is None else (one[0].id, one[0].question) for one in told}
        if len(asked) > 1:
            found = " and ".join("none" if one is None else repr(one[0].id) for one in told)
            raise EvalError(
                f"{folders[0]} and {folders[1]}: different questions, first {found}; take two runs "
                "over the same questions"
            )
        held = [one for one in told if one is not None]
        first = held[0][0]
        yield {
            "id": first.id,
            "type": first.type,
            "category": " / ".join(filter(None, (first.category, first.leaf))),
            "cluster": first.cluster,
            "question": first.question,
            "gold": first.gold,
            "picture": None if first.figure is None else album.number(folders[0] / first.figure),
            "replies": [_reply(*one) for one in held],
        }


def _side_by_side(
    folders: Sequence[Path],
) -> Iterator[tuple[tuple[Sample, Reward] | None, ...]]:
    return zip_longest(*(_told(folder) for folder in folders))


def _told(folder: Path) -> Iterator[tuple[Sample, Reward]]:
    """Each sample of a run with what it earned, part by part."""
    samples = read_samples(folder)
    first = next(samples, None)  # which tells a folder that is no run
    rewards = jsonl.read(Reward, folder / REWARDS)
    for sample, reward in zip_longest(() if first is None else chain([first], samples), rewards):
        if sample is None or reward is None or sample.id != reward.question_id:
            raise EvalError(f"{folder}: {SAMPLES} and {REWARDS} do not fit together; run it anew")
        yield sample, reward


def _reply(sample: Sample, reward: Reward) -> dict[str, object]:
    return {
        "text": sample.reply[:_LONGEST],
        "cut": max(0, len(sample.reply) - _LONGEST),
        "parsed": sample.parsed,
        "correct": sample.correct,
        "status": sample.status,
        "truncated": sample.finish_reason == "length",
        "total": sample.total,
        "tokens": sample.tokens,
        "how": _how(sample, reward),
    }


def _how(sample: Sample, reward: Reward) -> list[str]:
    """How the reply came to its score, a line a step."""
    lines = [f"graded by {reward.reward_version}"]
    if sample.path is not None:
        known = _RULES.get(sample.path)
        lines.append(f"read by {sample.path}" + (f": {known}" if known else ""))
    if reward.format or reward.detail:
        parts = f"format {reward.format:g}, correctness {reward.correctness:g}"
        lines.append(f"{parts}, detail {reward.detail:g}")
    if sample.published_correct is not None:
        right = "right" if sample.published_correct else "wrong"
        lines.append(f"{right} as the benchmark's published code reads it")
    if sample.map_score is not None:
        lines.append(f"map score {sample.map_score:g}")
    if sample.status != "ok":
        lines.append(f"status {sample.status}")
    return [*lines, *(reason.replace("_", " ") for reason in reward.reasons)]
