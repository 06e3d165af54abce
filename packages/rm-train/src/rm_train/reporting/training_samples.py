"""Replies that were sampled in training, with their pictures and their rewards explained."""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import fields
from html import escape
from pathlib import Path
from typing import Final

from pydantic import TypeAdapter, ValidationError

from rm_rewards import Question, RecordError, Reward, gold_answer, reward_spec
from rm_train.reporting.filters import filters, marked
from rm_train.reporting.pictures import Pictures
from rm_train.reporting.recorded import Line, Recorded
from rm_train.reporting.reply import reply_card

_REWARD: Final = TypeAdapter(Reward)
_FIELDS: Final = tuple(field.name for field in fields(Reward))


def training_samples_section(
    runs: Sequence[Recorded], count: int, pictures: Pictures
) -> Iterator[str]:
    """Samples of every type, right and wrong ones, the newest first; `count` in all."""
    each = -(-count // len(runs)) if count else 0
    chosen = [(run, line) for run in runs for line in worth_showing(run.samples, each)]
    if not chosen:
        return
    kinds = sorted({str(line["type"]) for _, line in chosen})
    yield "<h2>Replies sampled in training</h2>"
    yield "<p>Of each type right and wrong ones in turn, the newest first.</p>"
    choices = {"type": kinds, "verdict": ["right", "wrong"]}
    yield filters("sampled", {**choices, "run": [run.name for run in runs]})
    yield '<div id="sampled">'
    known = {run.name: run.questions() for run in runs}
    for run, line in chosen:
        yield _sample(run, line, known[run.name], pictures)
    yield "</div>"


def worth_showing(samples: Sequence[Line], count: int) -> list[Line]:
    """Of each type and verdict in turn the newest reply, one of a question."""
    queues: dict[tuple[str, bool], list[Line]] = defaultdict(list)
    seen: set[tuple[str, bool]] = set()
    for line in reversed(samples):
        if any(name not in line for name in ("step", "type", "text", *_FIELDS)):
            continue
        asked = (str(line["question_id"]), bool(line["correct"]))
        if asked not in seen:
            seen.add(asked)
            queues[str(line["type"]), bool(line["correct"])].append(line)
    ordered = [queues[key] for key in sorted(queues, key=lambda key: (key[1], key[0]))]
    shown: list[Line] = []
    while len(shown) < count and any(ordered):
        shown += [queue.pop(0) for queue in ordered if queue]
    return shown[:count]


def _sample(
    run: Recorded, line: Line, known: dict[str, tuple[Question, Path]], pictures: Pictures
) -> str:
    reward = _reward(line)
    if reward is None:
        return ""
    verdict = "right" if reward.correct else "wrong"
    kind = str(line["type"])
    attributes = marked({"type": kind, "verdict": verdict, "run": run.name})
    where = f"step {line['step']}, {line.get('stage', '')}, {run.name}"
    card = reply_card("Reply", str(line["text"]), reward, _alpha(run))
    return (
        f'<section class="sample" {attributes}><h3>{escape(kind)} <small>{escape(where)}, '
        f"question {escape(reward.question_id)}</small></h3>"
        f"{_asked(run, known.get(reward.question_id), pictures)}"
        f'<div class="replies">{card}</div></section>'
    )


def _reward(line: Line) -> Reward | None:
    try:
        return _REWARD.validate_json(json.dumps({name: line[name] for name in _FIELDS}))
    except (ValidationError, RecordError):
        return None


def _asked(run: Recorded, found: tuple[Question, Path] | None, pictures: Pictures) -> str:
    if found is None:
        return "<p><small>The question is not in the run's file any more.</small></p>"
    question, folder = found
    maps = run.settings.get("maps")
    picture = pictures.of(question, folder, Path(str(maps)) if maps else None)
    return f'<div class="columns">{picture}{asked_words(question)}</div>'


def asked_words(question: Question) -> str:
    """The question and its gold answer."""
    try:
        gold = gold_answer(question)
    except RecordError as error:
        gold = f"not known ({error})"
    return (
        f"<div><h4>Question</h4><pre>{escape(question.question)}</pre>"
        f"<h4>Gold answer</h4><pre>{escape(gold)}</pre></div>"
    )


def _alpha(run: Recorded) -> float | None:
    """The weight of the detail reward; None if the run's reward is not known here."""
    own = run.settings.get("alpha")
    if isinstance(own, (int, float)):
        return float(own)
    try:
        return reward_spec(str(run.settings.get("reward"))).alpha
    except RecordError:
        return None
