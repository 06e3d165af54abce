"""A finished run on a benchmark of choices, written without a model."""

from __future__ import annotations

from pathlib import Path

from rm_eval.extractors import PAPER
from rm_eval.item import Item
from rm_eval.item_grading import grade_item
from rm_eval.journal import Batch
from rm_eval.manifest import Data, Manifest, Model, Settings
from rm_eval.samples import Asked, Seen, sample_of
from rm_rewards import Completion, Question, jsonl


def choices(folder: Path) -> Path:
    """Four choices: read and right, read and wrong, not read, cut off; two of them about maps."""
    replies = [("A", None), ("B", None), ("well", None), ("well", "length")]
    items = [
        Item(
            id=f"seedbench2-plus:{place}",
            task="seedbench2-plus",
            form="choice",
            answer="A",
            options={"A": "red", "B": "blue"},
            category=("map", "chart")[place % 2],
        )
        for place in range(len(replies))
    ]
    done = [
        Completion(question_id=item.id, text=text, tokens=5, finish_reason=reason)
        for item, (text, reason) in zip(items, replies, strict=True)
    ]
    folder.mkdir()
    asked = [Question(id=item.id, type=item.task, question="Which?") for item in items]
    jsonl.write(asked, folder / "questions.jsonl")
    jsonl.write(items, folder / "items.jsonl")
    jsonl.write(done, folder / "completions.jsonl")
    rewards = [grade_item(item, one) for item, one in zip(items, done, strict=True)]
    jsonl.write(rewards, folder / "rewards.jsonl")
    rules = ("letter", "letter", "none", "none")
    samples = [
        sample_of(question, item, one, reward, Asked(), Seen(path=rule))
        for question, item, one, reward, rule in zip(
            asked, items, done, rewards, rules, strict=True
        )
    ]
    jsonl.write(samples, folder / "samples.jsonl")
    jsonl.write([Batch(questions=len(items), seconds=1.0)], folder / "batches.jsonl")
    Manifest(
        model=Model(path="model", weights={}, files={}, repetition_penalty=1.0),
        data=Data(file="q", questions=len(items), fingerprint="f", pictures="p"),
        settings=Settings(),
        reward_version=PAPER,
        versions={},
    ).write(folder)
    return folder
