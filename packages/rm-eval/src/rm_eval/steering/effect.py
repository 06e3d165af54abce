"""What steering changed: accuracy, tokens and kinds of thought of a run with it and one without."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from rm_eval.comparison import compare
from rm_eval.errors import EvalError
from rm_eval.finished import Run, read_runs
from rm_eval.job import QUESTIONS
from rm_eval.metrics import Score
from rm_eval.report import percent
from rm_eval.samples import Sample, read_samples
from rm_eval.statistics import Pair, PairedTest, cluster_interval, paired_test
from rm_eval.steering.thoughts import LABELS, thoughts


@dataclass(frozen=True, slots=True, kw_only=True)
class Thinking:
    """One run.

    Attributes:
        name: The folder's.
        layer, strength: How it was steered; None: not at all.
        accuracy: Of all questions, with intervals.
        tokens: Generated tokens a reply, on average; `tokens_low` and `tokens_high` are its 95 %
            interval by the cluster bootstrap over maps.
        truncated: Share of the replies that were cut off at the token limit.
        thoughts: Thoughts by label, in all replies.
    """

    name: str
    layer: int | None
    strength: float | None
    accuracy: Score
    tokens: float
    tokens_low: float
    tokens_high: float
    truncated: float
    thoughts: dict[str, int]


@dataclass(frozen=True, slots=True, kw_only=True)
class Effect:
    """Two runs on the same questions, the second of them steered.

    Attributes:
        plain, steered: The runs.
        accuracy: The paired test of right and wrong.
        tokens: The same of the tokens a reply: `difference`, `low`, `high` and `detectable` in
            tokens; `gained` and `lost` count the replies that became longer and shorter.
    """

    plain: Thinking
    steered: Thinking
    accuracy: PairedTest
    tokens: PairedTest

    def markdown(self) -> str:
        """The two runs side by side, and what the tests say."""
        return "\n".join(_markdown(self)) + "\n"


def steering_effect(plain: str | Path, steered: str | Path) -> Effect:
    """Compare a run with a steered one on the same questions.

    Args:
        plain: A finished run folder; its run may be steered too, otherwise.
        steered: Likewise; its run is steered.

    Raises:
        EvalError: If one is no finished run, the runs differ in questions or reward, the second is
            not steered, or a reply's tokens were not counted.
        RecordError: If a file of a run is damaged.
        OSError: If a file cannot be read.
    """
    folders = [Path(plain), Path(steered)]
    runs = read_runs(folders)
    for folder in folders:
        if not (folder / QUESTIONS).is_file():
            raise EvalError(f"{folder}: no {QUESTIONS} there, expected the folder of one run")
    if runs[1].settings.steering is None:
        raise EvalError(
            f"{folders[1]}: the run is not steered, expected one of rm-eval bench --steer"
        )
    compared = compare(*folders).rows[0]
    samples = [list(read_samples(folder)) for folder in folders]
    tokens = [_tokens(folder, ones) for folder, ones in zip(folders, samples, strict=True)]
    before, after = (
        _thinking(*one) for one in zip(runs, samples, tokens, compared.scores, strict=True)
    )
    return Effect(
        plain=before,
        steered=after,
        accuracy=compared.test,
        tokens=_tokens_test(
            *(tokens[0], tokens[1], [one.cluster for one in samples[0]]),
            limit=max(run.settings.max_new_tokens for run in runs),
        ),
    )


def _thinking(run: Run, samples: Sequence[Sample], tokens: Sequence[int], score: Score) -> Thinking:
    steering = run.settings.steering
    longest = max(run.settings.max_new_tokens, *tokens)
    low, high = cluster_interval(
        [n / longest for n in tokens], [1.0] * len(tokens), [one.cluster for one in samples]
    )
    counts = Counter(thought.label for one in samples for thought in thoughts(one.reply))
    return Thinking(
        name=run.name,
        layer=None if steering is None else steering.layer,
        strength=None if steering is None else steering.strength,
        accuracy=score,
        tokens=sum(tokens) / len(tokens),
        tokens_low=low * longest,
        tokens_high=high * longest,
        truncated=sum(one.finish_reason == "length" for one in samples) / len(samples),
        thoughts={str(label): counts[label] for label in LABELS},
    )


def _tokens(folder: Path, samples: Sequence[Sample]) -> list[int]:
    unknown = next((one.id for one in samples if one.tokens is None), None)
    if unknown is not None:
        raise EvalError(f"{folder}: the tokens of the reply to {unknown!r} were not counted")
    return [one.tokens or 0 for one in samples]


def _tokens_test(
    before: Sequence[int], after: Sequence[int], clusters: Sequence[str], limit: int
) -> PairedTest:
    """The paired test of scores in [0, 1], on shares of the longest reply there may be."""
    longest = max(limit, *before, *after)
    test = paired_test(
        [
            Pair(a / longest, b / longest, 1.0, cluster)
            for a, b, cluster in zip(before, after, clusters, strict=True)
        ]
    )
    return replace(
        test,
        difference=test.difference * longest,
        low=test.low * longest,
        high=test.high * longest,
        detectable=None if test.detectable is None else test.detectable * longest,
    )


def _markdown(effect: Effect) -> Iterator[str]:
    runs = (effect.plain, effect.steered)
    yield "| | " + " | ".join(one.name for one in runs) + " | difference | 95 % interval | p |"
    yield "|---|--:|--:|--:|--:|--:|"
    yield _row("steering", [_steered(one) for one in runs])
    yield _row("questions", [str(one.accuracy.n) for one in runs])
    shares = [
        f"{percent(one.accuracy.accuracy)} [{percent(one.accuracy.cluster_low)}, "
        f"{percent(one.accuracy.cluster_high)}]"
        for one in runs
    ]
    yield _row("accuracy %", shares, _change(effect.accuracy, 100))
    lengths = [f"{one.tokens:.1f} [{one.tokens_low:.1f}, {one.tokens_high:.1f}]" for one in runs]
    yield _row("tokens a reply", lengths, _change(effect.tokens, 1))
    yield _row("cut off %", [percent(one.truncated) for one in runs])
    for label in LABELS:
        cells = [_share(one, label) for one in runs]
        yield _row(f"{label}, % of thoughts (number)", cells)
    yield ""
    yield _said(effect)


def _row(name: str, cells: Sequence[str], change: Sequence[str] = ("", "", "")) -> str:
    return "| " + " | ".join((name, *cells, *change)) + " |"


def _steered(one: Thinking) -> str:
    return "none" if one.layer is None else f"layer {one.layer}, {one.strength:g} times"


def _share(one: Thinking, label: str) -> str:
    total = sum(one.thoughts.values())
    count = one.thoughts[label]
    return f"{percent(count / total)} ({count})" if total else "no thoughts"


def _change(test: PairedTest, scale: float) -> tuple[str, str, str]:
    low, high = scale * test.low, scale * test.high
    return f"{scale * test.difference:+.1f}", f"{low:+.1f} to {high:+.1f}", f"{test.p:.3g}"


def _said(effect: Effect) -> str:
    before, change = effect.plain.tokens, effect.tokens.difference
    share = f" ({100 * change / before:+.1f} %)" if before else ""
    accuracy, tokens = effect.accuracy, effect.tokens
    return (
        f"{tokens.lost} replies became shorter and {tokens.gained} longer{share}; "
        f"{accuracy.gained} questions learned, {accuracy.lost} forgotten: accuracy "
        f"{accuracy.verdict()}. Intervals are of 95 %, by maps; p is the sign-flip test over whole "
        "maps. A thought is what an empty line opens; its kind is told by keywords."
    )
